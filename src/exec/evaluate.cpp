#include "exec/evaluate.h"

#include <algorithm>
#include <limits>

#include "base/errors.h"
#include "exec/filter_plan.h"

namespace syncdex::inline v0 {

RowList find_rows(const Query::Impl& query, const Snapshot& snapshot, Work& work, Window window) {
  if (query.filter != nullptr) {
    FilterPlan plan(*query.filter, snapshot, work);
    RowList rows = plan.run(window);
    work = plan.work();
    return rows;
  }
  const PatternPlan plan(query.pattern, snapshot, work);
  RowList rows = plan.run(window);
  work = plan.work();
  return rows;
}

RowList find_rows(const Query::Impl& query, const Snapshot& snapshot) {
  Work unlimited;
  return find_rows(query, snapshot, unlimited);
}

std::size_t count_rows(const Query::Impl& query, const Snapshot& snapshot, Work& work) {
  const auto count = [&](auto plan) {
    const std::size_t rows = plan.count();
    work = plan.work();
    return rows;
  };
  return query.filter != nullptr ? count(FilterPlan(*query.filter, snapshot, work))
                                 : count(PatternPlan(query.pattern, snapshot, work));
}

std::size_t count_rows(const Query::Impl& query, const Snapshot& snapshot) {
  Work unlimited;
  return count_rows(query, snapshot, unlimited);
}

RowList scan_rows(const Query::Impl& query, const Snapshot& snapshot) {
  if (query.filter != nullptr) return FilterPlan(*query.filter, snapshot).scan();
  return PatternPlan(query.pattern, snapshot).scan();
}

std::string explain(const Query::Impl& query, const Snapshot& snapshot) {
  if (query.filter != nullptr) return explain(*query.filter, snapshot);
  return PatternPlan(query.pattern, snapshot).explain();
}

Work allowed_work(const Snapshot& snapshot, const Limits& limits) {
  std::uint64_t bytes = 0;
  for (const Part& part : snapshot.parts()) bytes += part.segment->text_bytes();
  bytes = std::max<std::uint64_t>(bytes, 1 << 20);
  constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  return {static_cast<std::int64_t>(limits.work > kMost / bytes ? kMost : limits.work * bytes)};
}

Error too_much_work(const Limits& limits) {
  Error e = make_error(ErrorCode::budget_exceeded, "the query takes more work than is allowed");
  name_limit(e, limits, "work");
  return e;
}

}  // namespace syncdex::inline v0
