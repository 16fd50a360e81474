// Exact scalars: decimals of any size and strings with escapes, compared in place as text.
//
// A number is never converted to a double. Its text is read as
//
//   -0.00420e7   ->   negative, digits 42, point 5:   - 0.42 * 10^5
//
// that is, without leading and trailing zeros, and with the position of the decimal point counted from the
// first remaining digit. Two texts are the same number if sign, digits and point are equal. Zero has no
// digits, no sign and point 0. No cost grows with the value of an exponent.
//
// Independent of records and indexes.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/hash.h"

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

constexpr bool is_space(char c) noexcept { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }
constexpr bool is_digit(char c) noexcept { return static_cast<unsigned char>(c - '0') < 10; }
// The value of a hexadecimal digit, or -1.
constexpr int hex_value(char c) noexcept {
  if (is_digit(c)) return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// --- numbers ---

struct Decimal {
  bool negative = false;
  const char* digits = nullptr;  // the first digit; a '.' may occur between digits
  std::uint32_t count = 0;       // number of digits, without the '.'
  std::int64_t point = 0;
};

enum class NumberFault : std::uint8_t { none, grammar, digits, exponent };

struct NumberScan {
  const char* end;  // after the number, or where the grammar is violated
  NumberFault fault;
};

// Reads one number at p by JSON's grammar. Stops at the first byte that cannot belong to it. `max_digits`
// limits the digits before the exponent.
NumberScan scan_number(const char* p, const char* end, std::uint32_t max_digits,
                       std::uint32_t max_exponent) noexcept;

// REQUIRES: scan_number() accepted exactly this text.
Decimal parse_decimal(std::string_view number) noexcept;

bool equal(const Decimal& a, const Decimal& b) noexcept;
std::strong_ordering compare(const Decimal& a, const Decimal& b) noexcept;
std::uint64_t hash(const HashSeed& seed, const Decimal& d) noexcept;

// Appends the canonical text of the number: equal numbers have the same text. Its exponent stays within
// `max_exponent`.
void append_canonical(const Decimal& d, std::uint32_t max_exponent, std::string& out);

// --- strings ---

// Decodes the text between the quotes, appending to `out`. REQUIRES: valid escapes.
void append_decoded(std::string_view raw, std::string& out);

// Compares the text between the quotes, decoded, with `plain`. Returns < 0, 0 or > 0.
// REQUIRES: valid escapes.
int compare_decoded(std::string_view raw, std::string_view plain) noexcept;

enum class StringFault : std::uint8_t { none, escape, surrogate };

struct EscapeScan {
  const char* at;  // the backslash of the first invalid escape sequence, or the end
  StringFault fault;
};

// Checks the escape sequences of the text between the quotes.
EscapeScan check_escapes(std::string_view raw) noexcept;

// Whether a key is one or more of A-Z a-z 0-9 _ - . alone: it can be shown and typed without quotes.
bool is_plain_key(std::string_view key) noexcept;

// Appends `text` as a JSON string: in quotes, with ", \ and control characters escaped.
void append_quoted(std::string_view text, std::string& out);

// Appends a scalar of a query or a pattern. `text` is a decoded string or the text of a number.
// REQUIRES: not a container.
void append_scalar(Kind kind, std::string_view text, std::string& out);

// Returns the offset of the first invalid UTF-8 sequence, or npos.
std::size_t find_invalid_utf8(std::string_view text) noexcept;

}  // namespace syncdex::inline v0
