// How errors are made, and how the members of Limits are called in them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "syncdex/limits.h"
#include "syncdex/result.h"

namespace syncdex::inline v0 {

Error make_error(ErrorCode code, std::string message);

// About the byte at `at` of `text`: sets offset and line. O(bytes before it).
Error error_at(ErrorCode code, std::string_view text, const char* at, std::string message);
void set_place(Error& error, std::string_view text, const char* at);

// About a parameter of a request.
Error parameter_error(ErrorCode code, const char* parameter, std::string message);

// limit_exceeded, with the limit's name and value: "the request is too long (limit request_bytes: 1048576)".
// `limit` is the name of a member of Limits.
Error limit_error(const Limits& limits, const char* limit, std::string message);
// Makes that of another error.
void name_limit(Error& error, const Limits& limits, const char* limit);
// Appends " (limit depth: 512)".
void append_limit(const Limits& limits, std::string_view limit, std::string& message);

}  // namespace syncdex::inline v0
