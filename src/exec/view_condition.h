// A condition that an ordered view answers by binary searches: ranges, prefixes, and lists of times.
#pragma once

#include <optional>
#include <vector>

#include "query/filter.h"
#include "store/view_search.h"

namespace syncdex::inline v0 {

class ViewCondition {
 public:
  // Returns nullopt if no view answers the condition. `path` begins at the record.
  static std::optional<ViewCondition> of(const std::vector<FilterStep>& path, const Condition& condition);

  const OrderedPath& path() const noexcept { return path_; }
  // Whether this view answers it: views do not tell long numbers apart (OrderedView::cut()).
  bool is_answered_by(const OrderedView& view) const noexcept { return !of_numbers_ || !view.cut(); }
  // Appends where the values are that meet the condition: disjoint ranges, some of them empty.
  // O(log n) for each range, as in ViewSearch.
  void find(ViewSearch& search, std::vector<Places>& places) const;

 private:
  struct End {
    SortValue value;
    bool inclusive = false;
  };

  OrderedPath path_;
  bool of_numbers_ = false;
  std::optional<End> low_, high_;
  std::optional<SortValue> prefix_;
  std::optional<std::vector<SortValue>> values_;
};

}  // namespace syncdex::inline v0
