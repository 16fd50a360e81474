// What a host asks: a query is a JSON pattern, and a record matches when it contains it.
//
//   provider=stripe                    {"provider":"stripe"}
//   health.status=error                {"health":{"status":"error"}}
//   metadata={"custom_property":42}    {"metadata":{"custom_property":42}}
//
// Containment is that of PostgreSQL's jsonb @>:
//
//   object   every key of the pattern is there, and the value there contains the pattern's value
//   array    each pattern element is contained in SOME element; order and repeats do not count
//   number   equal as exact decimals: 42 = 42.0 = 4.2e1, and 9007199254740993 is not ...992
//   string   equal by code point, after escapes are decoded; null equals only null
//   empty    {} is contained in every object, [] in every array, and in nothing else
//
// A key that stands twice counts with its last value, in patterns as in records.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "syncdex/config.h"
#include "syncdex/limits.h"
#include "syncdex/result.h"

namespace syncdex::inline v0 {

// A condition on records: independent of any catalog, immutable, cheap to copy (one reference count), safe
// to share between threads. Members cost O(1) unless stated otherwise; the only failure is std::bad_alloc.
// A default-constructed Query has no condition: every record matches it. A moved-from Query equals it.
class SYNCDEX_API Query {
 public:
  Query() noexcept = default;

  // The query whose pattern is `json_object`, e.g. {"provider":"stripe","metadata":{"a":1}}.
  // Errors: invalid_pattern, invalid_utf8, limit_exceeded; offset counts bytes of the argument. Cost: O(n log
  // n) for n bytes.
  static Result<Query> from_pattern(std::string_view json_object, const Limits& limits = {});

  // The canonical form: keys sorted by their UTF-8 bytes, arrays sorted and without repeats, numbers
  // normalised. "false" for a query that nothing can match, such as two unequal values at one place.
  // A value at or below credential.properties is shown as it was asked: the text is the caller's own.
  std::string_view pattern() const noexcept SYNCDEX_LIFETIME_BOUND;

  // The query string that parse_request() reads as an equal query; where= for what has no parameter.
  // Cost: O(length of the pattern).
  std::string to_url() const;

  // Whether the query is a contradiction, so that no record can match.
  bool never() const noexcept;

  // Equality and hash are those of the canonical form. Cost of ==: O(its length).
  friend SYNCDEX_API bool operator==(const Query& a, const Query& b) noexcept;
  // For hash tables of this process: seeded, so the value differs from process to process.
  std::size_t hash() const noexcept;
  // Hash of the canonical form without a seed: the same in every process and release, for ETags and cache
  // keys. Not for hash tables: it offers no protection against crafted collisions. Cost: O(its length).
  std::uint64_t fingerprint() const noexcept;

  struct Impl;
  explicit Query(std::shared_ptr<const Impl> impl) noexcept : impl_(std::move(impl)) {}
  const Impl& impl() const { return impl_ != nullptr ? *impl_ : everything(); }

 private:
  static const Impl& everything();

  std::shared_ptr<const Impl> impl_;  // null: no condition
};

// The part of the answer that a request wants; without a limit, all of it.
struct Page {
  static constexpr std::uint32_t max_limit = 1000;

  std::optional<std::uint32_t> limit;  // 1..max_limit records
  std::string after;                   // the "next" cursor of the previous page, or empty
};

// A moved-from Request equals a default-constructed one.
struct Request {
  Query query;
  Page page;

  Request() = default;
  Request(Query q, Page p = {}) : query(std::move(q)), page(std::move(p)) {}
  Request(const Request&) = default;
  Request& operator=(const Request&) = default;
  Request(Request&& other) noexcept
      : query(std::move(other.query)), page(std::exchange(other.page, Page())) {}
  Request& operator=(Request&& other) noexcept {
    query = std::move(other.query);
    page = std::exchange(other.page, Page());
    return *this;
  }
};

struct RequestOptions {
  bool ignore_unknown = false;  // an unknown parameter is an error unless this is set
  Limits limits;
};

// Reads the raw query string of GET /v1/syncs (the part after '?'), decoded once, as
// application/x-www-form-urlencoded by the WHATWG rules, except that malformed percent-encoding and
// invalid UTF-8 are errors. Parameters: see README, "Filters".
// Errors: malformed_encoding, invalid_utf8, unknown_parameter, repeated_parameter, invalid_value,
// invalid_pattern, limit_exceeded; Error::parameter names it, offset counts bytes of
// the argument as given. Cost: O(n log n) for n bytes.
SYNCDEX_API Result<Request> parse_request(std::string_view url_query, const RequestOptions& options = {});

// Builds a query from conditions joined by AND; build() reports the first error. Not thread-safe. A
// moved-from builder equals a default-constructed one. Cost: a condition O(its bytes), build() O(n log n) for
// the n bytes of all conditions. Conditions beyond Limits::request_bytes or Limits::pattern_leaves in total
// are not stored: build() then returns limit_exceeded.
//
//   auto query = QueryBuilder().provider("stripe").metadata("custom_property", 42).build();
class SYNCDEX_API QueryBuilder {
  template <class T>
  static constexpr bool is_character =
      std::same_as<T, char> || std::same_as<T, wchar_t> || std::same_as<T, char8_t> ||
      std::same_as<T, char16_t> || std::same_as<T, char32_t>;

 public:
  explicit QueryBuilder(const Limits& limits = {});
  QueryBuilder(const QueryBuilder&);
  QueryBuilder(QueryBuilder&&) noexcept;
  QueryBuilder& operator=(const QueryBuilder&);
  QueryBuilder& operator=(QueryBuilder&&) noexcept;
  ~QueryBuilder();

  QueryBuilder& id(std::string_view value) { return equal("id", value); }
  QueryBuilder& provider(std::string_view value) { return equal("provider", value); }
  QueryBuilder& name(std::string_view value) { return equal("name", value); }
  QueryBuilder& status(std::string_view value) { return equal("status", value); }
  QueryBuilder& org_id(std::string_view value) { return equal("org_id", value); }
  QueryBuilder& stream_id(std::string_view value) { return equal("stream_id", value); }
  QueryBuilder& external_id(std::string_view value) { return equal("external_id", value); }
  QueryBuilder& credential_id(std::string_view value) { return equal("credential_id", value); }
  QueryBuilder& sync_frequency(std::string_view value) { return equal("sync_frequency", value); }
  QueryBuilder& health_status(std::string_view value);
  QueryBuilder& collection_id(std::string_view value);  // the array holds this id

  // The record's metadata contains this JSON object.
  QueryBuilder& metadata(std::string_view json_object);
  // The record's metadata has this plain key with this value. A floating-point value stands for its shortest
  // decimal text, so 0.1f and 0.1 both match 0.1; infinity and NaN are invalid_value. Character types do not
  // compile: pass a string or an integer.
  QueryBuilder& metadata(std::string_view key, std::string_view value);
  QueryBuilder& metadata(std::string_view key, const char* value) {
    return metadata(key, std::string_view(value));
  }
  QueryBuilder& metadata(std::string_view key, std::nullptr_t);
  template <class T>
  requires std::is_arithmetic_v<T> &&
      (!is_character<T> && sizeof(T) <= sizeof(double)) QueryBuilder& metadata(std::string_view key,
                                                                               T value) {
    if constexpr (std::same_as<T, bool>) {
      return metadata_bool(key, value);
    } else if constexpr (std::same_as<T, float>) {
      return metadata_float(key, value);
    } else if constexpr (std::is_floating_point_v<T>) {
      return metadata_double(key, static_cast<double>(value));
    } else if constexpr (std::is_signed_v<T>) {
      return metadata_int(key, static_cast<std::int64_t>(value));
    } else {
      return metadata_uint(key, static_cast<std::uint64_t>(value));
    }
  }

  // The whole record contains this JSON object.
  QueryBuilder& where(std::string_view json_object);

  // Errors: the first of those that the conditions above met, as for Query::from_pattern.
  Result<Query> build() const;

 private:
  QueryBuilder& equal(std::string_view field, std::string_view value);
  QueryBuilder& metadata_bool(std::string_view key, bool value);
  QueryBuilder& metadata_int(std::string_view key, std::int64_t value);
  QueryBuilder& metadata_uint(std::string_view key, std::uint64_t value);
  QueryBuilder& metadata_float(std::string_view key, float value);
  QueryBuilder& metadata_double(std::string_view key, double value);
  QueryBuilder& metadata_scalar(std::string_view key, std::string_view json);

  struct Impl;
  Impl& impl();

  std::unique_ptr<Impl> impl_;  // null: no conditions, default limits
};

}  // namespace syncdex::inline v0

template <>
struct std::hash<syncdex::Query> {
  std::size_t operator()(const syncdex::Query& query) const noexcept { return query.hash(); }
};
