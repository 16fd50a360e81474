// Points in time, as filters compare them.
//
//   2023-12-15   2023-12-15 01:29   2023-12-15T01:29:29.5Z   2023-12-15t01:29:29+0530
//
// A date, optionally followed by a time, optionally followed by an offset. Without an offset the time is UTC;
// without a time it is midnight. Years 0000 to 9999 of the proleptic Gregorian calendar, days that the month
// has, no second 60, no 24:00. An instant is exact: seconds and nanoseconds, never a double.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace syncdex::inline v0 {

struct Instant {
  std::int64_t seconds = 0;  // since 1970-01-01T00:00:00Z
  std::uint32_t nanoseconds = 0;
  friend auto operator<=>(const Instant&, const Instant&) = default;
};

// Returns nothing if the text is not a time. Never reads beyond it.
std::optional<Instant> parse_instant(std::string_view text) noexcept;

// The days from 1970-01-01 to a date. REQUIRES: it is valid
std::int64_t days_from_date(int year, int month, int day) noexcept;

// The instant, or the nearest one that has a text.
Instant clamped(Instant instant) noexcept;

// Appends the canonical text: 2023-12-15T01:29:29Z, with the digits of the fraction that count. An instant
// outside the years 0000 to 9999 is written with an offset that brings it inside.
// REQUIRES: parse_instant() returned it
void append_instant(Instant instant, std::string& out);

}  // namespace syncdex::inline v0
