// Why a record is not in an answer: the first condition that it does not meet.
//
// Explains; decides nothing. What matches is said by containment.h alone.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "query/query_impl.h"
#include "store/snapshot.h"
#include "syncdex/survey.h"

namespace syncdex::inline v0 {

std::optional<Mismatch> why_not(const Snapshot& snapshot, std::string_view id, const Query::Impl& query);

}  // namespace syncdex::inline v0
