// The order of values, in eight bytes: equal values have equal keys, and of two values with different keys
// the one with the smaller key comes first.
//
//   false, true, numbers, strings by code point, arrays, objects; then null, then no value
//
//   bits 63-61   the kind
//   bits 60-0    of a number, the upper bits of the nearest double
//                of a string, seven bytes, and in five bits its length or what the eighth byte begins with
//
// All arrays are equal, and so are all objects. Strings count with their first 256 code points, numbers with
// their first 500 significant digits and their exponent, so that cursors are bounded. Where values are times,
// the key is that of the instant: seconds and nanoseconds / 32, in all 64 bits.
//
// A key is exact if it holds the whole value. Equal keys of two values decide only if both are exact;
// otherwise the values themselves are compared.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "json/instant.h"
#include "json/scalar.h"

namespace syncdex::inline v0 {

using SortKey = std::uint64_t;
constexpr SortKey kNoValue = UINT64_MAX;
constexpr SortKey kNullValue = kNoValue - 1;
constexpr bool is_value(SortKey key) noexcept { return key < kNullValue; }

struct ExactKey {
  SortKey key = kNoValue;
  bool exact = true;
  bool cut = false;  // a number with more digits than count
};

// `text` is a decoded string or the text of a number.
ExactKey sort_key(Kind kind, std::string_view text);
ExactKey sort_key(const Instant& instant) noexcept;

// The first key that a value of the kind can have. Those of the next kind follow.
SortKey first_key(Kind kind) noexcept;
inline Kind kind_of_key(SortKey key) noexcept {
  constexpr Kind kKinds[] = {Kind::boolean_false, Kind::boolean_true, Kind::number, Kind::string,
                             Kind::array,         Kind::object,       Kind::null,   Kind::null};
  return kKinds[key >> 61];
}
// The last key of strings with this prefix.
SortKey last_key_with_prefix(std::string_view prefix) noexcept;
// Whether that key and the prefix's own are the bounds of exactly the strings with this prefix.
constexpr bool keys_decide_prefix(std::string_view prefix) noexcept { return prefix.size() <= 7; }

// The part of a string that counts.
constexpr std::size_t kOrderedCodePoints = 256;
std::string_view ordered_part(std::string_view text) noexcept;
// The part of a number that counts.
constexpr std::uint32_t kOrderedDigits = 500;
Decimal ordered_number(std::string_view text) noexcept;

// A value that is compared with those of records.
struct SortValue {
  Kind kind = Kind::null;  // null: no value
  std::string text;        // a decoded string, cut to what counts, or the text of a number, whole
  bool is_time = false;    // where values are times: it is this one
  Instant instant;
  ExactKey key;

  static SortValue of(Kind kind, std::string_view text);
  static SortValue of(const Instant& instant);
};

// Compares numbers by all their digits. REQUIRES: both are values, and both are times or neither is
std::strong_ordering compare_values(const SortValue& a, const SortValue& b) noexcept;
// Compares values as orders do. REQUIRES: equal kinds; strings decoded and cut
std::strong_ordering compare_texts(Kind kind, std::string_view a, std::string_view b) noexcept;
// As JSON: an array as [], an object as {}, an instant as a string, a number in canonical form and cut.
std::string to_json(const SortValue& value);

}  // namespace syncdex::inline v0
