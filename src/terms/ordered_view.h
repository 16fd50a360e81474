// The rows of a segment in the order of their values at one path.
//
//   keys    by row: the sort key of its value
//   rows    the rows with a value, by value, and those with equal values in load order
//   ties    by place in `rows`: whether its value equals that of the place before
//
//   keys  7 ·  3  7          rows  2 0 3          ties  0 0 1
//
// 12.1 bytes for each row. A search for a value is binary, and the rows between two places are the answer to
// a range. A page is a walk from one place on. With the keys by row, few rows are sorted without reading
// their records.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "terms/posting_list.h"
#include "terms/sort_key.h"

namespace syncdex::inline v0 {

struct ViewTraits {
  bool exact = true;  // equal keys mean equal values
  bool cut = false;   // some numbers have more digits than an order compares
};

class OrderedView {
 public:
  // Of a path without values.
  OrderedView() = default;
  OrderedView(std::vector<SortKey> keys, std::vector<Row> rows, std::vector<std::uint64_t> ties,
              ViewTraits traits) noexcept
      : keys_(std::move(keys)), rows_(std::move(rows)), ties_(std::move(ties)), traits_(traits) {}

  SortKey key(Row row) const noexcept { return keys_.empty() ? kNoValue : keys_[row]; }
  const std::vector<Row>& rows() const noexcept { return rows_; }
  bool exact() const noexcept { return traits_.exact; }
  bool cut() const noexcept { return traits_.cut; }

  // The first place whose key is not smaller, and the first whose key is greater. O(log n)
  std::size_t first_from(SortKey key) const noexcept;
  std::size_t first_after(SortKey key) const noexcept;
  // The ends of the run of equal values around a place. REQUIRES: it is one
  std::size_t run_begin(std::size_t place) const noexcept;
  std::size_t run_end(std::size_t place) const noexcept;

  std::size_t bytes() const noexcept {
    return sizeof *this + keys_.capacity() * sizeof(SortKey) + rows_.capacity() * sizeof(Row) +
           ties_.capacity() * sizeof(std::uint64_t);
  }

 private:
  std::vector<SortKey> keys_;
  std::vector<Row> rows_;
  std::vector<std::uint64_t> ties_;
  ViewTraits traits_;
};

}  // namespace syncdex::inline v0
