// The records that a change touches, before and after it. Each side is a small snapshot. Running a query on
// both shows how the change affects its answer.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "live/edit.h"
#include "load/loader.h"
#include "store/snapshot.h"

namespace syncdex::inline v0 {

// One side, before or after the change.
struct Touched {
  std::shared_ptr<const Snapshot> records;
  // Both are indexed by the row in `records`.
  std::vector<Row> rows;   // the record's row in the version
  std::vector<Row> other;  // its row in the other side's `records`, or kNoRow
};

// The removed and changed records, sorted by the row before. The row after a removal is kNoRow.
std::vector<Edit::Pair> removed_or_changed(const Edit& edit);
// The added and changed records, sorted by the row after. The row before an addition is kNoRow.
std::vector<Edit::Pair> added_or_changed(const Edit& edit);

// Loads the records of one side of the pairs into a snapshot. `row` selects the side, and `version` is its
// version. Leaves `other` empty. REQUIRES: the pairs are sorted by that row.
Touched load_touched(const Snapshot& version, std::span<const Edit::Pair> pairs, Row Edit::Pair::*row,
                     LoadTools& tools);

// Sets `other` on both sides. REQUIRES: `rows` is set on both.
void link_sides(Touched& was, Touched& is, std::span<const Edit::Pair> changed);

}  // namespace syncdex::inline v0
