#include "exec/ordered_rows.h"

#include <algorithm>
#include <compare>
#include <deque>
#include <limits>

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
  PartOrder(const Order::Impl& order, const Part& part, SegmentViews& views, Work& work)
      : part_(part), order_(order) {
    for (const OrderKey& key : order.keys) searches_.emplace_back(*part.segment, key.path, views.get(key.path, work));
  }

  const Part& part() const noexcept { return part_; }
  ViewSearch& search(std::size_t key) noexcept { return searches_[key]; }
  const OrderedView& view() const noexcept { return searches_.front().view(); }
  std::size_t keys() const noexcept { return searches_.size(); }
  bool descending() const noexcept { return order_.keys.front().descending; }

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

// Finds the first matches of one part.
class PartWalk {
 public:
  PartWalk(PartOrder& order, Matching& matching, const RowSet& rows, const Cursor* after,
           std::size_t limit)
      : order_(order), matching_(matching), rows_(rows), after_(after), limit_(limit) {
    if (after != nullptr) {
      const auto size = static_cast<Row>(order.part().size());
      first_after_ = order.part().positions.first_after(after->position, size);
    }
  }

  std::vector<Row> find() {
    if (is_cheaper_to_collect()) {
      collect(0, 0);
    } else {
      walk();
    }
    return std::move(found_);
  }

 private:
  bool full() const noexcept { return found_.size() >= limit_ || matching_.work().spent(); }

  bool is_cheaper_to_collect() const noexcept {
    const double matches = static_cast<double>(rows_.count(order_.part().size()));
    const double wanted = std::min(static_cast<double>(limit_), matches);
    const double values = static_cast<double>(order_.view().rows().size()) + 1;
    // To sort a row costs about as much as to pass several; to recheck one, a hundred times as much. A walk
    // passes `values` / `matches` rows for each that it finds.
    constexpr double kSorted = 8;
    constexpr double kChecked = 100;
    const double check = matching_.certain() ? 0 : kChecked;
    return matches * (kSorted + check) < wanted * (values / (matches + 1) + check);
  }

  // Adds the matches among the candidates whose first key is `least` or greater, sorted by the keys from
  // `from` on.
  void collect(SortKey least, std::size_t from) {
    std::vector<Row> matches;
    PostingList list = rows_.list();
    const std::span<PostingList> lists(&list, rows_.is_all() ? 0 : 1);
    // Rows without any value to compare are in load order.
    const bool by_row = from == order_.keys();
    const bool at_cursor = after_ != nullptr && after_->values.front().kind == Kind::null;
    const Row first = by_row && at_cursor ? first_after_ : 0;
    RowBlocks blocks(lists, order_.part().live.bits(), order_.part().size(), first);
    for (auto block = blocks.next(); !block.empty(); block = blocks.next()) {
      for (const Row row : block) {
        if (order_.view().key(row) < least || !is_wanted(row, !by_row)) continue;
        matches.push_back(row);
        if (matching_.work().spent() || (by_row && found_.size() + matches.size() == limit_)) {
          return add_sorted(matches, from);
        }
      }
    }
    add_sorted(matches, from);
  }

  bool is_wanted(Row row, bool at_cursor) {
    if (at_cursor && after_ != nullptr && !order_.is_behind(row, *after_)) return false;
    return matching_.matches(row);
  }

  // Adds as many as are wanted, sorted by the keys from `from` on and by row. REQUIRES: increasing rows
  void add_sorted(std::vector<Row>& rows, std::size_t from) {
    const std::size_t n = std::min(rows.size(), limit_ - found_.size());
    if (from < order_.keys() && rows.size() > 1) {
      matching_.work().left -= static_cast<std::int64_t>(rows.size());
      std::ranges::partial_sort(rows, rows.begin() + static_cast<std::ptrdiff_t>(n), [&](Row a, Row b) {
        const std::strong_ordering order = order_.compare(a, order_, b, from);
        return std::is_eq(order) ? a < b : std::is_lt(order);
      });
    }
    found_.insert(found_.end(), rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(n));
  }

  void walk() {
    // As bits, so that a row is one test.
    if (!rows_.is_all() && !rows_.list().dense()) rows_ = matching_.space().of_bits(matching_.space().bits(rows_).data());
    member_ = rows_.is_all() ? nullptr : rows_.list().bits();
    const OrderedView& view = order_.view();
    Places places{0, view.rows().size()};
    bool at_cursor = false;
    if (after_ != nullptr) {
      const SortValue& value = after_->values.front();
      if (value.kind == Kind::null) {
        places = {};
      } else {
        const Places equal = order_.search(0).equal_to(value);
        at_cursor = !equal.empty();
        (order_.descending() ? places.last : places.first) = order_.descending() ? equal.last : equal.first;
      }
    }
    if (order_.descending()) {
      while (places.first < places.last && !full()) {
        const std::size_t begin = view.run_begin(places.last - 1);
        add_run(begin, places.last, at_cursor);
        places.last = begin;
        at_cursor = false;
      }
    } else {
      while (places.first < places.last && !full()) {
        const std::size_t end = view.run_end(places.first);
        add_run(places.first, end, at_cursor);
        places.first = end;
        at_cursor = false;
      }
    }
    if (!full()) collect(kNullValue, 1);
  }

  // Adds the matches at these places, whose first values are equal.
  void add_run(std::size_t begin, std::size_t end, bool at_cursor) {
    std::span<const Row> run(order_.view().rows().data() + begin, end - begin);
    const bool by_row = order_.keys() == 1;
    if (at_cursor && by_row) run = run.subspan(static_cast<std::size_t>(std::ranges::lower_bound(run, first_after_) - run.begin()));
    run_.clear();
    for (const Row row : run) {
      --matching_.work().left;
      if (member_ != nullptr && !test_bit(member_, row)) continue;
      if (!is_wanted(row, at_cursor && !by_row)) continue;
      run_.push_back(row);
      if (matching_.work().spent() || (by_row && found_.size() + run_.size() == limit_)) break;
    }
    add_sorted(run_, 1);
  }

  PartOrder& order_;
  Matching& matching_;
  RowSet rows_;
  const Cursor* after_;
  std::size_t limit_;
  Row first_after_ = 0;
  const std::uint64_t* member_ = nullptr;  // the candidates; null if all rows are
  std::vector<Row> found_;
  std::vector<Row> run_;
};

// The rows that are left of a part's list.
struct Source {
  PartOrder* order;
  std::vector<Row> rows;
  std::size_t at = 0;

  Row row() const noexcept { return rows[at]; }
};

RowList merge(std::vector<Source> sources, std::size_t limit) {
  std::size_t total = 0;
  for (const Source& source : sources) total += source.rows.size();
  RowList out;
  const std::size_t n = std::min(total, limit);
  out.rows = std::make_unique_for_overwrite<Row[]>(n);
  // A heap of sources, the first of all rows on top.
  const auto comes_later = [](const Source* a, const Source* b) {
    const std::strong_ordering order = a->order->compare(a->row(), *b->order, b->row());
    return std::is_eq(order) ? a->order->part().base > b->order->part().base : std::is_gt(order);
  };
  std::vector<Source*> heap;
  for (Source& source : sources) heap.push_back(&source);
  std::ranges::make_heap(heap, comes_later);
  while (out.size < n) {
    std::ranges::pop_heap(heap, comes_later);
    Source& first = *heap.back();
    out.rows[out.size++] = first.order->part().base + first.row();
    if (++first.at == first.rows.size()) {
      heap.pop_back();
    } else {
      std::ranges::push_heap(heap, comes_later);
    }
  }
  return out;
}

}  // namespace

RowList find_rows(const Query::Impl& query, const Order::Impl& order, const Snapshot& snapshot, Work& work,
                  const Cursor* after, std::size_t limit) {
  Matching matching(query, snapshot, work);
  std::deque<SegmentViews> views;  // their elements stay where they are
  std::deque<PartOrder> orders;
  std::vector<Source> sources;
  for (const Part& part : snapshot.parts()) {
    const RowSet rows = matching.start(part);
    if (rows.empty()) continue;
    views.emplace_back(*part.segment, snapshot.origin().limits.ordered_views);
    orders.emplace_back(order, part, views.back(), matching.work());
    if (matching.work().spent()) break;
    std::vector<Row> found = PartWalk(orders.back(), matching, rows, after, limit).find();
    if (!found.empty()) sources.push_back({&orders.back(), std::move(found), 0});
    if (matching.work().spent()) break;
  }
  work = matching.work();
  return merge(std::move(sources), limit);
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

}  // namespace syncdex::inline v0
