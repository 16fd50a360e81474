// Queries as statements of PostgreSQL. filter_sql.h has the conditions, postgres_schema.cpp the tables.
#include "syncdex/postgres.h"

#include <fmt/format.h>

#include "base/access.h"
#include "base/errors.h"
#include "query/cursor.h"
#include "query/filter_sql.h"
#include "query/jsonb.h"
#include "query/order_sql.h"
#include "query/org_ids.h"
#include "query/postgres_names.h"
#include "query/query_impl.h"

namespace syncdex::inline v0 {
namespace {

// A message of the protocol counts parameters in 16 bits.
constexpr std::size_t kMostParameters = 65'535;

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

// Follows from the condition, and tells PostgreSQL which partitions can have matches.
std::string shard_condition(const Query& query, std::vector<std::string>& parameters) {
  const auto ids = org_ids(Access::impl(query));
  if (!ids || parameters.size() + ids->size() > kMostParameters) return {};
  std::string list;
  for (const std::string& id : *ids) {
    parameters.push_back(id);
    list += fmt::format("{}${}::text", list.empty() ? "" : ", ", parameters.size());
  }
  return fmt::format(" AND org_id IN ({})", list);
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
  auto condition = condition_of(query, out.parameters);
  if (!condition) return condition.error();
  if (!options.shards.empty()) *condition += shard_condition(query, out.parameters);
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

Result<PostgresQuery> to_postgres(const Query& query, const PostgresOptions& options) {
  return render(query, options, {}, std::nullopt, std::nullopt);
}

Result<PostgresQuery> to_postgres(const Request& request, const PostgresOptions& options) {
  const auto cursor = check_page(request);
  if (!cursor) return cursor.error();
  return render(request.query, options, request.order, *cursor, request.page.limit);
}

}  // namespace syncdex::inline v0
