#include "exec/row_set.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace syncdex::inline v0 {

bool RowSet::contains(Row row) const noexcept {
  const bool listed = list_.dense() ? test_bit(list_.bits(), row)
                                    : std::binary_search(list_.rows(), list_.rows() + list_.count, row);
  return listed != complemented_;
}

void add_bits(const PostingList& list, std::span<std::uint64_t> bits) noexcept {
  if (!list.dense()) {
    for_each_row(list, [&](Row row) { set_bit(bits.data(), row); });
    return;
  }
  const std::uint64_t* const more = list.bits();
  for (std::size_t i = 0; i < bits.size(); ++i) bits[i] |= more[i];
}

void RowSpace::begin(std::size_t rows) {
  rows_ = rows;
  memory_.release();
}

Row* RowSpace::allocate_rows(std::size_t n) {
  return static_cast<Row*>(memory_.allocate(n * sizeof(Row), alignof(Row)));
}

std::uint64_t* RowSpace::allocate_bits() {
  return static_cast<std::uint64_t*>(memory_.allocate(words() * sizeof(std::uint64_t), 16));
}

RowSet RowSpace::of_bits(const std::uint64_t* bits) const noexcept {
  return RowSet(PostingList(static_cast<std::uint32_t>(count_bits(bits, words())), bits));
}

RowSet RowSpace::copy(std::span<const Row> rows) {
  Row* const out = allocate_rows(rows.size());
  std::ranges::copy(rows, out);
  return RowSet(PostingList(static_cast<std::uint32_t>(rows.size()), out));
}

std::span<std::uint64_t> RowSpace::bits(const RowSet& set) {
  std::uint64_t* const out = allocate_bits();
  const std::size_t n = words();
  const PostingList& list = set.list();
  if (list.dense()) {
    std::copy_n(list.bits(), n, out);
  } else {
    std::fill_n(out, n, 0);
    for_each_row(list, [&](Row row) { set_bit(out, row); });
  }
  if (set.complemented()) {
    for (std::size_t i = 0; i < n; ++i) out[i] = ~out[i];
    if (rows_ % 64 != 0) out[n - 1] &= (std::uint64_t{1} << rows_ % 64) - 1;
  }
  return {out, n};
}

// The words are read and written through locals: as members they would be read again after each store.
template <class Join>
RowSet RowSpace::combine(const PostingList& a, const PostingList& b, Join join) {
  std::uint64_t* const out = allocate_bits();
  const std::uint64_t* const x = a.bits();
  const std::uint64_t* const y = b.bits();
  const std::size_t n = words();
  for (std::size_t i = 0; i < n; ++i) out[i] = join(x[i], y[i]);
  return of_bits(out);
}

RowSet RowSpace::intersect(const RowSet& a, const RowSet& b) {
  if (a.empty() || b.is_all()) return a;
  if (b.empty() || a.is_all()) return b;
  if (a.complemented() && b.complemented()) {
    const std::array lists = {a.list(), b.list()};
    return unite(lists).complement();
  }
  if (a.complemented()) return first_only(b.list(), a.list());
  if (b.complemented()) return first_only(a.list(), b.list());
  std::array lists = {a.list(), b.list()};
  std::ranges::sort(lists, is_cheaper);
  return intersect(lists);
}

RowSet RowSpace::intersect(std::span<const PostingList> lists) {
  std::size_t most = lists.front().count;
  if (lists.front().dense()) {
    // All lists are. Counting is faster than writing, and often few rows are left.
    most = intersect_count(lists, nullptr, words());
    if (is_dense_enough(most, rows_)) {
      const std::span<std::uint64_t> out = bits(RowSet(lists.front()));
      for (const PostingList& list : lists.subspan(1)) {
        for (std::size_t i = 0; i < out.size(); ++i) out[i] &= list.bits()[i];
      }
      return RowSet(PostingList(static_cast<std::uint32_t>(most), out.data()));
    }
  }
  Row* const out = allocate_rows(most);
  const std::size_t n = syncdex::intersect(lists, nullptr, words(), 0, out);
  return RowSet(PostingList(static_cast<std::uint32_t>(n), out));
}

RowSet RowSpace::first_only(const PostingList& a, const PostingList& b) {
  if (a.dense() && b.dense()) {
    return combine(a, b, [](std::uint64_t x, std::uint64_t y) { return x & ~y; });
  }
  if (a.dense()) {
    std::uint64_t* const out = bits(RowSet(a)).data();
    for_each_row(b, [&](Row row) { out[row >> 6] &= ~(std::uint64_t{1} << (row & 63)); });
    return of_bits(out);
  }
  Row* const out = allocate_rows(a.count);
  Row* end = out;
  if (b.dense()) {
    end = std::copy_if(a.rows(), a.rows() + a.count, out, [&](Row row) { return !test_bit(b.bits(), row); });
  } else {
    end = std::set_difference(a.rows(), a.rows() + a.count, b.rows(), b.rows() + b.count, out);
  }
  return RowSet(PostingList(static_cast<std::uint32_t>(end - out), out));
}

RowSet RowSpace::unite(std::span<const PostingList> lists) {
  std::size_t total = 0;
  bool dense = false;
  for (const PostingList& list : lists) {
    total += list.count;
    dense |= list.dense();
  }
  if (total == 0) return {};
  if (lists.size() == 1) return RowSet(lists.front());
  if (!dense && !is_dense_enough(total, rows_)) {
    // Sorting a few rows is cheaper than clearing and counting the bits of all.
    Row* const out = allocate_rows(total);
    Row* end = out;
    for (const PostingList& list : lists) end = std::copy_n(list.rows(), list.count, end);
    std::sort(out, end);
    end = std::unique(out, end);
    return RowSet(PostingList(static_cast<std::uint32_t>(end - out), out));
  }
  if (lists.size() == 2 && lists[0].dense() && lists[1].dense()) {
    return combine(lists[0], lists[1], [](std::uint64_t x, std::uint64_t y) { return x | y; });
  }
  const std::span<std::uint64_t> out = bits(RowSet(lists.front()));
  for (const PostingList& list : lists.subspan(1)) add_bits(list, out);
  return of_bits(out.data());
}

}  // namespace syncdex::inline v0
