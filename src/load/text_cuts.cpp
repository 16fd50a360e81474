#include "load/text_cuts.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string_view>

#include "json/framing.h"

namespace syncdex::inline v0 {
namespace {

// Both return the begin of the next piece and the end of the previous one, or nulls.

Piece after_feed(const char* near, const char* end) {
  const char* const feed = line_end(near, end);
  // White space after the last line feed is no piece.
  return feed == end || skip_space(feed, end) == end ? Piece{nullptr, nullptr} : Piece{feed + 1, feed};
}

Piece at_record(const char* near, const char* end, std::string_view head, std::size_t reach) {
  const std::string_view text(near, std::min(static_cast<std::size_t>(end - near), reach));
  for (std::size_t at = text.find(head); at != text.npos; at = text.find(head, at + 1)) {
    const char* const record = near + at;
    const char* before = record;
    while (before != near && is_space(before[-1])) --before;
    if (before != near && before[-1] == ',') return {record, before - 1};
  }
  return {nullptr, nullptr};
}

// The text of the array's first record up to the end of its first key; empty if it is not an object with a
// key.
std::string_view head_of_first(const char* p, const char* end) {
  const char* const first = skip_space(p, end);
  if (first == end || *first != '{') return {};
  const char* const quote = skip_space(first + 1, end);
  if (quote == end || *quote != '"') return {};
  const ValueEnd key = find_value_end(quote, end);
  return key.end == nullptr ? std::string_view()
                            : std::string_view(first, static_cast<std::size_t>(key.end - first));
}

}  // namespace

std::vector<Piece> cut_pieces(const char* p, const char* end, std::size_t most, std::size_t shortest,
                              bool lines) {
  std::vector<Piece> pieces;
  const auto size = static_cast<std::size_t>(end - p);
  const std::size_t wanted = std::min(most, size / shortest);
  if (wanted < 2) return pieces;
  const std::string_view head = lines ? std::string_view() : head_of_first(p, end);
  if (!lines && head.empty()) return pieces;
  const char* from = p;
  for (std::size_t i = 1; i < wanted; ++i) {
    // A record longer than a piece may have moved the last cut beyond this one's place.
    const char* const near = std::max(from, p + size / wanted * i);
    const Piece next = lines ? after_feed(near, end) : at_record(near, end, head, size / wanted);
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
