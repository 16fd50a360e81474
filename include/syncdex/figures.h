// Figures of an answer: the values at a path with their counts, sums, and histograms.
//
//   catalog.values("metadata.plan.tier", query)      "free" 412, "growth" 98, ...
//   catalog.summary("metadata.seats", query)         how many numbers; their minimum, maximum and exact sum
//   catalog.histogram("created_at", {.step = "month"}, query)
//
// Values are JSON in canonical form: "growth" with quotes, 42, true. Equal numbers are one value. Of
// duplicate keys, the last value counts. Paths are those of filters (filter.h); `values` and `facets` also
// take paths with [], where a record counts once for each distinct element. Paths at and below
// credential.properties are refused, and so is `credential`, which may be a plain string.
//
// Cost: that of find(), and for an indexed path one operation on its posting list for each distinct value,
// for each segment; for few matches, and paths that are not indexed, O(bytes of the matches).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "syncdex/config.h"

namespace syncdex::inline v0 {

// A scalar and the number of records that have it.
struct JsonCount {
  std::string json;
  std::uint64_t records = 0;
};

// Which values Catalog::values() and facets() return, and in what order.
struct ValuesOptions {
  std::size_t limit = 100;  // of the values that are returned
  // Sorted by count, the most frequent first, and values with equal counts by value; or by value: false,
  // true, numbers, strings by code point, null.
  bool by_value = false;
  std::string prefix = {};  // if it is not empty, only strings with this prefix
};

// The values that a user has selected at a path: none, or any of these.
struct Selection {
  std::string path;
  std::vector<std::string> selected = {};  // JSON scalars
};

// The values at the path of a selection among the records that meet the query and all OTHER selections. Those
// that are selected are listed even if no record has them.
struct SelectionFacet {
  std::string path;
  std::vector<JsonCount> values;
};

// What the values at a path amount to.
struct Summary {
  std::uint64_t records = 0;  // in the answer
  std::uint64_t none = 0;     // without a value at the path
  std::uint64_t nulls = 0;
  std::uint64_t booleans = 0;
  std::uint64_t numbers = 0;
  std::uint64_t strings = 0;
  std::uint64_t arrays = 0;
  std::uint64_t objects = 0;
  // Of the values, in the order of Order; of a path of times, of the instants. Empty if there are none. JSON;
  // strings with no more than their first 256 code points, numbers with their first 500 digits.
  std::string min;
  std::string max;
  std::string sum = "0";  // of the numbers, exact, in decimal
};

// The buckets of a histogram: of one width, or with given bounds.
struct HistogramOptions {
  // The width of a bucket, whose bounds are multiples of it: a decimal number above 0 of at most 400
  // characters. Of a path of times, "day" or "month", in UTC.
  std::string step = {};
  // Or the bounds themselves, increasing: at least two decimal numbers, or times.
  std::vector<std::string> edges = {};
};

// How many records have a value within each bucket.
struct Histogram {
  static constexpr std::size_t max_buckets = 10'000;
  // One bucket.
  struct Bucket {
    std::string from;  // JSON; inclusive
    std::string to;    // exclusive
    std::uint64_t records = 0;
  };
  std::vector<Bucket> buckets;
  std::uint64_t below = 0;  // the first bound
  std::uint64_t above = 0;  // the last bound, or at it
  std::uint64_t other = 0;  // records without a number, or a time, at the path
};

}  // namespace syncdex::inline v0
