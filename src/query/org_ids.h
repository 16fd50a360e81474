// Which organisations a query asks for, for tables that are partitioned by organisation.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "query/query_impl.h"

namespace syncdex::inline v0 {

// Returns at least one org_id and at most 100, of which every match has one; or null if the query does not
// say so. Cost: O(nodes of the filter).
std::optional<std::vector<std::string>> org_ids(const Query::Impl& query);

}  // namespace syncdex::inline v0
