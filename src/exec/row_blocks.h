// Intersects posting lists of one segment incrementally: rows are returned in increasing order, one block at
// a time. A caller that needs only the first few, such as a page, pays only for those.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "terms/posting_list.h"

namespace syncdex::inline v0 {

class RowBlocks {
 public:
  // Yields the rows >= `first`, out of the segment's `rows`, that are in all lists and in `live` unless it is
  // null. Without lists, yields all live rows. Modifies the elements of `lists`.
  // REQUIRES: lists in the order that intersect() requires.
  RowBlocks(std::span<PostingList> lists, const std::uint64_t* live, std::size_t rows,
            Row first = 0) noexcept;
  RowBlocks(const RowBlocks&) = delete;
  RowBlocks& operator=(const RowBlocks&) = delete;

  // Returns the next rows, or an empty span at the end. Valid until the next call. The number of rows
  // examined per block starts at kFirst and doubles up to kMost.
  std::span<const Row> next() noexcept;

 private:
  static constexpr std::size_t kFirst = 64;
  static constexpr std::size_t kMost = 1024;

  std::size_t read_sparse() noexcept;
  std::size_t read_dense() noexcept;
  std::size_t read_all() noexcept;

  std::span<PostingList> lists_;
  const std::uint64_t* live_;
  PostingList live_list_;   // the element of lists_ if no list is given
  const std::size_t rows_;  // of the segment
  const Row first_;
  std::size_t at_;  // index into a sparse driver, otherwise the next row
  std::size_t block_ = kFirst;
  Row out_[kMost];
};

}  // namespace syncdex::inline v0
