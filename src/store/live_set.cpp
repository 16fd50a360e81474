#include "store/live_set.h"

#include <cassert>
#include <utility>

namespace syncdex::inline v0 {
namespace {

// The counts of lists with more rows than this are cached.
constexpr std::uint32_t kLong = 32;
constexpr std::uint64_t kNoCount = std::uint64_t{kNoTerm} << 32;

std::vector<std::uint64_t> all_set(std::size_t rows) {
  std::vector<std::uint64_t> bits(words_for(rows), ~std::uint64_t{0});
  if (rows % 64 != 0) bits.back() = (std::uint64_t{1} << (rows % 64)) - 1;
  return bits;
}

}  // namespace

LiveSet::State::State() {
  for (auto& count : counts) count.store(kNoCount, std::memory_order_relaxed);
}

LiveSet::LiveSet(const Segment& segment, std::span<const Row> dead) {
  *this = LiveSet().without(segment, dead);
}

LiveSet LiveSet::without(const Segment& segment, std::span<const Row> removed) const {
  if (removed.empty()) return *this;
  auto state = std::make_shared<State>();
  state->bits = state_ == nullptr ? all_set(segment.size()) : state_->bits;
  state->dead = dead() + static_cast<std::uint32_t>(removed.size());
  state->dead_bytes = dead_bytes();
  for (const Row row : removed) {
    assert(test_bit(state->bits.data(), row));
    state->bits[row >> 6] &= ~(std::uint64_t{1} << (row & 63));
    state->dead_bytes += segment.extents()[row].length;
  }
  LiveSet rest;
  rest.state_ = std::move(state);
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
