#include "live_set.h"

#include <algorithm>
#include <cassert>

namespace syncdex::inline v0 {
namespace {

// A list of more rows than this is long.
constexpr std::uint32_t kLong = 32;

void clear_bits(std::vector<std::uint64_t>& bits, std::span<const Row> rows) {
  for (const Row row : rows) {
    assert(test_bit(bits.data(), row));
    bits[row >> 6] &= ~(std::uint64_t{1} << (row & 63));
  }
}

std::vector<std::uint64_t> all_set(std::size_t rows) {
  std::vector<std::uint64_t> bits(words_for(rows), ~std::uint64_t{0});
  if (rows % 64 != 0) bits.back() = (std::uint64_t{1} << (rows % 64)) - 1;
  return bits;
}

}  // namespace

LiveSet::LiveSet(const TermIndex& terms, std::size_t rows, std::span<const Row> dead) {
  if (dead.empty()) return;
  auto state = std::make_shared<State>();
  state->dead = static_cast<std::uint32_t>(dead.size());
  state->bits = all_set(rows);
  clear_bits(state->bits, dead);
  for (TermId term = 0; term < terms.size(); ++term) {
    const PostingList list = terms.list(term);
    if (list.count <= kLong) continue;
    const auto live = static_cast<std::uint32_t>(
        intersect_count(std::span(&list, 1), state->bits.data(), state->bits.size()));
    if (live != list.count) state->counts.emplace_back(term, list.count - live);
  }
  state->counts.shrink_to_fit();
  state_ = std::move(state);
}

LiveSet LiveSet::without(const TermIndex& terms, std::size_t rows, std::span<const Row> dying,
                         std::span<const TermCount> losses) const {
  if (dying.empty()) return *this;
  auto state = std::make_shared<State>();
  state->dead = dead() + static_cast<std::uint32_t>(dying.size());
  state->bits = state_ == nullptr ? all_set(rows) : state_->bits;
  clear_bits(state->bits, dying);
  static const std::vector<TermCount> none;
  const std::vector<TermCount>& before = state_ == nullptr ? none : state_->counts;
  state->counts.reserve(before.size() + losses.size());
  auto at = before.begin();
  for (const auto& [term, loss] : losses) {
    if (terms.list(term).count <= kLong) continue;
    const auto to = std::lower_bound(at, before.end(), term,
                                     [](const TermCount& count, TermId id) { return count.first < id; });
    state->counts.insert(state->counts.end(), at, to);
    at = to;
    const bool known = at != before.end() && at->first == term;
    state->counts.emplace_back(term, (known ? at->second : 0) + loss);
    if (known) ++at;
  }
  state->counts.insert(state->counts.end(), at, before.end());
  LiveSet rest;
  rest.state_ = std::move(state);
  return rest;
}

std::optional<std::uint32_t> LiveSet::dead_in(TermId term, std::uint32_t count) const noexcept {
  if (count <= kLong) return std::nullopt;
  if (state_ == nullptr) return 0;
  const auto at = std::ranges::lower_bound(state_->counts, term, {}, &TermCount::first);
  return at != state_->counts.end() && at->first == term ? at->second : 0;
}

}  // namespace syncdex::inline v0
