#include "json/decimal_sum.h"

#include <algorithm>

namespace syncdex::inline v0 {
namespace {

constexpr std::int64_t kBase = 1'000'000'000;
constexpr std::int64_t kDigits = 9;

}  // namespace

void DecimalSum::add(const Decimal& number, std::uint64_t times) {
  constexpr std::uint64_t kMost = 8'000'000'000;  // times 10^9 fits into 63 bits
  if (added_ + times > kMost) carry();
  added_ += times;
  const std::int64_t sign =
      number.negative ? -static_cast<std::int64_t>(times) : static_cast<std::int64_t>(times);
  const char* p = number.digits;
  std::int64_t power = number.point - 1;  // of ten, of the digit at p
  for (std::uint32_t left = number.count; left > 0;) {
    // The digits of one limb.
    const std::int64_t limb = floor_div(power, kDigits);
    std::int64_t value = 0;
    for (; power >= limb * kDigits; --power) {
      value *= 10;
      if (left == 0) continue;
      if (*p == '.') ++p;
      value += *p++ - '0';
      --left;
    }
    limbs_[limb] += value * sign;
  }
}

void DecimalSum::carry() {
  added_ = 0;
  for (auto at = limbs_.begin(); at != limbs_.end(); ++at) {
    const std::int64_t over = at->second / kBase;
    if (over == 0) continue;
    at->second %= kBase;
    limbs_[at->first + 1] += over;  // comes next
  }
}

std::string DecimalSum::text() const {
  DecimalSum all = *this;
  all.carry();
  std::erase_if(all.limbs_, [](const auto& limb) { return limb.second == 0; });
  if (all.limbs_.empty()) return "0";
  const bool negative = all.limbs_.rbegin()->second < 0;
  // Now every limb gets the sign of the first one, by borrowing from the one above.
  const std::int64_t first = all.limbs_.begin()->first;
  const std::int64_t last = all.limbs_.rbegin()->first;
  std::int64_t borrowed = 0;
  std::string reversed;  // the last digit first
  for (std::int64_t i = first; i <= last; ++i) {
    const auto at = all.limbs_.find(i);
    std::int64_t value = (at == all.limbs_.end() ? 0 : at->second) * (negative ? -1 : 1) - borrowed;
    borrowed = value < 0 ? 1 : 0;
    value += borrowed * kBase;
    for (std::int64_t k = 0; k < kDigits; ++k, value /= 10) {
      reversed += static_cast<char>('0' + value % 10);
    }
  }
  std::ranges::reverse(reversed);
  const std::string number = (negative ? "-" : "") +
                             reversed.substr(std::min(reversed.find_first_not_of('0'), reversed.size() - 1)) +
                             "e" + std::to_string(first * kDigits);
  std::string out;
  append_canonical(parse_decimal(number), UINT32_MAX, out);
  return out;
}

}  // namespace syncdex::inline v0
