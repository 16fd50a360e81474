#include "cursor.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>

#include "hash.h"

namespace syncdex::inline v0 {

std::string to_text(const Cursor& cursor) {
  return fmt::format("1.{:08x}.{:x}", cursor.text, cursor.position);
}

std::optional<Cursor> parse_cursor(std::string_view text) noexcept {
  constexpr std::size_t kPosition = 11;  // where it begins
  if (text.size() <= kPosition || text.size() > kPosition + 16) return std::nullopt;
  if (!text.starts_with("1.") || text[10] != '.') return std::nullopt;
  if (text[kPosition] == '0' && text.size() > kPosition + 1) return std::nullopt;
  const auto lower_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  Cursor cursor;
  const auto read = [&](std::string_view digits, auto& value) {
    return std::ranges::all_of(digits, lower_hex) &&
           std::from_chars(digits.data(), digits.data() + digits.size(), value, 16).ec == std::errc{};
  };
  if (!read(text.substr(2, 8), cursor.text) || !read(text.substr(kPosition), cursor.position))
    return std::nullopt;
  return cursor;
}

std::uint32_t fingerprint(std::string_view text) noexcept {
  // FNV-1a over the length, both ends and 64 places between; unseeded, since a cursor may come back
  // to another process that has loaded the same text.
  std::uint64_t h = 0xCBF2'9CE4'8422'2325;
  const auto take = [&](char c) { h = (h ^ static_cast<unsigned char>(c)) * 0x100'0000'01B3; };
  for (std::size_t n = text.size(); n != 0; n >>= 8) take(static_cast<char>(n & 0xFF));
  constexpr std::size_t kPiece = 64;
  constexpr std::size_t kPieces = 66;
  if (text.size() <= kPiece * kPieces) {
    for (const char c : text) take(c);
  } else {
    const std::size_t step = (text.size() - kPiece) / (kPieces - 1);
    for (std::size_t i = 0; i < kPieces; ++i) {
      for (const char c : text.substr(i * step, kPiece)) take(c);
    }
  }
  return static_cast<std::uint32_t>(h ^ h >> 32);
}

std::uint32_t fingerprint(std::uint32_t text, std::uint64_t version) noexcept {
  const std::uint64_t h = finish_hash(version * 0x9E37'79B9'7F4A'7C15 ^ text);
  return static_cast<std::uint32_t>(h ^ h >> 32);
}

}  // namespace syncdex::inline v0
