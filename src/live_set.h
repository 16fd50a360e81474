// Which records of a segment a snapshot still shows: those that no later record has replaced.
//
//   bits    by row, 1 where the record is live; none at all where all are
//   counts  for each long posting list, how many of its rows are dead: a count of one term is then a
//           subtraction, however long the list. Short lists are cheaper walked than kept.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "posting_list.h"
#include "term_index.h"

namespace syncdex::inline v0 {

class LiveSet {
 public:
  LiveSet() = default;
  // All of `rows` rows but the dead ones. Cost: O(rows of all long lists). REQUIRES: dead < rows
  LiveSet(const TermIndex& terms, std::size_t rows, std::span<const Row> dead);

  std::uint32_t dead() const noexcept { return dead_; }
  // nullptr where none is dead.
  const std::uint64_t* bits() const noexcept { return bits_.empty() ? nullptr : bits_.data(); }
  bool holds(Row row) const noexcept { return bits_.empty() || test_bit(bits_.data(), row); }

  // Dead rows in a term's list; nullopt where the list is short. Cost: O(log long lists).
  std::optional<std::uint32_t> dead_in(TermId term) const noexcept;

  std::size_t bytes() const noexcept {
    return bits_.capacity() * sizeof(bits_[0]) + counts_.capacity() * sizeof(counts_[0]);
  }

 private:
  std::uint32_t dead_ = 0;
  std::vector<std::uint64_t> bits_;
  std::vector<std::pair<TermId, std::uint32_t>> counts_;  // by term
};

}  // namespace syncdex::inline v0
