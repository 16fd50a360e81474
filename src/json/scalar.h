// The kinds of JSON values, and scalars as kind and text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "json/chars.h"
#include "json/decimal.h"
#include "json/strings.h"

namespace syncdex::inline v0 {

// The kinds of JSON value, in the order in which canonical arrays are sorted.
enum class Kind : std::uint8_t { null, boolean_false, boolean_true, number, string, array, object };

// The kind of the value whose text begins with `first`. REQUIRES: the text is a JSON value.
inline Kind kind_of(char first) noexcept {
  switch (first) {
    case '{': return Kind::object;
    case '[': return Kind::array;
    case '"': return Kind::string;
    case 't': return Kind::boolean_true;
    case 'f': return Kind::boolean_false;
    case 'n': return Kind::null;
    default: return Kind::number;
  }
}

// "an object", "a number", ...; for messages.
std::string_view with_article(Kind kind) noexcept;

// Whether the text is a JSON number, true, false or null, and nothing else.
bool is_number_or_literal(std::string_view text) noexcept;

// Appends a scalar of a query or a pattern. `text` is a decoded string or the text of a number.
// REQUIRES: not a container.
void append_scalar(Kind kind, std::string_view text, std::string& out);

}  // namespace syncdex::inline v0
