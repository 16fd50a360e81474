// Finds documents, envelopes and lines in text by brackets and quotes alone, before any record is parsed.
// Checks nothing else: the text in between may be invalid JSON.
#pragma once

#include <string_view>
#include <vector>

#include "json/scalar.h"

namespace syncdex::inline v0 {

inline const char* skip_space(const char* p, const char* end) noexcept {
  while (p != end && is_space(*p)) ++p;
  return p;
}

struct ValueEnd {
  const char* end = nullptr;    // after the value; nullptr: not balanced
  const char* fault = nullptr;  // where the imbalance was found
  const char* what = "";
};

// Finds the end of the value at p. Cost: O(bytes of the value), and one bit per open bracket.
// REQUIRES: p != end.
ValueEnd find_value_end(const char* p, const char* end);

// Returns the '[' of an envelope's records: the array at `key`, if no member "id" comes before it. Returns
// nullptr if there is none. p is at the '{' of the possible envelope. Reads no further than the array's '['.
const char* find_record_array(const char* p, const char* end, std::string_view key);

// Returns the '{' of the record in an envelope of one record: the object at `key`, if the envelope has no
// member "id". Returns nullptr if there is none. p is at the '{' of the possible envelope.
const char* find_single_record(const char* p, const char* end, std::string_view key);

// Returns the raw text of the first member "id" of the object at p, without its quotes; empty if it is not a
// string. Reads no further than this member.
std::string_view find_id(const char* p, const char* end);
// Whether the object at p has a member "id" whose value is a string.
bool has_string_id(const char* p, const char* end);

// Whether a raw key, decoded, equals `key`. False if its escapes are invalid.
bool is_key(std::string_view raw, std::string_view key);

// Whether the text at p is JSON Lines: the first line is one complete object, and more text follows.
// REQUIRES: p is not at white space.
bool is_lines(const char* p, const char* end);

// Whether the text is a sequence of arrays and objects with balanced brackets and closed strings. A string
// that contains a line feed counts as not closed. Cost: O(bytes).
bool is_balanced(const char* p, const char* end);

// Returns the keys of the object at p whose values are arrays that begin with an object: at most three, and
// only plain keys of at most 64 bytes.
std::vector<std::string_view> keys_of_object_arrays(const char* p, const char* end);

inline constexpr const char* kTrailingComma =
    "trailing commas are not JSON: remove the comma before the bracket";

// Recognizes text in another format. Returns what it appears to be and what to do about it, or nullptr.
const char* recognize_other_format(std::string_view text) noexcept;

// Returns a message about a common mistake at this unexpected byte, or `otherwise`.
const char* explain_unexpected(const char* at, const char* end, const char* otherwise) noexcept;

}  // namespace syncdex::inline v0
