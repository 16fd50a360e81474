// The positions of a segment's records in load order. Every written record gets the next position and keeps
// it when a merge moves it to another row. Cursors refer to positions.
//
// A load or a change writes consecutive positions. Merges drop records, which leaves gaps. So runs are
// stored:
//
//   row 0 1 2 3 4 5        position 7 8 12 13 14 90        runs (0, 7) (2, 12) (5, 90)
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "terms/posting_list.h"

namespace syncdex::inline v0 {

// Cheap to copy.
class Positions {
 public:
  // Consecutive positions that begin with `first`.
  explicit Positions(std::uint64_t first = 0) noexcept : first_(first) {}

  // The position of a row.
  std::uint64_t of(Row row) const noexcept;
  // The first of `rows` rows whose position is greater than `position`, or `rows` if there is none.
  Row first_after(std::uint64_t position, Row rows) const noexcept;

  std::size_t bytes() const noexcept { return runs_ == nullptr ? 0 : runs_->capacity() * sizeof(Run); }

  class Builder;

 private:
  struct Run {
    Row row;  // the first row of the run
    std::uint64_t position;
  };

  std::uint64_t first_;
  std::shared_ptr<const std::vector<Run>> runs_;  // if there is more than one run
};

class Positions::Builder {
 public:
  // Adds the position of the next row. REQUIRES: greater than the previous position.
  void add(std::uint64_t position);
  Positions finish() &&;

 private:
  std::vector<Run> runs_;
  Row rows_ = 0;
};

}  // namespace syncdex::inline v0
