// What a snapshot contains, told by its indexes: sizes, the values of fields, the paths that can be queried.
// An answer is passed as rows.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "store/snapshot.h"
#include "syncdex/survey.h"

namespace syncdex::inline v0 {

// stats.cpp. O(terms log terms).
Stats stats_of(const Snapshot& snapshot);

// facets.cpp. Of the records in these rows. REQUIRES: increasing, and live
Facets facets_of(const Snapshot& snapshot, std::span<const Row> rows);
// The scalars at an indexed path as JSON texts, the most frequent first. Of records with duplicate keys,
// which have to be read, reads `bytes`. O(terms + bytes)
struct Scalars {
  std::vector<ValueCount> values;
  bool all = true;  // if not, there are more than about `most` or records that were not read, and counts may
                    // be too low
};
Scalars scalars_at(const Snapshot& snapshot, PathId path, std::size_t most, std::size_t bytes);

// path_survey.cpp. By their text, of all live records or of those in these rows. REQUIRES: increasing, and
// live
std::vector<PathSummary> paths_of(const Snapshot& snapshot, std::optional<std::span<const Row>> rows);
// field_survey.cpp. The same of all fields, indexed or not. O(bytes of the records).
std::vector<PathSummary> all_paths_of(const Snapshot& snapshot, std::span<const Row> rows);
// How many records have a value at the path; 0 where it is not indexed. Of records with duplicate keys, reads
// `bytes`; the others are counted if a lost value is there. O(terms + bytes)
std::size_t records_at(const Snapshot& snapshot, PathId path, std::size_t bytes);
// Whether any record has a value at the path. Usually a few terms tell.
bool is_any_at(const Snapshot& snapshot, PathId path, std::size_t bytes);

}  // namespace syncdex::inline v0
