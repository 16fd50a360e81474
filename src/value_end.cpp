#include "value_end.h"

#include <vector>

#include "json_text.h"

namespace syncdex::inline v0 {

// The nesting is kept in bits: 0 for an array, 1 for an object.
ValueEnd find_value_end(const char* p, const char* end) {
  if (*p != '{' && *p != '[' && *p != '"') {
    // A scalar, or something that is none: up to what can only stand outside of one.
    constexpr std::string_view kOutside = "{}[]:,\" \n\t\r";
    const char* const begin = p++;
    while (p != end && kOutside.find(*p) == std::string_view::npos) ++p;
    if (*begin == '}' || *begin == ']') return {nullptr, begin, "brackets do not match"};
    return {p, nullptr, ""};
  }
  std::vector<bool> open;
  for (; p != end; ++p) {
    switch (*p) {
      case '"': {
        const char* const quote = p;
        for (++p; p < end && *p != '"'; ++p) p += *p == '\\' ? 1 : 0;
        if (p >= end) return {nullptr, quote, "a string is not closed"};
        break;
      }
      case '{':
      case '[': open.push_back(*p == '{'); break;
      case '}':
      case ']':
        if (open.back() != (*p == '}')) return {nullptr, p, "brackets do not match"};
        open.pop_back();
        break;
      default: continue;
    }
    if (open.empty()) return {p + 1, nullptr, ""};
  }
  return {nullptr, end, "the input ends within a value"};
}

const char* find_data(const char* p, const char* end) {
  for (p = skip_space(p + 1, end); p != end && *p == '"'; p = skip_space(p + 1, end)) {
    const ValueEnd key = find_value_end(p, end);
    if (key.end == nullptr) return nullptr;
    const std::string_view raw(p + 1, static_cast<std::size_t>(key.end - p - 2));
    p = skip_space(key.end, end);
    if (p == end || *p != ':') return nullptr;
    p = skip_space(p + 1, end);
    if (p == end || is_key(raw, "id")) return nullptr;
    if (*p == '[' && is_key(raw, "data")) return p;
    const ValueEnd value = find_value_end(p, end);
    if (value.end == nullptr) return nullptr;
    p = skip_space(value.end, end);
    if (p == end || *p != ',') return nullptr;
  }
  return nullptr;
}

bool is_key(std::string_view raw, std::string_view key) {
  return check_escapes(raw).fault == StringFault::none && same_string(raw, key);
}

}  // namespace syncdex::inline v0
