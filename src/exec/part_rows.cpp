#include "exec/part_rows.h"

#include <algorithm>

#include "exec/row_blocks.h"

namespace syncdex::inline v0 {

PartRows::PartRows(const Query::Impl& query, const Order::Impl& order, const Snapshot& snapshot,
                   const Part& part, Work& work, const Cursor* after, std::size_t limit)
    : order_(order),
      part_(part),
      work_(work),
      after_(after),
      limit_(limit),
      views_(*part.segment, snapshot.origin().limits.ordered_views),
      matching_(query, snapshot, work) {
  rows_ = matching_.start(part);
  work_ = matching_.work();
  if (rows_.empty()) return;
  keys_.emplace(order, part, rows_, views_, work_);
  if (work_.spent()) return;
  by_row_ = order.keys.size() == 1;
  if (after != nullptr) {
    first_after_ = part.positions.first_after(after->position, static_cast<Row>(part.size()));
  }
  if (is_cheaper_to_collect()) {
    spending([&] { collect(0, 0); });
  } else {
    start_walk();
  }
  fill();
  find_key();
}

void PartRows::pop() {
  if (++at_ == queue_.size()) fill();
  find_key();
}

bool PartRows::is_behind(PartRows& other) {
  if (key_ != other.key_) return key_ > other.key_;
  const std::strong_ordering order = keys_->compare(row(), *other.keys_, other.row());
  work_.left -= keys_->take_read() + other.keys_->take_read();
  return std::is_eq(order) ? part_.base > other.part_.base : std::is_gt(order);
}

void PartRows::find_key() noexcept {
  if (!done()) key_ = keys_->directed_key(row(), 0);
}

bool PartRows::is_cheaper_to_collect() const noexcept {
  const auto matches = static_cast<double>(rows_.count(part_.size()));
  const double wanted = std::min(static_cast<double>(limit_), matches);
  const double values = static_cast<double>(view().rows().size()) + 1;
  // To sort a row costs about as much as to pass several; to recheck one, a hundred times as much. A walk
  // passes `values` / `matches` rows for each that it finds.
  constexpr double kSorted = 8;
  constexpr double kChecked = 100;
  const double check = matching_.certain() ? 0 : kChecked;
  return matches * (kSorted + check) < wanted * (values / (matches + 1) + check);
}

// All parts spend one budget, in turns.
template <class F>
void PartRows::spending(F f) {
  matching_.work() = work_;
  f();
  work_ = matching_.work();
}

// Finds the next rows, some at once.
void PartRows::fill() {
  queue_.clear();
  at_ = 0;
  spending([&] {
    while (queue_.empty() && !matching_.work().spent()) {
      if (!sorted_.empty()) {
        pop_sorted();
      } else if (walks_) {
        walk();
      } else {
        break;
      }
    }
  });
  chunk_ = std::min(chunk_ * 2, kMost);
}

// Whether a candidate matches, behind the cursor if it is at the cursor's values.
bool PartRows::is_wanted(Row row, bool at_cursor) {
  if (at_cursor) {
    const bool behind = keys_->is_behind(row, *after_);
    matching_.work().left -= keys_->take_read();
    if (!behind) return false;
  }
  return matching_.matches(row);
}

// Takes all matches among the candidates whose first key is `least` or greater, to be sorted by the keys
// from `from` on.
void PartRows::collect(SortKey least, std::size_t from) {
  PostingList list = rows_.list();
  const std::span<PostingList> lists(&list, rows_.is_all() ? 0 : 1);
  // Rows that no key tells apart are in load order.
  const bool by_row = from == order_.keys.size();
  const bool in_nulls = after_ != nullptr && after_->values.front().kind == Kind::null;
  RowBlocks blocks(lists, part_.live.bits(), part_.size(), by_row && in_nulls ? first_after_ : 0);
  for (auto block = blocks.next(); !block.empty(); block = blocks.next()) {
    matching_.work().left -= static_cast<std::int64_t>(block.size());
    for (const Row row : block) {
      if (view().key(row) < least || !is_wanted(row, after_ != nullptr && !by_row)) continue;
      if (matching_.work().spent()) return;
      if (!by_row) {
        take({keys_->directed_key(row, from), row}, from);
      } else if (queue_.push_back(row); queue_.size() == limit_) {
        return;
      }
    }
  }
  sort_from(from);
}

// Whether a comes before b, by the keys from `from` on.
bool PartRows::is_before(const Keyed& a, const Keyed& b, std::size_t from) {
  if (a.key != b.key) return a.key < b.key;
  if (matching_.work().spent()) return a.row < b.row;  // the answer is refused
  const std::strong_ordering order = keys_->compare(a.row, *keys_, b.row, from);
  matching_.work().left -= keys_->take_read();
  return std::is_eq(order) ? a.row < b.row : std::is_lt(order);
}

void PartRows::add(const Keyed& row, std::size_t from) {
  const auto before = [&](const Keyed& a, const Keyed& b) { return is_before(a, b, from); };
  if (sorted_.size() < limit_) {
    sorted_.push_back(row);
    if (sorted_.size() == limit_) std::ranges::make_heap(sorted_, before);
  } else if (before(row, sorted_.front())) {
    std::ranges::pop_heap(sorted_, before);
    sorted_.back() = row;
    std::ranges::push_heap(sorted_, before);
  }
}

// Makes a heap of the rows that were taken, with the first of them on top.
void PartRows::sort_from(std::size_t from) {
  sorted_from_ = from;
  matching_.work().left -= static_cast<std::int64_t>(sorted_.size());
  std::ranges::make_heap(sorted_, comes_later());
}

void PartRows::pop_sorted() {
  for (std::size_t n = std::min(chunk_, sorted_.size()); n > 0; --n) {
    std::ranges::pop_heap(sorted_, comes_later());
    queue_.push_back(sorted_.back().row);
    sorted_.pop_back();
  }
}

void PartRows::start_walk() {
  walks_ = true;
  if (!rows_.is_all()) {
    // As bits, so that a row is one test.
    member_ = rows_.list().dense() ? rows_.list().bits() : matching_.space().bits(rows_).data();
  }
  places_ = {0, view().rows().size()};
  if (after_ == nullptr) return;
  const SortValue& value = after_->values.front();
  if (value.kind == Kind::null) {
    places_ = {};
    return;
  }
  const Places equal = keys_->search(0).equal_to(value);
  work_.left -= keys_->take_read();
  at_cursor_ = !equal.empty();
  (is_descending() ? places_.last : places_.first) = is_descending() ? equal.last : equal.first;
}

// Finds some of the next rows: of runs of equal values, and behind the last one, those without a value.
void PartRows::walk() {
  while (queue_.size() < chunk_ && sorted_.empty() && !matching_.work().spent()) {
    if (run_.empty() && places_.empty()) {
      walks_ = false;
      return collect(kNullValue, 1);
    }
    if (run_.empty()) next_run();
    take_run();
  }
}

void PartRows::take_run() {
  std::size_t n = 0;
  for (; n < run_.size() && queue_.size() < chunk_; ++n) {
    const Row row = run_[n];
    if (member_ != nullptr && !test_bit(member_, row)) continue;
    if (!is_wanted(row, at_cursor_ && !by_row_)) continue;
    if (by_row_) {
      queue_.push_back(row);
    } else {
      take({keys_->directed_key(row, 1), row}, 1);
    }
    if (matching_.work().spent()) return;
  }
  matching_.work().left -= static_cast<std::int64_t>(n) + 1;
  run_ = run_.subspan(n);
  if (run_.empty()) at_cursor_ = false;
  if (!by_row_) sort_from(1);
}

void PartRows::next_run() {
  const auto rows = [&](std::size_t first, std::size_t last) {
    return std::span<const Row>(view().rows()).subspan(first, last - first);
  };
  if (is_descending()) {
    const std::size_t begin = view().run_begin(places_.last - 1);
    run_ = rows(begin, places_.last);
    places_.last = begin;
  } else {
    // By one key, rows of greater values follow as they are wanted.
    const std::size_t end = by_row_ && !at_cursor_ ? places_.last : view().run_end(places_.first);
    run_ = rows(places_.first, end);
    places_.first = end;
  }
  if (at_cursor_ && by_row_) {
    run_ =
        run_.subspan(static_cast<std::size_t>(std::ranges::lower_bound(run_, first_after_) - run_.begin()));
  }
}

}  // namespace syncdex::inline v0
