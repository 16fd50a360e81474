// Filters: conditions joined by and, or and not, as JSON to store and send, or built in C++.
//
//   {"contains": pattern}               the record contains the pattern (query.h)
//   {"and": [filter, ...]}              all hold; [] holds for every record
//   {"or": [filter, ...]}               one holds; [] holds for none
//   {"not": filter}                     it does not hold
//   {"path": path, op: operand, ...}    ONE value at the path meets all that is asked
//   {"some": path, "is": filter}        ONE element of the array meets the filter, whose paths begin there
//
// A path is written a.b, tags[] for the elements of an array, and "a.b".c with JSON's quotes around a key
// that has a space, a control character, . [ ] " or a comma, is empty, or begins with -. The empty path is
// the record, or within "some" the element.
//
//   op                       operand            holds if the value
//   eq, in                   scalar, list       equals it, or one of them
//   ne, nin                  the same           the opposite: records without a value are included
//   gt gte lt lte            number or string   compares so: exact decimals, or by code point
//   prefix suffix substring  string             is a string with it
//   exists, set              true, false        is there; is there and not null
//   kind                     name, list         is null, boolean, number, string, array or object
//   size                     n, or bounds       is an array of so many elements: {"gte":1,"lt":5}
//   as                       "time", "text"     compares instants, or text
//   ignore_case              true               compares ASCII letters of either case as equal
//
// Two-valued: every condition is true or false for every record, and "not" is the complement. A comparison is
// false if nothing is at the path, or a value of another kind. So not (seats >= 10) includes records without
// seats; "below 10" is lt. A path with [] means some element; its opposite, no element. Arrays are never
// searched otherwise. Of duplicate keys, the last value counts.
//
// Times: YYYY-MM-DD, optionally T or a space and HH:MM[:SS[.fraction]], optionally Z or an offset. Without an
// offset they are UTC. created_at, updated_at and initial_backfill_completed_at, also below credential, are
// times by default.
//
// Cost, for each segment of up to 98 304 records: contains, eq, in, exists, set and kind on indexed paths are
// look-ups and operations on bitsets of its records, under a microsecond each; counts of them alone, of
// `not`, and of two joined by or, need no bitset. Ranges, prefixes and times on any path without [] are two
// binary searches in an ordered view, which the first question that needs many of its records makes
// (Catalog::prepare()), and an operation for each record found; counts of them alone need only the searches.
// Suffixes, substrings and ignore_case test each distinct value at an indexed path, or the records that the
// other conditions leave, whichever is less. On paths that are not indexed, and for size, records are read,
// but only those that the other conditions leave. See also Limits::work.
//
// At and below credential.properties only eq, in, ne, nin, exists, set, kind and contains are allowed,
// without ignore_case: anything else would reveal a secret bit by bit.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "syncdex/config.h"

namespace syncdex::inline v0 {

// A scalar to compare with. Converts from strings, bool, numbers and nullptr. A floating-point value means
// its shortest decimal text; infinity and NaN make Query::of() fail.
class SYNCDEX_API FilterValue {
  template <class T>
  static constexpr bool is_number =
      std::is_arithmetic_v<T> && !std::same_as<T, bool> && !std::same_as<T, char> &&
      !std::same_as<T, wchar_t> && !std::same_as<T, char8_t> && !std::same_as<T, char16_t> &&
      !std::same_as<T, char32_t> && sizeof(T) <= sizeof(double);

 public:
  FilterValue(std::string_view text);
  FilterValue(const char* text) : FilterValue(std::string_view(text)) {}
  FilterValue(const std::string& text) : FilterValue(std::string_view(text)) {}
  FilterValue(std::nullptr_t);
  FilterValue(std::same_as<bool> auto value) : FilterValue(of_bool(value)) {}
  template <class T>
  requires is_number<T> FilterValue(T value) : FilterValue(of_number(value)) {}

  const std::string& json() const& noexcept SYNCDEX_LIFETIME_BOUND { return json_; }
  std::string json() && noexcept { return std::move(json_); }

 private:
  struct Json {
    std::string text;
  };
  FilterValue(Json json) : json_(std::move(json.text)) {}
  static FilterValue of_bool(bool value);
  static FilterValue of_number(float value);
  static FilterValue of_number(double value);
  static FilterValue of_integer(std::int64_t value);
  static FilterValue of_integer(std::uint64_t value);
  template <std::integral T>
  static FilterValue of_number(T value) {
    if constexpr (std::is_signed_v<T>) {
      return of_integer(static_cast<std::int64_t>(value));
    } else {
      return of_integer(static_cast<std::uint64_t>(value));
    }
  }

  std::string json_;
};

// A filter while it is built. Query::of() checks it and makes a query of it. Each operation costs O(length of
// its JSON text).
//
//   const Filter stale = field("health.status").in({"error", "warning"}) &&
//                        field("created_at").before("2024-01-01") && !field("metadata.trial").set() &&
//                        some("metadata.contacts[]", contains(R"({"primary":true})"));
class SYNCDEX_API Filter {
 public:
  Filter() = default;  // holds for every record

  // The filter as JSON, which Query::from_filter() reads.
  std::string json() const;

  friend SYNCDEX_API Filter operator&&(const Filter& a, const Filter& b);
  friend SYNCDEX_API Filter operator||(const Filter& a, const Filter& b);
  friend SYNCDEX_API Filter operator!(const Filter& a);
  friend SYNCDEX_API Filter contains(std::string_view json_object);
  friend SYNCDEX_API Filter some(std::string_view array_path, const Filter& is);

 private:
  friend class Field;
  enum class Join : unsigned char { all, any, single };
  static Filter single(std::string json);
  static Filter joined(Join join, const Filter& a, const Filter& b);

  Join join_ = Join::all;
  std::string members_;  // JSON, separated by commas; of `single` one filter
};

SYNCDEX_API Filter operator&&(const Filter& a, const Filter& b);
SYNCDEX_API Filter operator||(const Filter& a, const Filter& b);
SYNCDEX_API Filter operator!(const Filter& a);
// The record, or the element, contains this JSON object. Query::of() fails if it is not one JSON object.
SYNCDEX_API Filter contains(std::string_view json_object);
// Some element of the array meets the filter. The path ends in [].
SYNCDEX_API Filter some(std::string_view array_path, const Filter& is);

// A condition on the value at a path: one value meets all that is asked. See the table above. A Field without
// an operator is not valid.
class SYNCDEX_API Field {
 public:
  explicit Field(std::string_view path);
  operator Filter() const;

  Field& eq(const FilterValue& value) { return add("eq", value.json()); }
  Field& ne(const FilterValue& value) { return add("ne", value.json()); }
  Field& in(std::initializer_list<FilterValue> values) {
    return add_list("in", {values.begin(), values.size()});
  }
  Field& in(std::span<const FilterValue> values) { return add_list("in", values); }
  Field& nin(std::initializer_list<FilterValue> values) {
    return add_list("nin", {values.begin(), values.size()});
  }
  Field& nin(std::span<const FilterValue> values) { return add_list("nin", values); }
  Field& gt(const FilterValue& value) { return add("gt", value.json()); }
  Field& gte(const FilterValue& value) { return add("gte", value.json()); }
  Field& lt(const FilterValue& value) { return add("lt", value.json()); }
  Field& lte(const FilterValue& value) { return add("lte", value.json()); }
  // At or after a time, and before one. The path is compared as a time.
  Field& since(std::string_view time);
  Field& before(std::string_view time);
  Field& prefix(std::string_view text) { return add("prefix", FilterValue(text).json()); }
  Field& suffix(std::string_view text) { return add("suffix", FilterValue(text).json()); }
  Field& substring(std::string_view text) { return add("substring", FilterValue(text).json()); }
  Field& exists(bool wanted = true) { return add("exists", wanted ? "true" : "false"); }
  Field& set(bool wanted = true) { return add("set", wanted ? "true" : "false"); }
  Field& kind(std::string_view name) { return add("kind", FilterValue(name).json()); }
  Field& kind(std::initializer_list<std::string_view> names);
  Field& size(std::uint64_t elements) { return add("size", FilterValue(elements).json()); }
  // At least and at most so many elements.
  Field& size(std::uint64_t least, std::uint64_t most);
  Field& as_time() { return as("time"); }
  Field& as_text() { return as("text"); }
  Field& ignore_case() { return add("ignore_case", "true"); }

 private:
  Field& add(std::string_view op, std::string_view json);
  Field& add_list(std::string_view op, std::span<const FilterValue> values);
  Field& as(std::string_view what);

  std::string json_;  // without the closing brace
  bool has_as_ = false;
};

inline Field field(std::string_view path) { return Field(path); }

}  // namespace syncdex::inline v0
