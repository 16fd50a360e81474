// Filters as texts for people, in which secrets are hidden: values that are compared with what is at or below
// credential.properties, or with a credential that is a plain value.
#pragma once

#include <string>
#include <vector>

#include "query/filter.h"

namespace syncdex::inline v0 {

// The path for messages, cut like all paths there; "record" for the empty one.
std::string path_text(const std::vector<FilterStep>& path);
// The operators of a condition: {"gte":10}. REQUIRES: a condition
std::string wanted_text(const FilterNode& node);
// Appends the canonical JSON of a node. REQUIRES: finish() has run
void append_hidden(const FilterNode& node, std::string& out);

}  // namespace syncdex::inline v0
