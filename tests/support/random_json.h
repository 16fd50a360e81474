// Generates random records and patterns. Few keys and values, so that they often match. Many spellings of
// each value, so that matching is not a comparison of bytes.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "support/oracle.h"

namespace syncdex::test {

class RandomJson {
 public:
  explicit RandomJson(std::uint64_t seed) : random_(seed) {}

  std::size_t below(std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random_); }
  bool chance(double p) { return std::bernoulli_distribution(p)(random_); }

  // Returns a record with this id. With `repeats`, keys may be duplicated.
  std::string record(std::string_view id, bool repeats);
  // Returns any JSON value.
  std::string value(int depth, bool repeats);
  // Returns a pattern for a whole record that often matches: some of the values of `record`, in other
  // spellings, with an occasional change.
  std::string pattern(std::string_view record);
  std::string space();

 private:
  std::string string_text(std::string_view plain);
  std::string part_of(const oracle::Value& value, int depth, bool keep_kind);
  std::string scalar();

  std::mt19937_64 random_;
};

}  // namespace syncdex::test
