// The rows of a segment that are in all of some lists, in order and a block at a time: whoever needs only the
// first few, as a page does, pays for those.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "terms/posting_list.h"

namespace syncdex::inline v0 {

class RowBlocks {
 public:
  // Those of the segment's `rows` rows from `first` on that all lists hold and, if it is given, `live`.
  // Without lists, all rows. REQUIRES: lists in the order that intersect() wants. They are used up.
  RowBlocks(std::span<PostingList> lists, const std::uint64_t* live, std::size_t rows,
            Row first = 0) noexcept;
  RowBlocks(const RowBlocks&) = delete;
  RowBlocks& operator=(const RowBlocks&) = delete;

  // The next rows, increasing; empty at the end. Valid until the next call. Blocks grow from kFirst on.
  std::span<const Row> next() noexcept;

 private:
  static constexpr std::size_t kFirst = 64;
  static constexpr std::size_t kMost = 1024;

  std::size_t read_sparse() noexcept;
  std::size_t read_dense() noexcept;
  std::size_t read_all() noexcept;

  std::span<PostingList> lists_;
  const std::uint64_t* live_;
  PostingList live_list_;   // in lists_ where nothing else is
  const std::size_t rows_;  // of the segment
  const Row first_;
  std::size_t at_;  // into the sparse driver, or the next row
  std::size_t block_ = kFirst;
  Row out_[kMost];
};

}  // namespace syncdex::inline v0
