#include "query/filter_path.h"

#include <algorithm>
#include <iterator>

#include "json/strings.h"
#include "pattern/pattern_scanner.h"
#include "query/typo.h"

namespace syncdex::inline v0 {
namespace {

// clang-format off
constexpr std::string_view kRecordFields[] = {
    "id", "provider", "name", "status", "org_id", "stream_id", "external_id", "health", "metadata",
    "rate_limit", "credential", "credential_id", "collection_ids", "max_age_days", "created_at",
    "updated_at", "sync_frequency", "initial_backfill_completed_at",
};
// clang-format on

bool is_bare(char c) noexcept {
  return static_cast<unsigned char>(c) > ' ' && c != '.' && c != '[' && c != ']' && c != '"' && c != ',';
}

}  // namespace

std::string_view record_field(std::string_view key) noexcept {
  const auto* const field = std::ranges::find(kRecordFields, key);
  return field != std::end(kRecordFields) ? *field : std::string_view();
}

std::string_view nearest_record_field(std::string_view typed) { return nearest_of(kRecordFields, typed); }

ParsedPath parse_path(std::string_view text) {
  ParsedPath out;
  const auto fault = [&](std::string_view what) {
    out.fault = what;
    return std::move(out);
  };
  std::size_t at = 0;
  while (at < text.size()) {
    if (out.steps.size() > kMostSteps) {
      out.too_long = true;
      return fault("it has more than 1000 steps");
    }
    if (text.substr(at).starts_with("[]")) {
      out.steps.emplace_back().element = true;
      at += 2;
      continue;
    }
    if (!out.steps.empty()) {
      if (text[at] != '.') return fault("'.' or '[]' is expected between the steps of a path");
      ++at;
    }
    FilterStep& step = out.steps.emplace_back();
    if (at < text.size() && text[at] == '"') {
      PatternScanner in(text.substr(at));
      std::string_view raw;
      if (in.string(raw)) return fault("a quoted step of the path is not a JSON string");
      append_decoded(raw, step.key);
      at += raw.size() + 2;
      continue;
    }
    const std::size_t first = at;
    while (at < text.size() && is_bare(text[at])) ++at;
    step.key = text.substr(first, at - first);
    if (step.key.empty()) return fault("a step of the path is empty: write \"\" in quotes for an empty key");
    if (step.key.front() == '-') return fault("a step that begins with '-' must be in quotes");
  }
  return out;
}

void append_path(const std::vector<FilterStep>& steps, std::string& out) {
  std::string path;  // append_step() writes no '.' at the beginning
  for (const FilterStep& step : steps) append_step(step.step(), path);
  out += path;
}

std::string nested_json(const std::vector<FilterStep>& path, std::string_view value) {
  std::string out;
  for (const FilterStep& step : path) {
    out += '{';
    append_quoted(step.key, out);
    out += ':';
  }
  out += value;
  return out.append(path.size(), '}');
}

}  // namespace syncdex::inline v0
