// The paths of filters, as text and as steps.
//
//   plan.tier     tags[]     a[][]     "a.b".$in     the empty path: the record, or the element
//
//   path := "" | first { "." step | "[]" }      first is a step or "[]"
//   step := bare | any JSON string in quotes
//   bare := bytes above U+0020 except . [ ] " and comma, the first of them not -
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "terms/path_table.h"

namespace syncdex::inline v0 {

// A step that owns its key.
struct FilterStep {
  std::string key;
  bool element = false;  // of an array: no key
  // Set by finish(). Of a key: records with a duplicate key in its object are marked.
  bool tracked = false;
  std::uint64_t hash = 0;  // of the path from the record to here

  PathStep step() const noexcept { return {key, element}; }
  friend bool operator==(const FilterStep& a, const FilterStep& b) noexcept { return a.step() == b.step(); }
};

// The name of a top-level field of the API's records; empty for other keys.
std::string_view record_field(std::string_view key) noexcept;
// The one that was probably meant; empty if none is similar.
std::string_view nearest_record_field(std::string_view typed);

// No path that is accepted has more steps: functions that walk patterns recurse.
constexpr std::size_t kMostSteps = 1000;

struct ParsedPath {
  std::vector<FilterStep> steps;
  std::string_view fault;  // what is wrong with the text; empty if nothing
  bool too_long = false;   // this is the fault; `steps` has the first kMostSteps + 1
};

// O(length of the first kMostSteps steps)
ParsedPath parse_path(std::string_view text);

// Appends a path in the form that parse_path() reads as the same steps.
void append_path(const std::vector<FilterStep>& steps, std::string& out);

// {"a":{"b":json}} for the path a.b. REQUIRES: no elements
std::string nested_json(const std::vector<FilterStep>& path, std::string_view json);

}  // namespace syncdex::inline v0
