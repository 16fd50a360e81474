#include "query/filter_path.h"

#include "json/strings.h"

namespace syncdex::inline v0 {
namespace {

bool is_bare(char c) noexcept {
  return static_cast<unsigned char>(c) > ' ' && c != '.' && c != '[' && c != ']' && c != '"' && c != ',';
}

}  // namespace

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

}  // namespace syncdex::inline v0
