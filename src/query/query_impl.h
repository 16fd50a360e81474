// What a Query is made of.
//
// Most queries are one pattern, which has plans and indexes of its own. All others are a filter: a tree whose
// leaves are patterns and conditions.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "pattern/pattern.h"
#include "syncdex/query.h"

namespace syncdex::inline v0 {

struct Query::Impl {
  Pattern pattern;
  std::size_t hash = 0;  // public: Query::hash()
};

// The query of all conditions in the tree. Errors: limit_exceeded.
Result<Query> make_query(PatternTree& tree, const Limits& limits);

}  // namespace syncdex::inline v0
