// An exact sum of decimal numbers of any size.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "json/decimal.h"

namespace syncdex::inline v0 {

// REQUIRES: b > 0
constexpr std::int64_t floor_div(std::int64_t a, std::int64_t b) noexcept {
  return a / b - (a % b < 0 ? 1 : 0);
}

class DecimalSum {
 public:
  // Adds the number `times` times. O(digits). REQUIRES: fewer than 2^31 times
  void add(const Decimal& number, std::uint64_t times = 1);
  // Decimal text in canonical form. O(digits between the first and the last one)
  std::string text() const;

 private:
  void carry();

  // By power of 10^9: what it is multiplied by. Below 10^9 once it is carried, and then it grows by less than
  // 10^9 with each number.
  std::map<std::int64_t, std::int64_t> limbs_;
  std::uint64_t added_ = 0;  // numbers since it was carried
};

}  // namespace syncdex::inline v0
