#include "terms/sort_key.h"

#include <bit>
#include <charconv>
#include <limits>

#include "json/decimal.h"

namespace syncdex::inline v0 {
namespace {

constexpr unsigned kKindShift = 61;

constexpr SortKey rank(Kind kind) noexcept {
  switch (kind) {
    case Kind::boolean_false: return 0;
    case Kind::boolean_true: return 1;
    case Kind::number: return 2;
    case Kind::string: return 3;
    case Kind::array: return 4;
    case Kind::object: return 5;
    case Kind::null: break;
  }
  return 6;
}

ExactKey number_key(std::string_view text) {
  const Decimal decimal = parse_decimal(text);
  if (decimal.count > kOrderedDigits) {
    std::string cut;
    append_canonical(first_digits(decimal, kOrderedDigits), UINT32_MAX, cut);
    return {number_key(cut).key, false, true};
  }
  double nearest = 0;
  if (decimal.count > 0) {
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), nearest);
    if (status != std::errc{}) {
      nearest = decimal.point > 0 ? std::numeric_limits<double>::infinity() : 0;
      if (decimal.negative) nearest = -nearest;
    }
  }
  constexpr std::uint64_t kSign = std::uint64_t{1} << 63;
  const auto bits = std::bit_cast<std::uint64_t>(nearest);
  const std::uint64_t ordered = (bits & kSign) != 0 ? ~bits : bits | kSign;
  // The key keeps 49 bits of the fraction. Within the range of doubles, decimals of so few digits lie further
  // apart than such numbers.
  constexpr std::uint32_t kExactDigits = 14;
  constexpr std::int64_t kExactPoint = 290;
  const bool exact =
      decimal.count <= kExactDigits && decimal.point < kExactPoint && decimal.point > -kExactPoint;
  return {first_key(Kind::number) | ordered >> (64 - kKindShift), exact};
}

// The first seven bytes, in the place that they have in a key.
SortKey seven_bytes(std::string_view text, unsigned char padding) noexcept {
  SortKey bytes = 0;
  for (std::size_t i = 0; i < 7; ++i) {
    bytes = bytes << 8 | (i < text.size() ? static_cast<unsigned char>(text[i]) : padding);
  }
  return bytes << 5;
}

// Strings of up to seven bytes have their length; longer ones come after these, by half of the eighth byte.
SortKey eighth(std::string_view text) noexcept {
  return text.size() <= 7 ? text.size() : SortKey{8} + (static_cast<unsigned char>(text[7]) >> 4);
}

}  // namespace

SortKey first_key(Kind kind) noexcept { return rank(kind) << kKindShift; }

ExactKey sort_key(Kind kind, std::string_view text) {
  switch (kind) {
    case Kind::null: return {kNullValue, true};
    case Kind::number: return number_key(text);
    case Kind::string: return {first_key(kind) | seven_bytes(text, 0) | eighth(text), text.size() <= 7};
    default: return {first_key(kind), true};
  }
}

ExactKey sort_key(const Instant& instant) noexcept {
  constexpr std::int64_t kBeforeAll = std::int64_t{1} << 36;  // more than the seconds from the year 0 to 1970
  const auto seconds = static_cast<SortKey>(instant.seconds + kBeforeAll);
  return {seconds << 25 | instant.nanoseconds >> 5, instant.nanoseconds % 32 == 0};
}

SortKey last_key_with_prefix(std::string_view prefix) noexcept {
  const SortKey last = prefix.size() <= 7 ? 31 : eighth(prefix);
  return first_key(Kind::string) | seven_bytes(prefix, 0xFF) | last;
}

std::string_view ordered_part(std::string_view text) noexcept {
  if (text.size() <= kOrderedCodePoints) return text;
  std::size_t code_points = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool begins = (static_cast<unsigned char>(text[i]) & 0xC0) != 0x80;
    if (begins && code_points++ == kOrderedCodePoints) return text.substr(0, i);
  }
  return text;
}

Decimal ordered_number(std::string_view text) noexcept {
  return first_digits(parse_decimal(text), kOrderedDigits);
}

SortValue SortValue::of(Kind kind, std::string_view text) {
  SortValue value;
  value.kind = kind;
  value.text = kind == Kind::string ? ordered_part(text) : text;
  value.key = sort_key(kind, value.text);
  return value;
}

SortValue SortValue::of(const Instant& instant) {
  SortValue value;
  value.kind = Kind::string;
  value.is_time = true;
  value.instant = instant;
  value.key = sort_key(instant);
  return value;
}

std::strong_ordering compare_texts(Kind kind, std::string_view a, std::string_view b) noexcept {
  if (kind == Kind::number) return compare(ordered_number(a), ordered_number(b));
  return a <=> b;
}

std::strong_ordering compare_values(const SortValue& a, const SortValue& b) noexcept {
  if (a.key.key != b.key.key) return a.key.key <=> b.key.key;
  if (a.is_time) return a.instant <=> b.instant;
  if (a.kind == Kind::number) return compare(parse_decimal(a.text), parse_decimal(b.text));
  return a.text <=> b.text;
}

std::string to_json(const SortValue& value) {
  if (value.kind == Kind::array) return "[]";
  if (value.kind == Kind::object) return "{}";
  std::string out;
  if (value.is_time) {
    out += '"';
    append_instant(value.instant, out);
    return out + '"';
  }
  if (value.kind == Kind::number) {
    append_canonical(ordered_number(value.text), UINT32_MAX, out);
  } else {
    append_scalar(value.kind, value.text, out);
  }
  return out;
}

}  // namespace syncdex::inline v0
