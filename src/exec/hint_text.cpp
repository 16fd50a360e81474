#include "exec/hint_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "exec/survey.h"

namespace syncdex::inline v0 {
namespace {

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// Empty if the path is longer than kLongestTyped. Cost: O(kLongestTyped), however long its keys are.
std::string text_if_short(const PathTable& paths, PathId path) {
  std::vector<PathStep> steps;
  for (std::size_t bytes = 0; path != kRootPath; path = paths.parent(path)) {
    steps.push_back(paths.step(path));
    bytes += steps.back().element ? 2 : steps.back().key.size() + 1;
    if (bytes > kLongestTyped + 1) return {};
  }
  return path_text(steps);
}

struct SimilarPath {
  Distance distance;
  std::string text;
  PathId id;
  friend auto operator<=>(const SimilarPath&, const SimilarPath&) = default;
};

// The most similar first. Limited in number, because each may have to be counted.
std::vector<SimilarPath> similar_paths(const Snapshot& snapshot, const std::string& typed) {
  constexpr std::size_t kMost = 8;
  std::vector<SimilarPath> found;
  for (PathId id = 1; id < snapshot.paths().size(); ++id) {
    if (!snapshot.paths().traits(id).indexed) continue;
    const std::string text = text_if_short(snapshot.paths(), id);
    const auto distance = text.empty() ? std::nullopt : typo_distance(text, typed);
    if (!distance) continue;
    found.push_back({*distance, text, id});
    if (found.size() < 2 * kMost) continue;
    std::ranges::sort(found);
    found.resize(kMost);
  }
  std::ranges::sort(found);
  if (found.size() > kMost) found.resize(kMost);
  return found;
}

}  // namespace

std::string have(std::size_t n) { return fmt::format("{} {}", n, n == 1 ? "has" : "have"); }

std::string in_ascii(std::string_view json) {
  std::string out;
  for (std::size_t i = 0; i < json.size();) {
    const auto c = static_cast<unsigned char>(json[i]);
    const std::size_t length = c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
    std::uint32_t point = length == 1 ? c : c & (0xFFU >> (length + 1));
    for (std::size_t k = 1; k < length && i + k < json.size(); ++k) {
      point = point << 6 | (static_cast<unsigned char>(json[i + k]) & 0x3FU);
    }
    i += length;
    if (length == 1) {
      out += static_cast<char>(c);
    } else if (point < 0x10000) {
      out += fmt::format("\\u{:04x}", point);
    } else {
      out += fmt::format("\\u{:04x}\\u{:04x}", 0xD7C0 + (point >> 10), 0xDC00 + (point & 0x3FF));
    }
  }
  return out;
}

std::string list_values(const Scalars& values, bool escaped) {
  std::string out = values.all ? "" : "others have ";
  for (std::size_t i = 0; i < std::min(kMostValues, values.values.size()); ++i) {
    const std::string value = brief(values.values[i].value);
    if (i > 0) out += ", ";
    if (values.all) out += have(values.values[i].records) + " ";
    out += value;
    if (escaped) out += fmt::format(" ({})", in_ascii(value));
  }
  return out + (values.values.size() > kMostValues ? ", ..." : "");
}

std::string no_record(bool counted) { return counted ? "no record" : "none of the records looked at"; }

std::string no_record(const Walked& walked) {
  return walked.all ? no_record(true) : fmt::format("none of the first {} records", walked.records);
}

std::optional<Distance> distance_of(const ValueCount& value, std::string_view typed) {
  if (!value.value.starts_with('"')) return std::nullopt;
  return typo_distance(std::string_view(value.value).substr(1, value.value.size() - 2), typed);
}

std::string about_path(const Snapshot& snapshot, const std::string& path, std::size_t bytes) {
  std::string out = fmt::format("no record has {}", brief(path));
  for (const auto& [distance, near, id] : similar_paths(snapshot, path)) {
    const std::size_t n = records_at(snapshot, id, bytes);
    if (n == 0) continue;  // only dead records have this path
    return out + fmt::format("; {} {}", have(n), near);
  }
  return out;
}

Scalars nearest_or_all(Scalars values, std::string_view typed) {
  const ValueCount* nearest = nullptr;  // of equally near values, the most frequent
  std::optional<Distance> least;
  for (const ValueCount& value : values.values) {
    const auto distance = distance_of(value, typed);
    if (!distance || (least && *least <= *distance)) continue;
    nearest = &value;
    least = distance;
  }
  if (nearest != nullptr) values.values = {ValueCount(*nearest)};
  return values;
}

bool needs_escapes(std::string_view typed, const Scalars& values) {
  const auto shown = std::span(values.values).first(std::min(kMostValues, values.values.size()));
  return !is_ascii(typed) ||
         std::ranges::any_of(shown, [](const ValueCount& v) { return !is_ascii(v.value); });
}

std::string all_at_once(std::vector<CountedCondition> conditions) {
  std::ranges::stable_sort(conditions, {}, [](const auto& c) { return c.records.value_or(SIZE_MAX); });
  std::string out = "no record meets all conditions at once:";
  constexpr std::size_t kShown = 5;
  for (std::size_t i = 0; i < std::min(kShown, conditions.size()); ++i) {
    const auto& [n, text] = conditions[i];
    out += fmt::format("{} {} {}", i == 0 ? "" : ",", n ? have(*n) : "some may have", brief(text));
  }
  return out + (conditions.size() > kShown ? ", ..." : "");
}

}  // namespace syncdex::inline v0
