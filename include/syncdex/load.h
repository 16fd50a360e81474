// How records are loaded: what may be given, and what is reported.
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

// How many readable bytes must follow the text of a buffer that a catalog adopts; their content is free.
inline constexpr std::size_t load_padding = 64;

// The input is a sequence of JSON documents with white space or nothing between them: arrays of records,
// single records, and envelopes as the endpoint answers them, {"data":[...]}. JSON Lines are such a sequence.
// The framing matters only with skip_bad: `ndjson` recovers line by line, `json` record by record, and
// `automatic` looks: text whose first line is a complete object, and text with unbalanced brackets or quotes
// and a later line that is a record, is recovered by line.
enum class Framing : std::uint8_t { automatic, json, ndjson };

struct LoadOptions {
  Framing framing = Framing::automatic;
  // Load what is good and report the rest (README, "Bad input"), instead of all or nothing.
  bool skip_bad = false;
  // The key of an envelope's records.
  std::string records_key = "data";
  // No thread is started unless this is more than 1. The catalog is the same either way.
  unsigned threads = 1;
  Limits limits = {};
  // Called on the calling thread about once a megabyte, and at the end; false cancels the load.
  std::function<bool(std::uint64_t bytes_done, std::uint64_t bytes_total, std::uint64_t records)> progress =
      {};
};

// One record that a load with skip_bad left out.
struct BadRecord {
  std::uint64_t position = 0;  // 0-based, among all records of the input
  std::uint64_t line = 1;
  std::uint64_t offset = 0;       // where the fault is
  std::optional<std::string> id;  // where it could be read
  ErrorCode code{};
  std::string reason;  // one line; never holds bytes of the record
};

struct LoadReport {
  std::uint64_t records = 0;   // loaded
  std::uint64_t bytes = 0;     // of input
  double seconds = 0;          // from bytes in memory to queryable
  double read_seconds = 0;     // load_file: reading the file
  std::vector<BadRecord> bad;  // by offset
  // The last envelope says that there are more records: has_more is true, or next, next_page, next_cursor or
  // next_url has a value. The catalog is one page of a longer list.
  bool more_follows = false;
};

}  // namespace syncdex::inline v0
