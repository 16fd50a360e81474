#include "query/json_values.h"

#include "base/errors.h"
#include "pattern/pattern_scanner.h"

namespace syncdex::inline v0 {
namespace {

// The byte after the container that begins at p, or `end` if it is not closed.
const char* skip_container(const char* p, const char* end) noexcept {
  std::size_t depth = 0;
  for (; p != end; ++p) {
    if (*p == '{' || *p == '[') {
      ++depth;
    } else if (*p == '}' || *p == ']') {
      if (--depth == 0) return p + 1;
    } else if (*p == '"') {
      for (++p; p != end && *p != '"'; ++p) {
        if (*p == '\\' && ++p == end) return end;
      }
      if (p == end) return end;
    }
  }
  return end;
}

}  // namespace

std::string_view JsonValues::decoded(std::string_view raw) {
  if (raw.find('\\') == std::string_view::npos) return raw;
  std::string& text = own_texts_.emplace_front();
  append_decoded(raw, text);
  return text;
}

std::optional<Error> JsonValues::parse(std::optional<std::string_view> raw_key, std::size_t deepest) {
  PatternScanner in(json_);
  const char* const end = json_.data() + json_.size();
  const std::size_t bad = find_invalid_utf8(json_);
  if (bad != std::string_view::npos) {
    return in.error(ErrorCode::invalid_utf8, json_.data() + bad, "invalid UTF-8");
  }
  std::vector<std::uint32_t> open;
  const char* key_at = nullptr;
  std::string_view key;
  for (;;) {
    // A value is expected.
    in.skip_space();
    if (in.done()) return in.unexpected("a JSON value is expected");
    const auto number = static_cast<std::uint32_t>(values_.size());
    JsonValue value{kind_of(*in.at()), {}, key, in.at(), key_at, number + 1};
    bool opened = false;
    switch (value.kind) {
      case Kind::object:
      case Kind::array: {
        if (value.kind == Kind::object && key_at != nullptr && key == raw_key) {
          const char* const after = skip_container(value.at, end);
          value.text = {value.at, static_cast<std::size_t>(after - value.at)};
          in.skip_to(after);
          break;
        }
        if (open.size() >= deepest) {
          Error e = in.error(ErrorCode::limit_exceeded, value.at, "nested too deep");
          e.limit = "depth";
          return e;
        }
        in.accept(*value.at);
        opened = !in.accept(value.kind == Kind::array ? ']' : '}');
        if (opened) open.push_back(number);
        break;
      }
      case Kind::string: {
        std::string_view raw;
        if (auto e = in.string(raw)) return e;
        value.text = decoded(raw);
        break;
      }
      case Kind::number:
        if (auto e = in.number(value.text, limits_)) return e;
        break;
      default:
        if (!in.accept(*value.at == 't'   ? std::string_view("true")
                       : *value.at == 'f' ? std::string_view("false")
                                          : std::string_view("null"))) {
          return in.error(ErrorCode::invalid_pattern, value.at, "a JSON value is expected");
        }
    }
    values_.push_back(value);
    // What follows: the end of containers, or the next value.
    for (bool first = opened;; first = false) {
      if (open.empty()) {
        in.skip_space();
        if (!in.done()) return in.unexpected("text follows the filter");
        return std::nullopt;
      }
      const bool object = values_[open.back()].kind == Kind::object;
      if (!first) {
        if (in.accept(object ? '}' : ']')) {
          values_[open.back()].end = static_cast<std::uint32_t>(values_.size());
          open.pop_back();
          continue;
        }
        if (!in.accept(',')) {
          return in.unexpected(object ? "',' or '}' is expected" : "',' or ']' is expected");
        }
      }
      key = {};
      key_at = nullptr;
      if (object) {
        in.skip_space();
        if (in.done() || *in.at() != '"') return in.unexpected("a key in quotes is expected");
        key_at = in.at();
        std::string_view raw;
        if (auto e = in.string(raw)) return e;
        key = decoded(raw);
        if (!in.accept(':')) return in.unexpected("':' is expected");
      }
      break;
    }
  }
}

}  // namespace syncdex::inline v0
