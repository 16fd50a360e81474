#include "base/errors.h"

#include <fmt/format.h>

#include <algorithm>

namespace syncdex::inline v0 {
namespace {

std::uint64_t limit_value(const Limits& limits, std::string_view name) noexcept {
  const struct {
    std::string_view name;
    std::uint64_t value;
  } all[] = {
      {"input_bytes", limits.input_bytes},
      {"record_bytes", limits.record_bytes},
      {"records", limits.records},
      {"string_bytes", limits.string_bytes},
      {"depth", limits.depth},
      {"number_digits", limits.number_digits},
      {"exponent", limits.exponent},
      {"request_bytes", limits.request_bytes},
      {"parameters", limits.parameters},
      {"pattern_bytes", limits.pattern_bytes},
      {"pattern_leaves", limits.pattern_leaves},
      {"filter_bytes", limits.filter_bytes},
      {"filter_nodes", limits.filter_nodes},
      {"filter_depth", limits.filter_depth},
      {"filter_values", limits.filter_values},
      {"work", limits.work},
      {"ordered_views", limits.ordered_views},
  };
  for (const auto& limit : all) {
    if (limit.name == name) return limit.value;
  }
  return 0;
}

}  // namespace

Error make_error(ErrorCode code, std::string message) {
  Error e;
  e.code = code;
  e.message = std::move(message);
  return e;
}

Error error_at(ErrorCode code, std::string_view text, const char* at, std::string message) {
  Error e = make_error(code, std::move(message));
  set_place(e, text, at);
  return e;
}

void set_place(Error& error, std::string_view text, const char* at) {
  error.offset = static_cast<std::uint64_t>(at - text.data());
  error.line = 1 + static_cast<std::uint64_t>(std::count(text.data(), at, '\n'));
}

Error parameter_error(ErrorCode code, const char* parameter, std::string message) {
  Error e = make_error(code, std::move(message));
  e.parameter = parameter;
  return e;
}

Error limit_error(const Limits& limits, const char* limit, std::string message) {
  Error e = make_error(ErrorCode::limit_exceeded, std::move(message));
  name_limit(e, limits, limit);
  return e;
}

void name_limit(Error& error, const Limits& limits, const char* limit) {
  error.limit = limit;
  append_limit(limits, limit, error.message);
}

void append_limit(const Limits& limits, std::string_view limit, std::string& message) {
  message += fmt::format(" (limit {}: {})", limit, limit_value(limits, limit));
}

}  // namespace syncdex::inline v0
