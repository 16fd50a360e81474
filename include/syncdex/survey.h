// Introspection: which values and paths a catalog contains, and why a record does not match.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "syncdex/config.h"

namespace syncdex::inline v0 {

// Sizes of a catalog. Byte counts are the memory in use now.
struct Stats {
  std::uint64_t records = 0;
  std::uint64_t segments = 0;
  std::uint64_t dead_records = 0;  // replaced or erased records whose memory is not released yet
  std::uint64_t providers = 0;     // distinct values
  std::uint64_t names = 0;         // distinct values
  std::uint64_t statuses = 0;      // distinct values
  std::uint64_t terms = 0;         // distinct indexed (path, value) pairs, without ids and names
  std::uint64_t text_bytes = 0;
  std::uint64_t table_bytes = 0;    // the record table, and the positions of records in the text
  std::uint64_t term_bytes = 0;     // the dictionary of terms
  std::uint64_t posting_bytes = 0;  // posting lists
  std::uint64_t ordered_views = 0;  // paths whose order is kept, in the segment that keeps most
  std::uint64_t view_bytes = 0;     // ordered views, and what filters learned of paths
  double load_seconds = 0;          // LoadReport::seconds

  std::uint64_t index_bytes() const noexcept { return table_bytes + term_bytes + posting_bytes; }
};

// Returns one line: records=100000 segments=2 ...
SYNCDEX_API std::string to_string(const Stats& stats);

// A value and the number of records that have it.
struct ValueCount {
  std::string value;  // decoded
  std::uint64_t records = 0;
};

// The values of three fields among the records of an answer. Each list is sorted by count, the most frequent
// value first; values with equal counts are sorted by their bytes. Null and absent values are not listed.
struct Facets {
  std::uint64_t records = 0;  // the number of records in the answer
  std::vector<ValueCount> provider;
  std::vector<ValueCount> status;
  std::vector<ValueCount> health_status;
};

// A path and counts of the values there. A record that has values of several kinds at a path, in an
// array or because of duplicate keys, counts once for each kind. For duplicate keys id, provider, name and
// status, only the last value counts. Paths longer than 512 bytes are left out.
struct PathSummary {
  // For example "provider", "metadata.plan.tier", or "metadata.tags[]" for the elements of an array.
  std::string path;
  // Records with any value there, including null. Divided by Stats::records it is the path's coverage.
  std::uint64_t records = 0;
  std::uint64_t nulls = 0;     // records with a null there
  std::uint64_t booleans = 0;  // records with a boolean there, and so on
  std::uint64_t numbers = 0;
  std::uint64_t strings = 0;
  std::uint64_t arrays = 0;
  std::uint64_t objects = 0;
  std::uint64_t values = 0;  // distinct scalar values, distinguished by a 64-bit hash
};

// Which paths a survey is of. What is at and below credential.properties never is.
enum class Fields : std::uint8_t {
  indexed,  // by the indexes
  all,      // by a walk over every record
};

// Why a record does not match: the first condition, in the canonical order of the query, that it does not
// meet; of an "or", the first condition of its first member. Values at or below credential.properties are
// shown as <hidden>. Containers that could hold such values are shown by their kind, such as "an object".
struct Mismatch {
  enum class Reason : std::uint8_t {
    no_record,      // the catalog has no record with this id
    contradiction,  // no record can match: Query::never()
    absent,         // the record has no value at `path`
    different,      // the value at `path` is `found`, not `wanted`
    no_element,     // no element of `found`, the array at `path`, contains `wanted`, or meets it
    excluded,       // `found`, the value at `path`, meets `wanted`, which the query excludes
  };
  Reason reason{};
  std::string path;  // in the form of PathSummary::path
  // JSON in canonical form: a value or pattern; of a condition its operators, such as {"gte":10}; of the
  // elements of an array a filter.
  std::string wanted;
  std::string found;  // JSON, as written in the record
};

// Returns one line for a person. The only failure is std::bad_alloc. Example:
//
//   metadata.plan.tier: wanted "growth", found "free"
SYNCDEX_API std::string to_string(const Mismatch& mismatch);

}  // namespace syncdex::inline v0
