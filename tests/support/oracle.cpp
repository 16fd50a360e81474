#include "support/oracle.h"

#include <algorithm>
#include <cstdlib>

namespace syncdex::oracle {
namespace {

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  std::optional<Value> document() {
    Value v;
    space();
    if (!value(v)) return std::nullopt;
    space();
    if (at_ != text_.size()) return std::nullopt;
    return v;
  }

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool more() const { return at_ < text_.size(); }
  void space() {
    while (more() && std::string_view(" \t\r\n").find(peek()) != std::string_view::npos) ++at_;
  }
  bool take(char c) {
    space();
    if (!more() || peek() != c) return false;
    ++at_;
    return true;
  }
  bool word(std::string_view w) {
    if (text_.substr(at_, w.size()) != w) return false;
    at_ += w.size();
    return true;
  }

  bool value(Value& v) {
    space();
    if (!more()) return false;
    switch (peek()) {
      case '{': return object(v);
      case '[': return array(v);
      case '"': v.kind = Value::string; return string(v.text);
      case 't':
        v.kind = Value::boolean;
        v.truth = true;
        return word("true");
      case 'f': v.kind = Value::boolean; return word("false");
      case 'n': return word("null");
      default: return number(v);
    }
  }

  bool object(Value& v) {
    v.kind = Value::object;
    ++at_;
    if (take('}')) return true;
    for (;;) {
      space();
      std::string key;
      if (peek() != '"' || !string(key) || !take(':')) return false;
      Value child;
      if (!value(child)) return false;
      v.members[key] = std::move(child);
      if (take('}')) return true;
      if (!take(',')) return false;
    }
  }

  bool array(Value& v) {
    v.kind = Value::array;
    ++at_;
    if (take(']')) return true;
    for (;;) {
      Value child;
      if (!value(child)) return false;
      v.elements.push_back(std::move(child));
      if (take(']')) return true;
      if (!take(',')) return false;
    }
  }

  static void encode(unsigned long c, std::string& out) {
    if (c < 0x80) {
      out += static_cast<char>(c);
    } else if (c < 0x800) {
      out += static_cast<char>(0xC0 + c / 64);
      out += static_cast<char>(0x80 + c % 64);
    } else if (c < 0x10000) {
      out += static_cast<char>(0xE0 + c / 4096);
      out += static_cast<char>(0x80 + c / 64 % 64);
      out += static_cast<char>(0x80 + c % 64);
    } else {
      out += static_cast<char>(0xF0 + c / 262144);
      out += static_cast<char>(0x80 + c / 4096 % 64);
      out += static_cast<char>(0x80 + c / 64 % 64);
      out += static_cast<char>(0x80 + c % 64);
    }
  }

  bool hex(unsigned long& c) {
    const std::string digits(text_.substr(at_, 4));
    if (digits.size() != 4 || digits.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos)
      return false;
    c = std::strtoul(digits.c_str(), nullptr, 16);
    at_ += 4;
    return true;
  }

  bool string(std::string& out) {
    for (++at_;;) {
      if (!more()) return false;
      const char c = text_[at_++];
      if (c == '"') return is_utf8(out);
      if (static_cast<unsigned char>(c) < 32) return false;
      if (c != '\\') {
        out += c;
        continue;
      }
      if (!more()) return false;
      const char e = text_[at_++];
      const std::string_view from = "\"\\/bfnrt";
      const std::string_view to = "\"\\/\b\f\n\r\t";
      if (const auto i = from.find(e); i != std::string_view::npos) {
        out += to[i];
        continue;
      }
      unsigned long high = 0;
      if (e != 'u' || !hex(high)) return false;
      if (high >= 0xDC00 && high <= 0xDFFF) return false;
      if (high >= 0xD800 && high <= 0xDBFF) {
        unsigned long low = 0;
        if (!word("\\u") || !hex(low) || low < 0xDC00 || low > 0xDFFF) return false;
        high = 0x10000 + (high - 0xD800) * 1024 + (low - 0xDC00);
      }
      encode(high, out);
    }
  }

  std::string digits() {
    std::string all;
    while (more() && peek() >= '0' && peek() <= '9') all += text_[at_++];
    return all;
  }

  bool number(Value& v) {
    v.kind = Value::number;
    Number& n = v.decimal;
    if (peek() == '-') {
      n.negative = true;
      ++at_;
    }
    const std::string whole = digits();
    if (whole.empty() || (whole.size() > 1 && whole[0] == '0')) return false;
    n.digits = whole;
    if (peek() == '.') {
      ++at_;
      const std::string fraction = digits();
      if (fraction.empty()) return false;
      n.digits += fraction;
      n.exponent = -static_cast<long long>(fraction.size());
    }
    if (peek() == 'e' || peek() == 'E') {
      ++at_;
      const bool minus = peek() == '-';
      if (peek() == '-' || peek() == '+') ++at_;
      std::string exponent = digits();
      if (exponent.empty()) return false;
      exponent.erase(0, std::min(exponent.find_first_not_of('0'), exponent.size()));
      const long long e = std::strtoll(exponent.substr(0, 15).c_str(), nullptr, 10);  // long ones are refused
      n.exponent += minus ? -e : e;
    }
    while (!n.digits.empty() && n.digits.back() == '0') {
      n.digits.pop_back();
      ++n.exponent;
    }
    n.digits.erase(0, n.digits.find_first_not_of('0'));
    if (n.digits.empty()) n = Number{};
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

std::optional<Value> parse(std::string_view json) { return Reader(json).document(); }

bool contains(const Value& whole, const Value& part) {
  if (whole.kind != part.kind) return false;
  switch (part.kind) {
    case Value::null: return true;
    case Value::boolean: return whole.truth == part.truth;
    case Value::number: return whole.decimal == part.decimal;
    case Value::string: return whole.text == part.text;
    case Value::object:
      for (const auto& [key, value] : part.members) {
        const auto at = whole.members.find(key);
        if (at == whole.members.end() || !contains(at->second, value)) return false;
      }
      return true;
    case Value::array:
      for (const Value& wanted : part.elements) {
        bool found = false;
        for (const Value& element : whole.elements) found = found || contains(element, wanted);
        if (!found) return false;
      }
      return true;
  }
  return false;
}

bool contains(std::string_view whole, std::string_view part) { return contains(*parse(whole), *parse(part)); }

std::optional<std::vector<std::pair<std::string, std::string>>> parse_form(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> pairs;
  const auto decode = [](std::string_view raw) -> std::optional<std::string> {
    std::string out;
    for (std::size_t i = 0; i < raw.size(); ++i) {
      if (raw[i] == '+') {
        out += ' ';
      } else if (raw[i] == '%') {
        const std::string hex(raw.substr(i + 1, 2));
        if (hex.size() != 2 || hex.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos)
          return std::nullopt;
        out += static_cast<char>(std::strtol(hex.c_str(), nullptr, 16));
        i += 2;
      } else {
        out += raw[i];
      }
    }
    return out;
  };
  std::size_t from = 0;
  while (from <= text.size()) {
    const std::size_t to = std::min(text.find('&', from), text.size());
    const std::string_view pair = text.substr(from, to - from);
    from = to + 1;
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    const auto name = decode(pair.substr(0, equals));
    const auto value =
        decode(equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1));
    if (!name || !value) return std::nullopt;
    pairs.emplace_back(*name, *value);
  }
  return pairs;
}

bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = [&](std::size_t k) {
      return i + k < text.size() ? static_cast<unsigned char>(text[i + k]) : 0u;
    };
    const auto tail = [&](std::size_t k) { return (byte(k) & 0xC0u) == 0x80u; };
    if (byte(0) < 0x80) {
      i += 1;
    } else if ((byte(0) & 0xE0u) == 0xC0u && tail(1)) {
      if (((byte(0) & 0x1Fu) << 6 | (byte(1) & 0x3Fu)) < 0x80) return false;
      i += 2;
    } else if ((byte(0) & 0xF0u) == 0xE0u && tail(1) && tail(2)) {
      const unsigned c = (byte(0) & 0xFu) << 12 | (byte(1) & 0x3Fu) << 6 | (byte(2) & 0x3Fu);
      if (c < 0x800 || (c >= 0xD800 && c <= 0xDFFF)) return false;
      i += 3;
    } else if ((byte(0) & 0xF8u) == 0xF0u && tail(1) && tail(2) && tail(3)) {
      const unsigned c =
          (byte(0) & 7u) << 18 | (byte(1) & 0x3Fu) << 12 | (byte(2) & 0x3Fu) << 6 | (byte(3) & 0x3Fu);
      if (c < 0x10000 || c > 0x10FFFF) return false;
      i += 4;
    } else {
      return false;
    }
  }
  return true;
}

}  // namespace syncdex::oracle
