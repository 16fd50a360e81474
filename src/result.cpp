#include "syncdex/result.h"

#include <fmt/format.h>

#include "json/scalar.h"

namespace syncdex::inline v0 {

const char* version() noexcept { return SYNCDEX_VERSION_STRING; }

std::string_view to_string(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::malformed_json: return "malformed_json";
    case ErrorCode::invalid_utf8: return "invalid_utf8";
    case ErrorCode::wrong_type: return "wrong_type";
    case ErrorCode::missing_id: return "missing_id";
    case ErrorCode::duplicate_id: return "duplicate_id";
    case ErrorCode::ambiguous_framing: return "ambiguous_framing";
    case ErrorCode::limit_exceeded: return "limit_exceeded";
    case ErrorCode::cancelled: return "cancelled";
    case ErrorCode::io_error: return "io_error";
    case ErrorCode::malformed_encoding: return "malformed_encoding";
    case ErrorCode::unknown_parameter: return "unknown_parameter";
    case ErrorCode::repeated_parameter: return "repeated_parameter";
    case ErrorCode::invalid_value: return "invalid_value";
    case ErrorCode::invalid_pattern: return "invalid_pattern";
    case ErrorCode::invalid_filter: return "invalid_filter";
    case ErrorCode::stale_cursor: return "stale_cursor";
    case ErrorCode::incomplete_list: return "incomplete_list";
    case ErrorCode::budget_exceeded: return "budget_exceeded";
  }
  return "unknown";
}

std::string to_string(const Error& error) {
  std::string out = fmt::format("{}: ", to_string(error.code));
  if (!error.parameter.empty()) out += error.parameter + ": ";
  out += error.message;
  return out + (error.line > 1 ? fmt::format(" (line {}, byte {})", error.line, error.offset)
                               : fmt::format(" (byte {})", error.offset));
}

namespace {

class Category final : public std::error_category {
 public:
  const char* name() const noexcept override { return "syncdex"; }
  std::string message(int value) const override {
    return std::string(to_string(static_cast<ErrorCode>(value)));
  }
  std::error_condition default_error_condition(int value) const noexcept override {
    switch (static_cast<ErrorCode>(value)) {
      case ErrorCode::io_error: return std::errc::io_error;
      case ErrorCode::cancelled: return std::errc::operation_canceled;
      case ErrorCode::limit_exceeded:
      case ErrorCode::budget_exceeded: return {value, *this};
      default: return std::errc::invalid_argument;
    }
  }
};

}  // namespace

const std::error_category& error_category() noexcept {
  static const Category& category = *new const Category;  // never destroyed: see empty_snapshot()
  return category;
}

int http_status(const Error& error) noexcept {
  switch (error.code) {
    case ErrorCode::malformed_encoding:
    case ErrorCode::invalid_utf8:
    case ErrorCode::unknown_parameter:
    case ErrorCode::repeated_parameter: return 400;
    case ErrorCode::invalid_value:
    case ErrorCode::invalid_pattern:
    case ErrorCode::invalid_filter:
    case ErrorCode::budget_exceeded: return 422;
    case ErrorCode::stale_cursor: return 410;
    // 400: the request as a whole is too long. 422: a pattern is too large.
    case ErrorCode::limit_exceeded: return error.parameter.empty() ? 400 : 422;
    default: return 500;
  }
}

std::string to_api_json(const Error& error) {
  std::string summary = error.message;
  if (!error.parameter.empty()) summary = error.parameter + ": " + summary;
  std::string out = R"({"summary":)";
  append_quoted(summary, out);
  out += R"(,"validation_errors":{)";
  if (!error.parameter.empty()) {
    append_quoted(error.parameter, out);
    out += ":[";
    append_quoted(error.message, out);
    out += ']';
  }
  out += R"(},"code":)";
  append_quoted(to_string(error.code), out);
  return out + '}';
}

}  // namespace syncdex::inline v0
