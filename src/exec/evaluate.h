// Answers a query on a snapshot, by the plan that suits it: one pattern, or a filter.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "exec/containment.h"
#include "exec/pattern_plan.h"
#include "query/query_impl.h"
#include "store/snapshot.h"

namespace syncdex::inline v0 {

// The matching rows in increasing order. With a window, only the first of them; records behind it are not
// read. `work` is the budget for matching; once it is spent, answers are incomplete.
RowList find_rows(const Query::Impl& query, const Snapshot& snapshot, Work& work, Window window = {});
// The same without a budget.
RowList find_rows(const Query::Impl& query, const Snapshot& snapshot);
std::size_t count_rows(const Query::Impl& query, const Snapshot& snapshot, Work& work);
std::size_t count_rows(const Query::Impl& query, const Snapshot& snapshot);
// By definition: reads every record and uses no index.
RowList scan_rows(const Query::Impl& query, const Snapshot& snapshot);
// Describes how find_rows() finds them, one step per line. Secrets are hidden.
std::string explain(const Query::Impl& query, const Snapshot& snapshot);
std::string explain(const CompiledFilter& filter, const Snapshot& snapshot);

// The budget that Limits::work allows, and the error of those who have spent it.
Work allowed_work(const Snapshot& snapshot, const Limits& limits);
Error too_much_work(const Limits& limits);

// Values of which every match holds at least one, as the hashes by which segments know them
// (ValueKey::hash()). Of several such sets, the one that the fewest records hold.
struct Anchors {
  std::vector<std::uint32_t> hashes;
  std::size_t records = 0;  // that hold one, about
};
// Nothing if matches need not hold any value, as with ranges and `not`.
std::optional<Anchors> find_anchors(const Query::Impl& query, const Snapshot& snapshot);

}  // namespace syncdex::inline v0
