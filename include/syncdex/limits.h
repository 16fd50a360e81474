// What an input, a request and a query may cost: one struct for all calls, each of which reads what concerns
// it.
#pragma once

#include <cstdint>

#include "syncdex/config.h"

namespace syncdex::inline v0 {

// Meant to refuse hostile input, not large input. What is over a limit is limit_exceeded, and Error::limit
// gives the member's name; work alone is budget_exceeded. Bytes and digits are counted as written.
struct Limits {
  // What is loaded.
  std::uint64_t input_bytes = std::uint64_t{64} << 30;
  std::uint64_t record_bytes = std::uint64_t{16} << 20;  // at most 1 GiB is honoured
  std::uint64_t records = 0xFFFF'FFFD;
  std::uint64_t string_bytes = std::uint64_t{8} << 20;  // between the quotes, keys too

  // What is loaded, and patterns.
  std::uint32_t depth =
      512;  // the record is 1, and so is the pattern of a whole record; of a pattern at most 1000
  std::uint32_t number_digits = 100'000;
  std::uint32_t exponent = 100'000;  // magnitude

  // Requests and patterns.
  std::uint64_t request_bytes = 1 << 20;  // of a whole query string
  std::uint64_t parameters = 64;          // name=value pairs
  std::uint64_t pattern_bytes =
      64 << 10;                         // of one JSON pattern; of all conditions together, white space aside
  std::uint64_t pattern_leaves = 1024;  // scalars and empty containers, of all conditions together

  // Matching, by the calls that can refuse: how many times one query may walk over the catalog's text (or
  // over 1 MiB, where it is smaller), on average of its bytes. A value of a record that meets a value of the
  // pattern counts as a byte. An ordinary query walks over its candidates once; a pattern of fewer than 15
  // values and containers never reaches the default, whatever the records.
  std::uint64_t work = 32;
};

}  // namespace syncdex::inline v0
