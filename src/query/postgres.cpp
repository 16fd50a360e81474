// Queries as statements of PostgreSQL. filter_sql.h has the conditions.
#include "syncdex/postgres.h"

#include <fmt/format.h>

#include <cassert>

#include "base/access.h"
#include "base/errors.h"
#include "query/cursor.h"
#include "query/filter_sql.h"
#include "query/query_impl.h"

namespace syncdex::inline v0 {
namespace {

// A message of the protocol counts parameters in 16 bits.
constexpr std::size_t kMostParameters = 65'535;

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

Result<PostgresQuery> render(const Query& query, const PostgresOptions& options, std::string_view window,
                             std::string_view tail) {
  PostgresQuery out;
  const auto condition = condition_of(query, out.parameters);
  if (!condition) return condition.error();
  out.sql = fmt::format("SELECT id, doc FROM {} WHERE {}{} ORDER BY position{}",
                        quoted_identifier(options.table), *condition, window, tail);
  return out;
}

}  // namespace

std::string postgres_schema(const PostgresOptions& options) {
  const std::string table = quoted_identifier(options.table);
  std::string out(kTimeFunction);
  out += fmt::format(R"(CREATE TABLE {0} (
  position bigint GENERATED ALWAYS AS IDENTITY (MINVALUE 0 START 0) UNIQUE,
  doc jsonb NOT NULL,
  id text GENERATED ALWAYS AS (doc ->> 'id') STORED PRIMARY KEY CHECK (id <> ''),
  provider text GENERATED ALWAYS AS (doc ->> 'provider') STORED,
  name text GENERATED ALWAYS AS (doc ->> 'name') STORED,
  status text GENERATED ALWAYS AS (doc ->> 'status') STORED,
  health_status text GENERATED ALWAYS AS (doc #>> '{{health,status}}') STORED,
  org_id text GENERATED ALWAYS AS (doc ->> 'org_id') STORED
);
CREATE INDEX ON {0} USING gin (doc jsonb_path_ops);
CREATE INDEX ON {0} (syncdex_time(doc -> 'created_at'));
CREATE INDEX ON {0} (syncdex_time(doc -> 'updated_at'));
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
  return render(query, options, {}, {});
}

Result<PostgresQuery> to_postgres(const Request& request, const PostgresOptions& options) {
  const auto cursor = check_page(request);
  if (!cursor) return cursor.error();
  std::string window;
  if (*cursor) window = fmt::format(" AND position > {}", (*cursor)->position);
  std::string tail;
  if (request.page.limit) tail = fmt::format(" LIMIT {}", *request.page.limit);
  return render(request.query, options, window, tail);
}

}  // namespace syncdex::inline v0
