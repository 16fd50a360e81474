// What PostgreSQL's jsonb cannot hold: \u0000, and numbers with too many digits.
#pragma once

#include <optional>
#include <string>

#include "pattern/pattern.h"
#include "query/filter.h"

namespace syncdex::inline v0 {

// Returns what of it PostgreSQL's jsonb cannot hold, if anything, as the end of a sentence.
std::optional<std::string> beyond_jsonb(const Pattern& pattern);
std::optional<std::string> beyond_jsonb(const FilterNode& node);

}  // namespace syncdex::inline v0
