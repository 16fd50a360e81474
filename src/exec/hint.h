// What to say to a person whose answer is empty: which condition no record meets, and what comes near to it.
#pragma once

#include <string>

#include "query/query_impl.h"
#include "store/snapshot.h"

namespace syncdex::inline v0 {

// One line; empty if records match. Cost: a few counts and, about a condition that no index answers, a scan.
std::string hint(const Snapshot& snapshot, const Query::Impl& query);

}  // namespace syncdex::inline v0
