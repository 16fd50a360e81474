// Sets of the rows of one segment, and their algebra: what the nodes of a filter evaluate to.
//
//   sparse   sorted rows
//   bits     one bit for each row
//
// and each of them also as its complement, so that `not` costs nothing. The empty set is sparse, and the set
// of all rows its complement. A set is a view: of a posting list, or of memory of a RowSpace.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <span>

#include "terms/posting_list.h"

namespace syncdex::inline v0 {

class RowSet {
 public:
  RowSet() noexcept = default;  // empty
  explicit RowSet(const PostingList& list) noexcept : list_(list) {}
  static RowSet all() noexcept { return RowSet().complement(); }

  RowSet complement() const noexcept {
    RowSet out = *this;
    out.complemented_ = !complemented_;
    return out;
  }
  bool complemented() const noexcept { return complemented_; }
  // The rows that are in the set, or that are not.
  const PostingList& list() const noexcept { return list_; }

  bool empty() const noexcept { return !complemented_ && list_.count == 0; }
  bool is_all() const noexcept { return complemented_ && list_.count == 0; }
  // Of a segment with so many rows.
  std::size_t count(std::size_t rows) const noexcept {
    return complemented_ ? rows - list_.count : list_.count;
  }
  // O(log n), or O(1) for bits.
  bool contains(Row row) const noexcept;

 private:
  PostingList list_;
  bool complemented_ = false;
};

// The work of going through a list: one for each row, or for each word of a bitset.
inline std::int64_t cost_of(const PostingList& list, std::size_t words) noexcept {
  return static_cast<std::int64_t>(list.dense() ? words : list.count);
}

// Adds the rows of a list to a set of bits.
void add_bits(const PostingList& list, std::span<std::uint64_t> bits) noexcept;

// Makes sets of rows of one segment after another. Sets are valid until the next begin().
class RowSpace {
 public:
  // For a segment with so many rows. Frees all sets.
  void begin(std::size_t rows);
  std::size_t rows() const noexcept { return rows_; }
  std::size_t words() const noexcept { return words_for(rows_); }

  RowSet intersect(const RowSet& a, const RowSet& b);
  RowSet unite(const RowSet& a, const RowSet& b) {
    return intersect(a.complement(), b.complement()).complement();
  }
  // Of all lists. REQUIRES: two at least, in the order of is_cheaper()
  RowSet intersect(std::span<const PostingList> lists);
  // Of all lists. Empty without lists.
  RowSet unite(std::span<const PostingList> lists);
  // REQUIRES: increasing
  RowSet copy(std::span<const Row> rows);
  // The set as bits, in new memory.
  std::span<std::uint64_t> bits(const RowSet& set);
  // REQUIRES: memory of this space
  RowSet of_bits(const std::uint64_t* bits) const noexcept;

 private:
  Row* allocate_rows(std::size_t n);
  std::uint64_t* allocate_bits();
  template <class Join>
  RowSet combine(const PostingList& a, const PostingList& b, Join join);
  RowSet first_only(const PostingList& a, const PostingList& b);

  std::size_t rows_ = 0;
  std::byte first_[16 << 10];  // enough for selective filters
  std::pmr::monotonic_buffer_resource memory_{first_, sizeof first_};
};

}  // namespace syncdex::inline v0
