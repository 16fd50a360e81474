// Reads the JSON form of a filter. For the form see include/syncdex/filter.h.
#pragma once

#include <string_view>

#include "query/filter.h"
#include "syncdex/limits.h"
#include "syncdex/result.h"

namespace syncdex::inline v0 {

// How much filters have used of what the limits allow for one query.
struct FilterUse {
  std::uint64_t nodes = 0;
  std::uint64_t values = 0;
};

// Errors: invalid_filter, invalid_utf8, limit_exceeded; offset counts bytes of `json`. The text is parsed
// without recursion; nodes are made of it by functions that recurse, no deeper than Limits::filter_depth.
// O(n log n) for n bytes, times the depth.
Result<FilterNode> read_filter(std::string_view json, const Limits& limits, FilterUse& use);

}  // namespace syncdex::inline v0
