// The slow twin: containment written from the rules alone, over a DOM of its own. It shares no code
// with src/, so that an error there is not repeated here.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace syncdex::oracle {

// A number, exactly: sign, digits without zeros at either end, and the power of ten of the last digit.
struct Number {
  bool negative = false;
  std::string digits;
  long long exponent = 0;
  bool operator==(const Number&) const = default;
};

struct Value {
  enum Kind { null, boolean, number, string, array, object } kind = null;
  bool truth = false;
  Number decimal;
  std::string text;
  std::vector<Value> elements;
  std::map<std::string, Value> members;  // of a key that stands twice, the last
  bool operator==(const Value&) const = default;
};

// Nothing where the text is not one JSON value (or holds invalid UTF-8, or a lone surrogate).
std::optional<Value> parse(std::string_view json);

// PostgreSQL's jsonb @>, but for its exception at the top level.
bool contains(const Value& whole, const Value& part);

// REQUIRES: both are JSON.
bool contains(std::string_view whole, std::string_view part);

// application/x-www-form-urlencoded by the WHATWG rules; nothing for malformed percent-encoding.
std::optional<std::vector<std::pair<std::string, std::string>>> parse_form(std::string_view text);

bool is_utf8(std::string_view text);

}  // namespace syncdex::oracle
