#include "store/ordered_value.h"

#include "json/json_text.h"
#include "terms/sort_key.h"

namespace syncdex::inline v0 {

const char* find_value(const Segment& segment, Row row, const OrderedPath& path) noexcept {
  const char* value = segment.begin(row);
  const std::size_t tracked = segment.has_duplicate_keys(row) ? 0 : path.tracked;
  std::size_t i = 0;
  if (tracked > 1 && path.keys[0] == "metadata" && segment.metadata(row) != nullptr) {
    value = segment.metadata(row);
    i = 1;
  }
  for (; i < path.keys.size(); ++i) {
    if (*value != '{') return nullptr;
    const char* found = nullptr;
    for (ObjectWalk walk(value); walk.next();) {
      if (!same_string(walk.member().key, path.keys[i])) continue;
      found = walk.member().value;
      if (i < tracked) break;
    }
    if (found == nullptr) return nullptr;
    value = found;
  }
  return value;
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
