// Introspection: which values and paths a catalog contains, and why a record does not match.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "syncdex/config.h"

namespace syncdex::inline v0 {

// Sizes of a catalog; all bytes are those held now.
struct Stats {
  std::uint64_t records = 0;
  std::uint64_t segments = 0;
  std::uint64_t dead_records = 0;  // replaced, and not given back yet
  std::uint64_t providers = 0;     // distinct values
  std::uint64_t names = 0;
  std::uint64_t statuses = 0;
  std::uint64_t terms = 0;  // distinct (path, value) pairs that are indexed
  std::uint64_t text_bytes = 0;
  std::uint64_t table_bytes = 0;    // the records' container, and their places in the text
  std::uint64_t term_bytes = 0;     // the dictionary of terms
  std::uint64_t posting_bytes = 0;  // the lists of rows
  double load_seconds = 0;

  std::uint64_t index_bytes() const noexcept { return table_bytes + term_bytes + posting_bytes; }
};

// One line: records=100000 segments=2 ...
SYNCDEX_API std::string to_string(const Stats& stats);

// A value, and how many records have it.
struct ValueCount {
  std::string value;  // decoded
  std::uint64_t records = 0;
};

// The values of an answer's records, the most frequent first, equal counts by their bytes. What is null or
// absent is in no list.
struct Facets {
  std::uint64_t records = 0;  // all of the answer
  std::vector<ValueCount> provider;
  std::vector<ValueCount> status;
  std::vector<ValueCount> health_status;
};

// A path that an index answers, and what stands there. Where a record has values of several kinds at a path,
// in an array or because a key stands twice, it counts once for each of them. (Of id, provider, name and
// status that stand twice, the last counts.) Paths longer than 512 bytes are left out.
struct PathSummary {
  std::string path;           // "provider", "metadata.plan.tier", "metadata.tags[]" for the elements
  std::uint64_t records = 0;  // that have anything there, null too; of Stats::records, its coverage
  std::uint64_t nulls = 0;    // records, from here on
  std::uint64_t booleans = 0;
  std::uint64_t numbers = 0;
  std::uint64_t strings = 0;
  std::uint64_t arrays = 0;
  std::uint64_t objects = 0;
  std::uint64_t values = 0;  // distinct scalars, told apart by 64 bits of hash
};

// Why a record is not in an answer: the first condition, in the canonical order of the pattern, that it does
// not meet. Values at or below credential.properties are <hidden>, containers that could hold them "an
// object".
struct Mismatch {
  enum class Reason : std::uint8_t {
    no_record,      // the catalog has no record with this id
    contradiction,  // no record can match: Query::never()
    absent,         // there is nothing at `path`
    different,      // `found` stands there and not `wanted`
    no_element,     // the array at `path`, `found`, has no element that contains `wanted`
  };
  Reason reason{};
  std::string path;    // as PathSummary::path
  std::string wanted;  // JSON, in the canonical form of patterns
  std::string found;   // JSON, as it stands in the record
};

// One line for a person: metadata.plan.tier: wanted "growth", found "free". Never fails but for memory.
SYNCDEX_API std::string to_string(const Mismatch& mismatch);

}  // namespace syncdex::inline v0
