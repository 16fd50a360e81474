// What an Order is made of.
#pragma once

#include <string>
#include <vector>

#include "syncdex/order.h"
#include "terms/ordered_path.h"

namespace syncdex::inline v0 {

struct OrderKey {
  OrderedPath path;
  std::string path_text;  // canonical
  bool descending = false;
};

struct Order::Impl {
  std::string text;
  std::vector<OrderKey> keys;  // one at least
};

// A path that records can be ordered by, with times where the API has them. Errors: as of Order::parse()
Result<OrderedPath> parse_ordered_path(std::string_view text);

}  // namespace syncdex::inline v0
