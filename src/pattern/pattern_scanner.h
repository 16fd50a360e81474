// Reads the tokens of a pattern's text.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/errors.h"
#include "json/json_text.h"
#include "json/scalar.h"

namespace syncdex::inline v0 {

// REQUIRES: the text is valid UTF-8
class PatternScanner {
 public:
  explicit PatternScanner(std::string_view json) : json_(json), p_(json.data()), end_(p_ + json.size()) {}

  const char* at() const noexcept { return p_; }
  bool done() const noexcept { return p_ == end_; }
  void skip_space() noexcept {
    while (p_ != end_ && is_space(*p_)) ++p_;
  }
  // Skips white space, and c if it follows.
  bool accept(char c) noexcept {
    skip_space();
    if (p_ == end_ || *p_ != c) return false;
    ++p_;
    return true;
  }
  void skip_to(const char* p) noexcept { p_ = p; }
  // Skips the word, if it is here.
  bool accept(std::string_view word) noexcept;

  // The string that begins here: its raw text, between the quotes. Skips it.
  std::optional<Error> string(std::string_view& raw);
  // The number that begins here. Skips it.
  std::optional<Error> number(std::string_view& text, const Limits& limits);

  Error error(ErrorCode code, const char* at, std::string message) const {
    return error_at(code, json_, at, std::move(message));
  }
  // An error where the next token begins.
  Error unexpected(const char* message) {
    skip_space();
    return error(ErrorCode::invalid_pattern, p_, message);
  }

 private:
  std::string_view json_;
  const char* p_;
  const char* end_;
};

}  // namespace syncdex::inline v0
