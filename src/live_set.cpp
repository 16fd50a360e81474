#include "live_set.h"

#include <algorithm>

namespace syncdex::inline v0 {
namespace {

// A list of more rows than this is long.
constexpr std::uint32_t kLong = 32;

}  // namespace

LiveSet::LiveSet(const TermIndex& terms, std::size_t rows, std::span<const Row> dead)
    : dead_(static_cast<std::uint32_t>(dead.size())) {
  if (dead.empty()) return;
  bits_.assign(words_for(rows), ~std::uint64_t{0});
  if (rows % 64 != 0) bits_.back() = (std::uint64_t{1} << (rows % 64)) - 1;
  for (const Row row : dead) bits_[row >> 6] &= ~(std::uint64_t{1} << (row & 63));
  for (TermId term = 0; term < terms.size(); ++term) {
    const PostingList list = terms.list(term);
    if (list.count <= kLong) continue;
    const std::size_t live = intersect_count(std::span(&list, 1), bits_.data(), bits_.size());
    counts_.emplace_back(term, list.count - static_cast<std::uint32_t>(live));
  }
  counts_.shrink_to_fit();
}

std::optional<std::uint32_t> LiveSet::dead_in(TermId term) const noexcept {
  const auto at = std::ranges::lower_bound(counts_, term, {}, &std::pair<TermId, std::uint32_t>::first);
  if (at == counts_.end() || at->first != term) return std::nullopt;
  return at->second;
}

}  // namespace syncdex::inline v0
