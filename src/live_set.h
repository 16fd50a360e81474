// Which records of a segment a snapshot still shows: those that no later record has replaced.
//
//   bits    by row, 1 where the record is live; none at all where all are
//   counts  for each long posting list that holds dead rows, how many: a count of one term is then a
//           subtraction, however long the list. Short lists are cheaper walked than kept.
//
// Immutable and cheap to copy: the versions of a catalog share those of the segments that a change does
// not touch.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "posting_list.h"
#include "term_index.h"

namespace syncdex::inline v0 {

class LiveSet {
 public:
  using TermCount = std::pair<TermId, std::uint32_t>;

  LiveSet() = default;  // all are live
  // All of `rows` rows but the dead ones. Cost: O(rows of all long lists). REQUIRES: dead is increasing
  LiveSet(const TermIndex& terms, std::size_t rows, std::span<const Row> dead);

  // The same without some more rows. `losses`: how many of them each term's list holds; short lists may
  // be left out. Cost: O(rows / 64 + counts). REQUIRES: they are live; losses are sorted by term, each once
  LiveSet without(const TermIndex& terms, std::size_t rows, std::span<const Row> dying,
                  std::span<const TermCount> losses) const;

  std::uint32_t dead() const noexcept { return state_ == nullptr ? 0 : state_->dead; }
  // nullptr where none is dead.
  const std::uint64_t* bits() const noexcept { return state_ == nullptr ? nullptr : state_->bits.data(); }
  bool holds(Row row) const noexcept { return state_ == nullptr || test_bit(state_->bits.data(), row); }

  // Dead rows in a term's list of `count` rows; nullopt where such a list is short. Cost: O(log counts).
  std::optional<std::uint32_t> dead_in(TermId term, std::uint32_t count) const noexcept;

  std::size_t bytes() const noexcept {
    return state_ == nullptr ? 0
                             : state_->bits.capacity() * sizeof(state_->bits[0]) +
                                   state_->counts.capacity() * sizeof(TermCount);
  }

 private:
  struct State {
    std::uint32_t dead = 0;
    std::vector<std::uint64_t> bits;
    std::vector<TermCount> counts;  // by term
  };

  std::shared_ptr<const State> state_;
};

}  // namespace syncdex::inline v0
