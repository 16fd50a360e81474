// Steps of a change that need no state.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "live/edit.h"
#include "store/snapshot.h"

namespace syncdex::inline v0 {

// Whether every record within `limits` is also within `wider`.
bool is_within(const Limits& limits, const Limits& wider);

// Whether no record differs.
bool has_no_effect(const Edit& edit);
// Whether the edit leads to an identical version: no record differs, and the order is the same.
bool is_same(const Edit& edit);

// Adds the erased records to the edit. Those that the batch upserts count as changed, even if their bytes are
// equal. Returns the unknown ids.
std::vector<std::string> erase(std::vector<std::string> ids, const Snapshot& before, const Snapshot& batch,
                               Edit& edit);

// Marks the rows on one side of the pairs as dead. REQUIRES: the pairs are sorted by that side.
void mask(std::vector<Part>& parts, std::span<const Edit::Pair> pairs, Row Edit::Pair::*row);

// Raises each limit on a record to at least that of `by`.
void raise_limits(Limits& limits, const Limits& by);

// Whether loading the text is known to give this version's records again.
bool is_loaded(const Snapshot& version, std::string_view text, const LoadOptions& options);

}  // namespace syncdex::inline v0
