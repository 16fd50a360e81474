// Follows a path through JSON text, reading each byte at most once.
//
// Of duplicate keys the last value wins, so an object is read to its end before its value is known. Following
// a path level by level would read the innermost text once for each level. Instead, a matching member is
// entered at once, and its result is discarded if the key occurs again:
//
//   a.b in {"a":{"b":1},"x":0,"a":{"b":2,"c":3}}
//            ^    ^1          ^    ^2              finds 1, discards it at the second a, and finds 2
//
// The functions add the number of bytes that they read to `read`, and REQUIRE valid text, as json_text.h
// does.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "json/json_text.h"

namespace syncdex::inline v0 {

// Returns the value at a path of `n` keys, or null if there is none. key(i) is the i-th key, decoded.
// is_unique(i) tells whether the i-th key occurs at most once in its object; if it is true for i, it is true
// for all before. O(bytes up to the value), or up to the end of the first object that may have duplicate
// keys.
template <class Key, class IsUnique>
const char* follow(const char* value, std::size_t n, Key key, IsUnique is_unique, std::int64_t& read) {
  if (n == 0) return value;
  if (*value != '{') return nullptr;
  const char* p = value;  // at '{' or ',', or after a value
  const char* found = nullptr;
  std::size_t level = 0;  // objects entered, less one
  std::string_view wanted = key(0);
  for (;;) {
    p = skip_space(p);
    if (*p != '}') p = skip_space(p + 1);  // past '{' or ','
    if (*p == '}') {
      ++p;
      if (level == 0 || is_unique(level - 1)) break;
      wanted = key(--level);
      continue;
    }
    const std::string_view name = raw_string(p);
    p = skip_space(p + name.size() + 2);
    p = skip_space(p + 1);  // past ':'
    if (!same_string(name, wanted)) {
      p = skip_value(p);
      continue;
    }
    const bool last = level + 1 == n;
    found = last ? p : nullptr;
    if (!last && *p == '{') {
      wanted = key(++level);
    } else {
      if (is_unique(level)) break;
      p = skip_value(p);
    }
  }
  read += p - value;
  return found;
}

// Finds the values at a path whose steps may be elements of arrays. Keeps memory for the next call.
class ValueFinder {
 public:
  // Appends the values at the path, in the order of the text. Each step has `key` and `element`. O(bytes)
  template <class Steps>
  void find(const char* value, const Steps& steps, std::vector<const char*>& out, std::int64_t& read) {
    if (steps.empty()) {
      out.push_back(value);
      return;
    }
    const auto enters = [&](const char* p, std::size_t step) {
      return *p == (steps[step].element ? '[' : '{');
    };
    if (!enters(value, 0)) return;
    before_.resize(steps.size());
    before_[0] = out.size();
    const char* p = value;  // at the beginning of a container or a comma, or after a value
    std::size_t level = 0;  // containers entered, less one
    std::string_view wanted = steps[0].key;
    char end = steps[0].element ? ']' : '}';
    const auto move_to = [&](std::size_t to) {
      level = to;
      wanted = steps[level].key;
      end = steps[level].element ? ']' : '}';
    };
    for (;;) {
      p = skip_space(p);
      if (*p != end) p = skip_space(p + 1);
      if (*p == end) {
        ++p;
        if (level == 0) break;
        move_to(level - 1);
        continue;
      }
      if (end == '}') {
        const std::string_view name = raw_string(p);
        p = skip_space(p + name.size() + 2);
        p = skip_space(p + 1);  // past ':'
        if (!same_string(name, wanted)) {
          p = skip_value(p);
          continue;
        }
        out.resize(before_[level]);  // those of a duplicate key
      }
      if (level + 1 < steps.size() && enters(p, level + 1)) {
        move_to(level + 1);
        before_[level] = out.size();
        continue;
      }
      if (level + 1 == steps.size()) out.push_back(p);
      p = skip_value(p);
    }
    read += p - value;
  }

 private:
  std::vector<std::size_t> before_;  // how many values were found before the container at this level
};

}  // namespace syncdex::inline v0
