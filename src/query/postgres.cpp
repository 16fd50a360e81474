// A query as SQL: one containment, whose pattern is a parameter.
#include "syncdex/postgres.h"

#include <fmt/format.h>

#include <cassert>

#include "base/access.h"
#include "base/errors.h"
#include "query/cursor.h"
#include "query/query_impl.h"

namespace syncdex::inline v0 {
namespace {

// What jsonb's numbers can hold (PostgreSQL 15, "Numeric Types").
constexpr std::int64_t kDigitsBefore = 131'072;
constexpr std::int64_t kDigitsBehind = 16'383;

std::string quoted_identifier(std::string_view identifier) {
  assert(!identifier.empty() && identifier.find('\0') == identifier.npos);
  std::string out = "\"";
  for (const char c : identifier) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

// Its canonical text has no NUL byte but as \u0000, and no digit that does not count.
std::optional<Error> refuse(const Pattern& pattern) {
  const auto error = [](std::string what) {
    return make_error(ErrorCode::invalid_pattern, "PostgreSQL's jsonb cannot hold " + what);
  };
  for (const QueryNode& node : pattern.nodes) {
    const auto has_nul = [](std::string_view text) { return text.find('\0') != text.npos; };
    if (has_nul(pattern.key(node)) || (node.kind == Kind::string && has_nul(pattern.text(node)))) {
      return error("\\u0000");
    }
    if (node.kind != Kind::number) continue;
    const Decimal d = parse_decimal(pattern.text(node));
    if (d.point > kDigitsBefore || static_cast<std::int64_t>(d.count) - d.point > kDigitsBehind) {
      return error(fmt::format("a number with more than {} digits before its point or {} behind it",
                               kDigitsBefore, kDigitsBehind));
    }
  }
  return std::nullopt;
}

Result<PostgresQuery> render(const Query& query, const PostgresOptions& options, std::string_view window,
                             std::string_view tail) {
  if (auto error = refuse(Access::impl(query).pattern)) return *std::move(error);
  PostgresQuery out;
  if (!query.never()) out.parameters.emplace_back(query.pattern());
  out.sql =
      fmt::format("SELECT id, doc FROM {} WHERE {}{} ORDER BY position{}", quoted_identifier(options.table),
                  query.never() ? "false" : "doc @> $1::jsonb", window, tail);
  return out;
}

}  // namespace

std::string postgres_schema(const PostgresOptions& options) {
  const std::string table = quoted_identifier(options.table);
  return fmt::format(R"(CREATE TABLE {0} (
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
)",
                     table);
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
