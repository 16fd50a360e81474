// The matches of one part of a snapshot in an order. See ordered_rows.h.
#pragma once

#include <compare>
#include <optional>
#include <span>
#include <vector>

#include "exec/matching.h"
#include "exec/segment_views.h"
#include "query/cursor.h"
#include "query/order_impl.h"
#include "store/view_search.h"

namespace syncdex::inline v0 {

// The keys of an order in one part.
class PartOrder {
 public:
  // For these rows of the part. Incomplete if the work is spent.
  PartOrder(const Order::Impl& order, const Part& part, const RowSet& rows, SegmentViews& views, Work& work)
      : part_(part), order_(order) {
    for (const OrderKey& key : order.keys) {
      const OrderedView* const view = views.get(key.path, rows, work);
      if (view == nullptr) return;
      searches_.emplace_back(*part.segment, key.path, *view);
    }
  }

  ViewSearch& search(std::size_t key) noexcept { return searches_[key]; }
  // The view of the first key.
  const OrderedView& view() const noexcept { return searches_.front().view(); }

  // The bytes of records that were read since the last call.
  std::int64_t take_read() noexcept {
    std::int64_t bytes = 0;
    for (ViewSearch& search : searches_) bytes += search.take_read();
    return bytes;
  }

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
           Work& work, const Cursor* after, std::size_t limit);
  PartRows(const PartRows&) = delete;
  PartRows& operator=(const PartRows&) = delete;

  bool done() const noexcept { return at_ == queue_.size(); }
  // REQUIRES (both): !done()
  Row row() const noexcept { return queue_[at_]; }
  void pop();

  const Part& part() const noexcept { return part_; }
  // Whether its next row comes behind the other's.
  bool is_behind(PartRows& other);

 private:
  struct Keyed {
    SortKey key;
    Row row;
  };
  static constexpr std::size_t kFirst = 8;  // rows that are looked for at once
  static constexpr std::size_t kMost = 4'096;

  const OrderedView& view() const noexcept { return keys_->view(); }
  bool is_descending() const noexcept { return order_.keys.front().descending; }
  bool is_cheaper_to_collect() const noexcept;
  bool is_wanted(Row row, bool at_cursor);
  template <class F>
  void spending(F f);
  void find_key() noexcept;
  void fill();
  void collect(SortKey least, std::size_t from);
  bool is_before(const Keyed& a, const Keyed& b, std::size_t from);
  // Takes a row to be sorted by the keys from `from` on. No more than `limit_` are kept: those that come
  // first, in a heap with the last of them on top. Most rows come later than that one.
  void take(const Keyed& row, std::size_t from) {
    if (sorted_.size() < limit_ || row.key <= sorted_.front().key) add(row, from);
  }
  void add(const Keyed& row, std::size_t from);
  void sort_from(std::size_t from);
  struct ComesLater {
    PartRows* rows;
    bool operator()(const Keyed& a, const Keyed& b) const {
      return rows->is_before(b, a, rows->sorted_from_);
    }
  };
  ComesLater comes_later() noexcept { return {this}; }
  void pop_sorted();
  void start_walk();
  void walk();
  void take_run();
  void next_run();

  const Order::Impl& order_;
  const Part& part_;
  Work& work_;
  const Cursor* after_;
  std::size_t limit_;
  SegmentViews views_;
  Matching matching_;
  std::optional<PartOrder> keys_;
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

}  // namespace syncdex::inline v0
