// Bounds on inputs, requests and queries: one struct, of which each call reads what concerns it.
#pragma once

#include <cstdint>

#include "syncdex/config.h"

namespace syncdex::inline v0 {

// Bounds that refuse adversarial input, not large input. Exceeding one is limit_exceeded (for `work`,
// budget_exceeded), and Error::limit holds the member's name. Bytes and digits are counted as written.
//
//   loading                input_bytes, record_bytes, records, string_bytes
//   loading and patterns   depth, number_digits, exponent
//   requests and patterns  request_bytes, parameters, pattern_bytes, pattern_leaves
//   filters                filter_bytes, filter_nodes, filter_depth, filter_values
//   matching               work, in the calls that can return budget_exceeded
//   memory for orders      ordered_views
struct Limits {
  std::uint64_t input_bytes = std::uint64_t{64} << 30;   // the text of one load
  std::uint64_t record_bytes = std::uint64_t{16} << 20;  // values above 1 GiB act as 1 GiB less 64 bytes
  std::uint64_t records = 0xFFFF'FFFD;                   // records of a catalog
  std::uint64_t string_bytes = std::uint64_t{8} << 20;   // between the quotes; applies to keys too

  // Nesting depth. A record has depth 1, and so has the pattern of a whole record. For patterns, values above
  // 1000 act as 1000.
  std::uint32_t depth = 512;
  std::uint32_t number_digits = 100'000;  // of one number
  std::uint32_t exponent = 100'000;       // its magnitude

  std::uint64_t request_bytes = 1 << 20;  // the whole query string
  std::uint64_t parameters = 64;          // name=value pairs
  // One JSON pattern as written; also all conditions of a query together, not counting white space.
  std::uint64_t pattern_bytes = 64 << 10;
  std::uint64_t pattern_leaves = 1024;  // scalars and empty containers in all conditions together

  // One filter as written, and the canonical form of all of a query. The paths from the record to each of its
  // nodes have together at most 16 times the bytes of the canonical form, and 256 KiB.
  std::uint64_t filter_bytes = 256 << 10;
  // Of all filters of a query together: and, or, not, some, contains and conditions; each [] of a path is
  // one.
  std::uint64_t filter_nodes = 1024;
  std::uint32_t filter_depth = 64;     // nesting of these nodes; values above 128 act as 128
  std::uint64_t filter_values = 4096;  // values in lists (in, nin) of a query

  // How many times, on average over its bytes, one query may read the catalog's text. A text below 1 MiB
  // counts as 1 MiB. Comparing a value of a record with a value of the pattern counts as one byte. An
  // ordinary query reads its candidates once. A pattern of fewer than 15 values and containers never reaches
  // the default, whatever the records are.
  std::uint64_t work = 32;

  // How many ordered views a catalog keeps, one for each path, 12.1 bytes a record each; values above 64 act
  // as 64. If more paths are asked for, a kept view is replaced by that of a path that was asked for at least
  // twice since the kept one was used, at most one by each request. A view that was replaced is freed when
  // the last query that uses it ends; no more than this many wait for that. Set when a catalog is loaded.
  std::uint64_t ordered_views = 16;
};

}  // namespace syncdex::inline v0
