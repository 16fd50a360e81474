#include "report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>

#include "charts.h"

namespace syncdex::bench {
namespace {

double scale_of(const std::string& unit) {
  return unit.starts_with("us") ? 1e6 : unit.starts_with("ms") ? 1e3 : 1e9;
}

std::string goal_text(const Figure& f) {
  if (f.goal == Figure::Goal::none) return "";
  return fmt::format("{} {}{}", f.goal == Figure::Goal::at_least ? "at least" : "at most", number(f.bound),
                     f.baseline.empty() ? "" : " x");
}

const char* verdict(const Judged& j) {
  switch (j.verdict) {
    case Verdict::none: return "";
    case Verdict::reached: return "reached";
    case Verdict::in_proportion: return "in proportion";
    case Verdict::missed: return "NOT reached";
  }
  return "";
}

std::string value_text(const Judged& j) {
  return fmt::format("{} {} ({}, {})", number(j.value), j.figure.unit, number(j.low), number(j.high));
}
std::string beside_text(const Judged& j) {
  return j.beside > 0 ? fmt::format("{}: {}", j.figure.beside, number(j.beside)) : "";
}
std::string ratio_text(const Judged& j) { return j.beside > 0 ? two_digits(j.ratio) : ""; }

// How many times slower this machine is than the one where the goals were set; at least 1. One factor per
// run, from the 100k figure if there is one, otherwise from the last size.
double slower_by(const std::vector<Judged>& judged, double reference_dom_ns = kReferenceDomNs) {
  double factor = 1;
  for (const Judged& j : judged) {
    if (j.figure.what != kDomFigure) continue;
    factor = std::max(1.0, j.value / reference_dom_ns);
    if (j.figure.size == "100k") break;
  }
  return factor;
}

std::string summary(const std::vector<Judged>& judged) {
  const auto count = [&](Verdict v) { return std::ranges::count(judged, v, &Judged::verdict); };
  const auto goals = static_cast<std::ptrdiff_t>(judged.size()) - count(Verdict::none);
  return fmt::format(
      "{} of {} goals reached, {} not; {} of those, goals in seconds, would be if all work here were {:.1f} "
      "times ({:.1f} for filters) faster, as a DOM parse was where they were set",
      count(Verdict::reached), goals, goals - count(Verdict::reached), count(Verdict::in_proportion),
      slower_by(judged), slower_by(judged, kFilterDomNs));
}

// The README's table: a few figures by size, and their baselines at 100k.
std::string short_table(const std::vector<Judged>& judged) {
  const std::pair<const char*, const char*> rows[] = {
      {"load, JSON Lines", "load, one thread, from memory to queryable"},
      {"load, two threads", "load, two threads"},
      {"memory held, text included (by part)", "memory held, text included"},
      {"count: provider", "count of one condition (`provider`, 24 % match)"},
      {"count: region + tier + trial", "count of three conditions"},
      {"count: two tags", "count of two tags"},
      {"count: object in array", "count of an object in an array"},
      {"find one record by id, random keys", "find by a random id"},
      {"find one record by metadata.user_id, random keys", "find by a random metadata string"},
      {"find + slices, a match: provider", "find and hand out slices (`provider`)"},
      {"response in one buffer: provider", "the same into one buffer"},
      {"count on paths that are not indexed", "count on a path that is not indexed (scan)"},
      {"one record upserted, merges included", "live: one record upserted, merges included"},
      {"batches of 1000 upserted, merges included", "live: batches of 1000 upserted, merges included"},
      {"one upsert beside 10000 standing queries", "live: one upsert beside 10 000 standing queries"},
      {"reconcile, nothing changed", "live: `reconcile`, nothing changed"},
      {"reconcile, one record in 1000 changed", "live: `reconcile`, one record in 1000 changed"},
      {"replace_all, nothing changed", "live: `replace_all`, nothing changed"},
      {"replace_all, one record in 1000 changed", "live: `replace_all`, one record in 1000 changed"}};
  const char* const sizes[] = {"10k", "100k", "1M", "10M"};
  std::string out = "| records |";
  for (const char* size : sizes) out += fmt::format(" {} |", size);
  out += " beside it, 100k |\n|---|---|---|---|---|---|\n";
  for (const auto& [what, words] : rows) {
    out += fmt::format("| {} |", words);
    std::string beside;
    for (const char* size : sizes) {
      std::string cell;
      for (const Judged& j : judged) {
        if (j.figure.what != what || j.figure.size != size) continue;
        cell = fmt::format(" {} {}", number(j.value), j.figure.unit);
        if (j.beside > 0 && j.figure.size == "100k") {
          beside += fmt::format("{}{}: {} {}", beside.empty() ? " " : "; ", j.figure.beside, number(j.beside),
                                j.figure.unit);
        }
      }
      out += cell + " |";
    }
    out += beside + " |\n";
  }
  return out;
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
    all.push_back(std::move(j));
  }
  for (Judged& j : all) {
    const Figure& f = j.figure;
    if (f.goal == Figure::Goal::none) continue;
    const double factor = slower_by(all, f.reference_dom_ns);
    const auto reaches = [&](double ratio) {
      return f.goal == Figure::Goal::at_least ? ratio >= f.bound : ratio <= f.bound;
    };
    const bool seconds = f.baseline.empty() && !f.given;
    const bool in_proportion = seconds && reaches(j.ratio / factor);
    j.verdict = reaches(j.ratio) ? Verdict::reached
                : in_proportion  ? Verdict::in_proportion
                                 : Verdict::missed;
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
               number(j.value), j.figure.unit, j.beside > 0 ? number(j.beside) : "", ratio_text(j),
               goal_text(j.figure), verdict(j));
  }
  fmt::print("\n{}\n", summary(judged));
}

namespace {

constexpr const char* kStyle =
    R"(<!doctype html><meta charset="utf-8"><meta name="color-scheme" content="light dark">
<style>body{font-family:sans-serif;max-width:70em;margin:2em auto;padding:0 1em}table{border-collapse:collapse}
td,th{padding:.3em .8em;text-align:left;border-bottom:1px solid #8884}td.n,th.n{text-align:right;white-space:nowrap;
font-variant-numeric:tabular-nums}code{font-size:.9em}.missed{color:#c33}svg{max-width:100%}</style>
)";

std::string facts_table(const Facts& facts) {
  std::string html = "<table>\n";
  for (const auto& [key, value] : facts) html += fmt::format("<tr><td>{}<td>{}\n", key, xml(value));
  return html + "</table>\n";
}

// For visitors: a row for each query.
std::string front_page(const std::vector<Judged>& judged, const Facts& facts,
                       const std::vector<std::pair<std::string, std::string>>& charts) {
  std::string html = std::string(kStyle) + "<title>syncdex: how long a query takes</title>\n";
  html +=
      "<h1>How long a query takes</h1>\n<p>Counting the records that match, in one process, on one thread: "
      "syncdex, SQLite in memory with an index on each path, DuckDB in memory if it was at hand, and a loop "
      "over parsed structs. Medians. "
      "<a href=\"goals.html\">All figures and goals</a>.</p>\n";
  for (const char* size : {"10k", "100k", "1M", "10M"}) {
    const std::vector<Comparison> rows = comparisons(judged, size);
    if (rows.empty()) continue;
    html += fmt::format(
        "<h2>{} records</h2>\n<table><tr><th>query<th class=n>syncdex<th class=n>SQLite"
        "<th class=n>DuckDB<th class=n>loop<th class=n>SQLite / syncdex\n",
        size);
    for (const Comparison& row : rows) {
      const std::string text = row.text.size() > 160 ? row.text.substr(0, 160) + "..." : row.text;
      const auto cell = [](double us) { return us > 0 ? duration(us) : std::string(); };
      html += fmt::format(
          "<tr><td><code>{}</code><td class=n>{}<td class=n>{}<td class=n>{}<td class=n>{}<td class=n>{}\n",
          xml(text), duration(row.ours_us), cell(row.sqlite_us), cell(row.duckdb_us), cell(row.loop_us),
          row.sqlite_us > 0 ? two_digits(row.sqlite_us / row.ours_us) + " x" : "");
    }
    html += "</table>\n";
  }
  for (const auto& [name, chart] : charts) {
    if (name == "scaling" || name == "load" || name == "memory") html += chart;
  }
  return html + "<h2>Measured on</h2>\n" + facts_table(facts);
}

// For its developers: a row for each figure.
std::string goals_page(const std::vector<Judged>& judged, const Facts& facts) {
  std::string html =
      std::string(kStyle) + "<title>syncdex: figures and goals</title>\n<h1>Figures and goals</h1>\n";
  html += facts_table(facts) + fmt::format("<p>{}.</p>\n", summary(judged));
  html +=
      "<table><tr><th>what<th>records<th class=n>syncdex (min, max)<th>beside it<th "
      "class=n>ratio<th>goal<th>\n";
  for (const Judged& j : judged) {
    html +=
        fmt::format("<tr{}><td>{}<td>{}<td class=n>{}<td>{}<td class=n>{}<td>{}<td>{}\n",
                    j.verdict == Verdict::missed ? " class=missed" : "", xml(j.figure.what), j.figure.size,
                    value_text(j), xml(beside_text(j)), ratio_text(j), goal_text(j.figure), verdict(j));
  }
  return html + "</table>\n";
}

}  // namespace

void write_report(const std::filesystem::path& folder, const std::vector<Judged>& judged,
                  const Facts& facts) {
  std::filesystem::create_directories(folder);
  std::string md = "# Benchmark report\n\n";
  for (const auto& [key, value] : facts) md += fmt::format("- {}: {}\n", key, value);
  md += fmt::format("\n{}.\n\n", summary(judged));
  md +=
      "| what | records | syncdex (min, max) | beside it | ratio | goal | |\n|---|---|---|---|---|---|---|\n";
  for (const Judged& j : judged) {
    md += fmt::format("| {} | {} | {} | {} | {} | {} | {} |\n", j.figure.what, j.figure.size, value_text(j),
                      beside_text(j), ratio_text(j), goal_text(j.figure), verdict(j));
  }
  const auto charts = all_charts(judged, facts);
  for (const auto& [name, chart] : charts) write(folder / (name + ".svg"), chart);
  write(folder / "report.md", md);
  write(folder / "readme.md", short_table(judged));
  write(folder / "report.html", front_page(judged, facts, charts));
  write(folder / "goals.html", goals_page(judged, facts));
  fmt::print("report in {}\n", folder.string());
}

}  // namespace syncdex::bench
