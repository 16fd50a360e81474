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

#include "syncdex/config.h"
#include "syncdex/limits.h"
#include "syncdex/result.h"

namespace syncdex::inline v0 {

// A condition on records: independent of any catalog, immutable, cheap to copy (one reference
// count), safe to share between threads. Its members cost O(1) where nothing is said, and fail for memory
// alone. A default-constructed Query has no condition: every record matches it.
class SYNCDEX_API Query {
 public:
  Query();

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

  // Equality and hash are those of the canonical form; nothing more is promised. Cost of ==: O(its length).
  friend SYNCDEX_API bool operator==(const Query& a, const Query& b) noexcept;
  std::size_t hash() const noexcept;

  struct Impl;
  explicit Query(std::shared_ptr<const Impl> impl) noexcept : impl_(std::move(impl)) {}
  const Impl& impl() const noexcept { return *impl_; }

 private:
  std::shared_ptr<const Impl> impl_;
};

// The part of the answer that a request wants; without a limit, all of it.
struct Page {
  std::optional<std::uint32_t> limit;  // 1..1000 records
  std::string after;                   // the cursor that the page before gave as "next", or empty
};

struct Request {
  Query query;
  Page page;
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

// Builds a query from conditions joined by AND. The first error is kept and given by build(). For one thread
// at a time. Cost: a condition O(n log n) for its n bytes, build() for those of all.
//
//   auto query = QueryBuilder().provider("stripe").metadata("custom_property", 42).build();
class SYNCDEX_API QueryBuilder {
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
  // The record's metadata has this plain key with this value. A double is taken by its shortest
  // decimal text; one that is no number is invalid_value.
  QueryBuilder& metadata(std::string_view key, std::string_view value);
  QueryBuilder& metadata(std::string_view key, const char* value) {
    return metadata(key, std::string_view(value));
  }
  QueryBuilder& metadata(std::string_view key, std::nullptr_t);
  template <class T>
  requires std::is_arithmetic_v<T> QueryBuilder& metadata(std::string_view key, T value) {
    if constexpr (std::same_as<T, bool>) {
      return metadata_bool(key, value);
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
  QueryBuilder& metadata_double(std::string_view key, double value);

  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace syncdex::inline v0

template <>
struct std::hash<syncdex::Query> {
  std::size_t operator()(const syncdex::Query& query) const noexcept { return query.hash(); }
};
