// What the tool answers with.
#pragma once

#include <string_view>

#include "arguments.h"
#include "console.h"

namespace syncdex::cli {

// Each returns the exit status.

int query_error(const Streams& io, const Error& error);
int print_sql(const Request& request, const Streams& io);
int answer(const Catalog& catalog, const Request& request, const Arguments& args, const Streams& io,
           Output& out);
// One answer or error a line, for the lines of --queries.
int run_queries(const Catalog& catalog, std::string_view lines, const Arguments& args, Output& out);

}  // namespace syncdex::cli
