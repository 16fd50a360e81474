// Queries as statements of PostgreSQL. filter_sql.h has the conditions.
#include "syncdex/postgres.h"

#include <fmt/format.h>

#include <cassert>

#include "base/access.h"
#include "base/errors.h"
#include "query/cursor.h"
#include "query/filter_sql.h"
#include "query/jsonb.h"
#include "query/order_sql.h"
#include "query/query_impl.h"

namespace syncdex::inline v0 {
namespace {

// A message of the protocol counts parameters in 16 bits.
constexpr std::size_t kMostParameters = 65'535;

// The statements that create syncdex_time(jsonb) and syncdex_rank(jsonb).
// No backslash in it: how PostgreSQL reads those depends on a setting. No capturing groups: with them, the
// match takes 15 times as long. A year begins in March, so that the leap day is its last one, and is counted
// from 400 BC, so that it is not negative.
constexpr std::string_view kFunctions =
    R"(CREATE OR REPLACE FUNCTION syncdex_time(stamp jsonb) RETURNS numeric
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $syncdex$
DECLARE
  t text := CASE jsonb_typeof(stamp) WHEN 'string' THEN stamp #>> '{}' END;
  y int;
  m int;
  d int;
  zone text;
BEGIN
  IF (t ~ ('^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])'
           '(?:[Tt ](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:[.][0-9]{1,9})?)?'
           '(?:[Zz]|[+-](?:[01][0-9]|2[0-3])(?::?[0-5][0-9])?)?)?$')) IS NOT TRUE THEN RETURN NULL; END IF;
  y := left(t, 4);
  m := substr(t, 6, 2);
  d := substr(t, 9, 2);
  IF d > 28 AND (m IN (4, 6, 9, 11) AND d > 30 OR
                 m = 2 AND d > 28 + (y % 4 = 0 AND (y % 100 <> 0 OR y % 400 = 0))::int) THEN RETURN NULL; END IF;
  y := y + 400 - (m < 3)::int;
  d := 365 * y + y / 4 - y / 100 + y / 400 + (153 * ((m + 9) % 12) + 2) / 5 + d - 865566;
  IF length(t) = 10 THEN RETURN d * 86400::numeric; END IF;
  zone := ltrim(substr(t, 17), ':.0123456789');
  RETURN d * 86400::numeric + substr(t, 12, 2)::int * 3600 + substr(t, 15, 2)::int * 60
    + ('0' || substr(t, 18, greatest(length(t) - length(zone) - 17, 0)))::numeric
    - CASE WHEN zone IN ('', 'Z', 'z') THEN 0 ELSE (left(zone, 1) || '1')::int *
        (substr(zone, 2, 2)::int * 3600 + ('0' || ltrim(substr(zone, 4), ':'))::int * 60) END;
END
$syncdex$;
CREATE OR REPLACE FUNCTION syncdex_rank(value jsonb) RETURNS integer
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $syncdex$
  SELECT CASE jsonb_typeof(value) WHEN 'boolean' THEN (value = 'true')::integer WHEN 'number' THEN 2
    WHEN 'string' THEN 3 WHEN 'array' THEN 4 WHEN 'object' THEN 5 END
$syncdex$;
)";

std::string quoted_identifier(std::string_view identifier) {
  assert(!identifier.empty() && identifier.find('\0') == identifier.npos);
  std::string out = "\"";
  for (const char c : identifier) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

Error beyond_postgres(ErrorCode code, const std::string& what) {
  return make_error(code, "PostgreSQL's jsonb cannot hold " + what);
}

// The condition on `doc`.
Result<std::string> condition_of(const Query& query, std::vector<std::string>& parameters) {
  const Query::Impl& impl = Access::impl(query);
  if (impl.filter == nullptr) {
    if (const auto what = beyond_jsonb(impl.pattern))
      return beyond_postgres(ErrorCode::invalid_pattern, *what);
  } else if (const auto what = beyond_jsonb(impl.filter->root)) {
    return beyond_postgres(ErrorCode::invalid_filter, *what);
  }
  if (query.never()) return std::string("false");
  if (impl.filter == nullptr) {
    parameters.emplace_back(query.pattern());
    return std::string("doc @> $1::jsonb");
  }
  std::string condition = filter_sql(impl.filter->root, parameters);
  if (parameters.size() > kMostParameters) {
    return make_error(ErrorCode::invalid_filter,
                      fmt::format("a statement of PostgreSQL cannot have more than {} parameters, and this "
                                  "filter needs {}",
                                  kMostParameters, parameters.size()));
  }
  return condition;
}

// What jsonb cannot hold of an order and a cursor of it.
std::optional<std::string> beyond_jsonb(const Order::Impl& order, const std::optional<Cursor>& cursor) {
  for (const OrderKey& key : order.keys) {
    if (auto what = beyond_jsonb(key.path)) return what;
  }
  if (cursor) {
    for (const SortValue& value : cursor->values) {
      if (auto what = beyond_jsonb(value)) return what;
    }
  }
  return std::nullopt;
}

Result<PostgresQuery> render(const Query& query, const PostgresOptions& options, const Order& order,
                             const std::optional<Cursor>& cursor, std::optional<std::uint32_t> limit) {
  PostgresQuery out;
  const auto condition = condition_of(query, out.parameters);
  if (!condition) return condition.error();
  std::string window = cursor ? fmt::format(" AND position > {}", cursor->position) : std::string();
  std::string list;
  if (!order.is_load_order()) {
    const Order::Impl& impl = Access::impl(order);
    if (const auto what = beyond_jsonb(impl, cursor)) return beyond_postgres(ErrorCode::invalid_value, *what);
    const OrderSql sql(impl, out.parameters);
    list = sql.list() + ", ";
    if (cursor) window = " AND " + sql.is_behind(*cursor);
  }
  out.sql = fmt::format("SELECT id, doc FROM {} WHERE {}{} ORDER BY {}position",
                        quoted_identifier(options.table), *condition, window, list);
  if (limit) out.sql += fmt::format(" LIMIT {}", *limit);
  return out;
}

}  // namespace

std::string postgres_schema(const PostgresOptions& options) {
  const std::string table = quoted_identifier(options.table);
  std::string out(kFunctions);
  out += fmt::format(R"(CREATE TABLE {0} (
  position bigint GENERATED ALWAYS AS IDENTITY (MINVALUE 0 START 0) UNIQUE,
  doc jsonb NOT NULL,
  id text GENERATED ALWAYS AS (doc ->> 'id') STORED PRIMARY KEY CHECK (id <> ''),
  provider text GENERATED ALWAYS AS (doc ->> 'provider') STORED,
  name text GENERATED ALWAYS AS (doc ->> 'name') STORED,
  status text GENERATED ALWAYS AS (doc ->> 'status') STORED,
  health_status text GENERATED ALWAYS AS (doc #>> '{{health,status}}') STORED,
  org_id text GENERATED ALWAYS AS (doc ->> 'org_id') STORED,
  created_time numeric GENERATED ALWAYS AS (syncdex_time(doc -> 'created_at')) STORED,
  updated_time numeric GENERATED ALWAYS AS (syncdex_time(doc -> 'updated_at')) STORED
);
CREATE INDEX ON {0} USING gin (doc jsonb_path_ops);
CREATE INDEX ON {0} (created_time);
CREATE INDEX ON {0} (updated_time);
)",
                     table);
  return out;
}

std::string postgres_upsert(const PostgresOptions& options) {
  return fmt::format(
      "INSERT INTO {} (doc) VALUES ($1::jsonb) ON CONFLICT (id) DO UPDATE SET doc = excluded.doc, position = "
      "DEFAULT",
      quoted_identifier(options.table));
}

Result<PostgresQuery> to_postgres(const Query& query, const PostgresOptions& options) {
  return render(query, options, {}, std::nullopt, std::nullopt);
}

Result<PostgresQuery> to_postgres(const Request& request, const PostgresOptions& options) {
  const auto cursor = check_page(request);
  if (!cursor) return cursor.error();
  return render(request.query, options, request.order, *cursor, request.page.limit);
}

}  // namespace syncdex::inline v0
