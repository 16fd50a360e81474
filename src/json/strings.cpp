#include "json/strings.h"

#include <algorithm>
#include <cstring>

#include "base/hash.h"
#include "json/chars.h"

namespace syncdex::inline v0 {
namespace {

constexpr bool is_high_surrogate(std::int32_t c) noexcept { return c >= 0xD800 && c < 0xDC00; }
constexpr bool is_low_surrogate(std::int32_t c) noexcept { return c >= 0xDC00 && c < 0xE000; }

// The value of the four hexadecimal digits at p, or -1.
std::int32_t hex4(const char* p, const char* end) noexcept {
  if (end - p < 4) return -1;
  std::int32_t value = 0;
  for (int i = 0; i < 4; ++i) {
    const int digit = hex_value(p[i]);
    if (digit < 0) return -1;
    value = value << 4 | digit;
  }
  return value;
}

// Encodes a code point as UTF-8. Returns the length.
std::size_t encode_utf8(std::uint32_t c, char (&out)[4]) noexcept {
  if (c < 0x80) {
    out[0] = static_cast<char>(c);
    return 1;
  }
  if (c < 0x800) {
    out[0] = static_cast<char>(0xC0 | c >> 6);
    out[1] = static_cast<char>(0x80 | (c & 0x3F));
    return 2;
  }
  if (c < 0x10000) {
    out[0] = static_cast<char>(0xE0 | c >> 12);
    out[1] = static_cast<char>(0x80 | (c >> 6 & 0x3F));
    out[2] = static_cast<char>(0x80 | (c & 0x3F));
    return 3;
  }
  out[0] = static_cast<char>(0xF0 | c >> 18);
  out[1] = static_cast<char>(0x80 | (c >> 12 & 0x3F));
  out[2] = static_cast<char>(0x80 | (c >> 6 & 0x3F));
  out[3] = static_cast<char>(0x80 | (c & 0x3F));
  return 4;
}

// Decodes the escape sequence at p (a backslash) into `out` and moves p past it. Returns the length.
std::size_t decode_escape(const char*& p, const char* end, char (&out)[4]) noexcept {
  const char kind = p[1];
  p += 2;
  switch (kind) {
    case 'b': out[0] = '\b'; return 1;
    case 'f': out[0] = '\f'; return 1;
    case 'n': out[0] = '\n'; return 1;
    case 'r': out[0] = '\r'; return 1;
    case 't': out[0] = '\t'; return 1;
    case 'u': break;
    default: out[0] = kind; return 1;
  }
  auto c = static_cast<std::uint32_t>(hex4(p, end));
  p += 4;
  if (is_high_surrogate(static_cast<std::int32_t>(c))) {
    const auto low = static_cast<std::uint32_t>(hex4(p + 2, end));
    p += 6;
    c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
  }
  return encode_utf8(c, out);
}

}  // namespace

void append_decoded(std::string_view raw, std::string& out) {
  const char* p = raw.data();
  const char* const end = p + raw.size();
  while (p != end) {
    const auto* slash = static_cast<const char*>(std::memchr(p, '\\', static_cast<std::size_t>(end - p)));
    if (slash == nullptr) slash = end;
    out.append(p, slash);
    p = slash;
    if (p != end) {
      char bytes[4];
      const std::size_t n = decode_escape(p, end, bytes);
      out.append(bytes, n);
    }
  }
}

int compare_decoded(std::string_view raw, std::string_view plain) noexcept {
  const char* p = raw.data();
  const char* const end = p + raw.size();
  std::size_t at = 0;
  while (p != end) {
    char bytes[4];
    std::size_t n = 1;
    if (*p == '\\') {
      n = decode_escape(p, end, bytes);
    } else {
      bytes[0] = *p++;
    }
    const int order = std::string_view(bytes, n).compare(plain.substr(at, n));
    if (order != 0) return order;
    at += n;
  }
  return at == plain.size() ? 0 : -1;
}

EscapeScan check_escapes(std::string_view raw) noexcept {
  const char* p = raw.data();
  const char* const end = p + raw.size();
  for (;;) {
    p = static_cast<const char*>(std::memchr(p, '\\', static_cast<std::size_t>(end - p)));
    if (p == nullptr) return {end, StringFault::none};
    if (end - p < 2) return {p, StringFault::escape};
    switch (p[1]) {
      case '"':
      case '\\':
      case '/':
      case 'b':
      case 'f':
      case 'n':
      case 'r':
      case 't': p += 2; continue;
      case 'u': break;
      default: return {p, StringFault::escape};
    }
    const std::int32_t c = hex4(p + 2, end);
    if (c < 0) return {p, StringFault::escape};
    if (is_low_surrogate(c)) return {p, StringFault::surrogate};
    if (!is_high_surrogate(c)) {
      p += 6;
      continue;
    }
    const bool pair = end - p >= 12 && p[6] == '\\' && p[7] == 'u' && is_low_surrogate(hex4(p + 8, end));
    if (!pair) return {p, StringFault::surrogate};
    p += 12;
  }
}

bool is_plain_key(std::string_view key) noexcept {
  return !key.empty() && std::ranges::all_of(key, [](char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-' ||
           c == '.';
  });
}

void append_quoted(std::string_view text, std::string& out) {
  static constexpr char kHex[] = "0123456789abcdef";
  const auto plain = [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\'; };
  out += '"';
  while (!text.empty()) {
    const auto run = static_cast<std::size_t>(std::ranges::find_if_not(text, plain) - text.begin());
    out += text.substr(0, run);
    if (run == text.size()) break;
    const char c = text[run];
    text.remove_prefix(run + 1);
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\b': out += "\\b"; break;
      case '\f': out += "\\f"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default:
        out += "\\u00";
        out += kHex[static_cast<unsigned char>(c) >> 4];
        out += kHex[c & 0xF];
    }
  }
  out += '"';
}

std::size_t find_invalid_utf8(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const std::size_t n = text.size();
  for (std::size_t i = 0; i < n;) {
    while (n - i >= 8 && (load64(text.data() + i) & 0x8080'8080'8080'8080u) == 0) i += 8;
    if (i == n) break;
    const unsigned char lead = byte(i);
    if (lead < 0x80) {
      ++i;
      continue;
    }
    // The Unicode Standard, table 3-7: the second byte's range depends on the first.
    std::size_t length = 0;
    unsigned char low = 0x80;
    unsigned char high = 0xBF;
    if (lead >= 0xC2 && lead <= 0xDF) {
      length = 2;
    } else if (lead >= 0xE0 && lead <= 0xEF) {
      length = 3;
      if (lead == 0xE0) low = 0xA0;
      if (lead == 0xED) high = 0x9F;
    } else if (lead >= 0xF0 && lead <= 0xF4) {
      length = 4;
      if (lead == 0xF0) low = 0x90;
      if (lead == 0xF4) high = 0x8F;
    } else {
      return i;
    }
    if (n - i < length || byte(i + 1) < low || byte(i + 1) > high) return i;
    for (std::size_t k = 2; k < length; ++k) {
      if (byte(i + k) < 0x80 || byte(i + k) > 0xBF) return i;
    }
    i += length;
  }
  return std::string_view::npos;
}

}  // namespace syncdex::inline v0
