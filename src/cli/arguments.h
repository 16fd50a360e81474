// The command line of the tool.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "syncdex/syncdex.h"
#include "tool.h"

namespace syncdex::cli {

struct Condition {
  std::string parameter;
  std::string value;
};

struct Arguments {
  std::string file;
  std::optional<std::string> query;
  std::size_t query_begin = 0;  // in the argument, if that is a URL
  std::vector<std::string> provider, name, status, health_status, metadata, where, filter, order, limit,
      after;
  bool count = false, ids = false, explain = false, verify = false, stats = false, skip_bad = false;
  bool facets = false, sql = false, time = false, man = false;
  std::vector<std::string> columns;  // paths, for a table
  std::optional<std::string> queries, why, values, summary, histogram, step;
  std::string input = "auto";
  std::string records_key = "data";
  Limits limits;
  std::string format = "json";

  // In the order of the request's parameters, however the flags were mixed.
  std::vector<Condition> conditions() const;
};

// The arguments, the program's name not among them; or the exit status, after --help, --version or an error
// that has been printed.
std::variant<Arguments, int> parse_arguments(std::span<const std::string_view> arguments, const Streams& io);

}  // namespace syncdex::cli
