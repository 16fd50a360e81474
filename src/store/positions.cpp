#include "store/positions.h"

#include <algorithm>
#include <iterator>

namespace syncdex::inline v0 {

std::uint64_t Positions::of(Row row) const noexcept {
  if (runs_ == nullptr) return first_ + row;
  const auto run = std::prev(std::ranges::upper_bound(*runs_, row, {}, &Run::row));
  return run->position + (row - run->row);
}

Row Positions::first_after(std::uint64_t position, Row rows) const noexcept {
  if (position < first_) return 0;
  if (runs_ == nullptr) {
    return position - first_ < rows ? static_cast<Row>(position - first_) + 1 : rows;
  }
  const auto next = std::ranges::upper_bound(*runs_, position, {}, &Run::position);
  const auto run = std::prev(next);  // exists: the first run begins at first_
  const Row end = next == runs_->end() ? rows : next->row;
  return position - run->position < end - run->row ? run->row + static_cast<Row>(position - run->position) + 1
                                                   : end;
}

void Positions::Builder::add(std::uint64_t position) {
  if (runs_.empty() || position != runs_.back().position + (rows_ - runs_.back().row)) {
    runs_.push_back({rows_, position});
  }
  ++rows_;
}

Positions Positions::Builder::finish() && {
  Positions positions(runs_.empty() ? 0 : runs_.front().position);
  runs_.shrink_to_fit();
  if (runs_.size() > 1) positions.runs_ = std::make_shared<const std::vector<Run>>(std::move(runs_));
  return positions;
}

}  // namespace syncdex::inline v0
