#include "json/scalar.h"

#include <cassert>
#include <limits>

namespace syncdex::inline v0 {

std::string_view with_article(Kind kind) noexcept {
  switch (kind) {
    case Kind::null: return "null";
    case Kind::boolean_false:
    case Kind::boolean_true: return "a boolean";
    case Kind::number: return "a number";
    case Kind::string: return "a string";
    case Kind::array: return "an array";
    case Kind::object: return "an object";
  }
  return "a value";
}

void append_scalar(Kind kind, std::string_view text, std::string& out) {
  switch (kind) {
    case Kind::null: out += "null"; return;
    case Kind::boolean_false: out += "false"; return;
    case Kind::boolean_true: out += "true"; return;
    case Kind::number: out += text; return;
    case Kind::string: append_quoted(text, out); return;
    case Kind::array:
    case Kind::object: assert(false);
  }
}

bool is_number_or_literal(std::string_view text) noexcept {
  if (text == "true" || text == "false" || text == "null") return true;
  constexpr auto kAny = std::numeric_limits<std::uint32_t>::max();
  const char* const end = text.data() + text.size();
  const NumberScan scan = scan_number(text.data(), end, kAny, kAny);
  return !text.empty() && scan.fault == NumberFault::none && scan.end == end;
}

}  // namespace syncdex::inline v0
