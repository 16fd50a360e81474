// Sets of a part's rows as bits.
#pragma once

#include <cstdint>
#include <vector>

#include "store/snapshot.h"
#include "terms/posting_list.h"

namespace syncdex::inline v0 {

using RowBits = std::vector<std::uint64_t>;

inline RowBits live_bits(const Part& part) {
  const std::size_t words = words_for(part.size());
  if (part.live.bits() != nullptr) return {part.live.bits(), part.live.bits() + words};
  RowBits all(words, ~std::uint64_t{0});
  if (part.size() % 64 != 0) all.back() = (std::uint64_t{1} << part.size() % 64) - 1;
  return all;
}

inline void clear_bit(RowBits& rows, Row row) noexcept {
  rows[row >> 6] &= ~(std::uint64_t{1} << (row & 63));
}

inline std::size_t count_in(const PostingList& list, const RowBits& rows) {
  return intersect_count({&list, 1}, rows.data(), rows.size());
}

}  // namespace syncdex::inline v0
