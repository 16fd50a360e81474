// The request that the command line asks for.
//
// Conditions given as flags become parameters of the request, so that one parser handles both. Every byte of
// their values is percent-encoded, so an offset within a flag's value is a third of the parser's offset.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "arguments.h"

namespace syncdex::cli {

// Whether the text is a pattern; otherwise it is a query string.
bool is_pattern(std::string_view text);

// A request assembled from a query string or a pattern, and conditions.
class RequestText {
 public:
  // `begin`: where the query string is in what was given.
  RequestText(std::string_view line, bool pattern, const std::vector<Condition>& conditions,
              std::size_t begin = 0);

  Result<Request> parse(const Limits& limits) const;

 private:
  struct Part {
    std::size_t name;  // where the condition's name begins
    std::size_t value;
  };

  void append(const Condition& condition);
  // Maps the parser's offset to the query string as given, or to the value of the flag in question.
  std::uint64_t offset(std::uint64_t at) const;

  std::string text_;
  std::size_t begin_;
  std::vector<Part> parts_;  // the conditions, after the query string
};

}  // namespace syncdex::cli
