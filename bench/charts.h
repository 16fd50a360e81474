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

// Returns (file name without extension, SVG) for each chart that the figures have data for:
//   latency-SIZE   each query's count and its baselines, on a log scale
//   scaling        latency by number of records
//   load           throughput of loading, compared with simdjson
//   memory         bytes per record, by part
std::vector<std::pair<std::string, std::string>> all_charts(const std::vector<Judged>& judged);

}  // namespace syncdex::bench
