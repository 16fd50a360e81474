// Joins segments as they pile up: the live records' bytes are copied into one text, and the terms that the
// segments have of them are put together. What is dead is given back.
//
// Only neighbours are joined, so that load order holds. When: see due_merge().
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "load/loader.h"
#include "store/snapshot.h"

namespace syncdex::inline v0 {

// A run of parts.
struct PartRange {
  std::size_t first = 0;
  std::size_t count = 0;
};

// Which parts are to be replaced by one next, if any:
//   - a part in which nothing is live, or of which a good quarter is dead;
//   - the last eight parts or more, as many as together hold three times what the largest of them does: so
//     a record is rewritten O(log n) times, and O(log n) parts stay beside the full ones;
//   - the last two or more that together make a full one.
// Cost: O(parts).
std::optional<PartRange> due_merge(std::span<const Part> parts) noexcept;

// The live records of `parts` in one; nothing where none is live. `paths` are theirs. Cost: a copy of the
// bytes, and a look-up for each term of each part; no record is read again.
std::optional<Part> merge(std::span<const Part> parts, const PathTable& paths);

// Replaces `source` in `parts` by what it was merged to. Records of `source` that died since the merge began
// are masked. Returns false, and changes nothing, if the merge no longer applies: `source` is gone, or a
// rollback revived a record that was dead when the merge read it.
bool install(std::vector<Part>& parts, std::span<const Part> source, std::optional<Part> merged);

// Loads records that were loaded before, whatever the limits were; in their order. REQUIRES: ids differ
Loaded reload(std::span<const std::string_view> records, LoadTools& tools);
// The live records of a part, loaded anew: their paths are those of the tools.
std::vector<Part> rewrite(const Part& part, LoadTools& tools);

}  // namespace syncdex::inline v0
