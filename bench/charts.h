// The charts of the report, in SVG.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "report.h"

namespace syncdex::bench {

// Formats with three significant digits; more if the integer part has more.
std::string number(double value);

// Escapes text for XML.
std::string xml(std::string_view text);

// 340 ns, 1.20 us, 4.5 ms
std::string duration(double us);
// With two significant digits.
std::string two_digits(double ratio);

// What a count takes, and what its baselines take; 0 if they were not measured.
struct Comparison {
  std::string what;  // the name of the query
  std::string text;  // its pattern or filter
  double ours_us = 0;
  double sqlite_us = 0;
  double duckdb_us = 0;
  double loop_us = 0;
};
std::vector<Comparison> comparisons(const std::vector<Judged>& judged, std::string_view size);

// Returns (file name without extension, SVG) for each chart that the figures have data for:
//   latency        five queries and their baselines, on a log scale, for the README
//   latency-SIZE   all of them
//   scaling        latency by number of records
//   load           throughput of loading, compared with simdjson
//   memory         bytes per record, by part
std::vector<std::pair<std::string, std::string>> all_charts(const std::vector<Judged>& judged,
                                                            const Facts& facts);

}  // namespace syncdex::bench
