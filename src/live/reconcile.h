// Compares a new text of a whole list with a version, so that only new and changed records are parsed.
//
// How it works. Wherever the text has a record, it is compared, byte by byte, with one record of the version:
// first with the one that follows the last match, because a list usually comes back in the same order, then
// with the one that has the same id. If the bytes are equal, the record is repeated, and its length is known.
// Everything else is copied: brackets, envelopes, and new and changed records. The copy is a smaller text,
// which is valid if and only if the whole text is, and is loaded like any other.
//
//   {"data":[ A, B', C, D ],"has_more":false}      repeated: A, C and D
//   {"data":[B'],"has_more":false}                 the rest
//
// A text that does not look like a list of records is not searched any further: it must be loaded as a whole,
// which also finds out what is wrong with it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/snapshot.h"

namespace syncdex::inline v0 {

struct Repeated {
  std::vector<Row> rows;  // of the repeated records, in the order of the text; a row may occur twice
  std::string rest;       // the text without these records
};

struct RepeatedSizes {
  // After this many bytes the search ends if a quarter of them or more was copied, because loading the whole
  // text is about as fast.
  std::size_t trial = 1 << 20;
  // If more than this many records have moved, and one of so many, the list has been reordered: a table is
  // made in which each record is found by one access to memory.
  std::size_t few = 64;
  std::size_t one_in = 32;
  // For tests: counts the bytes that are looked at ahead of what was compared.
  std::uint64_t* looked_at = nullptr;
};

// Returns nothing if the text must be loaded as a whole. Cost: comparing the bytes, and one look-up for each
// record that has moved. REQUIRES: the records of the version are within the limits of the load.
std::optional<Repeated> find_repeated(const Snapshot& version, std::string_view text,
                                      std::string_view records_key, const RepeatedSizes& sizes = {});

// Whether two valid JSON texts are equal as values: white space, the order of keys, and how strings and
// numbers are spelled do not count. Of duplicate keys, the last value counts. False for texts beyond the
// limits. Cost: O(n log n) for n bytes.
bool is_same_value(std::string_view a, std::string_view b, const Limits& limits);

}  // namespace syncdex::inline v0
