#include "json/framing.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "json/json_text.h"

namespace syncdex::inline v0 {

// Keeps one bit per open container: 0 for an array, 1 for an object.
ValueEnd find_value_end(const char* p, const char* end) {
  if (*p != '{' && *p != '[' && *p != '"') {
    // A scalar or invalid text: ends at the first byte that can only occur outside of a scalar.
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

namespace {

// Calls take(raw key, value) for the members of the object at p until it returns true. Returns the value for
// which it did, or nullptr if it never did before the object ended or was found not to be balanced.
template <class Take>
const char* find_member(const char* p, const char* end, Take take) {
  for (p = skip_space(p + 1, end); p != end && *p == '"'; p = skip_space(p + 1, end)) {
    const ValueEnd key = find_value_end(p, end);
    if (key.end == nullptr) return nullptr;
    const std::string_view raw(p + 1, static_cast<std::size_t>(key.end - p - 2));
    p = skip_space(key.end, end);
    if (p == end || *p != ':') return nullptr;
    p = skip_space(p + 1, end);
    if (p == end) return nullptr;
    if (take(raw, p)) return p;
    const ValueEnd value = find_value_end(p, end);
    if (value.end == nullptr) return nullptr;
    p = skip_space(value.end, end);
    if (p == end || *p != ',') return nullptr;
  }
  return nullptr;
}

}  // namespace

const char* find_record_array(const char* p, const char* end, std::string_view key) {
  bool has_id = false;
  const char* const found = find_member(p, end, [&](std::string_view raw, const char* value) {
    has_id = is_key(raw, "id");
    return has_id || (*value == '[' && is_key(raw, key));
  });
  return has_id ? nullptr : found;
}

const char* find_single_record(const char* p, const char* end, std::string_view key) {
  const char* record = nullptr;
  bool has_id = false;
  find_member(p, end, [&](std::string_view raw, const char* value) {
    if (is_key(raw, "id")) return has_id = true;
    if (is_key(raw, key)) record = *value == '{' ? value : nullptr;
    return false;
  });
  return has_id ? nullptr : record;
}

std::string_view find_id(const char* p, const char* end) {
  const char* const value =
      find_member(p, end, [](std::string_view raw, const char*) { return is_key(raw, "id"); });
  if (value == nullptr || *value != '"') return {};
  const char* const after = find_value_end(value, end).end;
  return after != nullptr ? std::string_view(value + 1, after - 1) : std::string_view();
}

bool has_string_id(const char* p, const char* end) {
  return find_member(p, end, [](std::string_view raw, const char* value) {
           return *value == '"' && is_key(raw, "id");
         }) != nullptr;
}

std::vector<std::string_view> keys_of_object_arrays(const char* p, const char* end) {
  constexpr std::size_t kMostKeys = 3;
  constexpr std::size_t kLongestKey = 64;
  std::vector<std::string_view> keys;
  find_member(p, end, [&](std::string_view raw, const char* value) {
    const char* const first = *value == '[' ? skip_space(value + 1, end) : end;
    const bool plain = raw.size() <= kLongestKey && is_plain_key(raw);
    if (first != end && *first == '{' && plain) keys.push_back(raw);
    return keys.size() == kMostKeys;
  });
  return keys;
}

bool is_key(std::string_view raw, std::string_view key) {
  return check_escapes(raw).fault == StringFault::none && same_string(raw, key);
}

bool is_lines(const char* p, const char* end) {
  if (*p != '{') return false;
  const auto* feed = static_cast<const char*>(std::memchr(p, '\n', static_cast<std::size_t>(end - p)));
  if (feed == nullptr || skip_space(feed, end) == end) return false;
  const ValueEnd extent = find_value_end(p, feed);
  return extent.end != nullptr && skip_space(extent.end, feed) == feed;
}

bool is_balanced(const char* p, const char* end) {
  std::vector<bool> open;
  for (; p != end; ++p) {
    if (is_space(*p)) continue;
    if (open.empty() && *p != '{' && *p != '[') return false;
    if (*p == '"') {
      for (++p; p < end && *p != '"' && *p != '\n'; ++p) p += *p == '\\' ? 1 : 0;
      if (p >= end || *p == '\n') return false;
    } else if (*p == '{' || *p == '[') {
      open.push_back(*p == '{');
    } else if (*p == '}' || *p == ']') {
      if (open.back() != (*p == '}')) return false;
      open.pop_back();
    }
  }
  return open.empty();
}

const char* recognize_other_format(std::string_view text) noexcept {
  const auto begins = [&](std::string_view head) { return text.starts_with(head); };
  if (begins("\x1F\x8B")) return "this looks like gzip: decompress it first (gzip -dc)";
  if (begins("PK\x03\x04")) return "this looks like a zip archive: extract it first (unzip -p)";
  if (begins("\x28\xB5\x2F\xFD")) return "this looks like zstd: decompress it first (zstd -dc)";
  const bool utf16_or_32 = begins("\xFE\xFF") || begins("\xFF\xFE") ||
                           (text.size() > 1 && (text[0] == '\0') != (text[1] == '\0')) ||
                           begins(std::string_view("\0\0\xFE\xFF", 4)) ||
                           begins(std::string_view("\0\0\0", 3));
  if (utf16_or_32) return "this looks like UTF-16 or UTF-32: convert it to UTF-8 first (iconv -t UTF-8)";
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  if (begins("<")) return "this looks like HTML or XML, perhaps an error page: fetch the JSON itself";
  if (begins("HTTP/")) return "this looks like an HTTP response with its headers: keep only the body";
  for (const std::string_view field : {"data:", "event:", "retry:", ": "}) {
    if (begins(field)) return "this looks like an event stream: keep only the JSON behind each \"data:\"";
  }
  const std::string_view line = text.substr(0, text.find('\n'));
  if (!line.empty() && line.size() < text.size() && line.find(',') != line.npos &&
      line.find_first_of("{}[]:") == line.npos) {
    return "this looks like CSV: convert it to JSON first";
  }
  return nullptr;
}

const char* explain_unexpected(const char* at, const char* end, const char* otherwise) noexcept {
  const std::string_view text(at, static_cast<std::size_t>(end - at));
  const auto begins = [&](std::string_view head) { return text.starts_with(head); };
  if (begins("NaN") || begins("Infinity") || begins("-Infinity")) {
    return "NaN and Infinity are not JSON: use null or a string";
  }
  if (begins("//") || begins("/*") || begins("#")) return "comments are not JSON: remove them";
  if (begins("'")) return "single quotes are not JSON: use double quotes";
  if (begins("\xEF\xBB\xBF")) return "a byte order mark is allowed only at the start of the input";
  return otherwise;
}

}  // namespace syncdex::inline v0
