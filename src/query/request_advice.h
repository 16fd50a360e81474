// What the author of a refused request probably meant.
#pragma once

#include <string>
#include <string_view>

namespace syncdex::inline v0 {

// The message for a parameter that does not exist: the nearest name or the right form, and all names.
std::string explain_unknown_parameter(std::string_view name, std::string_view value);

// What to do about the value of `parameter` (metadata or where), which is not a JSON object; empty if that is
// not known.
std::string advise_on_pattern(std::string_view parameter, std::string_view value);

}  // namespace syncdex::inline v0
