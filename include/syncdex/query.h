// Queries: a query is a JSON pattern, and a record matches if it contains the pattern; or a filter of
// patterns and conditions (filter.h).
//
//   provider=stripe                    {"provider":"stripe"}
//   health.status=error                {"health":{"status":"error"}}
//   metadata={"custom_property":42}    {"metadata":{"custom_property":42}}
//
// Containment is that of PostgreSQL's jsonb @>:
//
//   object   the record has every key of the pattern, with a value that contains the pattern's value
//   array    each pattern element is contained in SOME element; order and repetition do not matter
//   number   equal as exact decimals: 42 = 42.0 = 4.2e1, and 9007199254740993 is not ...992
//   string   equal by code point, after escapes are decoded; null equals only null
//   empty    {} is contained in every object, [] in every array, and in nothing else
//
// Duplicate keys: the last value wins, in patterns and in records.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "syncdex/config.h"
#include "syncdex/filter.h"
#include "syncdex/limits.h"
#include "syncdex/order.h"
#include "syncdex/result.h"

namespace syncdex::inline v0 {

// A condition on records, independent of any catalog. Immutable, cheap to copy (one reference count), and
// safe to share between threads. Members cost O(1) unless stated otherwise; the only failure is
// std::bad_alloc. A default-constructed Query has no condition, so every record matches it. A moved-from
// Query equals it.
class SYNCDEX_API Query {
 public:
  Query() noexcept = default;

  // Parses a pattern, for example {"provider":"stripe","metadata":{"a":1}}.
  // Errors: invalid_pattern, invalid_utf8, limit_exceeded; Error::offset counts bytes of the argument. Cost:
  // O(n log n) for n bytes.
  static Result<Query> from_pattern(std::string_view json_object, const Limits& limits = {});

  // Parses a filter: patterns and conditions, joined by and, or and not. For the form see
  // include/syncdex/filter.h. A filter that a pattern expresses equals that pattern.
  // Errors: invalid_filter, invalid_utf8, limit_exceeded; Error::offset counts bytes of the argument. Cost:
  // O(n log n) for n bytes, times the nesting.
  static Result<Query> from_filter(std::string_view json, const Limits& limits = {});

  // The same of a filter built in C++. Error::offset counts bytes of Filter::json().
  static Result<Query> of(const Filter& filter, const Limits& limits = {});

  // Returns the canonical filter: equal queries have equal texts, and from_filter() reads the text as an
  // equal query. Of a query without conditions it is {"and":[]}, of one that no record can match {"or":[]}.
  // Cost: O(length).
  std::string text() const;

  // Returns the canonical form of the pattern that every match contains; of a query that is a pattern, all of
  // it. Keys are sorted by their UTF-8 bytes, arrays sorted and without repetition,
  // numbers normalized. It is "false" for a query that no record can match, such as one with two unequal
  // values at one path. Values at or below credential.properties are not hidden, because the caller supplied
  // them.
  std::string_view pattern() const& noexcept SYNCDEX_LIFETIME_BOUND;
  std::string pattern() && { return std::string(std::as_const(*this).pattern()); }

  // Returns a query string that parse_request() reads as an equal query. Conditions without a parameter of
  // their own are written as where= and filter=. Cost: O(length of the text).
  std::string to_url() const;

  // Returns whether the query is a contradiction, so that no record can match.
  bool never() const noexcept;

  // Compares the canonical forms. Cost: O(their length).
  friend SYNCDEX_API bool operator==(const Query& a, const Query& b) noexcept;
  // Returns a seeded hash of the canonical form, for hash tables of this process. The value differs between
  // processes.
  std::size_t hash() const noexcept;
  // Returns an unseeded hash of the canonical form, for cache keys; for ETags see Catalog::etag(). It is the
  // same in every process of releases with the same minor version. Do not use it for hash tables: it does not
  // protect against crafted collisions. Cost: O(length of the canonical form).
  std::uint64_t fingerprint() const noexcept;

  struct Impl;

 private:
  friend class Access;
  explicit Query(std::shared_ptr<const Impl> impl) noexcept : impl_(std::move(impl)) {}
  const Impl& impl() const { return impl_ != nullptr ? *impl_ : everything(); }
  static const Impl& everything();

  std::shared_ptr<const Impl> impl_;  // null: no condition
};

// The query whose matches are those of both: of `policy` and, among them, of `query`. So whatever a caller's
// query says, the answer is a part of the policy's. No limit applies: the text may be longer than
// Limits::filter_bytes, which then has to be raised to read it again. Cost: O(length of both texts).
SYNCDEX_API Query all_of(const Query& query, const Query& policy);

// The part of the answer that a request asks for: `limit` records after the cursor `after`. Without a limit,
// all of them.
struct Page {
  static constexpr std::uint32_t max_limit = 1000;

  std::optional<std::uint32_t> limit;  // 1..max_limit records
  std::string after;                   // the "next" cursor of the previous page, or empty
};

// A query, an order and a page. A moved-from Request equals a default-constructed one.
struct Request {
  Query query;
  Page page;
  Order order;

  Request() = default;
  Request(Query q, Page p = {}, Order o = {})
      : query(std::move(q)), page(std::move(p)), order(std::move(o)) {}
  Request(const Request&) = default;
  Request& operator=(const Request&) = default;
  Request(Request&& other) noexcept
      : query(std::move(other.query)),
        page(std::exchange(other.page, Page())),
        order(std::move(other.order)) {}
  Request& operator=(Request&& other) noexcept {
    query = std::move(other.query);
    page = std::exchange(other.page, Page());
    order = std::move(other.order);
    return *this;
  }

  // Returns an unseeded hash of query, order and page, for cache keys; for ETags see Catalog::etag(). The
  // same in every process of releases with the same minor version. Cost: O(length of their texts).
  SYNCDEX_API std::uint64_t fingerprint() const noexcept;
};

// What parse_request() accepts.
struct RequestOptions {
  bool ignore_unknown = false;  // ignore unknown parameters; otherwise they are errors
  // The parameters that a host offers, as requests name them: "provider", "created_at[gte]", "limit".
  // "name[*]" offers all operators of a path. All others are unknown. Without it, all parameters are offered.
  std::optional<std::vector<std::string>> parameters;
  // The limit of a request that has none; without it, such a request asks for the whole answer.
  std::optional<std::uint32_t> default_limit;
  // The highest limit that a request may ask for, from 1 to Page::max_limit.
  std::uint32_t max_limit = Page::max_limit;
  Limits limits;
};

// Parses the raw query string of GET /v1/syncs (the part after '?'). It is decoded once, as
// application/x-www-form-urlencoded by the rules of the WHATWG URL Standard, except that malformed
// percent-encoding and invalid UTF-8 are errors. For the parameters see README, "Filters".
// Errors: malformed_encoding, invalid_utf8, unknown_parameter, repeated_parameter, invalid_value,
// invalid_pattern, invalid_filter, limit_exceeded. Error::parameter names the parameter, if any;
// Error::offset counts bytes of the argument as given. Cost: O(n log n) for n bytes.
SYNCDEX_API Result<Request> parse_request(std::string_view url_query, const RequestOptions& options = {});

// A parameter of a request, decoded.
struct Parameter {
  std::string_view name;
  std::string_view value;
};

// The same for a host whose framework has split and decoded the query string. Limits::request_bytes counts
// the parameters as they would be encoded. Errors: as above; Error::offset counts bytes of the value of
// Error::parameter, and is 0 if the error is about the parameter's name.
SYNCDEX_API Result<Request> parse_request(std::span<const Parameter> parameters,
                                          const RequestOptions& options = {});

// Builds a query from conditions joined by AND. build() reports the first error. Not thread-safe. A
// moved-from builder equals a default-constructed one. Conditions that exceed Limits::request_bytes or
// Limits::pattern_leaves in total are not stored; build() then returns limit_exceeded. Cost: O(bytes) for
// each condition, and O(n log n) in build() for the n bytes of all conditions.
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
  QueryBuilder& collection_id(std::string_view value);  // collection_ids contains this id

  // Requires that the record's metadata contains this JSON object.
  QueryBuilder& metadata(std::string_view json_object);
  // Requires that the record's metadata has this value at this top-level key. The key is taken literally, not
  // as a path. A floating-point value means its shortest decimal text, so 0.1f and 0.1 both match 0.1;
  // infinity and NaN are invalid_value. Character types do not compile: pass a string or an integer.
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

  // Requires that the whole record contains this JSON object.
  QueryBuilder& where(std::string_view json_object);

  // Returns the query. Errors: the first error of the conditions above: invalid_value, or those of
  // Query::from_pattern().
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
