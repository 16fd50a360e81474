#include "json/instant.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "json/chars.h"

namespace syncdex::inline v0 {
namespace {

constexpr std::int64_t kDay = 86'400;
// The years 0000 to 9999.
constexpr std::int64_t kFirstSecond = -62'167'219'200;
constexpr std::int64_t kLastSecond = 253'402'300'799;
constexpr std::int64_t kWidestOffset = 23 * 3600 + 59 * 60;

constexpr bool is_leap(int year) noexcept { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

constexpr int days_in(int year, int month) noexcept {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && is_leap(year) ? 29 : kDays[month - 1];
}

class Reader {
 public:
  explicit Reader(std::string_view text) noexcept : text_(text) {}

  bool done() const noexcept { return at_ == text_.size(); }
  bool accept(char c) noexcept {
    if (done() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool at_digit() const noexcept { return !done() && is_digit(text_[at_]); }
  // Reads exactly `digits` digits; -1 if there are not as many, or if they exceed `most`.
  int number(std::size_t digits, int most) noexcept {
    int value = 0;
    for (; digits > 0; --digits) {
      if (!at_digit()) return -1;
      value = value * 10 + (text_[at_++] - '0');
    }
    return value <= most ? value : -1;
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

// Reads HH:MM[:SS[.fraction]].
bool read_time(Reader& in, Instant& out) noexcept {
  const int hour = in.number(2, 23);
  if (hour < 0 || !in.accept(':')) return false;
  const int minute = in.number(2, 59);
  if (minute < 0) return false;
  out.seconds += hour * 3600 + minute * 60;
  if (!in.accept(':')) return true;
  const int second = in.number(2, 59);
  if (second < 0) return false;
  out.seconds += second;
  if (!in.accept('.')) return true;
  if (!in.at_digit()) return false;
  std::uint32_t unit = 100'000'000;
  for (; in.at_digit(); unit /= 10) {
    if (unit == 0) return false;
    out.nanoseconds += static_cast<std::uint32_t>(in.number(1, 9)) * unit;
  }
  return true;
}

// Reads Z, or an offset: +HH, +HHMM, +HH:MM.
bool read_offset(Reader& in, Instant& out) noexcept {
  if (in.accept('Z') || in.accept('z')) return true;
  const bool west = in.accept('-');
  if (!west && !in.accept('+')) return false;
  const int hours = in.number(2, 23);
  if (hours < 0) return false;
  int minutes = 0;
  if (!in.done()) {
    in.accept(':');
    minutes = in.number(2, 59);
    if (minutes < 0) return false;
  }
  const std::int64_t offset = hours * 3600 + minutes * 60;
  out.seconds += west ? offset : -offset;
  return true;
}

}  // namespace

// Years begin in March here, so that the leap day is their last one.
std::int64_t days_from_date(int year, int month, int day) noexcept {
  const std::int64_t y = month <= 2 ? year - 1 : year;
  const std::int64_t era = (y >= 0 ? y : y - 399) / 400;
  const std::int64_t of_era = y - era * 400;
  const std::int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146'097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719'468;
}

std::optional<Instant> parse_instant(std::string_view text) noexcept {
  Reader in(text);
  const int year = in.number(4, 9999);
  if (year < 0 || !in.accept('-')) return std::nullopt;
  const int month = in.number(2, 12);
  if (month < 1 || !in.accept('-')) return std::nullopt;
  const int day = in.number(2, 31);
  if (day < 1 || day > days_in(year, month)) return std::nullopt;
  Instant out{days_from_date(year, month, day) * kDay, 0};
  if (in.done()) return out;
  if (!in.accept('T') && !in.accept('t') && !in.accept(' ')) return std::nullopt;
  if (!read_time(in, out)) return std::nullopt;
  if (!in.done() && !read_offset(in, out)) return std::nullopt;
  return in.done() ? std::optional(out) : std::nullopt;
}

Instant clamped(Instant instant) noexcept {
  constexpr Instant kFirst{kFirstSecond - kWidestOffset, 0};
  constexpr Instant kLast{kLastSecond + kWidestOffset, 999'999'999};
  return std::clamp(instant, kFirst, kLast);
}

void append_instant(Instant instant, std::string& out) {
  std::string_view offset = "Z";
  if (instant.seconds > kLastSecond) {
    offset = "-23:59";
    instant.seconds -= kWidestOffset;
  } else if (instant.seconds < kFirstSecond) {
    offset = "+23:59";
    instant.seconds += kWidestOffset;
  }
  const std::int64_t since = instant.seconds - kFirstSecond;  // 0000-01-01
  std::int64_t days = since / kDay;
  const std::int64_t second = since % kDay;
  int year = static_cast<int>(days / 146'097 * 400);
  for (days %= 146'097; days >= (is_leap(year) ? 366 : 365); ++year) days -= is_leap(year) ? 366 : 365;
  int month = 1;
  for (; days >= days_in(year, month); ++month) days -= days_in(year, month);
  fmt::format_to(std::back_inserter(out), "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", year, month, days + 1,
                 second / 3600, second / 60 % 60, second % 60);
  if (instant.nanoseconds != 0) {
    std::string digits = fmt::format(".{:09}", instant.nanoseconds);
    digits.erase(digits.find_last_not_of('0') + 1);
    out += digits;
  }
  out += offset;
}

}  // namespace syncdex::inline v0
