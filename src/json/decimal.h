// Exact decimals of any size, compared and hashed in place as text.
//
// A number is never converted to a double. Its text is read as
//
//   -0.00420e7   ->   negative, digits 42, point 5:   - 0.42 * 10^5
//
// that is, without leading and trailing zeros, and with the position of the decimal point counted from the
// first remaining digit. Two texts are the same number if sign, digits and point are equal. Zero has no
// digits, no sign and point 0. No cost grows with the value of an exponent.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/hash.h"

namespace syncdex::inline v0 {

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

// Returns the number without the digits after the first `most`: rounded toward zero.
Decimal first_digits(Decimal d, std::uint32_t most) noexcept;

bool equal(const Decimal& a, const Decimal& b) noexcept;
std::strong_ordering compare(const Decimal& a, const Decimal& b) noexcept;
std::uint64_t hash(const HashSeed& seed, const Decimal& d) noexcept;

// Appends the canonical text of the number: equal numbers have the same text. Its exponent stays within
// `max_exponent`.
void append_canonical(const Decimal& d, std::uint32_t max_exponent, std::string& out);

}  // namespace syncdex::inline v0
