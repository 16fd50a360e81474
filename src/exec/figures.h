// Figures of an answer: include/syncdex/figures.h.
#pragma once

#include <string_view>
#include <vector>

#include "exec/value_counts.h"
#include "syncdex/figures.h"

namespace syncdex::inline v0 {

// Once the work is spent, all of these are incomplete.
std::vector<JsonCount> values_of(const Query::Impl& query, const Snapshot& snapshot, const FigurePath& path,
                                 const ValuesOptions& options, Work& work);
Summary summary_of(const Query::Impl& query, const Snapshot& snapshot, const FigurePath& path, Work& work);
// Errors: invalid_value (of the options), limit_exceeded (too many buckets).
Result<Histogram> histogram_of(const Query::Impl& query, const Snapshot& snapshot, const FigurePath& path,
                               const HistogramOptions& options, Work& work);

// REQUIRES: one path and one query, of the selected values, for each selection
std::vector<SelectionFacet> facets_of(const Query::Impl& query, const Snapshot& snapshot,
                                      const std::vector<Selection>& selections,
                                      const std::vector<FigurePath>& paths,
                                      const std::vector<Query>& selected, const ValuesOptions& options,
                                      Work& work);

// The query of a selection's values: everything if there are none. Errors: invalid_filter, limit_exceeded.
Result<Query> query_of(const Selection& selection, const Limits& limits);

}  // namespace syncdex::inline v0
