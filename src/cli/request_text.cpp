#include "request_text.h"

#include <fmt/format.h>

namespace syncdex::cli {

bool is_pattern(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  return first != text.npos && text[first] == '{';
}

RequestText::RequestText(std::string_view line, bool pattern, const std::vector<Condition>& conditions,
                         std::size_t begin)
    : begin_(begin) {
  if (pattern) {
    append({"where", std::string(line)});
  } else {
    text_ = line;
  }
  for (const Condition& condition : conditions) append(condition);
}

Result<Request> RequestText::parse(const Limits& limits) const {
  RequestOptions options;
  options.limits = limits;
  auto request = parse_request(text_, options);
  if (request) return request;
  Error error = std::move(request).error();
  error.offset = offset(error.offset);
  return error;
}

void RequestText::append(const Condition& condition) {
  if (!text_.empty()) text_ += '&';
  Part part{text_.size(), 0};
  text_ += condition.parameter;
  text_ += '=';
  part.value = text_.size();
  for (const char c : condition.value) text_ += fmt::format("%{:02x}", static_cast<unsigned char>(c));
  parts_.push_back(part);
}

std::uint64_t RequestText::offset(std::uint64_t at) const {
  const Part* about = nullptr;
  for (const Part& part : parts_) {
    if (part.name <= at) about = &part;
  }
  if (about == nullptr) return at + begin_;
  return at < about->value ? 0 : (at - about->value) / 3;
}

}  // namespace syncdex::cli
