// Why an answer is not what somebody thought: the first condition that one record does not meet, and what
// comes near to a condition that no record meets.
//
// Explains; decides nothing. What matches is said by containment.h alone.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "query_impl.h"
#include "snapshot.h"
#include "syncdex/survey.h"

namespace syncdex::inline v0 {

std::optional<Mismatch> why_not(const Snapshot& snapshot, std::string_view id, const Query::Impl& query);

// Empty where records match.
std::string hint(const Snapshot& snapshot, const Query::Impl& query);

}  // namespace syncdex::inline v0
