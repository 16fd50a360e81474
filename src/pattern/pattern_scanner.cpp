#include "pattern/pattern_scanner.h"

#include <cstring>

namespace syncdex::inline v0 {

bool PatternScanner::accept(std::string_view word) noexcept {
  if (static_cast<std::size_t>(end_ - p_) < word.size()) return false;
  if (std::memcmp(p_, word.data(), word.size()) != 0) return false;
  p_ += word.size();
  return true;
}

std::optional<Error> PatternScanner::string(std::string_view& raw) {
  const char* const quote = p_++;
  while (p_ != end_ && *p_ != '"') {
    if (static_cast<unsigned char>(*p_) < 0x20) {
      return error(ErrorCode::invalid_pattern, p_, "unescaped control character in a string");
    }
    p_ += *p_ == '\\' && end_ - p_ > 1 ? 2 : 1;
  }
  if (p_ == end_) return error(ErrorCode::invalid_pattern, quote, "a string is not closed");
  raw = {quote + 1, static_cast<std::size_t>(p_ - quote - 1)};
  ++p_;
  const EscapeScan scan = check_escapes(raw);
  if (scan.fault == StringFault::escape) {
    return error(ErrorCode::invalid_pattern, scan.at, "invalid escape sequence");
  }
  if (scan.fault == StringFault::surrogate) {
    return error(ErrorCode::invalid_pattern, scan.at, "unpaired surrogate");
  }
  return std::nullopt;
}

std::optional<Error> PatternScanner::number(std::string_view& text, const Limits& limits) {
  const NumberScan scan = scan_number(p_, end_, limits.number_digits, limits.exponent);
  if (scan.fault == NumberFault::grammar) {
    return error(ErrorCode::invalid_pattern, p_, "a JSON value is expected");
  }
  if (scan.fault != NumberFault::none) {
    const bool digits = scan.fault == NumberFault::digits;
    Error e = error(ErrorCode::limit_exceeded, p_,
                    digits ? "a number has too many digits" : "a number's exponent is too large");
    name_limit(e, limits, digits ? "number_digits" : "exponent");
    return e;
  }
  text = {p_, static_cast<std::size_t>(scan.end - p_)};
  p_ = scan.end;
  return std::nullopt;
}

}  // namespace syncdex::inline v0
