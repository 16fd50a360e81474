// What records have along a path of keys that is not indexed: found by a walk over them, in load order until
// so many bytes have been read.
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
// O(bytes that are read), times the number of keys in the worst case.

// The records that were walked over.
struct Walked {
  std::size_t records = 0;
  bool all = true;
};

struct Reached {
  std::vector<std::size_t>
      counts;  // for each key, how many records have a value at the path that ends with it
  Walked walked;
};
Reached count_reached(const Snapshot& snapshot, std::span<const std::string_view> keys,
                      std::size_t most_bytes);

struct FoundAlong {
  Walked walked;
  bool all_values = true;          // if not, there are more, and counts of those that are there are right
  std::vector<ValueCount> values;  // scalars at the path, the most frequent first
  std::map<std::string, std::size_t> siblings;  // keys of the objects that hold the last key, with counts
};
// At most 1 000 distinct values and 1 000 distinct keys are counted, and none that is very long.
FoundAlong find_along(const Snapshot& snapshot, std::span<const std::string_view> keys,
                      std::size_t most_bytes);

}  // namespace syncdex::inline v0
