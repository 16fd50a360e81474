// The tool's output for people: tables, counts, colours. Programs should read the JSON output.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <string>
#include <string_view>

#include "syncdex/syncdex.h"
#include "table.h"

namespace syncdex::cli {

// A character that a terminal might interpret or not display: C0, DEL, C1, and format characters such as
// those that change the direction of text. Length 0: none.
struct Control {
  std::size_t length = 0;
  std::uint32_t code_point = 0;
};
Control control_at(std::string_view text, std::size_t at) noexcept;

// Replaces these characters with escapes such as \x1b or \u202e.
std::string visible(std::string_view text);

bool is_terminal(std::FILE* out);
// Whether to use colours: `out` is a terminal, and NO_COLOR is unset or empty.
bool wants_colour(std::FILE* out);

// 1,234,567
std::string grouped(std::uint64_t n);

Screen screen_of(std::FILE* out);

// Prints a line for each record, with the values at these paths. Long values are cut.
void show_table(const Matches& matches, const std::vector<std::string>& paths, const Screen& screen,
                const Write& write);

// Prints what can be filtered by: values and paths of the records that match.
void show_facets(const Catalog& catalog, const Query& query, const Screen& screen, const Write& write);

// Prints sizes and times of a catalog.
void show_stats(const Catalog& catalog, const Write& write);

// Prints JSON with a line for each value. Its tokens stay as they are. REQUIRES: valid JSON
void show_pretty(std::string_view json, const Write& write);

// Prints values with their counts, and what a summary found, one a line.
void show_values(const std::vector<JsonCount>& values, const Write& write);
void show_summary(const Summary& summary, const Write& write);
// Prints a line for each bucket, with a bar if `bars`.
void show_histogram(const Histogram& histogram, bool bars, const Write& write);

}  // namespace syncdex::cli
