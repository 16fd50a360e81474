// The matches of a query, part by part, for those who visit them in another order than that of the rows.
#pragma once

#include <optional>

#include "exec/filter_plan.h"
#include "exec/pattern_plan.h"
#include "query/query_impl.h"

namespace syncdex::inline v0 {

class Matching {
 public:
  // REQUIRES: `query` and `snapshot` outlive it.
  Matching(const Query::Impl& query, const Snapshot& snapshot, const Work& work);

  // Begins with a part. Returns the live rows of it that may match, as a list or as all rows; valid until the
  // next call.
  RowSet start(const Part& part);
  // Whether one of these rows matches.
  bool matches(Row row) { return certain_ || check(row); }
  // Whether all of them do.
  bool certain() const noexcept { return certain_; }

  RowSpace& space() noexcept { return space_; }
  Work& work() noexcept { return filter_ ? filter_->work() : pattern_->work(); }

 private:
  bool check(Row row);

  std::optional<PatternPlan> pattern_;
  std::optional<FilterPlan> filter_;
  const Part* part_ = nullptr;
  bool certain_ = true;
  RowSpace space_;
};

}  // namespace syncdex::inline v0
