// The reference implementation of containment, written from the rules alone, with its own DOM. It shares no
// code with src/, so that an error there is not repeated here.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace syncdex::oracle {

// An exact number: sign, digits without leading or trailing zeros, and the power of ten of the last digit.
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
  std::map<std::string, Value> members;  // of duplicate keys, the last
  bool operator==(const Value&) const = default;
};

// Returns nothing if the text is not one JSON value, or has invalid UTF-8 or an unpaired surrogate.
std::optional<Value> parse(std::string_view json);

// PostgreSQL's jsonb @>, without its exception at the top level.
bool contains(const Value& whole, const Value& part);

// REQUIRES: both are JSON.
bool contains(std::string_view whole, std::string_view part);

// Parses application/x-www-form-urlencoded by the WHATWG rules. Returns nothing for malformed
// percent-encoding.
std::optional<std::vector<std::pair<std::string, std::string>>> parse_form(std::string_view text);

bool is_utf8(std::string_view text);

}  // namespace syncdex::oracle
