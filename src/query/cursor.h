// The cursor of a page: which text and query it belongs to, and the position of the last record returned.
//
//   2.00c0ffee.0badf00d.2af     version; fingerprints of text and query (8 hex digits each); position (hex)
//
// It names a position instead of a record, so that a walk goes on correctly after that record changed or was
// erased.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "syncdex/query.h"

namespace syncdex::inline v0 {

struct Cursor {
  std::uint32_t text = 0;
  std::uint32_t query = 0;
  std::uint64_t position = 0;
};

std::string to_text(const Cursor& cursor);
// Errors: invalid_value (of "after") if to_text() returns no such text.
Result<Cursor> parse_cursor(std::string_view text);
Error invalid_cursor();

// The cursor of a request's page, if it has one, after checking all of the page.
// Errors: invalid_value, of limit or after.
Result<std::optional<Cursor>> check_page(const Request& request);

// The part of a query's fingerprint that a cursor holds.
inline std::uint32_t cursor_fingerprint(const Query& query) noexcept {
  return static_cast<std::uint32_t>(query.fingerprint());
}

}  // namespace syncdex::inline v0
