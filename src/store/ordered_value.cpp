#include "store/ordered_value.h"

#include "json/follow.h"
#include "terms/sort_key.h"

namespace syncdex::inline v0 {

const char* find_value(const Segment& segment, Row row, const OrderedPath& path, std::int64_t& read) {
  const char* value = segment.begin(row);
  const std::size_t unique = segment.has_duplicate_keys(row) ? 0 : path.tracked;
  std::size_t first = 0;
  if (unique > 1 && path.keys[0] == "metadata" && segment.metadata(row) != nullptr) {
    value = segment.metadata(row);
    first = 1;
  }
  return follow(
      value, path.keys.size() - first,
      [&](std::size_t i) -> std::string_view { return path.keys[first + i]; },
      [&](std::size_t i) { return first + i < unique; }, read);
}

std::string_view ordered_text(const char* value, std::string& buffer) {
  const Kind kind = kind_of(*value);
  if (kind == Kind::number) return number_at(value);
  if (kind != Kind::string) return {};
  std::string_view text = raw_string(value);
  if (text.find('\\') != text.npos) {
    buffer.clear();
    append_decoded(text, buffer);
    text = buffer;
  }
  return ordered_part(text);
}

}  // namespace syncdex::inline v0
