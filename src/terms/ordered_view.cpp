#include "terms/ordered_view.h"

#include <algorithm>
#include <bit>

namespace syncdex::inline v0 {

std::size_t OrderedView::first_from(SortKey key) const noexcept {
  const auto at = std::ranges::partition_point(rows_, [&](Row row) { return keys_[row] < key; });
  return static_cast<std::size_t>(at - rows_.begin());
}

std::size_t OrderedView::first_after(SortKey key) const noexcept {
  const auto at = std::ranges::partition_point(rows_, [&](Row row) { return keys_[row] <= key; });
  return static_cast<std::size_t>(at - rows_.begin());
}

// A run is a bit of 0 and the bits of 1 after it.
std::size_t OrderedView::run_begin(std::size_t place) const noexcept {
  std::size_t word = place / 64;
  std::uint64_t begins = ~ties_[word] & (~std::uint64_t{0} >> (63 - place % 64));
  while (begins == 0) begins = ~ties_[--word];
  return word * 64 + 63 - static_cast<std::size_t>(std::countl_zero(begins));
}

std::size_t OrderedView::run_end(std::size_t place) const noexcept {
  const std::size_t next = place + 1;
  if (next >= rows_.size()) return rows_.size();
  std::size_t word = next / 64;
  std::uint64_t begins = ~ties_[word] & ~((std::uint64_t{1} << next % 64) - 1);
  while (begins == 0 && ++word < ties_.size()) begins = ~ties_[word];
  if (begins == 0) return rows_.size();
  return std::min(rows_.size(), word * 64 + static_cast<std::size_t>(std::countr_zero(begins)));
}

}  // namespace syncdex::inline v0
