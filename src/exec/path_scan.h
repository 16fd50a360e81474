// What records have along a path of keys that is not indexed: found by a walk over all of them.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/snapshot.h"
#include "syncdex/survey.h"

namespace syncdex::inline v0 {

// Arrays on the way are entered. Of duplicate keys, the last value counts.
// O(bytes of all records), times the number of keys in the worst case.

// For each key, how many records have a value at the path that ends with it.
std::vector<std::size_t> count_reached(const Snapshot& snapshot, std::span<const std::string_view> keys);

struct FoundAlong {
  std::vector<ValueCount> values;               // scalars at the path, the most frequent first
  std::map<std::string, std::size_t> siblings;  // keys of the objects that hold the last key, with counts
};
// At most 1 000 distinct values and 1 000 distinct keys are counted, and none that is very long.
FoundAlong find_along(const Snapshot& snapshot, std::span<const std::string_view> keys);

}  // namespace syncdex::inline v0
