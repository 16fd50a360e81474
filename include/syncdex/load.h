// Options for loading records, and the report of a load.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "syncdex/config.h"
#include "syncdex/limits.h"
#include "syncdex/result.h"

namespace syncdex::inline v0 {

// How many readable bytes must follow the text of an adopted buffer. Their content does not matter.
inline constexpr std::size_t load_padding = 64;

// How a load with skip_bad recovers from bad input. Without skip_bad the framing has no effect.
//
// The input is always a sequence of JSON documents, with white space or nothing between them: arrays of
// records, single records, and envelopes as the endpoint returns them, {"data":[...]}. JSON Lines are such a
// sequence.
//
//   ndjson     recovers line by line
//   json       recovers record by record
//   automatic  by line if the first line is a complete object, or if brackets or quotes are unbalanced and a
//              later line is a record; otherwise by record
enum class Framing : std::uint8_t { automatic, json, ndjson };

// How text is loaded.
struct LoadOptions {
  Framing framing = Framing::automatic;
  // Load the good records and report the bad ones, instead of failing. The table in src/README.md says what
  // counts as one.
  bool skip_bad = false;
  // The key of the records in an envelope.
  std::string records_key = "data";
  // The number of threads that load; 0: one for each processor. With 1, no thread is started. The resulting
  // catalog is the same for any number.
  unsigned threads = 1;
  // Paths that answers will be ordered by, or asked for ranges: their views are made while loading
  // (Catalog::prepare()). A live catalog makes them for what it loads as a whole, not for each change.
  std::vector<std::string> ordered = {};
  Limits limits = {};
  // Called on the calling thread about once per MiB, and at the end. Returning false cancels the load.
  std::function<bool(std::uint64_t bytes_done, std::uint64_t bytes_total, std::uint64_t records)> progress =
      {};
};

// A record that a load with skip_bad left out.
struct BadRecord {
  std::uint64_t position = 0;     // 0-based, among all records of the input
  std::uint64_t line = 1;         // 1-based line of `offset`
  std::uint64_t offset = 0;       // of the fault, in bytes from the start of the input
  std::optional<std::string> id;  // if it could be read
  ErrorCode code{};
  std::string reason;  // one line; never holds bytes of the record
};

// The outcome of a successful load.
struct LoadReport {
  std::uint64_t records = 0;   // records in the catalog
  std::uint64_t bytes = 0;     // size of the input
  double seconds = 0;          // time from bytes in memory to a queryable catalog
  double read_seconds = 0;     // time for reading the file; only for load_file()
  std::vector<BadRecord> bad;  // sorted by offset
  // Whether the last envelope says that more records follow: has_more is true, or next, next_page,
  // next_cursor or next_url has a value. If so, the catalog holds one page of a longer list.
  bool more_follows = false;
  // What the last envelope says about further pages, as JSON text: the value of has_more, and that of next,
  // next_page, next_cursor or next_url, of which the last one with a value counts. Empty if it has none.
  std::string has_more;
  std::string next;
};

}  // namespace syncdex::inline v0
