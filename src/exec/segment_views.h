// The ordered views of one segment that a query uses: kept ones, or made for it.
#pragma once

#include <memory>
#include <vector>

#include "exec/containment.h"
#include "exec/row_set.h"
#include "store/ordered_views.h"
#include "store/segment.h"

namespace syncdex::inline v0 {

// Not thread-safe.
class SegmentViews {
 public:
  // `most`: how many views the segment may keep. REQUIRES: the segment outlives this.
  SegmentViews(const Segment& segment, std::size_t most)
      : segment_(&segment), most_(most), reader_(segment.views()) {}

  // Views stay valid as long as this object.
  // Returns the view of the path if there is one already, otherwise null.
  const OrderedView* find(const OrderedPath& path) const noexcept;
  // Whether the path is known to have no values. Then no view is needed to search it.
  bool is_empty(const OrderedPath& path) const noexcept { return reader_.is_empty(path); }
  // Returns the view of the path. Makes it if there is none, which takes as much work as a scan of the
  // segment. Returns null, with the work spent, if there is less left.
  const OrderedView* get(const OrderedPath& path, Work& work);
  // Returns a view that has these rows. If they are few, and the path is asked for like that for the first
  // time, it has no others: a question that is asked once does not pay for the next ones. Null as above.
  const OrderedView* get(const OrderedPath& path, const RowSet& rows, Work& work);
  // Makes the view and keeps it, in the place of the one that was used least recently if there is no room.
  void prepare(const OrderedPath& path);
  // The number of views that were made and that the segment does not keep.
  std::size_t own() const noexcept { return own_.size(); }

 private:
  const OrderedView* make(const OrderedPath& path, OrderedViews::Asked asked, Work& work);
  const OrderedView* own(std::unique_ptr<const PathView> view);

  const Segment* segment_;
  std::size_t most_;
  OrderedViews::Reader reader_;
  OrderedView empty_;                                 // of every path without values
  std::vector<std::unique_ptr<const PathView>> own_;  // that the segment does not keep
};

}  // namespace syncdex::inline v0
