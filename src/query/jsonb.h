// What PostgreSQL's jsonb cannot hold: \u0000, and numbers with too many digits.
#pragma once

#include <optional>
#include <string>

#include "pattern/pattern.h"
#include "query/filter.h"
#include "terms/ordered_path.h"
#include "terms/sort_key.h"

namespace syncdex::inline v0 {

// Returns what of it PostgreSQL's jsonb cannot hold, if anything, as the end of a sentence.
std::optional<std::string> beyond_jsonb(const Pattern& pattern);
std::optional<std::string> beyond_jsonb(const FilterNode& node);
std::optional<std::string> beyond_jsonb(const OrderedPath& path);
std::optional<std::string> beyond_jsonb(const SortValue& value);

}  // namespace syncdex::inline v0
