// How syncdex reports errors.
//
// A call that can fail because of its INPUT returns a Result<T>: a T or an Error. Nothing throws because of
// bad bytes or a bad query. Running out of memory throws std::bad_alloc. A violated precondition (a REQUIRES
// line) is a bug in the caller; it is asserted, not reported.
#pragma once

#include <cassert>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>
#include <variant>

#include "syncdex/config.h"

namespace syncdex::inline v0 {

// What went wrong, for programs to branch on. Each code has a stable name; see to_string(). No code is 0,
// because std::error_code takes 0 for success.
enum class ErrorCode : std::uint8_t {
  malformed_json = 1,  // invalid JSON, or JSON that ends too early
  invalid_utf8,        // invalid UTF-8, or an unpaired surrogate in a \u escape
  wrong_type,          // a field of a record has a type that the API does not allow there
  missing_id,          // the id of a record is absent, null or empty
  duplicate_id,        // two records have the same id
  ambiguous_framing,   // an envelope that could also be a record, or that has two "data" members
  limit_exceeded,      // larger, longer or deeper than Limits allows; Error::limit names the limit
  cancelled,           // LoadOptions::progress returned false
  io_error,            // a file could not be read or written
  malformed_encoding,  // percent-encoding that is cut off or not hexadecimal
  unknown_parameter,   // a request parameter that does not exist
  repeated_parameter,  // one parameter with two different values
  invalid_value,       // a parameter value that is never valid: limit=0, a malformed cursor
  invalid_pattern,     // metadata, where or a pattern that is not a valid JSON object
  invalid_filter,      // a filter that is not valid: its JSON, shape, path, operand or pattern
  stale_cursor,        // the list has been replaced since the cursor was returned
  incomplete_list,  // a list, for replace_all() or reconcile(), whose envelope says that more records follow
  budget_exceeded,  // the query needs more work than Limits::work allows
};

// Returns the stable name of a code, such as "malformed_json". Never fails.
SYNCDEX_API std::string_view to_string(ErrorCode code) noexcept;

// What went wrong, and where.
struct Error {
  ErrorCode code{};
  std::string message;  // one line for a person; never contains bytes of a record
  // 0-based byte offset in the input as given: a file with its BOM, a request before decoding, or the
  // argument of the call.
  std::uint64_t offset = 0;
  std::uint64_t line = 1;               // 1-based: one more than the number of line feeds before `offset`
  std::optional<std::uint64_t> record;  // 0-based position of the record in the input, if known
  std::string parameter;                // the request parameter, if any: "metadata", "limit", ...
  std::string limit;                    // the exceeded member of Limits, if any: "depth", "work", ...
};

// Returns one line with the code, the parameter if any, the message and the place. Never contains bytes of a
// record. Example:
//
//   wrong_type: record 3: provider must be a string, found a number (line 4, byte 120)
SYNCDEX_API std::string to_string(const Error& error);

// Returns the error category "syncdex", whose values are those of ErrorCode. Its default conditions are the
// std::errc values io_error, operation_canceled and invalid_argument where one of them fits. Never fails.
SYNCDEX_API const std::error_category& error_category() noexcept;
inline std::error_code make_error_code(ErrorCode code) noexcept {
  return {static_cast<int>(code), error_category()};
}

// Returns the status code for an HTTP response. Never fails.
//
//   400  malformed encoding, invalid UTF-8, an unknown or repeated parameter, a request that is too long or
//        has too many parameters
//   410  a stale cursor
//   422  an invalid value, pattern or filter, and one of these or a query that exceeds a limit or the budget
//   500  everything that is not the client's fault
SYNCDEX_API int http_status(const Error& error) noexcept;

// Returns the body of the API's response to a refused request, with the code for programs to branch on.
//
//   {"summary":"...","validation_errors":{"metadata":["..."]},"code":"invalid_pattern"}
SYNCDEX_API std::string to_api_json(const Error& error);

// A value or an Error. The members are named as in std::expected, with one difference: a temporary Result
// returns its value by value, so that `for (auto& v : *catalog.values("provider"))` does not dangle, and has
// no operator->, because `for (auto s : catalog.list(request)->matches())` would.
//
//   catalog.find_within(query).transform(&Matches::size).value_or(0)
//   parse_request(text).and_then([&](const Request& request) { return catalog.list(request); })
template <class T>
class [[nodiscard]] Result {
 public:
  using value_type = T;
  using error_type = Error;

  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  [[nodiscard]] bool has_value() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }

  // REQUIRES: has_value()
  T& value() & SYNCDEX_LIFETIME_BOUND { return get(); }
  const T& value() const& SYNCDEX_LIFETIME_BOUND { return get(); }
  T value() && { return std::move(get()); }
  T& operator*() & SYNCDEX_LIFETIME_BOUND { return get(); }
  const T& operator*() const& SYNCDEX_LIFETIME_BOUND { return get(); }
  T operator*() && { return std::move(get()); }
  T* operator->() & SYNCDEX_LIFETIME_BOUND { return &get(); }
  const T* operator->() const& SYNCDEX_LIFETIME_BOUND { return &get(); }
  const T* operator->() const&& = delete;

  // REQUIRES: !has_value()
  const Error& error() const& SYNCDEX_LIFETIME_BOUND {
    assert(!has_value());
    return *std::get_if<1>(&state_);
  }
  Error error() && {
    assert(!has_value());
    return std::move(*std::get_if<1>(&state_));
  }

  // The value, or this one if there is an error.
  template <class U>
  T value_or(U&& instead) const& {
    return has_value() ? get() : static_cast<T>(std::forward<U>(instead));
  }
  template <class U>
  T value_or(U&& instead) && {
    return has_value() ? std::move(get()) : static_cast<T>(std::forward<U>(instead));
  }

  // A Result of f(value), or the error.
  template <class F>
  auto transform(F&& f) const& {
    return passed_on<Result<std::remove_cvref_t<std::invoke_result_t<F, const T&>>>>(*this,
                                                                                     std::forward<F>(f));
  }
  template <class F>
  auto transform(F&& f) && {
    return passed_on<Result<std::remove_cvref_t<std::invoke_result_t<F, T>>>>(std::move(*this),
                                                                              std::forward<F>(f));
  }
  // f(value), which is a Result, or the error.
  template <class F>
  auto and_then(F&& f) const& {
    return passed_on<std::remove_cvref_t<std::invoke_result_t<F, const T&>>>(*this, std::forward<F>(f));
  }
  template <class F>
  auto and_then(F&& f) && {
    return passed_on<std::remove_cvref_t<std::invoke_result_t<F, T>>>(std::move(*this), std::forward<F>(f));
  }

 private:
  T& get() {
    assert(has_value());
    return *std::get_if<0>(&state_);
  }
  const T& get() const {
    assert(has_value());
    return *std::get_if<0>(&state_);
  }

  template <class Other, class Self, class F>
  static Other passed_on(Self&& self, F&& f) {
    if (!self.has_value()) return std::forward<Self>(self).error();
    return std::invoke(std::forward<F>(f), *std::forward<Self>(self));
  }

  std::variant<T, Error> state_;
};

}  // namespace syncdex::inline v0

// Allows std::error_code(syncdex::ErrorCode::wrong_type), and comparing an ErrorCode with a std::error_code.
template <>
struct std::is_error_code_enum<syncdex::ErrorCode> : std::true_type {};
