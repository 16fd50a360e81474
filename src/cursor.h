// The cursor of a page: where the last record given was written, and in which text.
//
//   1.00c0ffee.2af     version, fingerprint of the text (8 hex digits), position (hex)
//
// A position, not a record: the walk goes on correctly though that record changed or is gone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace syncdex::inline v0 {

struct Cursor {
  std::uint32_t text = 0;
  std::uint64_t position = 0;
};

std::string to_text(const Cursor& cursor);
// Nothing where this is no text that to_text() gives.
std::optional<Cursor> parse_cursor(std::string_view text) noexcept;

// Tells texts apart, the same in every process. Cost: O(1), it samples.
std::uint32_t fingerprint(std::string_view text) noexcept;
// Of a text that came back as a later version of a live catalog.
std::uint32_t fingerprint(std::uint32_t text, std::uint64_t version) noexcept;

}  // namespace syncdex::inline v0
