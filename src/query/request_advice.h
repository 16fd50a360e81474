// What the author of a refused request probably meant.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace syncdex::inline v0 {

// The message for a parameter that does not exist: the nearest name or the right form, and all names.
std::string explain_unknown_parameter(std::string_view name, std::string_view value);

// The message for a parameter that the host does not offer.
std::string offered_parameters(const std::vector<std::string>& offered);

// The message for a parameter that is given twice, with different values.
std::string explain_repeated_parameter(std::string_view name);

// What to do about the value of `parameter` (metadata or where), which is not a JSON object; empty if that is
// not known.
std::string advise_on_pattern(std::string_view parameter, std::string_view value);

}  // namespace syncdex::inline v0
