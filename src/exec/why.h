// Explains why a record does not match: the first condition that it does not meet.
//
// Only for explanations: containment.h alone defines what matches.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "query/query_impl.h"
#include "store/snapshot.h"
#include "syncdex/survey.h"

namespace syncdex::inline v0 {

std::optional<Mismatch> why_not(const Snapshot& snapshot, std::string_view id, const Query::Impl& query);

// The value of a record as JSON, or what may be shown of it: secrets are hidden, and of a container that may
// hold some only its kind is told.
std::string found_text(const char* value, const PathTraits& traits);

// The first condition of the pattern that a record does not meet.
std::optional<Mismatch> compare(const Pattern& pattern, const char* record);
// The first condition of the filter that a record does not meet.
std::optional<Mismatch> compare(const CompiledFilter& filter, const char* record);

}  // namespace syncdex::inline v0
