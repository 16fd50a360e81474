#include "live_set.h"

#include <cassert>
#include <utility>

namespace syncdex::inline v0 {
namespace {

// A list of more rows than this is long.
constexpr std::uint32_t kLong = 32;
constexpr std::uint64_t kNoCount = std::uint64_t{kNoTerm} << 32;

std::vector<std::uint64_t> all_set(std::size_t rows) {
  std::vector<std::uint64_t> bits(words_for(rows), ~std::uint64_t{0});
  if (rows % 64 != 0) bits.back() = (std::uint64_t{1} << (rows % 64)) - 1;
  return bits;
}

}  // namespace

LiveSet::State::State(std::vector<std::uint64_t> b, std::uint32_t d) : dead(d), bits(std::move(b)) {
  for (auto& count : counts) count.store(kNoCount, std::memory_order_relaxed);
}

LiveSet::LiveSet(std::size_t rows, std::span<const Row> dead) { *this = LiveSet().without(rows, dead); }

LiveSet LiveSet::without(std::size_t rows, std::span<const Row> dying) const {
  if (dying.empty()) return *this;
  std::vector<std::uint64_t> bits = state_ == nullptr ? all_set(rows) : state_->bits;
  for (const Row row : dying) {
    assert(test_bit(bits.data(), row));
    bits[row >> 6] &= ~(std::uint64_t{1} << (row & 63));
  }
  LiveSet rest;
  rest.state_ =
      std::make_shared<const State>(std::move(bits), dead() + static_cast<std::uint32_t>(dying.size()));
  return rest;
}

std::size_t LiveSet::count(TermId term, const PostingList& list) const noexcept {
  if (state_ == nullptr) return list.count;
  const auto from_bits = [&] {
    return intersect_count(std::span(&list, 1), state_->bits.data(), state_->bits.size());
  };
  if (list.count <= kLong) return from_bits();
  std::atomic<std::uint64_t>& place = state_->counts[term % state_->counts.size()];
  const std::uint64_t known = place.load(std::memory_order_relaxed);
  if (known >> 32 == term) return known & 0xFFFF'FFFF;
  const std::size_t count = from_bits();
  place.store(std::uint64_t{term} << 32 | count, std::memory_order_relaxed);
  return count;
}

}  // namespace syncdex::inline v0
