#include "show.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

namespace syncdex::cli {
namespace {

constexpr std::string_view kBold = "\033[1m";
constexpr std::string_view kRed = "\033[31m";
constexpr std::string_view kPlain = "\033[0m";

// The number of code points. Wide and zero-width characters count as one.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

// Cuts the text to at most `most` code points. A cut text ends with an ellipsis.
std::string cut(std::string text, std::size_t most) {
  if (width_of(text) <= most) return text;
  std::size_t at = 0;
  for (std::size_t seen = 0; at < text.size(); ++at) {
    if ((static_cast<unsigned char>(text[at]) & 0xC0) != 0x80 && ++seen == most) break;
  }
  text.resize(at);
  return text + "…";
}

std::string padded(std::string text, std::size_t width, bool right = false) {
  const std::size_t has = width_of(text);
  if (has < width) text.insert(right ? 0 : text.size(), width - has, ' ');
  return text;
}

struct Column {
  const char* title;
  std::size_t most;
  std::string_view (Record::*read)() const noexcept;
};

constexpr Column kColumns[] = {{"id", 36, &Record::id},
                               {"name", 40, &Record::name},
                               {"provider", 16, &Record::provider},
                               {"status", 16, &Record::status},
                               {"health", 16, &Record::health_status},
                               {"metadata", 60, &Record::metadata}};

// Collapses each run of white space to a single space.
std::string on_one_line(std::string_view text, std::size_t most) {
  std::string out;
  for (const char c : text) {
    if (out.size() > most * 4) break;  // longer than can be shown
    const bool space = c == ' ' || c == '\n' || c == '\t' || c == '\r';
    if (!space) {
      out += c;
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  return out;
}

std::string cell(const Record& record, const Column& column) {
  const std::string_view text = (record.*column.read)();
  const bool json = column.read == &Record::metadata;
  return cut(
      visible(json ? on_one_line(text, column.most) : std::string(text.substr(0, column.most * 4 + 4))),
      column.most);
}

void show_counts(std::string_view title, const std::vector<ValueCount>& counts, std::uint64_t records,
                 bool colour, const Write& write) {
  constexpr std::size_t kShown = 40;
  write(fmt::format("\n{}{}{}\n", colour ? kBold : "", title, colour ? kPlain : ""));
  std::uint64_t with = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    with += counts[i].records;
    if (i >= kShown) continue;
    const bool red = colour && counts[i].value == "error";
    write(fmt::format("{}{:>12}  {}{}\n", red ? kRed : "", counts[i].records,
                      cut(visible(counts[i].value), 80), red ? kPlain : ""));
  }
  if (counts.size() > kShown) write(fmt::format("{:>12}  values more\n", counts.size() - kShown));
  if (with < records) write(fmt::format("{:>12}  (null or absent)\n", records - with));
}

std::string kinds_of(const PathSummary& path) {
  std::string out;
  const auto add = [&](std::uint64_t n, const char* kind) {
    if (n > 0) out += fmt::format("{}{} {}", out.empty() ? "" : ", ", n, kind);
  };
  add(path.strings, "string");
  add(path.numbers, "number");
  add(path.booleans, "boolean");
  add(path.objects, "object");
  add(path.arrays, "array");
  add(path.nulls, "null");
  return out;
}

}  // namespace

Control control_at(std::string_view text, std::size_t at) noexcept {
  const auto byte = [&](std::size_t i) {
    return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0U;
  };
  const unsigned first = byte(0);
  if (first < 0x20 || first == 0x7F) return {1, first};
  if (first < 0xC2) return {};
  const std::size_t length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  std::uint32_t point = first & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) point = point << 6 | (byte(i) & 0x3F);
  // C1, and invisible characters of Unicode's categories Cf, Zl and Zp that text does not need.
  constexpr std::pair<std::uint32_t, std::uint32_t> kControls[] = {
      {0x80, 0x9F},     {0xAD, 0xAD},       {0x61C, 0x61C},     {0x180E, 0x180E},
      {0x200B, 0x200F}, {0x2028, 0x202E},   {0x2060, 0x206F},   {0xFEFF, 0xFEFF},
      {0xFFF9, 0xFFFB}, {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A}, {0xE0001, 0xE007F}};
  const bool control = std::ranges::any_of(
      kControls, [&](const auto& range) { return point >= range.first && point <= range.second; });
  return control ? Control{length, point} : Control{};
}

std::string visible(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const auto [length, point] = control_at(text, i);
    if (length == 0) {
      out += text[i++];
      continue;
    }
    i += length;
    out += point < 0x100     ? fmt::format("\\x{:02x}", point)
           : point < 0x10000 ? fmt::format("\\u{:04x}", point)
                             : fmt::format("\\U{:08x}", point);
  }
  return out;
}

bool is_terminal(std::FILE* out) { return ::isatty(::fileno(out)) == 1; }

bool wants_colour(std::FILE* out) {
  const char* const no = std::getenv("NO_COLOR");
  return (no == nullptr || *no == '\0') && is_terminal(out);
}

void show_table(const Matches& matches, bool colour, const Write& write) {
  std::array<std::size_t, std::size(kColumns)> widths;
  for (std::size_t c = 0; c < widths.size(); ++c) widths[c] = width_of(kColumns[c].title);
  for (const Record record : matches) {
    for (std::size_t c = 0; c < widths.size(); ++c) {
      if (widths[c] < kColumns[c].most) widths[c] = std::max(widths[c], width_of(cell(record, kColumns[c])));
    }
  }
  std::string line(colour ? kBold : "");
  for (std::size_t c = 0; c < widths.size(); ++c) {
    line += c + 1 == widths.size() ? kColumns[c].title : padded(kColumns[c].title, widths[c] + 2);
  }
  write(line + std::string(colour ? kPlain : "") + "\n");
  for (const Record record : matches) {
    line.clear();
    for (std::size_t c = 0; c < widths.size(); ++c) {
      const std::string text = cell(record, kColumns[c]);
      const bool red = colour && text == "error";
      line += red ? kRed : "";
      line += c + 1 == widths.size() ? text : padded(text, widths[c] + 2);
      line += red ? kPlain : "";
    }
    line.resize(line.find_last_not_of(' ') + 1);
    write(line + "\n");
  }
  write(fmt::format("{} {}\n", matches.size(), matches.size() == 1 ? "record" : "records"));
}

void show_facets(const Catalog& catalog, const Query& query, bool colour, const Write& write) {
  const Facets facets = catalog.facets(query);
  write(fmt::format("{} {}\n", facets.records, facets.records == 1 ? "record" : "records"));
  show_counts("provider", facets.provider, facets.records, colour, write);
  show_counts("status", facets.status, facets.records, colour, write);
  show_counts("health.status", facets.health_status, facets.records, colour, write);

  std::vector<PathSummary> paths = catalog.paths(query);
  std::size_t width = 4;
  for (PathSummary& p : paths) {
    p.path = cut(visible(p.path), 60);
    width = std::max(width, width_of(p.path));
  }
  write(fmt::format("\n{}{:>12} {:>8} {:>10}  {}  kinds{}\n", colour ? kBold : "", "records", "coverage",
                    "values", padded("path", width), colour ? kPlain : ""));
  for (const PathSummary& p : paths) {
    write(fmt::format("{:>12} {:>6.0f} % {:>10}  {}  {}\n", p.records,
                      100.0 * static_cast<double>(p.records) / static_cast<double>(facets.records),
                      p.values == 0 ? "-" : std::to_string(p.values), padded(p.path, width), kinds_of(p)));
  }
}

void show_values(const std::vector<JsonCount>& values, const Write& write) {
  for (const JsonCount& value : values) {
    write(fmt::format("{:>12}  {}\n", value.records, visible(value.json)));
  }
}

void show_summary(const Summary& s, const Write& write) {
  const std::pair<const char*, std::uint64_t> counts[] = {
      {"records", s.records}, {"numbers", s.numbers}, {"strings", s.strings}, {"booleans", s.booleans},
      {"arrays", s.arrays},   {"objects", s.objects}, {"nulls", s.nulls},     {"none", s.none}};
  for (const auto& [name, n] : counts) {
    if (n > 0 || name == counts[0].first) write(fmt::format("{:<8}  {}\n", name, n));
  }
  if (!s.min.empty()) write(fmt::format("min       {}\nmax       {}\n", visible(s.min), visible(s.max)));
  if (s.numbers > 0) write(fmt::format("sum       {}\n", s.sum));
}

void show_histogram(const Histogram& histogram, bool bars, const Write& write) {
  constexpr std::uint64_t kLongest = 50;
  std::uint64_t most = 1;
  std::size_t width = 0;
  for (const Histogram::Bucket& bucket : histogram.buckets) {
    most = std::max(most, bucket.records);
    width = std::max(width, bucket.from.size());
  }
  for (const Histogram::Bucket& bucket : histogram.buckets) {
    std::string line = fmt::format("{:>{}} {:>12}", bucket.from, width, bucket.records);
    if (bars && bucket.records > 0) {
      line += "  ";
      for (std::uint64_t n = (bucket.records * kLongest + most - 1) / most; n > 0; --n) line += "█";
    }
    write(line + '\n');
  }
  if (histogram.other > 0) write(fmt::format("{:>{}} {:>12}\n", "(other)", width, histogram.other));
}

}  // namespace syncdex::cli
