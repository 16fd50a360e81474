// What the tool prints for people to read: tables, counts, colours. Programs read JSON.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <string>
#include <string_view>

#include "syncdex/syncdex.h"

namespace syncdex::cli {

using Write = std::function<void(std::string_view)>;

// A character that a terminal might obey or not show: C0, DEL, C1, and format characters such as those that
// change the direction of text. Length 0: there is none.
struct Control {
  std::size_t length = 0;
  std::uint32_t code_point = 0;
};
Control control_at(std::string_view text, std::size_t at) noexcept;

// With these characters as \x1b or \u202e.
std::string visible(std::string_view text);

// Whether colours are wanted: a terminal reads it, and NO_COLOR is not set.
bool wants_colour(std::FILE* out);

// A line for each record: its id, name, provider, status, health and metadata; what is long is cut.
void show_table(const Matches& matches, bool colour, const Write& write);

// What can be filtered by: values and paths of the records that match.
void show_facets(const Catalog& catalog, const Query& query, bool colour, const Write& write);

}  // namespace syncdex::cli
