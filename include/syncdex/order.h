// The order of an answer: by the values at some paths.
//
//   auto order = syncdex::Order::parse("-created_at,name");   newest first, then by name
//
//   order := one to four paths, separated by commas, 16 KiB at most; - before a path: descending
//   path  := plan.tier, "odd key".x: as in filters (filter.h), without []
//
//   values      false, true, numbers, strings by code point, arrays, objects. All arrays are equal, and so
//               are all objects. Of strings, the first 256 code points count; of numbers, the first 500
//               significant digits and the exponent
//   times       created_at, updated_at and initial_backfill_completed_at, also below credential, are ordered
//               as instants; what is not a time there counts as no value
//   null        and no value come last, in both directions
//   ties        are in load order, in both directions
//
// Of duplicate keys, the last value counts. Paths at and below credential.properties are refused, and so is
// `credential`, which may be a plain string.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "syncdex/config.h"
#include "syncdex/result.h"

namespace syncdex::inline v0 {

// An order of records. Immutable, cheap to copy, and safe to share between threads. A default-constructed
// Order, and a moved-from one, is load order.
class SYNCDEX_API Order {
 public:
  Order() noexcept = default;

  // Errors: invalid_value if the text is not an order; invalid_filter if a path is secret. Error::offset
  // counts bytes of the text. Cost: O(length).
  static Result<Order> parse(std::string_view text);

  // Returns the canonical text, which parse() reads as an equal order; empty if it is load order.
  std::string_view text() const& noexcept SYNCDEX_LIFETIME_BOUND;
  std::string text() && { return std::string(std::as_const(*this).text()); }
  bool is_load_order() const noexcept { return impl_ == nullptr; }
  // Returns the paths in canonical form, the most significant first. Cost: O(length).
  std::vector<std::string> paths() const;

  friend SYNCDEX_API bool operator==(const Order& a, const Order& b) noexcept;

  struct Impl;

 private:
  friend class Access;
  explicit Order(std::shared_ptr<const Impl> impl) noexcept : impl_(std::move(impl)) {}
  const Impl& impl() const noexcept { return *impl_; }  // REQUIRES: not load order

  std::shared_ptr<const Impl> impl_;  // null: load order
};

}  // namespace syncdex::inline v0
