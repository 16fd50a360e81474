// What the tool prints for people to read: tables, counts, colours. Programs read JSON.
#pragma once

#include <cstdio>
#include <functional>
#include <string>
#include <string_view>

#include "syncdex/syncdex.h"

namespace syncdex::cli {

using Write = std::function<void(std::string_view)>;

// C0, DEL, and C1 in UTF-8, which a terminal might obey, as \x1b and the like.
std::string visible(std::string_view text);

// Whether colours are wanted: a terminal reads it, and NO_COLOR is not set.
bool wants_colour(std::FILE* out);

// A line for each record: its id, name, provider, status, health and metadata; what is long is cut.
void show_table(const Matches& matches, bool colour, const Write& write);

// What can be filtered by: values of the records that match, and the paths of the whole catalog.
void show_facets(const Catalog& catalog, const Query& query, bool colour, const Write& write);

}  // namespace syncdex::cli
