#include "show.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "console.h"

namespace syncdex::cli {
namespace {

// Longer cells are cut.
constexpr std::size_t kLongestCell = 60;
constexpr std::size_t kLongestCellOfTerminal = 240;

// Cuts the text to at most `most` code points. A cut text ends with an ellipsis.
std::string cut(std::string text, std::size_t most) {
  const auto begins = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
  if (static_cast<std::size_t>(std::ranges::count_if(text, begins)) <= most) return text;
  std::size_t at = 0;
  for (std::size_t seen = 0; at < text.size(); ++at) {
    if (begins(text[at]) && ++seen == most) break;
  }
  text.resize(at);
  return text + "…";
}

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

// The value at the path: a string decoded, anything else as JSON; null and no value are empty.
std::string cell(const Record& record, const std::string& path, const Screen& screen) {
  const std::size_t most = screen.width > 0 ? kLongestCellOfTerminal : kLongestCell;
  if (const auto text = record.text(path)) return cut(visible(text->substr(0, most * 4 + 4)), most);
  const auto json = record.find(path);
  return json && *json != "null" ? cut(visible(on_one_line(*json, most)), most) : std::string();
}

void show_counts(const std::string& title, const std::vector<ValueCount>& counts, std::uint64_t records,
                 const Screen& screen, const Write& write) {
  constexpr std::size_t kShown = 40;
  Table table({{"records", true}, {title, false, true}}, screen);
  std::uint64_t with = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    with += counts[i].records;
    if (i < kShown) table.add({grouped(counts[i].records), cut(visible(counts[i].value), kLongestCell)});
  }
  if (counts.size() > kShown)
    table.add({"", fmt::format("({} more values)", grouped(counts.size() - kShown))});
  if (with < records) table.add({grouped(records - with), "(null or absent)"});
  write("\n");
  table.print(write);
}

std::string kinds_of(const PathSummary& path) {
  std::string out;
  const auto add = [&](std::uint64_t n, const char* kind) {
    if (n > 0) out += fmt::format("{}{} {}", out.empty() ? "" : ", ", grouped(n), kind);
  };
  add(path.strings, "string");
  add(path.numbers, "number");
  add(path.booleans, "boolean");
  add(path.objects, "object");
  add(path.arrays, "array");
  add(path.nulls, "null");
  return out;
}

// The values at a path that has few of them.
std::string few_values(const Catalog& catalog, const Query& query, const PathSummary& path) {
  constexpr std::uint64_t kFew = 6;
  if (path.values == 0 || path.values > kFew) return {};
  const auto values = catalog.values(path.path, query, {.limit = kFew});
  std::string out;
  for (const JsonCount& value : values ? *values : std::vector<JsonCount>()) {
    out += fmt::format("{}{} ({})", out.empty() ? "" : ", ", cut(visible(value.json), 24),
                       grouped(value.records));
  }
  return out;
}

}  // namespace

std::string grouped(std::uint64_t n) {
  std::string digits = std::to_string(n);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

Screen screen_of(std::FILE* out) {
  if (!is_terminal(out)) return {};
  winsize size{};
  const bool known = ::ioctl(::fileno(out), TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return {known ? size.ws_col : std::size_t{80}, wants_colour(out)};
}

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

void show_table(const Matches& matches, const std::vector<std::string>& paths, const Screen& screen,
                const Write& write) {
  std::vector<Table::Column> columns;
  for (const std::string& path : paths) columns.push_back({visible(path), false, path != "id"});
  Table table(columns, screen);
  for (const Record record : matches) {
    std::vector<std::string> cells;
    for (const std::string& path : paths) cells.push_back(cell(record, path, screen));
    table.add(cells);
  }
  table.print(write);
  write(fmt::format("{} {}\n", grouped(matches.size()), matches.size() == 1 ? "record" : "records"));
}

void show_facets(const Catalog& catalog, const Query& query, const Screen& screen, const Write& write) {
  const Facets facets = catalog.facets(query);
  write(fmt::format("{} {}\n", grouped(facets.records), facets.records == 1 ? "record" : "records"));
  show_counts("provider", facets.provider, facets.records, screen, write);
  show_counts("status", facets.status, facets.records, screen, write);
  show_counts("health.status", facets.health_status, facets.records, screen, write);
  Table table({{"records", true},
               {"coverage", true},
               {"values", true},
               {"path", false, true},
               {"kinds", false, true},
               {"values (records), if few", false, true}},
              screen);
  for (const PathSummary& p : catalog.paths(query)) {
    const double share = static_cast<double>(p.records) / static_cast<double>(facets.records);
    table.add({grouped(p.records), fmt::format("{:.0f} %", 100 * share),
               p.values == 0 ? "-" : grouped(p.values), cut(visible(p.path), kLongestCell), kinds_of(p),
               few_values(catalog, query, p)});
  }
  write("\n");
  table.print(write);
}

void show_stats(const Catalog& catalog, const Write& write) {
  const Stats s = catalog.stats();
  const auto count = [&](std::string_view name, std::uint64_t n) {
    write(fmt::format("{:<14}{:>14}\n", name, grouped(n)));
  };
  const auto bytes = [&](std::string_view name, std::uint64_t n) {
    const double ratio = s.text_bytes > 0 ? static_cast<double>(n) / static_cast<double>(s.text_bytes) : 0;
    write(fmt::format("{:<14}{:>11.1f} MB   {:.2f} x the text\n", name, static_cast<double>(n) / 1e6, ratio));
  };
  count("records", s.records);
  count("segments", s.segments);
  count("providers", s.providers);
  count("names", s.names);
  count("statuses", s.statuses);
  count("terms", s.terms);
  bytes("text", s.text_bytes);
  bytes("record table", s.table_bytes);
  bytes("terms", s.term_bytes);
  bytes("posting lists", s.posting_bytes);
  bytes("all", s.text_bytes + s.index_bytes());
  const double mb = static_cast<double>(catalog.report().bytes) / 1e6;
  write(fmt::format("{:<14}{:>12.3f} s   {:.0f} MB/s\n", "load", s.load_seconds,
                    s.load_seconds > 0 ? mb / s.load_seconds : 0));
}

void show_pretty(std::string_view json, const Write& write) {
  constexpr std::size_t kMostSpaces = 40;
  constexpr std::size_t kPiece = 64 << 10;
  std::string out;
  std::size_t depth = 0;
  const auto line = [&] {
    out.append(1, '\n').append(std::min(2 * depth, kMostSpaces), ' ');
    if (out.size() < kPiece) return;
    write(out);
    out.clear();
  };
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (c == '"') {
      const std::size_t begin = i;
      for (++i; json[i] != '"'; ++i) i += json[i] == '\\' ? 1U : 0U;
      out += escaped(json.substr(begin, i + 1 - begin));
    } else if (c == '{' || c == '[') {
      out += c;
      const std::size_t next = json.find_first_not_of(" \t\r\n", i + 1);
      if (json[next] == '}' || json[next] == ']') {
        out += json[i = next];
      } else {
        ++depth;
        line();
      }
    } else if (c == '}' || c == ']') {
      --depth;
      line();
      out += c;
    } else if (c == ',') {
      out += c;
      line();
    } else if (c == ':') {
      out += ": ";
    } else if (c != ' ' && c != '\t' && c != '\r' && c != '\n') {
      out += c;
    }
  }
  write(out + '\n');
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
