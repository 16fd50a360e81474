// Where a JSON value ends, by brackets and quotes alone: for finding records in text before anything is
// known of them. Judges nothing else; what lies between may be no JSON at all.
#pragma once

#include "scalar.h"

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

// p at the '{' of what may be an envelope: the '[' of an array "data" with no "id" before it, or nullptr.
// Looks no further than it needs to.
const char* find_data(const char* p, const char* end);

// Whether the raw text of a key is `key`; text that is no string is not.
bool is_key(std::string_view raw, std::string_view key);

}  // namespace syncdex::inline v0
