// Finds the records that a new text of a whole list repeats, so that only the others are parsed.
//
// How it works. Where the text has a record, its bytes are compared with those of a record of the version:
// the one behind the last that was found, because a list usually comes back in its order; or else the one
// whose id is found in the text there. Equal bytes end where that record ends. All other bytes are copied:
// brackets, envelopes, and the records that are new or differ. They form a smaller text, which is loaded like
// any other and is valid if and only if the whole text is.
//
//   {"data":[ A, B', C, D ],"has_more":false}      repeated: A, C and D
//   {"data":[B'],"has_more":false}                 the rest
//
// Nothing is decided about a text that is not made like this: it must be loaded as a whole, which also says
// what is wrong with it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/snapshot.h"

namespace syncdex::inline v0 {

struct Repeated {
  std::vector<Row> rows;  // of the records that are repeated, as the text has them; one may occur twice
  std::string rest;       // all but their bytes
};

struct RepeatedSizes {
  // Once so many bytes have been read, the search ends if a quarter of them or more was copied: then to load
  // the whole text is about as fast.
  std::size_t trial = 1 << 20;
};

// Nothing if the text must be loaded as a whole. REQUIRES: the records of the version are within the limits
// that the text is loaded with. Cost: a comparison of bytes, and a look-up for each record that is not where
// it was.
std::optional<Repeated> find_repeated(const Snapshot& version, std::string_view text,
                                      std::string_view records_key, const RepeatedSizes& sizes = {});

// Whether two valid JSON texts are equal as values: white space, the order of keys, and how strings and
// numbers are spelled do not count. Of duplicate keys, the last value counts. False for texts beyond the
// limits. Cost: O(n log n) for n bytes.
bool is_same_value(std::string_view a, std::string_view b, const Limits& limits);

}  // namespace syncdex::inline v0
