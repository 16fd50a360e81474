#include "report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>

namespace syncdex::bench {
namespace {

double scale_of(const std::string& unit) {
  return unit.starts_with("us") ? 1e6 : unit.starts_with("ms") ? 1e3 : 1e9;
}

std::string number(double value) {
  if (value == 0) return "0";
  const double size = std::fabs(value);
  return size >= 100  ? fmt::format("{:.0f}", value)
         : size >= 10 ? fmt::format("{:.1f}", value)
         : size >= 1  ? fmt::format("{:.2f}", value)
                      : fmt::format("{:.3g}", value);
}

std::string goal_text(const Figure& f) {
  if (f.goal == Figure::Goal::none) return "";
  return fmt::format("{} {}{}", f.goal == Figure::Goal::at_least ? "at least" : "at most", number(f.bound),
                     f.baseline.empty() ? "" : " x");
}

std::string verdict(const Judged& j) {
  return j.figure.goal == Figure::Goal::none ? "" : j.reached ? "reached" : "NOT reached";
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '<' ? "&lt;" : c == '&' ? "&amp;" : std::string(1, c);
  return out;
}

// Horizontal bars on a log scale: for each question, ours and what stands beside it.
std::string latency_chart(const std::vector<Judged>& judged, const std::string& size) {
  struct Bar {
    std::string who;
    double us;
  };
  std::vector<std::pair<std::string, std::vector<Bar>>> groups;
  for (const Judged& j : judged) {
    if (j.figure.size != size || j.beside == 0 || !j.figure.what.starts_with("count: ")) continue;
    const std::string what = j.figure.what.substr(7);
    auto at = std::ranges::find(groups, what, &std::pair<std::string, std::vector<Bar>>::first);
    if (at == groups.end()) {
      groups.push_back({what, {{"syncdex", j.value}}});
      at = std::prev(groups.end());
    }
    at->second.push_back({j.figure.beside, j.beside});
  }
  if (groups.empty()) return "";
  constexpr double kLeft = 190;
  constexpr double kWidth = 620;
  constexpr double kDecades = 8;  // 1 ns to 100 ms
  const auto x = [&](double us) {
    return kLeft + kWidth * std::clamp((std::log10(us * 1000) + 0.0) / kDecades, 0.0, 1.0);
  };
  std::string body;
  double y = 70;
  for (const auto& [what, bars] : groups) {
    body += fmt::format(R"(<text x="{}" y="{}" text-anchor="end" class="q">{}</text>)"
                        "\n",
                        kLeft - 10, y + 11.0 * static_cast<double>(bars.size()) / 2 + 2, escaped(what));
    for (const Bar& bar : bars) {
      const char* const shade = bar.who == "syncdex"            ? "#0b7a75"
                                : bar.who.starts_with("SQLite") ? "#c9772b"
                                                                : "#8d99ae";
      body += fmt::format(R"(<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="9" fill="{}"/>)", kLeft, y,
                          std::max(1.0, x(bar.us) - kLeft), shade);
      body += fmt::format(R"(<text x="{:.1f}" y="{:.1f}" class="v">{}</text>)"
                          "\n",
                          x(bar.us) + 4, y + 8.5, number(bar.us) + " us");
      y += 11;
    }
    y += 9;
  }
  std::string grid;
  for (int decade = 0; decade <= static_cast<int>(kDecades); ++decade) {
    const double at = kLeft + kWidth * decade / kDecades;
    static constexpr const char* kNames[] = {"1 ns",   "10 ns", "100 ns", "1 us",  "10 us",
                                             "100 us", "1 ms",  "10 ms",  "100 ms"};
    grid += fmt::format(
        R"(<line x1="{0:.1f}" y1="60" x2="{0:.1f}" y2="{1:.1f}" stroke="#ddd"/><text x="{0:.1f}" y="54" text-anchor="middle" class="v">{2}</text>)"
        "\n",
        at, y, kNames[decade]);
  }
  return fmt::format(
      R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 900 {0:.0f}" font-family="sans-serif"><style>.q{{font-size:12px}}.v{{font-size:9px;fill:#555}}</style>)"
      R"(<rect width="900" height="{0:.0f}" fill="white"/><text x="20" y="24" font-size="16" font-weight="bold">Counting the matches of a query, {1} records</text>)"
      R"(<rect x="20" y="33" width="9" height="9" fill="#0b7a75"/><text x="33" y="41" class="q">syncdex</text>)"
      R"(<rect x="100" y="33" width="9" height="9" fill="#c9772b"/><text x="113" y="41" class="q">SQLite in memory, indexed</text>)"
      R"(<rect x="290" y="33" width="9" height="9" fill="#8d99ae"/><text x="303" y="41" class="q">a loop over parsed structs</text>)"
      "\n{2}{3}</svg>\n",
      y + 20, size, grid, body);
}

void write(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

}  // namespace

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

std::vector<Judged> judge(const std::vector<Figure>& figures, const Times& times) {
  std::vector<Judged> all;
  for (const Figure& f : figures) {
    Judged j;
    j.figure = f;
    if (f.given) {
      j.value = j.low = j.high = j.ratio = f.value;
    } else {
      const auto ours = times.find(f.ours);
      if (ours == times.end()) continue;  // filtered out
      const double scale = scale_of(f.unit) / f.per;
      j.value = median(ours->second) * scale;
      j.low = std::ranges::min(ours->second) * scale;
      j.high = std::ranges::max(ours->second) * scale;
      j.ratio = j.value;
      if (!f.baseline.empty()) {
        const auto beside = times.find(f.baseline);
        if (beside == times.end()) continue;
        j.beside = median(beside->second) * scale;
        j.ratio = f.ours_over_baseline ? j.value / j.beside : j.beside / j.value;
      }
    }
    j.reached = f.goal == Figure::Goal::none ||
                (f.goal == Figure::Goal::at_least ? j.ratio >= f.bound : j.ratio <= f.bound);
    all.push_back(std::move(j));
  }
  return all;
}

void print_table(const std::vector<Judged>& judged, const Facts& facts) {
  for (const auto& [key, value] : facts) fmt::print("{:<12} {}\n", key, value);
  fmt::print("\n{:<58} {:>5} {:>10} {:<12} {:>10} {:>9}  {:<15} {}\n", "what", "size", "syncdex", "unit",
             "baseline", "ratio", "goal", "");
  for (const Judged& j : judged) {
    fmt::print("{:<58} {:>5} {:>10} {:<12} {:>10} {:>9}  {:<15} {}\n",
               j.figure.what + (j.figure.beside.empty() ? "" : " | " + j.figure.beside), j.figure.size,
               number(j.value), j.figure.unit, j.beside > 0 ? number(j.beside) : "",
               j.beside > 0 ? number(j.ratio) : "", goal_text(j.figure), verdict(j));
  }
  const auto goals =
      std::ranges::count_if(judged, [](const Judged& j) { return j.figure.goal != Figure::Goal::none; });
  const auto reached = std::ranges::count_if(
      judged, [](const Judged& j) { return j.figure.goal != Figure::Goal::none && j.reached; });
  fmt::print("\n{} of {} goals reached\n", reached, goals);
}

void write_report(const std::filesystem::path& folder, const std::vector<Judged>& judged,
                  const Facts& facts) {
  std::filesystem::create_directories(folder);
  std::string md = "# Benchmark report\n\n";
  std::string html =
      "<!doctype html><meta charset=\"utf-8\"><title>syncdex: benchmark "
      "report</title><style>body{font-family:sans-serif;max-width:70em;"
      "margin:2em auto}td,th{padding:.2em .6em;text-align:left;border-bottom:1px solid "
      "#ddd}td.n{text-align:right}.bad{color:#b00}"
      "</style><h1>Benchmark report</h1><table>";
  for (const auto& [key, value] : facts) {
    md += fmt::format("- {}: {}\n", key, value);
    html += fmt::format("<tr><td>{}<td>{}\n", key, escaped(value));
  }
  md +=
      "\n| what | records | syncdex (min, max) | beside it | ratio | goal | "
      "|\n|---|---|---|---|---|---|---|\n";
  html += "</table>";
  for (const char* size : {"100k", "1M"}) html += latency_chart(judged, size);
  html += "<table><tr><th>what<th>records<th>syncdex<th>beside it<th>ratio<th>goal<th>\n";
  for (const Judged& j : judged) {
    const std::string value =
        fmt::format("{} {} ({}, {})", number(j.value), j.figure.unit, number(j.low), number(j.high));
    const std::string beside = j.beside > 0 ? fmt::format("{}: {}", j.figure.beside, number(j.beside)) : "";
    const std::string ratio = j.beside > 0 ? number(j.ratio) : "";
    md += fmt::format("| {} | {} | {} | {} | {} | {} | {} |\n", j.figure.what, j.figure.size, value, beside,
                      ratio, goal_text(j.figure), verdict(j));
    html += fmt::format("<tr{}><td>{}<td>{}<td class=n>{}<td>{}<td class=n>{}<td>{}<td>{}\n",
                        j.reached ? "" : " class=bad", escaped(j.figure.what), j.figure.size, value,
                        escaped(beside), ratio, goal_text(j.figure), verdict(j));
  }
  html += "</table>\n";
  write(folder / "report.md", md);
  write(folder / "report.html", html);
  for (const char* size : {"100k", "1M"}) {
    const std::string chart = latency_chart(judged, size);
    if (!chart.empty()) write(folder / fmt::format("latency-{}.svg", size), chart);
  }
  fmt::print("report in {}\n", folder.string());
}

}  // namespace syncdex::bench
