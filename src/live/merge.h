// Merges segments as they accumulate. The bytes of the live records are copied into one text, and the terms
// of the segments are combined. The memory of dead records is freed.
//
// Only adjacent segments are merged, which preserves load order. due_merge() decides when.
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

// Returns the parts to merge next, if any:
//   - a part of which more than 30 % is dead, by records or by bytes;
//   - otherwise the longest run of last parts that qualifies: at least eight parts that together hold three
//     times as many records as the largest of them, or at least two that together make a full part.
// So each record is rewritten O(log n) times, and O(log n) parts remain besides the full ones.
// Cost: O(parts).
std::optional<PartRange> due_merge(std::span<const Part> parts) noexcept;

// Merges the live records of `parts` into one part; empty if there are none. `paths` is the path table of the
// parts. Cost: a copy of the bytes and a look-up for each term of each part; no record is parsed again.
std::optional<Part> merge(std::span<const Part> parts, const PathTable& paths);

// Replaces `source` in `parts` with the result of its merge. Records of `source` that died since the merge
// began are masked. Returns false and changes nothing if the merge no longer applies: `source` is gone, or a
// rollback revived a record that was dead when the merge read it.
bool install(std::vector<Part>& parts, std::span<const Part> source, std::optional<Part> merged);

// Loads again, without limits, records that were loaded before. Keeps their order. REQUIRES: the ids differ.
Loaded reload(std::span<const std::string_view> records, LoadTools& tools);
// Loads the live records of a part again, with the path table of `tools`.
std::vector<Part> rewrite(const Part& part, LoadTools& tools);

}  // namespace syncdex::inline v0
