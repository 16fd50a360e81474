// Histograms: the bounds of the buckets are found exactly, then each value is searched among them.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <string>

#include "base/errors.h"
#include "exec/figures.h"
#include "json/decimal_sum.h"
#include "terms/sort_key.h"

namespace syncdex::inline v0 {
namespace {

constexpr std::int64_t kSecondsADay = 86'400;

Error invalid(std::string message) { return make_error(ErrorCode::invalid_value, std::move(message)); }

Error too_many() {
  return make_error(ErrorCode::limit_exceeded,
                    fmt::format("the histogram would have more than {} buckets", Histogram::max_buckets));
}

std::optional<SortValue> number_value(std::string_view text) {
  // Every bound is a multiple of the step and as long as it.
  constexpr std::uint32_t kMostDigits = 400;
  if (text.size() > kMostDigits) return std::nullopt;
  const NumberScan scan = scan_number(text.data(), text.data() + text.size(), kMostDigits, 100'000);
  if (scan.fault != NumberFault::none || scan.end != text.data() + text.size()) return std::nullopt;
  return SortValue::of(Kind::number, text);
}

// The value as a bound: a number, or an instant.
std::optional<SortValue> bound_value(bool times, Kind kind, std::string_view text) {
  if (!times) return kind == Kind::number ? std::optional(SortValue::of(kind, text)) : std::nullopt;
  const auto instant = kind == Kind::string ? parse_instant(text) : std::nullopt;
  return instant ? std::optional(SortValue::of(*instant)) : std::nullopt;
}

// The multiple of a number, exactly.
SortValue multiple(const SortValue& step, std::int64_t n) {
  DecimalSum sum;
  Decimal number = parse_decimal(step.text);
  number.negative = n < 0;
  sum.add(number, static_cast<std::uint64_t>(std::abs(n)));
  return SortValue::of(Kind::number, sum.text());
}

// Infinity and 0 for what is too large and too small for a double.
double approximate(std::string_view number) {
  double value = 0;
  const auto [end, status] = std::from_chars(number.data(), number.data() + number.size(), value);
  if (status == std::errc{}) return value;
  return parse_decimal(number).point > 0 ? std::numeric_limits<double>::infinity() : 0;
}

bool comes_before(const SortValue& a, const SortValue& b) { return std::is_lt(compare_values(a, b)); }

// The multiples of a step around the values from `min` to `max`.
Result<std::vector<SortValue>> bounds_by_step(const SortValue& step, const SortValue& min,
                                              const SortValue& max) {
  // Further from zero, and for smaller steps, the quotient of doubles is not near enough.
  constexpr double kMostSteps = 1e9;
  constexpr double kLeastStep = 1e-290;
  if (approximate(step.text) < kLeastStep) return invalid("the step is too small");
  const double first = std::floor(approximate(min.text) / approximate(step.text));
  const double last = std::floor(approximate(max.text) / approximate(step.text));
  // Infinite values give no number here.
  if (!(std::abs(first) < kMostSteps && std::abs(last) < kMostSteps)) {
    return invalid("the values are too far from zero for so small a step");
  }
  if (last - first > static_cast<double>(Histogram::max_buckets)) return too_many();
  auto from = static_cast<std::int64_t>(first);
  while (comes_before(min, multiple(step, from))) --from;
  while (!comes_before(min, multiple(step, from + 1))) ++from;
  std::vector<SortValue> bounds = {multiple(step, from)};
  while (!comes_before(max, bounds.back())) {
    if (bounds.size() > Histogram::max_buckets) return too_many();
    bounds.push_back(multiple(step, ++from));
  }
  return bounds;
}

// The first instant of a day, counted from 1970 on, or of a month, counted from year 0 on.
Instant start_of_day(std::int64_t day) { return {day * kSecondsADay, 0}; }
Instant start_of_month(std::int64_t month) {
  const std::int64_t year = floor_div(month, 12);
  return start_of_day(days_from_date(static_cast<int>(year), static_cast<int>(month - year * 12) + 1, 1));
}

Result<std::vector<SortValue>> bounds_by_calendar(bool months, const Instant& min, const Instant& max) {
  const auto start = [&](std::int64_t n) { return months ? start_of_month(n) : start_of_day(n); };
  std::int64_t from = floor_div(min.seconds, kSecondsADay);
  if (months) {
    constexpr std::int64_t kDays = 146'097;  // of 400 years
    constexpr std::int64_t kDaysTo1970 = 719'528;
    from = floor_div((from + kDaysTo1970) * 4'800, kDays) - 1;
    while (!(min < start(from + 1))) ++from;
  }
  std::vector<SortValue> bounds = {SortValue::of(start(from))};
  while (start(from) <= max) {
    if (bounds.size() > Histogram::max_buckets) return too_many();
    bounds.push_back(SortValue::of(start(++from)));
  }
  return bounds;
}

Result<std::vector<SortValue>> bounds_by_edges(const std::vector<std::string>& edges, bool times) {
  std::vector<SortValue> bounds;
  for (const std::string& edge : edges) {
    const auto instant = times ? parse_instant(edge) : std::nullopt;
    const auto value =
        times ? (instant ? std::optional(SortValue::of(*instant)) : std::nullopt) : number_value(edge);
    if (!value) return invalid(fmt::format("an edge is not a {}", times ? "time" : "number"));
    if (!bounds.empty() && !comes_before(bounds.back(), *value)) return invalid("the edges must increase");
    bounds.push_back(*value);
  }
  if (bounds.size() < 2) return invalid("a histogram has two edges at least");
  if (bounds.size() > Histogram::max_buckets + 1) return too_many();
  return bounds;
}

// The first and the last bound of a calendar may be times that cannot be written.
std::string bound_text(const SortValue& bound) {
  return to_json(bound.is_time ? SortValue::of(clamped(bound.instant)) : bound);
}

struct Counted {
  SortValue value;
  std::uint64_t records;
};

Result<std::vector<SortValue>> find_bounds(const HistogramOptions& options, bool times,
                                           const std::vector<Counted>& counted) {
  if (options.step.empty() == options.edges.empty()) {
    return invalid("a histogram has either a step or edges");
  }
  if (options.step.empty()) return bounds_by_edges(options.edges, times);
  const bool day = options.step == "day";
  std::optional<SortValue> step;
  if (times) {
    if (!day && options.step != "month") return invalid(R"(the step of a path of times is "day" or "month")");
  } else {
    step = number_value(options.step);
    if (!step || !comes_before(SortValue::of(Kind::number, "0"), *step)) {
      return invalid("the step is not a number above 0");
    }
  }
  if (counted.empty()) return std::vector<SortValue>();
  const auto [min, max] =
      std::minmax_element(counted.begin(), counted.end(),
                          [](const Counted& a, const Counted& b) { return comes_before(a.value, b.value); });
  if (times) return bounds_by_calendar(!day, min->value.instant, max->value.instant);
  return bounds_by_step(*step, min->value, max->value);
}

}  // namespace

Result<Histogram> histogram_of(const Query::Impl& query, const Snapshot& snapshot, const FigurePath& path,
                               const HistogramOptions& options, Work& work) {
  std::vector<Counted> counted;
  std::uint64_t judged = 0;
  const std::uint64_t matches = for_each_value(query, snapshot, path, work,
                                               [&](Kind kind, std::string_view text, std::uint64_t records) {
                                                 auto value = bound_value(path.times, kind, text);
                                                 if (!value) return;
                                                 judged += records;
                                                 counted.push_back({*std::move(value), records});
                                               });
  const auto bounds = find_bounds(options, path.times, counted);
  if (!bounds) return bounds.error();
  Histogram out;
  for (std::size_t i = 0; i + 1 < bounds->size(); ++i) {
    out.buckets.push_back({bound_text((*bounds)[i]), bound_text((*bounds)[i + 1]), 0});
  }
  for (const Counted& c : counted) {
    const auto behind = std::upper_bound(bounds->begin(), bounds->end(), c.value, comes_before);
    if (behind == bounds->begin()) {
      out.below += c.records;
    } else if (behind == bounds->end()) {
      out.above += c.records;
    } else {
      out.buckets[static_cast<std::size_t>(behind - bounds->begin()) - 1].records += c.records;
    }
  }
  out.other = matches - judged;
  return out;
}

}  // namespace syncdex::inline v0
