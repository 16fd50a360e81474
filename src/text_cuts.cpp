#include "text_cuts.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string_view>

#include "value_end.h"

namespace syncdex::inline v0 {
namespace {

// No piece is shorter.
constexpr std::size_t kPiece = std::size_t{1} << 20;

// The next piece's begin, and the end of the one before.
Piece after_feed(const char* near, const char* end) {
  const char* const feed = line_end(near, end);
  return feed == end ? Piece{nullptr, nullptr} : Piece{feed + 1, feed};
}

Piece at_record(const char* near, const char* first, const char* end) {
  const char* const quote = skip_space(first + 1, end);
  const ValueEnd key = *quote == '"' ? find_value_end(quote, end) : ValueEnd{};
  if (key.end == nullptr) return {nullptr, nullptr};
  const std::string_view head(first, static_cast<std::size_t>(key.end - first));
  const std::string_view text(near, std::min(static_cast<std::size_t>(end - near), kPiece));
  for (std::size_t at = text.find(head); at != text.npos; at = text.find(head, at + 1)) {
    const char* const record = near + at;
    const char* before = record;
    while (before != near && is_space(before[-1])) --before;
    if (before != near && before[-1] == ',') return {record, before - 1};
  }
  return {nullptr, nullptr};
}

}  // namespace

std::vector<Piece> cut_pieces(const char* p, const char* end, unsigned threads, bool lines) {
  std::vector<Piece> pieces;
  const auto size = static_cast<std::size_t>(end - p);
  const std::size_t wanted = std::min<std::size_t>(threads, size / kPiece);
  if (wanted < 2) return pieces;
  const char* const first = lines ? nullptr : skip_space(p, end);
  if (!lines && (first == end || *first != '{' || skip_space(first + 1, end) == end)) return pieces;
  const char* from = p;
  for (std::size_t i = 1; i < wanted; ++i) {
    const char* const near = std::max(from + 1, p + size / wanted * i);
    const Piece next = lines ? after_feed(near, end) : at_record(near, first, end);
    if (next.begin == nullptr) break;
    pieces.push_back({from, next.end});
    from = next.begin;
  }
  if (!pieces.empty()) pieces.push_back({from, end});
  return pieces;
}

const char* find_cut(const char* p, const char* limit) {
  const char* any = nullptr;
  for (const char* at = limit; at-- > p;) {
    if (*at != '}') continue;
    if (any == nullptr) any = at + 1;
    const char* next = skip_space(at + 1, limit);
    if (next != limit && *next == ',') {
      next = skip_space(next + 1, limit);
      if (next != limit && *next == '{') return at + 1;
    }
  }
  return any;
}

const char* line_end(const char* p, const char* end) {
  const auto* feed = static_cast<const char*>(std::memchr(p, '\n', static_cast<std::size_t>(end - p)));
  return feed == nullptr ? end : feed;
}

}  // namespace syncdex::inline v0
