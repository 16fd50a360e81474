// The charts of the report, as SVG.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "report.h"

namespace syncdex::bench {

// Three digits that count.
std::string number(double value);

// Text within XML.
std::string xml(std::string_view text);

// (file name without its end, SVG) of each chart that the figures are enough for:
//   latency-SIZE   each query's count, beside its baselines, on a log scale
//   scaling        latency against the number of records
//   load           throughput of loading, beside simdjson
//   memory         bytes a record, by part
std::vector<std::pair<std::string, std::string>> all_charts(const std::vector<Judged>& judged);

}  // namespace syncdex::bench
