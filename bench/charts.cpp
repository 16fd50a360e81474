#include "charts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <span>

#include "dataset.h"

namespace syncdex::bench {
namespace {

constexpr const char* kOurs = "#0b7a75";
constexpr const char* kOursLight = "#5fb3ae";
constexpr const char* kSqlite = "#c9772b";
constexpr const char* kOther = "#8d99ae";
constexpr const char* kLines[] = {"#0b7a75", "#c9772b", "#5f4b8b", "#2c6fbb", "#a23b3b"};

class Svg {
 public:
  void text(double x, double y, std::string_view text, const char* style) {
    body_ += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" class=\"{}\">{}</text>\n", x, y, style, xml(text));
  }
  void bar(double x, double y, double width, double height, const char* colour) {
    body_ += fmt::format(R"(<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" fill="{}"/>)", x, y,
                         std::max(1.0, width), height, colour);
  }
  void line(double x1, double y1, double x2, double y2, const char* colour, double width = 1) {
    body_ += fmt::format(
        R"(<line x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}" stroke="{}" stroke-width="{}"/>)", x1, y1,
        x2, y2, colour, width);
  }
  void grid(double x1, double y1, double x2, double y2) {
    body_ +=
        fmt::format(R"(<line class="g" x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}"/>)", x1, y1, x2, y2);
  }
  void dot(double x, double y, const char* colour, double radius = 3.5) {
    body_ += fmt::format(R"(<circle cx="{:.1f}" cy="{:.1f}" r="{}" fill="{}"/>)", x, y, radius, colour);
  }
  void note(double x, double y, std::string_view text, const char* style, std::string_view tip) {
    body_ += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" class=\"{}\">{}<title>{}</title></text>\n", x, y,
                         style, xml(text), xml(tip));
  }
  // Readable on a white page and on a dark one.
  std::string finish(std::string_view title, double height) const {
    return fmt::format(
        R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 900 {0:.0f}" font-family="sans-serif">)"
        R"(<style>text{{fill:#1f2328}}line.g{{stroke:#d8dee4}}@media(prefers-color-scheme:dark){{text{{fill:#e6edf3}})"
        R"(line.g{{stroke:#30363d}}}}.t{{font-size:16px;font-weight:bold}}.q{{font-size:12px}})"
        R"(.e{{font-size:12px;text-anchor:end}}.c{{font-family:monospace;font-size:12px}})"
        R"(.v{{font-size:10px}}.m{{font-size:10px;text-anchor:middle}}text.w{{font-size:10px;fill:white}}</style>)"
        R"(<text x="20" y="26" class="t">{1}</text>)"
        "\n{2}</svg>\n",
        height, xml(title), body_);
  }

 private:
  std::string body_;
};

// A log scale of time: eight decades from 10 ns.
constexpr double kFrom = 0.01;
constexpr int kDecades = 8;
double decades(double us) { return std::clamp(std::log10(us / kFrom), 0.0, double{kDecades}); }
std::string decade_name(int decade) {
  static constexpr const char* kNames[] = {"10 ns", "100 ns", "1 us",   "10 us", "100 us",
                                           "1 ms",  "10 ms",  "100 ms", "1 s"};
  return kNames[decade];
}

// The pattern or filter of a named query.
std::string query_text(std::string_view name) {
  for (const NamedQuery& query : queries()) {
    if (query.name == name) return query.pattern;
  }
  for (const NamedFilter& filter : filters()) {
    if (filter.name == name) return filter.json;
  }
  return std::string(name);
}

const Judged* find(const std::vector<Judged>& judged, std::string_view what, std::string_view size) {
  const auto at = std::ranges::find_if(
      judged, [&](const Judged& j) { return j.figure.what == what && j.figure.size == size; });
  return at == judged.end() ? nullptr : &*at;
}

// A row for each query, with dots on a log scale, and how many times longer SQLite takes.
std::string latency(const std::vector<Judged>& judged, const std::string& size,
                    std::span<const std::string_view> chosen, const std::string& about) {
  std::vector<Comparison> rows = comparisons(judged, size);
  if (!chosen.empty()) {
    std::erase_if(rows, [&](const Comparison& c) { return std::ranges::count(chosen, c.what) == 0; });
  }
  if (rows.empty()) return "";
  constexpr double kLeft = 400;
  constexpr double kWidth = 400;
  constexpr double kRow = 26;
  Svg svg;
  double x = 20;
  for (const auto& [colour, who] : {std::pair(kOurs, "syncdex"),
                                    {kSqlite, "SQLite, in memory, indexed"},
                                    {kOther, "a loop over structs"}}) {
    svg.dot(x + 5, 46, colour, 5);
    svg.text(x + 15, 50, who, "q");
    x += 40 + 6.6 * static_cast<double>(std::string_view(who).size());
  }
  svg.text(890, 50, "SQLite / syncdex", "e");
  const double bottom = 84 + kRow * static_cast<double>(rows.size());
  for (int decade = 0; decade <= kDecades; decade += 2) {
    const double at = kLeft + kWidth * decade / kDecades;
    svg.grid(at, 78, at, bottom);
    svg.text(at, 72, decade_name(decade), "m");
  }
  double y = 84 + kRow / 2;
  for (const Comparison& row : rows) {
    constexpr std::size_t kLongest = 48;
    const std::string shown = row.text.size() > kLongest ? row.text.substr(0, kLongest) + "..." : row.text;
    svg.note(20, y + 4, shown, "c", row.text);
    const auto at = [&](double us) { return kLeft + kWidth * decades(us) / kDecades; };
    svg.line(at(row.ours_us), y, at(std::max(row.sqlite_us, row.loop_us)), y, kOther);
    if (row.loop_us > 0) svg.dot(at(row.loop_us), y, kOther, 5);
    if (row.sqlite_us > 0) svg.dot(at(row.sqlite_us), y, kSqlite, 5);
    svg.dot(at(row.ours_us), y, kOurs, 5);
    if (row.sqlite_us > 0) svg.text(890, y + 4, two_digits(row.sqlite_us / row.ours_us) + " x", "e");
    y += kRow;
  }
  svg.text(20, bottom + 20, about, "v");
  return svg.finish(fmt::format("How long it takes to count what a query matches among {} records", size),
                    bottom + 32);
}

// Lines: how latency grows with the number of records.
std::string scaling(const std::vector<Judged>& judged) {
  const std::pair<const char*, const char*> series[] = {
      {"count: metadata number", "count of one metadata value"},
      {"find one record by id, random keys", "find by a random id"},
      {"find one record by metadata.user_id, random keys", "find by a random metadata string"},
      {"count: region + tier + trial", "count of three conditions"},
      {"find + slices: metadata number", "find and hand out 1 record in 1 000"}};
  const char* const sizes[] = {"10k", "100k", "1M", "10M"};
  constexpr double kLeft = 80;
  constexpr double kWidth = 480;
  constexpr double kTop = 50;
  constexpr double kHeight = 330;
  constexpr int kShown = 6;  // decades from kFrom
  std::set<std::string_view> seen;
  for (const Judged& j : judged) seen.insert(j.figure.size);
  if (std::ranges::count_if(sizes, [&](const char* s) { return seen.contains(s); }) < 2) return "";
  const auto x = [&](std::size_t i) { return kLeft + 30 + (kWidth - 60) * static_cast<double>(i) / 3; };
  const auto y = [&](double us) { return kTop + kHeight * (1 - std::min(1.0, decades(us) / kShown)); };
  Svg svg;
  for (int decade = 0; decade <= kShown; ++decade) {
    const double at = y(kFrom * std::pow(10, decade));
    svg.grid(kLeft, at, kLeft + kWidth, at);
    svg.text(kLeft - 8, at + 4, decade_name(decade), "e");
  }
  for (std::size_t i = 0; i < std::size(sizes); ++i) {
    svg.text(x(i), kTop + kHeight + 18, std::string(sizes[i]) + " records", "m");
  }
  double legend = kTop + 14;
  for (std::size_t s = 0; s < std::size(series); ++s) {
    double last_x = 0;
    double last_y = 0;
    for (std::size_t i = 0; i < std::size(sizes); ++i) {
      const Judged* const j = find(judged, series[s].first, sizes[i]);
      if (j == nullptr) continue;
      if (last_x > 0) svg.line(last_x, last_y, x(i), y(j->value), kLines[s], 2);
      svg.dot(x(i), y(j->value), kLines[s]);
      last_x = x(i);
      last_y = y(j->value);
    }
    svg.line(kLeft + kWidth + 20, legend - 4, kLeft + kWidth + 44, legend - 4, kLines[s], 2);
    svg.text(kLeft + kWidth + 52, legend, series[s].second, "q");
    legend += 22;
  }
  return svg.finish("Latency against the number of records (log scales)", kTop + kHeight + 36);
}

// Bars: gigabytes of text per second.
std::string load(const std::vector<Judged>& judged) {
  struct Bar {
    std::string label;
    const char* colour;
    double gb;
  };
  std::vector<Bar> bars;
  for (const char* size : {"10k", "100k", "1M", "10M"}) {
    const Judged* const bytes = find(judged, "bytes a record: text", size);
    if (bytes == nullptr) continue;
    const std::size_t before = bars.size();
    const auto add = [&](const char* what, const char* who, const char* colour) {
      const Judged* const j = find(judged, what, size);
      if (j != nullptr) bars.push_back({fmt::format("{}, {}", size, who), colour, bytes->value / j->value});
    };
    add("load, JSON Lines", "syncdex, one thread", kOurs);
    add("load, two threads", "syncdex, two threads", kOursLight);
    add(kDomFigure, "simdjson DOM, no index", kOther);
    if (bars.size() > before) bars.push_back({"", kOther, 0});  // a gap
  }
  if (bars.empty()) return "";
  bars.pop_back();
  const double most = std::ranges::max(bars, {}, &Bar::gb).gb;
  Svg svg;
  double y = 46;
  for (const Bar& bar : bars) {
    if (bar.label.empty()) {
      y += 8;
      continue;
    }
    svg.text(210, y + 11, bar.label, "e");
    svg.bar(220, y, 560 * bar.gb / most, 14, bar.colour);
    svg.text(225 + 560 * bar.gb / most, y + 11, number(bar.gb) + " GB/s", "v");
    y += 20;
  }
  return svg.finish("Loading from memory: text to indexed, queryable records", y + 10);
}

// Stacked bars: one per size, divided into parts.
std::string memory(const std::vector<Judged>& judged) {
  const std::pair<const char*, const char*> parts[] = {
      {"text", kOther}, {"record table", kOurs}, {"terms", kSqlite}, {"posting lists", kLines[2]}};
  Svg svg;
  double x = 150;
  for (const auto& [part, colour] : parts) {
    svg.bar(x, 38, 10, 10, colour);
    svg.text(x + 15, 47, part, "q");
    x += 130;
  }
  double y = 62;
  for (const char* size : {"10k", "100k", "1M", "10M"}) {
    const Judged* const text = find(judged, "bytes a record: text", size);
    if (text == nullptr) continue;
    svg.text(140, y + 15, std::string(size) + " records", "e");
    x = 150;
    double sum = 0;
    for (const auto& [part, colour] : parts) {
      const Judged* const j = find(judged, std::string("bytes a record: ") + part, size);
      if (j == nullptr) continue;
      const double width = j->value * 0.4;
      svg.bar(x, y, width, 20, colour);
      if (width > 40) svg.text(x + 4, y + 14, number(j->value), "w");
      x += width;
      sum += j->value;
    }
    svg.text(x + 6, y + 14, fmt::format("{} bytes, {} x the text", number(sum), number(sum / text->value)),
             "v");
    y += 28;
  }
  return y == 62 ? "" : svg.finish("Memory, bytes a record", y + 8);
}

}  // namespace

std::string number(double value) {
  if (value == 0) return "0";
  const double size = std::fabs(value);
  return size >= 100  ? fmt::format("{:.0f}", value)
         : size >= 10 ? fmt::format("{:.1f}", value)
         : size >= 1  ? fmt::format("{:.2f}", value)
                      : fmt::format("{:.3g}", value);
}

std::string xml(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '<' ? "&lt;" : c == '&' ? "&amp;" : std::string(1, c);
  return out;
}

std::string duration(double us) {
  return us >= 1e6    ? number(us / 1e6) + " s"
         : us >= 1000 ? number(us / 1000) + " ms"
         : us >= 1    ? number(us) + " us"
                      : fmt::format("{:.0f} ns", us * 1000);
}

std::string two_digits(double ratio) {
  if (ratio >= 10) {
    const double unit = std::pow(10, std::floor(std::log10(ratio)) - 1);
    return fmt::format("{:.0f}", std::round(ratio / unit) * unit);
  }
  return fmt::format("{:.2g}", ratio);
}

std::vector<Comparison> comparisons(const std::vector<Judged>& judged, std::string_view size) {
  std::vector<Comparison> rows;
  for (const Judged& j : judged) {
    const bool filter = j.figure.what.starts_with("count by filter: ");
    if (j.figure.size != size || j.beside == 0 || !(filter || j.figure.what.starts_with("count: "))) continue;
    const std::string what = j.figure.what.substr(filter ? 17 : 7);
    auto row = std::ranges::find(rows, what, &Comparison::what);
    if (row == rows.end()) row = rows.insert(row, {what, query_text(what), j.value});
    const std::string& beside = j.figure.beside;
    (beside.starts_with("SQLite")   ? row->sqlite_us
     : beside.starts_with("DuckDB") ? row->duckdb_us
                                    : row->loop_us) = j.beside;
  }
  return rows;
}

std::vector<std::pair<std::string, std::string>> all_charts(const std::vector<Judged>& judged,
                                                            const Facts& facts) {
  std::string about;
  for (const char* key : {"machine", "compiler", "simdjson", "commit", "date"}) {
    for (const auto& [name, value] : facts) {
      if (name != key) continue;
      if (!about.empty()) about += "; ";
      about += name == "simdjson" || name == "commit" ? name + " " + value : value;
    }
  }

  std::vector<std::pair<std::string, std::string>> all;
  const auto add = [&](std::string name, std::string chart) {
    if (!chart.empty()) all.emplace_back(std::move(name), std::move(chart));
  };
  constexpr std::string_view kFew[] = {"provider", "region + tier + trial", "number in a range",
                                       "or of two fields", "unique string"};
  add("latency", latency(judged, "100k", kFew, about));
  for (const char* size : {"10k", "100k", "1M"}) {
    add(std::string("latency-") + size, latency(judged, size, {}, about));
  }
  add("scaling", scaling(judged));
  add("load", load(judged));
  add("memory", memory(judged));
  return all;
}

}  // namespace syncdex::bench
