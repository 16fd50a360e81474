// Parts of hints: values and paths that are similar to what was typed.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "exec/path_scan.h"
#include "exec/survey.h"
#include "query/typo.h"
#include "store/snapshot.h"
#include "syncdex/survey.h"

namespace syncdex::inline v0 {

constexpr std::size_t kMostValues = 3;  // listed in a message

// "1 has", "2 have".
std::string have(std::size_t n);
// Escapes all non-ASCII characters of a JSON text as \uXXXX, to distinguish texts that look alike.
std::string in_ascii(std::string_view json);
// Formats values for a message: `2 have "a", 1 has 7, ...`. Without counts if values are missing.
std::string list_values(const Scalars& values, bool escaped);
// "no record", or "none of the records looked at" if not all records were counted.
std::string no_record(bool counted);
// "no record", or "none of the first 943 records" if those that were walked over are not all.
std::string no_record(const Walked& walked);
// "no record has a path", and the most similar path that records have.
std::string about_path(const Snapshot& snapshot, const std::string& path, std::size_t bytes);
// The distance of a string value from the typed text; empty for other kinds.
std::optional<Distance> distance_of(const ValueCount& value, std::string_view typed);
// The value most similar to the typed one, if any is similar; otherwise all values.
Scalars nearest_or_all(Scalars values, std::string_view typed);
// Whether the texts shown may look alike and need escapes to be told apart.
bool needs_escapes(std::string_view typed, const Scalars& values);

// A condition, and how many records meet it; unknown if the count was stopped.
struct CountedCondition {
  std::optional<std::size_t> records;
  std::string text;
};
// "no record meets all conditions at once: 3 have ..., 5 have ...".
std::string all_at_once(std::vector<CountedCondition> conditions);

}  // namespace syncdex::inline v0
