#include "json/scalar.h"

#include <cassert>

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

}  // namespace syncdex::inline v0
