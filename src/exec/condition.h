// Decides whether one value meets a condition.
#pragma once

#include <string>
#include <string_view>

#include "exec/containment.h"
#include "query/filter.h"

namespace syncdex::inline v0 {

// Not thread-safe: it keeps memory for decoded strings.
class ConditionTest {
 public:
  // A scalar: a decoded string, the text of a number, or empty for any other. O(length of the text), times
  // log of the values in a list.
  bool meets(const Condition& condition, Kind kind, std::string_view text);
  // The value whose text begins at p. O(length), for an array that is asked for its size.
  bool meets(const Condition& condition, const char* p, Work& work);

 private:
  bool compares(const Condition& c, Kind kind, std::string_view text);
  bool is_one_of(const Condition& c, Kind kind, std::string_view text) const;
  bool is_time_within(const Condition& c, Kind kind, std::string_view text) const;
  bool has_parts(const Condition& c, std::string_view text);

  std::string decoded_;
  std::string folded_;
};

}  // namespace syncdex::inline v0
