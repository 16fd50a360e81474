// Parts of hints: values and paths that are similar to what was typed.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "query/typo.h"
#include "store/snapshot.h"
#include "syncdex/survey.h"

namespace syncdex::inline v0 {

constexpr std::size_t kMostValues = 3;  // listed in a message

// "1 has", "2 have".
std::string have(std::size_t n);
// Escapes all non-ASCII characters of a JSON text as \uXXXX, to distinguish texts that look alike.
std::string in_ascii(std::string_view json);
// Formats values for a message: `2 have "a", 1 has 7, ...`.
std::string list_values(const std::vector<ValueCount>& values, bool escaped);
// "no record has a path", and the most similar path that records have.
std::string about_path(const Snapshot& snapshot, const std::string& path);
// The distance of a string value from the typed text; empty for other kinds.
std::optional<Distance> distance_of(const ValueCount& value, std::string_view typed);
// The value most similar to the typed one, if any is similar; otherwise all values.
std::vector<ValueCount> nearest_or_all(std::vector<ValueCount> values, std::string_view typed);
// Whether the texts shown may look alike and need escapes to be told apart.
bool needs_escapes(std::string_view typed, const std::vector<ValueCount>& values);

// "no record meets all conditions at once: 3 have ..., 5 have ...", of conditions with how many meet each.
std::string all_at_once(std::vector<std::pair<std::size_t, std::string>> conditions);

}  // namespace syncdex::inline v0
