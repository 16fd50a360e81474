// Explains why a record does not match: the first condition that it does not meet.
//
// Only for explanations: containment.h alone defines what matches.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "pattern/pattern.h"
#include "store/snapshot.h"
#include "syncdex/survey.h"

namespace syncdex::inline v0 {

std::optional<Mismatch> why_not(const Snapshot& snapshot, std::string_view id, const Pattern& pattern);

}  // namespace syncdex::inline v0
