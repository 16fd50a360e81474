// Names and texts within statements of PostgreSQL.
#pragma once

#include <string>
#include <string_view>

namespace syncdex::inline v0 {

// REQUIRES: not empty, no NUL
std::string quoted_identifier(std::string_view identifier);

// A constant, whatever standard_conforming_strings is set to. REQUIRES: no NUL
std::string quoted_literal(std::string_view text);

}  // namespace syncdex::inline v0
