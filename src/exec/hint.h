// Explains an empty answer: which condition no record meets, and which similar values or paths exist.
#pragma once

#include <string>

#include "query/query_impl.h"
#include "store/snapshot.h"

namespace syncdex::inline v0 {

// Returns one line, or an empty string if records match. Cost: a few counts, and a scan for a condition that
// no index answers.
std::string hint(const Snapshot& snapshot, const Query& query);
std::string hint(const Snapshot& snapshot, const Pattern& pattern);

}  // namespace syncdex::inline v0
