#include "exec/row_blocks.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace syncdex::inline v0 {

RowBlocks::RowBlocks(std::span<PostingList> lists, const std::uint64_t* live, std::size_t rows,
                     Row first) noexcept
    : lists_(lists), live_(live), rows_(rows), first_(first), at_(first) {
  if (lists_.empty() && live_ != nullptr) {
    live_list_ = {static_cast<std::uint32_t>(rows), std::exchange(live_, nullptr)};
    lists_ = {&live_list_, 1};
  }
  if (lists_.empty()) return;
  PostingList& driver = lists_.front();
  if (driver.dense()) {
    at_ = first / 64 * 64;
    for (PostingList& list : lists_) list = {list.count, list.bits() + at_ / 64};
  } else {
    at_ = static_cast<std::size_t>(std::lower_bound(driver.rows(), driver.rows() + driver.count, first) -
                                   driver.rows());
  }
}

std::span<const Row> RowBlocks::next() noexcept {
  const bool sparse = !lists_.empty() && !lists_.front().dense();
  const std::size_t end = sparse ? lists_.front().count : rows_;
  std::size_t n = 0;
  while (n == 0 && at_ < end) {
    n = sparse ? read_sparse() : lists_.empty() ? read_all() : read_dense();
    block_ = std::min(block_ * 2, kMost);
  }
  return {out_, n};
}

std::size_t RowBlocks::read_sparse() noexcept {
  const PostingList driver = lists_.front();
  const auto n = static_cast<std::uint32_t>(std::min(block_, driver.count - at_));
  lists_.front() = {n, driver.rows() + at_};
  const std::size_t found = intersect(lists_, live_, words_for(rows_), 0, out_);
  lists_.front() = driver;
  at_ += n;
  return found;
}

std::size_t RowBlocks::read_dense() noexcept {
  const std::size_t words = std::min(block_ / 64, words_for(rows_) - at_ / 64);
  const std::uint64_t* const live = live_ == nullptr ? nullptr : live_ + at_ / 64;
  const std::size_t found = intersect(lists_, live, words, static_cast<Row>(at_), out_);
  for (PostingList& list : lists_) list = {list.count, list.bits() + words};
  at_ += words * 64;
  // The first word may contain rows before first_.
  const Row* const wanted = std::lower_bound(out_, out_ + found, first_);
  return static_cast<std::size_t>(std::copy(wanted, static_cast<const Row*>(out_ + found), out_) - out_);
}

std::size_t RowBlocks::read_all() noexcept {
  const std::size_t n = std::min(block_, rows_ - at_);
  std::iota(out_, out_ + n, static_cast<Row>(at_));
  at_ += n;
  return n;
}

}  // namespace syncdex::inline v0
