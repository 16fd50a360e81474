#include "exec/evaluate.h"

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

std::size_t count_rows(const Query::Impl& query, const Snapshot& snapshot) {
  if (query.filter != nullptr) return FilterPlan(*query.filter, snapshot).count();
  return PatternPlan(query.pattern, snapshot).count();
}

RowList scan_rows(const Query::Impl& query, const Snapshot& snapshot) {
  if (query.filter != nullptr) return FilterPlan(*query.filter, snapshot).scan();
  return PatternPlan(query.pattern, snapshot).scan();
}

std::string explain(const Query::Impl& query, const Snapshot& snapshot) {
  if (query.filter != nullptr) return explain(*query.filter, snapshot);
  return PatternPlan(query.pattern, snapshot).explain();
}

}  // namespace syncdex::inline v0
