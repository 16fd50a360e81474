#include "exec/evaluate.h"

namespace syncdex::inline v0 {

RowList find_rows(const Query::Impl& query, const Snapshot& snapshot, Work& work, Window window) {
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
  return PatternPlan(query.pattern, snapshot).count();
}

RowList scan_rows(const Query::Impl& query, const Snapshot& snapshot) {
  return PatternPlan(query.pattern, snapshot).scan();
}

std::string explain(const Query::Impl& query, const Snapshot& snapshot) {
  return PatternPlan(query.pattern, snapshot).explain();
}

}  // namespace syncdex::inline v0
