// A path that records are ordered by.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "terms/path_table.h"

namespace syncdex::inline v0 {

struct OrderedPath {
  std::vector<std::string> keys;  // from the record; at least one
  bool times = false;             // values are instants; what is not a time is no value
  // How many of the first keys are in objects of which segments know whether they have duplicate keys.
  std::size_t tracked = 0;
  std::uint64_t hash = 0;  // of keys and `times`

  OrderedPath() = default;
  OrderedPath(std::vector<std::string> path_keys, bool as_times);

  friend bool operator==(const OrderedPath& a, const OrderedPath& b) noexcept {
    return a.hash == b.hash && a.times == b.times && a.keys == b.keys;
  }
};

}  // namespace syncdex::inline v0
