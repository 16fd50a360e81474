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

  // What these return stays valid as long as this object.
  // The view of the path if there is one already, or null.
  const OrderedView* find(const OrderedPath& path) const noexcept;
  // The view of the path; made if there is none, which takes about as much work as to scan the segment.
  const OrderedView& get(const OrderedPath& path, Work& work);
  // A view that has these rows. If they are few, and the path is asked for like that for the first time, it
  // has no others: a question that is asked once does not pay for the next ones.
  const OrderedView& get(const OrderedPath& path, const RowSet& rows, Work& work);

 private:
  const Segment* segment_;
  std::size_t most_;
  OrderedViews::Reader reader_;
  std::vector<std::unique_ptr<const PathView>> own_;  // that the segment does not keep
};

}  // namespace syncdex::inline v0
