// The values at a path among the matches of a query, with the number of records that have each.
//
//   indexed path, many matches    each posting list of the path is intersected with the matches
//   otherwise                     each match is read
//
// Records with duplicate keys are always read.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "exec/matching.h"
#include "exec/row_bits.h"
#include "json/follow.h"
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

// Counts the values at a path, part by part. REQUIRES: what it is given outlives it.
class ValueCounter {
 public:
  ValueCounter(const PathTable& paths, const FigurePath& path, const VisitValue& visit);

  // Among these rows of the part, which are live.
  void count(const Part& part, RowBits rows, Work& work);

 private:
  bool is_worth_listing(const Segment& segment, std::size_t rows) const;
  void count_lists(const Segment& segment, const RowBits& rows, Work& work);
  void read(const Segment& segment, Row row, Work& work);
  void report(const char* value, Work& work);

  const FigurePath& path_;
  const VisitValue& visit_;
  PathId id_ = kRootPath;
  PathTraits traits_;
  std::set<std::pair<Kind, std::string>> seen_;  // of a record, if the path has []
  ValueFinder finder_;
  std::vector<const char*> found_;  // the values of a record
  std::string text_;
};

// The live rows of a part that match.
RowBits exact_rows(Matching& matching, const Part& part);

// Visits all values at the path among the matches. Returns the number of matches.
std::uint64_t for_each_value(const Query::Impl& query, const Snapshot& snapshot, const FigurePath& path,
                             Work& work, const VisitValue& visit);

}  // namespace syncdex::inline v0
