// Makes the ordered view of a path: by one walk over the segment's records, and a sort; or of the views of
// segments that are merged.
#pragma once

#include <memory>
#include <span>

#include "store/ordered_views.h"
#include "store/segment.h"

namespace syncdex::inline v0 {

// O(bytes of the records + n log n)
std::unique_ptr<const PathView> make_view(const Segment& segment, const OrderedPath& path);
// A view of these rows alone: all others count as rows without a value. Not to be kept. O(bytes of these
// records + n log n + rows of the segment), the last of them to clear memory
std::unique_ptr<const PathView> make_view(const Segment& segment, const OrderedPath& path,
                                          const PostingList& rows);

// A segment that is merged with others into one.
struct MergedSource {
  const Segment* segment;
  const OrderedView* view;
  std::span<const Row> rows;  // by row: the row in the merged segment, increasing; kNoRow if it is left out
};

// The view of a merged segment with `rows` rows. O(rows log sources); records are read only where keys do not
// decide.
std::unique_ptr<const PathView> merge_views(std::span<const MergedSource> sources, const OrderedPath& path,
                                            std::size_t rows);

}  // namespace syncdex::inline v0
