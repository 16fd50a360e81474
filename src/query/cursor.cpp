#include "query/cursor.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>

namespace syncdex::inline v0 {

std::string to_text(const Cursor& cursor) {
  return fmt::format("2.{:08x}.{:08x}.{:x}", cursor.text, cursor.query, cursor.position);
}

std::optional<Cursor> parse_cursor(std::string_view text) noexcept {
  constexpr std::size_t kPosition = 20;  // where it begins
  if (text.size() <= kPosition || text.size() > kPosition + 16) return std::nullopt;
  if (!text.starts_with("2.") || text[10] != '.' || text[19] != '.') return std::nullopt;
  if (text[kPosition] == '0' && text.size() > kPosition + 1) return std::nullopt;
  const auto lower_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  const auto read = [&](std::string_view digits, auto& value) {
    return std::ranges::all_of(digits, lower_hex) &&
           std::from_chars(digits.data(), digits.data() + digits.size(), value, 16).ec == std::errc{};
  };
  Cursor cursor;
  const bool good = read(text.substr(2, 8), cursor.text) && read(text.substr(11, 8), cursor.query) &&
                    read(text.substr(kPosition), cursor.position);
  return good ? std::optional(cursor) : std::nullopt;
}

Result<std::optional<Cursor>> check_page(const Request& request) {
  const auto refuse = [](const char* parameter, const char* message) {
    Error e;
    e.code = ErrorCode::invalid_value;
    e.message = message;
    e.parameter = parameter;
    return e;
  };
  const Page& page = request.page;
  if (page.limit && (*page.limit < 1 || *page.limit > Page::max_limit)) {
    return refuse("limit", "limit must be a number from 1 to 1000");
  }
  if (page.after.empty()) return std::optional<Cursor>();
  const auto cursor = parse_cursor(page.after);
  if (!cursor) {
    return refuse("after", "not a valid cursor: expected the \"next\" value of a previous page");
  }
  if (cursor->query != cursor_fingerprint(request.query)) {
    return refuse("after", "the cursor is of a page of another query: start again from the first page");
  }
  return cursor;
}

}  // namespace syncdex::inline v0
