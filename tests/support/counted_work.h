// Counts what answering costs, in the unit of Limits::work: bytes that are read, values and rows that are
// compared. Unlike a time, a count is the same on every machine and in every build.
#pragma once

#include <cstdint>
#include <limits>

#include "base/access.h"
#include "exec/evaluate.h"
#include "exec/filter_plan.h"
#include "exec/ordered_rows.h"
#include "exec/pattern_plan.h"
#include "query/order_impl.h"
#include "syncdex/syncdex.h"

namespace syncdex::test {

inline std::int64_t spent(const Work& work) { return std::numeric_limits<std::int64_t>::max() - work.left; }

// The work of find(), of count(), and of scan().
inline std::int64_t work_of_find(const Catalog& catalog, const Query& query) {
  Work work;
  find_rows(Access::impl(query), Access::snapshot(catalog), work);
  return spent(work);
}
inline std::int64_t work_of_count(const Catalog& catalog, const Query& query) {
  Work work;
  count_rows(Access::impl(query), Access::snapshot(catalog), work);
  return spent(work);
}
inline std::int64_t work_of_scan(const Catalog& catalog, const Query& query) {
  const Query::Impl& impl = Access::impl(query);
  if (impl.filter == nullptr) {
    const PatternPlan plan(impl.pattern, Access::snapshot(catalog), Work());
    plan.scan();
    return spent(plan.work());
  }
  FilterPlan plan(*impl.filter, Access::snapshot(catalog), Work());
  plan.scan();
  return spent(plan.work());
}
// The work of the first `limit` records in an order.
inline std::int64_t work_of_page(const Catalog& catalog, const Query& query, const Order& order,
                                 std::size_t limit) {
  Work work;
  find_rows(Access::impl(query), Access::impl(order), Access::snapshot(catalog), work, nullptr, limit);
  return spent(work);
}

// Whether `rows_of(work)` keeps to a budget. What it spends without one is the same each time, once views are
// kept; with less it ends as spent, having charged at most `chunk` more than it had; with as much, it
// answers.
template <class RowsOf>
bool keeps_to_budget(RowsOf rows_of, std::int64_t budget, std::int64_t chunk) {
  Work work{budget};
  const std::size_t rows = rows_of(work);
  if (work.spent()) return -work.left <= chunk;
  Work unlimited;
  return rows_of(unlimited) == rows;
}

}  // namespace syncdex::test
