// How syncdex reports failure.
//
// A call that can fail because of its INPUT returns Result<T>: a T, or the Error that stands in its
// place. Nothing throws for bad bytes or a bad query; running out of memory still throws
// std::bad_alloc. A broken precondition (a REQUIRES line) is a bug in the caller: it is asserted.
#pragma once

#include <cassert>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>

#include "syncdex/config.h"

namespace syncdex::inline v0 {

// What went wrong, to branch on. Each has a stable name, see to_string(); none is 0, which is success to
// std::error_code.
enum class ErrorCode : std::uint8_t {
  malformed_json = 1,  // the bytes are not JSON, or end too early
  invalid_utf8,        // the bytes, or a \u escape, are not well-formed Unicode
  wrong_type,          // JSON, but a field has a type that a sync record cannot have
  missing_id,          // a record whose id is absent, null or empty
  duplicate_id,        // two records bear one id
  ambiguous_framing,   // an envelope that is also a record, or that has two "data"
  limit_exceeded,      // larger, longer or deeper than Limits allows; Error::limit names the limit
  cancelled,           // LoadOptions::progress said stop
  io_error,            // the file could not be read
  malformed_encoding,  // percent-encoding that is cut off or not hexadecimal
  unknown_parameter,   // a request parameter that is no filter
  repeated_parameter,  // one parameter with two different values
  invalid_value,       // a parameter whose value cannot be meant: limit=0, a broken cursor
  invalid_pattern,     // metadata, where or a pattern that is not a JSON object
  stale_cursor,        // a cursor of a text that has been replaced
  incomplete_list,     // a list that is to replace another says that more follows
  budget_exceeded,     // the query needs more work than its caller allows
};

// The name that programs and the tool print, e.g. "malformed_json". Never fails.
SYNCDEX_API std::string_view to_string(ErrorCode code) noexcept;

struct Error {
  ErrorCode code{};
  std::string message;                  // one line for a person; never holds bytes of a record
  std::uint64_t offset = 0;             // 0-based, in the bytes as given: the file with its BOM, the request
                                        // before decoding, the argument of the call
  std::uint64_t line = 1;               // 1 + the line feeds before offset
  std::optional<std::uint64_t> record;  // 0-based position of the record in the input
  std::string parameter;                // of a request: "metadata", "limit", ...
  std::string limit;                    // of limit_exceeded: "depth", "record_bytes", ...
};

// One line: code, parameter if any, message and place, e.g.
//   wrong_type: record 3: provider must be a string, found a number (line 4, byte 120)
// Never contains bytes of a record.
SYNCDEX_API std::string to_string(const Error& error);

// The category "syncdex", whose values are those of ErrorCode; its conditions are std::errc's where one fits
// (io_error, operation_canceled, invalid_argument). Never fails.
SYNCDEX_API const std::error_category& error_category() noexcept;
inline std::error_code make_error_code(ErrorCode code) noexcept {
  return {static_cast<int>(code), error_category()};
}

// The status that an HTTP host answers with: 400 for encoding, UTF-8, unknown and repeated parameters and a
// request that is too long; 410 for stale_cursor; 422 for invalid values, patterns and filters, and for
// limits and budgets that they exceed; 500 for what is not the client's fault. Never fails.
SYNCDEX_API int http_status(const Error& error) noexcept;

// {"summary":"...","validation_errors":{"metadata":["..."]},"code":"invalid_pattern"}: the API's shape for a
// refused request, and the code to branch on.
SYNCDEX_API std::string to_api_json(const Error& error);

// A T or an Error, with the member names of std::expected.
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
  T&& value() && SYNCDEX_LIFETIME_BOUND { return std::move(get()); }
  T& operator*() & SYNCDEX_LIFETIME_BOUND { return get(); }
  const T& operator*() const& SYNCDEX_LIFETIME_BOUND { return get(); }
  T&& operator*() && SYNCDEX_LIFETIME_BOUND { return std::move(get()); }
  T* operator->() SYNCDEX_LIFETIME_BOUND { return &get(); }
  const T* operator->() const SYNCDEX_LIFETIME_BOUND { return &get(); }

  // REQUIRES: !has_value()
  const Error& error() const& SYNCDEX_LIFETIME_BOUND {
    assert(!has_value());
    return *std::get_if<1>(&state_);
  }
  Error&& error() && SYNCDEX_LIFETIME_BOUND {
    assert(!has_value());
    return std::move(*std::get_if<1>(&state_));
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

  std::variant<T, Error> state_;
};

}  // namespace syncdex::inline v0

// std::error_code(syncdex::ErrorCode::wrong_type), and comparison with one.
template <>
struct std::is_error_code_enum<syncdex::ErrorCode> : std::true_type {};
