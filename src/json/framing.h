// Finds documents, envelopes and lines in text by brackets and quotes alone, before anything is known of the
// records. Judges nothing else: what lies between may not be JSON at all.
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
  const char* end = nullptr;    // behind the value; nullptr: not balanced
  const char* fault = nullptr;  // then: where that shows
  const char* what = "";
};

// Of the value at p. Cost: O(its bytes); a bit for each open bracket. REQUIRES: p != end
ValueEnd find_value_end(const char* p, const char* end);

// p at the '{' of what may be an envelope: the '[' of its records, which is the value of `key`, with no "id"
// before it; nullptr if there is none. Looks no further than it needs to.
const char* find_record_array(const char* p, const char* end, std::string_view key);

// p at the '{' of what may be an envelope of one record: the '{' of that record, which is the value of `key`
// in an object without "id"; nullptr if there is none.
const char* find_single_record(const char* p, const char* end, std::string_view key);

// Whether the object at p has a member "id" that is a string.
bool has_string_id(const char* p, const char* end);

// Whether the raw text of a key is `key`; false for text that is not a string.
bool is_key(std::string_view raw, std::string_view key);

// Whether the text from p on is JSON Lines: the first line alone is a complete object, and text follows.
// REQUIRES: p is not at white space
bool is_lines(const char* p, const char* end);

// Whether the text is a sequence of arrays and objects whose brackets and strings are balanced. A string that
// goes over a line end is not. Cost: O(bytes).
bool is_balanced(const char* p, const char* end);

// The keys of the object at p whose values are arrays that begin with an object: plain keys only, at most
// three.
std::vector<std::string_view> keys_of_object_arrays(const char* p, const char* end);

inline constexpr const char* kTrailingComma =
    "trailing commas are not JSON: remove the comma before the bracket";

// What text that is not JSON appears to be, and what to do about it; nullptr if that is not known.
const char* recognize_other_format(std::string_view text) noexcept;

// For a byte at which JSON expects something else: a message about a common mistake, or `otherwise`.
const char* explain_unexpected(const char* at, const char* end, const char* otherwise) noexcept;

}  // namespace syncdex::inline v0
