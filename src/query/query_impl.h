// What a Query is made of.
//
// Most queries are one pattern, which has plans and indexes made for it. All others are a filter: a tree
// whose leaves are patterns and conditions. A filter that can be said as a pattern is one.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "pattern/pattern.h"
#include "query/filter.h"
#include "syncdex/query.h"

namespace syncdex::inline v0 {

struct Query::Impl {
  // All of the query; or, if it has a filter, the containment that every match satisfies.
  Pattern pattern;
  std::unique_ptr<const CompiledFilter> filter;  // null: the query is the pattern
  std::size_t hash = 0;                          // public: Query::hash()

  bool never() const noexcept { return pattern.never; }
  bool everything() const noexcept { return filter == nullptr && pattern.everything(); }
};

// The query of all conditions in the tree. Errors: limit_exceeded.
Result<Query> make_query(PatternTree& tree, const Limits& limits);
// The query of a filter.
Query make_query(FilterNode root);
// The filter of a query.
FilterNode filter_of(const Query::Impl& query);

}  // namespace syncdex::inline v0
