// Makes the ordered view of a path: one walk over the segment's records, and a sort.
#pragma once

#include <memory>

#include "store/ordered_views.h"
#include "store/segment.h"

namespace syncdex::inline v0 {

// O(bytes of the records + n log n)
std::unique_ptr<const PathView> make_view(const Segment& segment, const OrderedPath& path);

}  // namespace syncdex::inline v0
