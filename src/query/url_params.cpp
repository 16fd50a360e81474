#include "query/url_params.h"

#include <algorithm>
#include <cstring>
#include <memory>

#include "base/errors.h"
#include "json/scalar.h"

namespace syncdex::inline v0 {
namespace {

// Decodes into `out`, which is large enough. Returns the end; or nullptr, and `bad` is the place of the bad
// byte.
char* decode(std::string_view raw, char* out, const char*& bad) noexcept {
  for (std::size_t i = 0; i < raw.size(); ++i) {
    const char c = raw[i];
    if (c == '+') {
      *out++ = ' ';
    } else if (c != '%') {
      *out++ = c;
    } else {
      const int high = raw.size() - i > 2 ? hex_value(raw[i + 1]) : -1;
      const int low = high >= 0 ? hex_value(raw[i + 2]) : -1;
      if (low < 0) {
        bad = raw.data() + i;
        return nullptr;
      }
      *out++ = static_cast<char>(high << 4 | low);
      i += 2;
    }
  }
  return out;
}

}  // namespace

std::size_t raw_offset(std::string_view raw, std::size_t decoded) noexcept {
  std::size_t at = 0;
  for (; decoded > 0 && at < raw.size(); --decoded) at += raw[at] == '%' ? 3U : 1U;
  return at;
}

Result<UrlParams> UrlParams::parse(std::string_view url_query, const Limits& limits) {
  const auto exceeded = [&](const char* at, const char* message, const char* limit) {
    Error e = error_at(ErrorCode::limit_exceeded, url_query, at, message);
    name_limit(e, limits, limit);
    return e;
  };
  if (url_query.size() > limits.request_bytes) {
    return exceeded(url_query.data(), "the request is too long", "request_bytes");
  }
  UrlParams result;
  result.params_.reserve(8);
  std::uint64_t counted = 0;
  const char* p = url_query.data();
  const char* const end = p + url_query.size();
  result.decoded_ = std::make_unique_for_overwrite<char[]>(url_query.size() + 1);
  char* out = result.decoded_.get();
  while (p < end) {
    const auto* amp = static_cast<const char*>(std::memchr(p, '&', static_cast<std::size_t>(end - p)));
    if (amp == nullptr) amp = end;
    const std::string_view pair(p, static_cast<std::size_t>(amp - p));
    p = amp + 1;
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    UrlParam param;
    param.raw_name = pair.substr(0, equals);
    param.raw_value = pair.substr(std::min(equals + 1, pair.size()));
    std::string_view UrlParam::*const decoded[] = {&UrlParam::name, &UrlParam::value};
    const std::string_view raw[] = {param.raw_name, param.raw_value};
    for (std::size_t i = 0; i < 2; ++i) {
      const char* bad = nullptr;
      char* const from = out;
      out = decode(raw[i], out, bad);
      if (out == nullptr) {
        Error e = error_at(ErrorCode::malformed_encoding, url_query, bad,
                           "'%' must be followed by two hexadecimal digits");
        if (i == 1) e.parameter = param.name;
        return e;
      }
      param.*decoded[i] = {from, static_cast<std::size_t>(out - from)};
      const std::size_t invalid = find_invalid_utf8(param.*decoded[i]);
      if (invalid != std::string_view::npos) {
        Error e = error_at(ErrorCode::invalid_utf8, url_query, raw[i].data() + raw_offset(raw[i], invalid),
                           "invalid UTF-8");
        if (i == 1) e.parameter = param.name;
        return e;
      }
    }
    if (!repeats_to_list(param.name) && ++counted > limits.parameters) {
      return exceeded(pair.data(), "the request has too many parameters", "parameters");
    }
    result.params_.push_back(param);
  }
  return result;
}

void append_form_encoded(std::string_view text, std::string& out) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  for (const char c : text) {
    const bool plain = is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '*' ||
                       c == '-' || c == '.' || c == '_';
    if (plain) {
      out += c;
    } else if (c == ' ') {
      out += '+';
    } else {
      out += '%';
      out += kHex[static_cast<unsigned char>(c) >> 4];
      out += kHex[c & 0xF];
    }
  }
}

bool repeats_to_list(std::string_view name) noexcept {
  return name.ends_with("[in]") || name.ends_with("[nin]");
}

std::optional<Role> parameter_role(std::string_view name) noexcept {
  for (std::size_t i = 0; i < kRoles; ++i) {
    const auto role = static_cast<Role>(i);
    if (role == Role::health || role == Role::metadata || role == Role::collection_id || role == Role::data)
      continue;
    if (to_string(role) == name) return role;
  }
  return std::nullopt;
}

}  // namespace syncdex::inline v0
