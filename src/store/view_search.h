// Searches an ordered view for values. Where keys decide, no record is read.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "store/ordered_views.h"
#include "store/segment.h"

namespace syncdex::inline v0 {

// Places of a view: rows()[first] to rows()[last - 1].
struct Places {
  std::size_t first = 0;
  std::size_t last = 0;

  bool empty() const noexcept { return first >= last; }
  std::size_t size() const noexcept { return empty() ? 0 : last - first; }
};

// REQUIRES: all that the constructor is given outlives it. Not thread-safe: it keeps memory for strings.
class ViewSearch {
 public:
  ViewSearch(const Segment& segment, const OrderedPath& path, const OrderedView& view) noexcept
      : segment_(&segment), path_(&path), view_(&view) {}

  const OrderedView& view() const noexcept { return *view_; }

  // The values that equal this one. If there are none, the empty range is where they would be. O(log n), and
  // a record is read in each step between values whose keys are those of the value.
  Places equal_to(const SortValue& value);
  // The strings with this prefix. As above. REQUIRES: fewer than kOrderedCodePoints code points
  Places with_prefix(const SortValue& prefix);
  // REQUIRES: not a view of times
  Places of_kind(Kind kind) const noexcept {
    return {view_->first_from(first_key(kind)), view_->first_from(first_key(kind) + (SortKey{1} << 61))};
  }

  // Compares values at the path. REQUIRES: each row has a value.
  std::strong_ordering compare(Row row, const SortValue& value);
  std::strong_ordering compare(Row row, ViewSearch& other, Row other_row);
  // The bytes of records that were read since the last call.
  std::int64_t take_read() noexcept { return std::exchange(read_, 0); }

 private:
  // The first of the places whose row is not what those before are. O(log n)
  template <class Predicate>
  std::size_t first_without(const Places& places, Predicate holds);
  // The value of a row as it is compared, in the record or in the buffer.
  std::string_view read(Row row, std::string& buffer);

  const Segment* segment_;
  const OrderedPath* path_;
  const OrderedView* view_;
  std::string buffer_;
  std::int64_t read_ = 0;
};

}  // namespace syncdex::inline v0
