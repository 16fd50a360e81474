// JSON strings: escapes are checked, decoded and compared in place.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace syncdex::inline v0 {

// Decodes the text between the quotes, appending to `out`. REQUIRES: valid escapes.
void append_decoded(std::string_view raw, std::string& out);

// Compares the text between the quotes, decoded, with `plain`. Returns < 0, 0 or > 0.
// REQUIRES: valid escapes.
int compare_decoded(std::string_view raw, std::string_view plain) noexcept;

enum class StringFault : std::uint8_t { none, escape, surrogate };

struct EscapeScan {
  const char* at;  // the backslash of the first invalid escape sequence, or the end
  StringFault fault;
};

// Checks the escape sequences of the text between the quotes.
EscapeScan check_escapes(std::string_view raw) noexcept;

// Whether a key is one or more of A-Z a-z 0-9 _ - . alone: it can be shown and typed without quotes.
bool is_plain_key(std::string_view key) noexcept;

// Appends `text` as a JSON string: in quotes, with ", \ and control characters escaped.
void append_quoted(std::string_view text, std::string& out);

// Returns the offset of the first invalid UTF-8 sequence, or npos.
std::size_t find_invalid_utf8(std::string_view text) noexcept;

}  // namespace syncdex::inline v0
