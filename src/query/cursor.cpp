#include "query/cursor.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/errors.h"

namespace syncdex::inline v0 {

std::string to_text(const Cursor& cursor) {
  return fmt::format("2.{:08x}.{:08x}.{:x}", cursor.text, cursor.query, cursor.position);
}

Result<Cursor> parse_cursor(std::string_view text) {
  constexpr std::size_t kPosition = 20;  // where it begins
  const auto lower_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  const auto read = [&](std::string_view digits, auto& value) {
    return std::ranges::all_of(digits, lower_hex) &&
           std::from_chars(digits.data(), digits.data() + digits.size(), value, 16).ec == std::errc{};
  };
  Cursor cursor;
  const bool good = text.size() > kPosition && text.size() <= kPosition + 16 && text.starts_with("2.") &&
                    text[10] == '.' && text[19] == '.' &&
                    (text[kPosition] != '0' || text.size() == kPosition + 1) &&
                    read(text.substr(2, 8), cursor.text) && read(text.substr(11, 8), cursor.query) &&
                    read(text.substr(kPosition), cursor.position);
  if (!good) return invalid_cursor();
  return cursor;
}

Error invalid_cursor() {
  return parameter_error(ErrorCode::invalid_value, "after",
                         "not a valid cursor: expected the \"next\" value of a previous page");
}

Result<std::optional<Cursor>> check_page(const Request& request) {
  const Page& page = request.page;
  if (page.limit && (*page.limit < 1 || *page.limit > Page::max_limit)) {
    return parameter_error(ErrorCode::invalid_value, "limit", "limit must be a number from 1 to 1000");
  }
  if (page.after.empty()) return std::optional<Cursor>();
  auto cursor = parse_cursor(page.after);
  if (!cursor) return std::move(cursor).error();
  if (cursor->query != cursor_fingerprint(request.query)) {
    return parameter_error(ErrorCode::invalid_value, "after",
                           "the cursor is of a page of another query: start again from the first page");
  }
  return std::optional(*cursor);
}

}  // namespace syncdex::inline v0
