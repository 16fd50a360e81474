#include "exec/ordered_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <compare>
#include <deque>
#include <optional>
#include <span>

#include "exec/matching.h"
#include "exec/row_blocks.h"
#include "exec/segment_views.h"
#include "store/ordered_value.h"
#include "store/view_search.h"

namespace syncdex::inline v0 {
namespace {

// The keys of an order in one part.
class PartOrder {
 public:
  // For these rows of the part.
  PartOrder(const Order::Impl& order, const Part& part, const RowSet& rows, SegmentViews& views, Work& work)
      : part_(part), order_(order) {
    for (const OrderKey& key : order.keys)
      searches_.emplace_back(*part.segment, key.path, views.get(key.path, rows, work));
  }

  ViewSearch& search(std::size_t key) noexcept { return searches_[key]; }

  // Compares rows by the keys from `first` on.
  std::strong_ordering compare(Row row, PartOrder& other, Row other_row, std::size_t first = 0) {
    for (std::size_t i = first; i < searches_.size(); ++i) {
      const bool value = is_value(searches_[i].view().key(row));
      const bool other_value = is_value(other.searches_[i].view().key(other_row));
      const std::strong_ordering order =
          value && other_value ? directed(i, searches_[i].compare(row, other.searches_[i], other_row))
                               : other_value <=> value;
      if (std::is_neq(order)) return order;
    }
    return std::strong_ordering::equal;
  }

  // The sort key of a key of the order, so that smaller ones come first.
  SortKey directed_key(Row row, std::size_t key) const noexcept {
    const SortKey at = searches_[key].view().key(row);
    if (!is_value(at)) return kNoValue;
    return order_.keys[key].descending ? kNullValue - 1 - at : at;
  }

  // Whether the row comes behind the place.
  bool is_behind(Row row, const Cursor& place) {
    for (std::size_t i = 0; i < searches_.size(); ++i) {
      const bool value = is_value(searches_[i].view().key(row));
      const bool other_value = place.values[i].kind != Kind::null;
      const std::strong_ordering order = value && other_value
                                             ? directed(i, searches_[i].compare(row, place.values[i]))
                                             : other_value <=> value;
      if (std::is_neq(order)) return std::is_gt(order);
    }
    return part_.positions.of(row) > place.position;
  }

 private:
  std::strong_ordering directed(std::size_t key, std::strong_ordering order) const noexcept {
    return order_.keys[key].descending ? 0 <=> order : order;
  }

  const Part& part_;
  const Order::Impl& order_;
  std::vector<ViewSearch> searches_;
};

// The matches of one part in order, found as they are asked for.
class PartRows {
 public:
  // REQUIRES: the arguments outlive it.
  PartRows(const Query::Impl& query, const Order::Impl& order, const Snapshot& snapshot, const Part& part,
           Work& work, const Cursor* after, std::size_t limit)
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
  PartRows(const PartRows&) = delete;
  PartRows& operator=(const PartRows&) = delete;

  bool done() const noexcept { return at_ == queue_.size(); }
  // REQUIRES (both): !done()
  Row row() const noexcept { return queue_[at_]; }
  void pop() {
    if (++at_ == queue_.size()) fill();
    find_key();
  }

  const Part& part() const noexcept { return part_; }
  // Whether its next row comes behind the other's.
  bool is_behind(PartRows& other) {
    if (key_ != other.key_) return key_ > other.key_;
    const std::strong_ordering order = keys_->compare(row(), *other.keys_, other.row());
    return std::is_eq(order) ? part_.base > other.part_.base : std::is_gt(order);
  }

 private:
  struct Keyed {
    SortKey key;
    Row row;
  };
  static constexpr std::size_t kFirst = 8;  // rows that are looked for at once
  static constexpr std::size_t kMost = 4'096;

  void find_key() noexcept {
    if (!done()) key_ = keys_->directed_key(row(), 0);
  }
  const OrderedView& view() const noexcept { return keys_->search(0).view(); }

  bool is_cheaper_to_collect() const noexcept {
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
  void spending(F f) {
    matching_.work() = work_;
    f();
    work_ = matching_.work();
  }

  // Finds the next rows, some at once.
  void fill() {
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
  bool is_wanted(Row row, bool at_cursor) {
    if (at_cursor && !keys_->is_behind(row, *after_)) return false;
    return matching_.matches(row);
  }

  // Takes all matches among the candidates whose first key is `least` or greater, to be sorted by the keys
  // from `from` on.
  void collect(SortKey least, std::size_t from) {
    PostingList list = rows_.list();
    const std::span<PostingList> lists(&list, rows_.is_all() ? 0 : 1);
    // Rows that no key tells apart are in load order.
    const bool by_row = from == order_.keys.size();
    const bool in_nulls = after_ != nullptr && after_->values.front().kind == Kind::null;
    RowBlocks blocks(lists, part_.live.bits(), part_.size(), by_row && in_nulls ? first_after_ : 0);
    for (auto block = blocks.next(); !block.empty(); block = blocks.next()) {
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
  bool is_before(const Keyed& a, const Keyed& b, std::size_t from) {
    if (a.key != b.key) return a.key < b.key;
    const std::strong_ordering order = keys_->compare(a.row, *keys_, b.row, from);
    return std::is_eq(order) ? a.row < b.row : std::is_lt(order);
  }

  // Takes a row to be sorted. No more than `limit_` are kept: those that come first, in a heap with the last
  // of them on top.
  void take(const Keyed& row, std::size_t from) {
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
  void sort_from(std::size_t from) {
    sorted_from_ = from;
    matching_.work().left -= static_cast<std::int64_t>(sorted_.size());
    std::ranges::make_heap(sorted_, comes_later());
  }
  struct ComesLater {
    PartRows* rows;
    bool operator()(const Keyed& a, const Keyed& b) const {
      return rows->is_before(b, a, rows->sorted_from_);
    }
  };
  ComesLater comes_later() noexcept { return {this}; }
  void pop_sorted() {
    for (std::size_t n = std::min(chunk_, sorted_.size()); n > 0; --n) {
      std::ranges::pop_heap(sorted_, comes_later());
      queue_.push_back(sorted_.back().row);
      sorted_.pop_back();
    }
  }

  void start_walk() {
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
    at_cursor_ = !equal.empty();
    (is_descending() ? places_.last : places_.first) = is_descending() ? equal.last : equal.first;
  }
  bool is_descending() const noexcept { return order_.keys.front().descending; }

  // Finds some of the next rows: of runs of equal values, and behind the last one, those without a value.
  void walk() {
    while (queue_.size() < chunk_ && sorted_.empty() && !matching_.work().spent()) {
      if (run_.empty() && places_.empty()) {
        walks_ = false;
        return collect(kNullValue, 1);
      }
      if (run_.empty()) next_run();
      take_run();
    }
  }

  void take_run() {
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

  void next_run() {
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

  const Order::Impl& order_;
  const Part& part_;
  Work& work_;
  const Cursor* after_;
  std::size_t limit_;
  SegmentViews views_;
  Matching matching_;
  mutable std::optional<PartOrder> keys_;
  RowSet rows_;                            // the candidates
  const std::uint64_t* member_ = nullptr;  // the same for a walk; null if all rows are
  Row first_after_ = 0;                    // the first row behind the cursor's position
  bool by_row_ = false;                    // rows of equal first keys are in load order
  bool walks_ = false;
  bool at_cursor_ = false;     // the run has the values of the cursor
  Places places_;              // that the walk has not reached
  std::span<const Row> run_;   // that it is in
  std::vector<Keyed> sorted_;  // a heap of rows that come next, by the keys from sorted_from_ on
  std::size_t sorted_from_ = 0;
  std::vector<Row> queue_;  // found
  std::size_t at_ = 0;
  SortKey key_ = 0;  // the first key of row()
  std::size_t chunk_ = kFirst;
};

}  // namespace

RowList find_rows(const Query::Impl& query, const Order::Impl& order, const Snapshot& snapshot, Work& work,
                  const Cursor* after, std::size_t limit) {
  std::deque<PartRows> parts;  // their elements stay where they are
  std::vector<PartRows*> heap;
  for (const Part& part : snapshot.parts()) {
    PartRows& rows = parts.emplace_back(query, order, snapshot, part, work, after, limit);
    if (work.spent()) return {};
    if (!rows.done()) heap.push_back(&rows);
  }
  const auto comes_later = [](PartRows* a, PartRows* b) { return a->is_behind(*b); };
  std::ranges::make_heap(heap, comes_later);
  Collected out;
  while (!heap.empty() && out.size() < limit && !work.spent()) {
    std::ranges::pop_heap(heap, comes_later);
    PartRows& first = *heap.back();
    out.reserve(1, snapshot.size());
    out.push(first.part().base + first.row());
    first.pop();
    if (first.done()) {
      heap.pop_back();
    } else {
      std::ranges::push_heap(heap, comes_later);
    }
  }
  return out.take();
}

std::vector<SortValue> values_of(const Order::Impl& order, const Snapshot& snapshot, Row row) {
  const Part& part = snapshot.part_of(row);
  std::vector<SortValue> values;
  std::string buffer;
  for (const OrderKey& key : order.keys) {
    const char* const value = find_value(*part.segment, row - part.base, key.path);
    SortValue& out = values.emplace_back();
    if (value == nullptr) continue;
    const std::string_view text = ordered_text(value, buffer);
    if (!key.path.times) {
      out = SortValue::of(kind_of(*value), text);
    } else if (const auto instant = kind_of(*value) == Kind::string ? parse_instant(text) : std::nullopt) {
      out = SortValue::of(*instant);
    }
  }
  return values;
}

std::string explain_order(const OrderKey& key, const Snapshot& snapshot) {
  std::size_t kept = 0;
  for (const Part& part : snapshot.parts()) {
    const OrderedViews::Reader reader(part.segment->views());
    kept += reader.find(key.path) != nullptr;
  }
  std::string path;
  for (const std::string& step : key.path.keys) append_step({step, false}, path);
  return fmt::format("order      {} {}{}: ordered views, kept in {} of {} {}\n", brief(path),
                     key.descending ? "descending" : "ascending", key.path.times ? " in time" : "", kept,
                     snapshot.parts().size(), snapshot.parts().size() == 1 ? "segment" : "segments");
}

}  // namespace syncdex::inline v0
