// Sets of rows, and their intersection.
//
// A posting list is a sorted array of rows while it is sparse. If one row in 32 or more holds the term, it is
// a bitset over the segment's rows, which is then smaller and ten times faster.
//
//   sparse   count 4   rows -> 2 7 19 4711
//   dense    count 24k bits -> 0010000100...
//
// Independent of JSON, terms and queries.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

namespace syncdex::inline v0 {

using Row = std::uint32_t;
// The maximum number of rows in a catalog.
constexpr std::uint64_t kMostRows = 0xFFFF'FFFD;
constexpr Row kNoRow = 0xFFFF'FFFF;

constexpr std::size_t words_for(std::size_t rows) noexcept { return (rows + 63) / 64; }

inline bool test_bit(const std::uint64_t* bits, Row row) noexcept {
  return (bits[row >> 6] >> (row & 63) & 1) != 0;
}
inline void set_bit(std::uint64_t* bits, Row row) noexcept {
  bits[row >> 6] |= std::uint64_t{1} << (row & 63);
}

// A view of one list. Two words, so that it is passed in registers.
class PostingList {
 public:
  PostingList() = default;
  // REQUIRES: the rows are increasing.
  PostingList(std::uint32_t n, const Row* rows) noexcept : count(n), data_(rows) {}
  // REQUIRES: words_for(rows of the segment) words.
  PostingList(std::uint32_t n, const std::uint64_t* bits) noexcept : count(n), dense_(true), data_(bits) {}

  std::uint32_t count = 0;
  bool dense() const noexcept { return dense_; }
  // REQUIRES: !dense()
  const Row* rows() const noexcept { return static_cast<const Row*>(data_); }
  // REQUIRES: dense()
  const std::uint64_t* bits() const noexcept { return static_cast<const std::uint64_t*>(data_); }

 private:
  bool dense_ = false;
  const void* data_ = nullptr;
};

// REQUIRES: list.count > 0
inline Row first_row(const PostingList& list) noexcept {
  if (!list.dense()) return *list.rows();
  const std::uint64_t* word = list.bits();
  while (*word == 0) ++word;
  return static_cast<Row>((word - list.bits()) * 64 + std::countr_zero(*word));
}

// Calls visit(row) for each row, in increasing order.
template <class Visit>
void for_each_row(const PostingList& list, Visit visit) {
  if (!list.dense()) {
    for (std::uint32_t i = 0; i < list.count; ++i) visit(list.rows()[i]);
    return;
  }
  std::uint32_t left = list.count;
  for (const std::uint64_t* word = list.bits(); left != 0; ++word) {
    for (std::uint64_t bits = *word; bits != 0; bits &= bits - 1, --left) {
      visit(static_cast<Row>((word - list.bits()) * 64 + std::countr_zero(bits)));
    }
  }
}

// Whether a list of `count` out of `rows` rows is stored as a bitset.
constexpr bool is_dense_enough(std::size_t count, std::size_t rows) noexcept {
  return count > 1 && count * 32 >= rows;
}

// Returns how many rows are in all lists. `words` is the length of each bitset. `live`, which may be null, is
// one more bitset. Cost: O(shortest * lists * log longest), or O(words * lists) if all lists are dense.
// Allocates nothing.
// REQUIRES: !lists.empty(); sparse lists come before dense ones, and each kind is sorted by count.
std::size_t intersect_count(std::span<const PostingList> lists, const std::uint64_t* live,
                            std::size_t words) noexcept;

// Writes the rows that are in all lists, plus `base`, to `out` in increasing order. Returns how many. Cost
// and REQUIRES: as above. `out` has space for the smallest count.
std::size_t intersect(std::span<const PostingList> lists, const std::uint64_t* live, std::size_t words,
                      Row base, Row* out) noexcept;

// The order that intersect() requires.
inline bool is_cheaper(const PostingList& a, const PostingList& b) noexcept {
  return a.dense() != b.dense() ? b.dense() : a.count < b.count;
}

// The number of bits set in `words` words.
std::size_t count_bits(const std::uint64_t* bits, std::size_t words) noexcept;

}  // namespace syncdex::inline v0
