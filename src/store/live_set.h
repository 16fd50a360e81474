// The records of a segment that are live in a snapshot: those that no later change has replaced or removed.
//
//   bits     one bit per row, 1 if the record is live; absent if all are live
//   counts   the live rows of the long posting lists that were counted last, so that counting a term again is
//            one lookup; short lists are cheaper to intersect again
//
// Immutable except for the cached counts, and cheap to copy. The versions of a catalog share the live sets of
// the segments that a change does not touch.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "store/segment.h"
#include "terms/posting_list.h"
#include "terms/term_index.h"

namespace syncdex::inline v0 {

class LiveSet {
 public:
  LiveSet() = default;  // all are live
  // All rows of the segment except the dead ones.
  LiveSet(const Segment& segment, std::span<const Row> dead);

  // Returns a copy in which the `removed` rows are dead too. Cost: O(rows / 64 + removed).
  // REQUIRES: they are live.
  LiveSet without(const Segment& segment, std::span<const Row> removed) const;

  // The bytes of the dead records' text.
  std::uint64_t dead_bytes() const noexcept { return state_ == nullptr ? 0 : state_->dead_bytes; }
  std::uint32_t dead() const noexcept { return state_ == nullptr ? 0 : state_->dead; }
  // nullptr if no row is dead.
  const std::uint64_t* bits() const noexcept { return state_ == nullptr ? nullptr : state_->bits.data(); }
  bool contains(Row row) const noexcept { return state_ == nullptr || test_bit(state_->bits.data(), row); }

  // The number of live rows in a term's list. Cost: O(1) if it is cached, otherwise that of one intersection.
  std::size_t count(TermId term, const PostingList& list) const noexcept;

  std::size_t bytes() const noexcept {
    return state_ == nullptr ? 0 : sizeof(State) + state_->bits.capacity() * sizeof(state_->bits[0]);
  }

 private:
  struct State {
    State();

    std::uint32_t dead = 0;
    std::uint64_t dead_bytes = 0;
    std::vector<std::uint64_t> bits;
    // A direct-mapped cache of (term, count), by term number. Threads may write the same entry at the same
    // time: each value is written atomically and is correct.
    mutable std::array<std::atomic<std::uint64_t>, 64> counts;
  };

  std::shared_ptr<const State> state_;
};

}  // namespace syncdex::inline v0
