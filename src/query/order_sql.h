// Orders and cursors in PostgreSQL.
//
//   times     created_time DESC NULLS LAST, or syncdex_time(V) of another path than created_at and updated_at
//   values    syncdex_rank(V) NULLS LAST, then the number, then the first 256 characters of the string
//
// NULL is no value, and null. A cursor becomes a condition that compares the same expressions one after the
// other; row comparisons would be NULL where a value is.
#pragma once

#include <string>
#include <vector>

#include "query/cursor.h"
#include "query/order_impl.h"

namespace syncdex::inline v0 {

// Appends its parameters: the keys that are not fields of the API.
class OrderSql {
 public:
  OrderSql(const Order::Impl& order, std::vector<std::string>& parameters);

  // The list after ORDER BY, without the position.
  const std::string& list() const noexcept { return list_; }
  // The condition that a row comes behind the cursor. Appends the cursor's values to `parameters`.
  std::string is_behind(const Cursor& cursor) const;

 private:
  const Order::Impl& order_;
  std::vector<std::string>& parameters_;
  std::vector<std::string> values_;  // the expression of each path's instant or value
  std::string list_;
};

}  // namespace syncdex::inline v0
