// The members of Limits by name, for messages.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "syncdex/limits.h"
#include "syncdex/result.h"

namespace syncdex::inline v0 {

// REQUIRES: the name of a member
std::uint64_t limit_value(const Limits& limits, std::string_view name) noexcept;

// Appends " (limit depth: 512)".
void append_limit(const Limits& limits, std::string_view name, std::string& message);

// Sets Error::limit and names it in the message.
void name_limit(Error& error, const Limits& limits, const char* name);

}  // namespace syncdex::inline v0
