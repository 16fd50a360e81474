// Which records of a segment a snapshot still shows: those that no later record has replaced.
//
//   bits     by row, 1 where the record is live; none at all where all are
//   counts   how many rows of a long posting list are live, for the lists that were counted last: counting
//            one term again is then a look-up, however long the list. Short lists are cheaper walked.
//
// Immutable, but for remembering counts, and cheap to copy: the versions of a catalog share those of the
// segments that a change does not touch.
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
  // All of the segment but the dead rows.
  LiveSet(const Segment& segment, std::span<const Row> dead);

  // The same without some more of them. Cost: O(rows / 64 + dying). REQUIRES: they are live
  LiveSet without(const Segment& segment, std::span<const Row> dying) const;

  // Of their text.
  std::uint64_t dead_bytes() const noexcept { return state_ == nullptr ? 0 : state_->dead_bytes; }
  std::uint32_t dead() const noexcept { return state_ == nullptr ? 0 : state_->dead; }
  // nullptr where none is dead.
  const std::uint64_t* bits() const noexcept { return state_ == nullptr ? nullptr : state_->bits.data(); }
  bool holds(Row row) const noexcept { return state_ == nullptr || test_bit(state_->bits.data(), row); }

  // Live rows in a term's list. Cost: O(1) where it is remembered, else that of one intersection.
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
    // Terms with their counts, each in the place that its number gives; what comes there later takes it.
    // Threads may write one at a time or another: each is whole, and true.
    mutable std::array<std::atomic<std::uint64_t>, 64> counts;
  };

  std::shared_ptr<const State> state_;
};

}  // namespace syncdex::inline v0
