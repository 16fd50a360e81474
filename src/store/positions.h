// Where a segment's records stand in the order of all writes: a number for each, which a record keeps
// when merges move it to another row. Pages are walked by it.
//
// A load and a change write consecutive positions; what merges drop leaves gaps. So runs are kept:
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
  // Consecutive ones.
  explicit Positions(std::uint64_t first = 0) noexcept : first_(first) {}

  // By row.
  std::uint64_t of(Row row) const noexcept;
  // The first row, of `rows`, that stands behind the position; `rows` where none does.
  Row first_behind(std::uint64_t position, Row rows) const noexcept;

  std::size_t bytes() const noexcept { return runs_ == nullptr ? 0 : runs_->capacity() * sizeof(Run); }

  class Builder;

 private:
  struct Run {
    Row row;  // the first one
    std::uint64_t position;
  };

  std::uint64_t first_;
  std::shared_ptr<const std::vector<Run>> runs_;  // where there are several
};

class Positions::Builder {
 public:
  // Of the next row. REQUIRES: greater than the one before.
  void add(std::uint64_t position);
  Positions finish() &&;

 private:
  std::vector<Run> runs_;
  Row rows_ = 0;
};

}  // namespace syncdex::inline v0
