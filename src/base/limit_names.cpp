#include "base/limit_names.h"

#include <fmt/format.h>

namespace syncdex::inline v0 {

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
      {"work", limits.work},
  };
  for (const auto& limit : all) {
    if (limit.name == name) return limit.value;
  }
  return 0;
}

void append_limit(const Limits& limits, std::string_view name, std::string& message) {
  message += fmt::format(" (limit {}: {})", name, limit_value(limits, name));
}

void name_limit(Error& error, const Limits& limits, const char* name) {
  error.limit = name;
  append_limit(limits, name, error.message);
}

}  // namespace syncdex::inline v0
