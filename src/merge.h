// Joins segments as they pile up. A merge is a load: the live records' bytes are copied into one text and
// read again, so segments are made in one way only, and what is dead is given back.
//
// Only neighbours are joined, so that load order holds. When: see due_merge().
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "loader.h"
#include "snapshot.h"

namespace syncdex::inline v0 {

// A run of parts.
struct PartRange {
  std::size_t first = 0;
  std::size_t count = 0;
};

// Which parts are to be replaced by one next, if any:
//   - a part in which nothing is live, or of which a good quarter is dead;
//   - the last eight parts or more, as many as together hold three times what the largest of them does: so
//     a record is rewritten O(log n) times, and O(log n) parts stay. Full parts stay out of it.
// Cost: O(parts).
std::optional<PartRange> due_merge(std::span<const Part> parts) noexcept;

// The live records of `parts` in new ones, one or more as their number wants; none where nothing is live.
// Their paths are those of the tools. Cost: that of a load of these records.
std::vector<Part> merge(std::span<const Part> parts, LoadTools& tools);

// Puts what was merged in the place of what it was merged from, which other records may have died in since.
// False: `source` is not there any more.
bool install(std::vector<Part>& parts, std::span<const Part> source, std::vector<Part> merged);

// Loads records that were loaded before, whatever the limits were; in their order. REQUIRES: ids differ
Loaded reload(std::span<const std::string_view> records, LoadTools& tools, SegmentRules rules);

}  // namespace syncdex::inline v0
