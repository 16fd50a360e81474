#include "query/filter_path.h"

#include <algorithm>
#include <iterator>

#include "json/strings.h"

namespace syncdex::inline v0 {
namespace {

bool is_bare(char c) noexcept {
  return static_cast<unsigned char>(c) > ' ' && c != '.' && c != '[' && c != ']' && c != '"' && c != ',';
}

}  // namespace

std::string_view record_field(std::string_view key) noexcept {
  constexpr std::string_view kFields[] = {"id",
                                          "provider",
                                          "name",
                                          "status",
                                          "org_id",
                                          "stream_id",
                                          "external_id",
                                          "health",
                                          "metadata",
                                          "rate_limit",
                                          "credential",
                                          "credential_id",
                                          "collection_ids",
                                          "max_age_days",
                                          "created_at",
                                          "updated_at",
                                          "sync_frequency",
                                          "initial_backfill_completed_at"};
  const auto* const field = std::ranges::find(kFields, key);
  return field != std::end(kFields) ? *field : std::string_view();
}

ParsedPath parse_path(std::string_view text) {
  ParsedPath out;
  const auto fault = [&](std::string_view what) {
    out.fault = what;
    return std::move(out);
  };
  std::size_t at = 0;
  while (at < text.size()) {
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
      std::size_t end = at + 1;
      while (end < text.size() && text[end] != '"') end += text[end] == '\\' ? 2U : 1U;
      if (end >= text.size()) return fault("a quoted step of the path is not closed");
      const std::string_view raw = text.substr(at + 1, end - at - 1);
      if (check_escapes(raw).fault != StringFault::none) return fault("invalid escape sequence in the path");
      for (const char c : raw) {
        if (static_cast<unsigned char>(c) < 0x20) return fault("unescaped control character in the path");
      }
      append_decoded(raw, step.key);
      at = end + 1;
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
