// The values at a path among the matches of a query, with the number of records that have each.
//
//   indexed path, many matches    each posting list of the path is intersected with the matches
//   otherwise                     each match is read
//
// Records with duplicate keys are always read.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "exec/containment.h"
#include "query/filter_path.h"
#include "query/query_impl.h"
#include "store/snapshot.h"

namespace syncdex::inline v0 {

// A path that figures are of.
struct FigurePath {
  std::vector<FilterStep> steps;
  bool elements = false;  // has []
  bool times = false;     // of the API's times
};

// Errors: invalid_value if the text is not a path; or has [], unless that is allowed; invalid_filter if the
// path is secret.
Result<FigurePath> parse_figure_path(std::string_view text, bool may_have_elements);

// Receives a kind of value, the text of a string (decoded) or number, and the number of records that have it.
// One value may be reported several times.
using VisitValue = std::function<void(Kind kind, std::string_view text, std::uint64_t records)>;

// Visits all values at the path among the matches. Returns the number of matches.
std::uint64_t for_each_value(const Query::Impl& query, const Snapshot& snapshot, const FigurePath& path,
                             Work& work, const VisitValue& visit);

}  // namespace syncdex::inline v0
