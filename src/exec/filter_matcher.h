// Decides whether a record meets a filter, by reading its bytes: the definition. Copies nothing but strings
// that have escapes. Recurses no deeper than Limits::filter_depth.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "exec/condition.h"
#include "exec/containment.h"
#include "query/filter.h"

namespace syncdex::inline v0 {

// Not thread-safe.
class FilterMatcher {
 public:
  // REQUIRES: `filter` and `work` outlive the matcher.
  FilterMatcher(const CompiledFilter& filter, Work& work);

  // Returns whether the record meets the filter; anything if the work is spent. `last_wins`: its tracked
  // objects may have duplicate keys, as in Matcher. O(bytes of the record) for each node, at most.
  bool matches(const char* record, bool last_wins);

  // Returns whether one node holds for the value that its paths begin at.
  bool holds(const FilterNode& node, const char* value);
  // Returns the value at the path from `value`, or null. Of duplicate keys, the last one counts.
  const char* follow(std::span<const FilterStep> path, const char* value);

 private:
  const CompiledFilter& filter_;
  Work& work_;
  bool last_wins_ = true;
  ConditionTest test_;
  std::vector<std::unique_ptr<Matcher>> matchers_;  // of patterns, by the number of the node
};

}  // namespace syncdex::inline v0
