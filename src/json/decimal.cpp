#include "json/decimal.h"

#include <algorithm>
#include <charconv>

#include "json/chars.h"

namespace syncdex::inline v0 {
namespace {

// Calls visit(digit) for each digit of d, in order.
template <class Visit>
void for_each_digit(const Decimal& d, Visit visit) {
  const char* p = d.digits;
  for (std::uint32_t i = 0; i < d.count; ++p) {
    if (*p == '.') continue;
    visit(*p);
    ++i;
  }
}

}  // namespace

NumberScan scan_number(const char* p, const char* end, std::uint32_t max_digits,
                       std::uint32_t max_exponent) noexcept {
  const auto skip_digits = [&](const char* from) {
    while (from != end && is_digit(*from)) ++from;
    return from;
  };
  if (p != end && *p == '-') ++p;
  const char* const whole = p;
  p = skip_digits(p);
  auto digits = static_cast<std::size_t>(p - whole);
  if (digits == 0) return {p, NumberFault::grammar};
  if (digits > 1 && *whole == '0') return {whole + 1, NumberFault::grammar};
  if (p != end && *p == '.') {
    const char* const fraction = ++p;
    p = skip_digits(p);
    if (p == fraction) return {p, NumberFault::grammar};
    digits += static_cast<std::size_t>(p - fraction);
  }
  NumberFault fault = digits > max_digits ? NumberFault::digits : NumberFault::none;
  if (p != end && (*p == 'e' || *p == 'E')) {
    ++p;
    if (p != end && (*p == '+' || *p == '-')) ++p;
    const char* const exponent = p;
    std::uint64_t value = 0;
    for (; p != end && is_digit(*p); ++p) {
      // Stops growing above max_exponent, so that it cannot overflow.
      if (value <= max_exponent) value = value * 10 + static_cast<std::uint64_t>(*p - '0');
    }
    if (p == exponent) return {p, NumberFault::grammar};
    if (value > max_exponent && fault == NumberFault::none) fault = NumberFault::exponent;
  }
  return {p, fault};
}

Decimal parse_decimal(std::string_view number) noexcept {
  const char* p = number.data();
  const char* const end = p + number.size();
  Decimal d;
  if (*p == '-') {
    d.negative = true;
    ++p;
  }
  const char* last = nullptr;    // the last nonzero digit
  std::uint32_t after_last = 0;  // number of digits up to and including it
  std::uint32_t seen = 0;        // number of digits from the first nonzero one on
  std::int64_t point = 0;
  bool fraction = false;
  for (; p != end; ++p) {
    if (*p == '.') {
      fraction = true;
      continue;
    }
    if (!is_digit(*p)) break;
    if (*p != '0') {
      if (d.digits == nullptr) d.digits = p;
      last = p;
    }
    if (d.digits != nullptr) {
      ++seen;
      if (last == p) after_last = seen;
      if (!fraction) ++point;
    } else if (fraction) {
      --point;
    }
  }
  if (d.digits == nullptr) return Decimal{};
  d.count = after_last;
  if (p != end) {  // e or E
    ++p;
    const bool down = *p == '-';
    if (*p == '-' || *p == '+') ++p;
    std::int64_t exponent = 0;
    for (; p != end; ++p) {
      if (exponent < (std::int64_t{1} << 40)) exponent = exponent * 10 + (*p - '0');
    }
    point += down ? -exponent : exponent;
  }
  d.point = point;
  return d;
}

Decimal first_digits(Decimal d, std::uint32_t most) noexcept {
  if (d.count <= most) return d;
  std::uint32_t seen = 0;
  std::uint32_t last = 0;  // the last digit that is not zero; the first one never is
  for (const char* p = d.digits; seen < most; ++p) {
    if (*p == '.') continue;
    ++seen;
    if (*p != '0') last = seen;
  }
  d.count = last;
  return d;
}

std::strong_ordering compare(const Decimal& a, const Decimal& b) noexcept {
  const auto sign = [](const Decimal& d) { return d.count == 0 ? 0 : d.negative ? -1 : 1; };
  if (sign(a) != sign(b)) return sign(a) <=> sign(b);
  const auto forwards = [](const Decimal& x, const Decimal& y) -> std::strong_ordering {
    if (x.point != y.point) return x.point <=> y.point;
    const char* p = x.digits;
    const char* q = y.digits;
    for (std::uint32_t i = 0; i < std::min(x.count, y.count); ++i, ++p, ++q) {
      if (*p == '.') ++p;
      if (*q == '.') ++q;
      if (*p != *q) return *p <=> *q;
    }
    return x.count <=> y.count;
  };
  return sign(a) < 0 ? forwards(b, a) : forwards(a, b);
}

bool equal(const Decimal& a, const Decimal& b) noexcept {
  if (a.negative != b.negative || a.count != b.count || a.point != b.point) return false;
  const char* p = a.digits;
  const char* q = b.digits;
  for (std::uint32_t i = 0; i < a.count; ++i, ++p, ++q) {
    if (*p == '.') ++p;
    if (*q == '.') ++q;
    if (*p != *q) return false;
  }
  return true;
}

std::uint64_t hash(const HashSeed& seed, const Decimal& d) noexcept {
  std::uint64_t h = mix(seed, static_cast<std::uint64_t>(d.point), d.negative ? 3 : 2);
  // Hashes 19 digits per word, after a 1 that makes leading zeros count. A full word may exceed 64 bits, but
  // no two of them wrap to the same value.
  std::uint64_t word = 1;
  std::uint32_t in_word = 0;
  for_each_digit(d, [&](char c) {
    word = word * 10 + static_cast<std::uint64_t>(c - '0');
    if (++in_word == 19) {
      h = mix(seed, h, word);
      word = 1;
      in_word = 0;
    }
  });
  return mix(seed, h, word);
}

void append_canonical(const Decimal& d, std::uint32_t max_exponent, std::string& out) {
  if (d.count == 0) {
    out += '0';
    return;
  }
  if (d.negative) out += '-';
  const auto digits = [&](std::int64_t before_point) {  // before_point > 0
    std::int64_t i = 0;
    for_each_digit(d, [&](char c) {
      if (i++ == before_point) out += '.';
      out += c;
    });
    if (before_point > i) out.append(static_cast<std::size_t>(before_point - i), '0');
  };
  const auto shifted = [&](std::int64_t point) {
    if (point > 0) {
      digits(point);
    } else {
      out += "0.";
      out.append(static_cast<std::size_t>(-point), '0');
      for_each_digit(d, [&](char c) { out += c; });
    }
  };
  if (d.point > -6 && d.point <= 21) return shifted(d.point);
  // d.ddd e(point-1). The exponent is kept within the limit so that the text can be parsed again.
  const auto most = static_cast<std::int64_t>(max_exponent);
  const std::int64_t exponent = std::clamp(d.point - 1, -most, most);
  shifted(d.point - exponent);
  out += 'e';
  out += std::to_string(exponent);
}

}  // namespace syncdex::inline v0
