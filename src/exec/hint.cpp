// How it works: each condition is counted on its own.
//
//   a term has no records          suggest a similar value or path, the same value as another kind ("42" for
//                                  42), or the same value inside or outside an array
//   the residual has no records    walk all records along the keys to its first leaf, and suggest a similar
//                                  key or value
//   every condition has records    list the counts: no record meets all conditions at once
#include "exec/hint.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "exec/path_scan.h"
#include "exec/pattern_plan.h"
#include "exec/survey.h"
#include "json/json_text.h"
#include "query/typo.h"

namespace syncdex::inline v0 {

namespace {

constexpr std::size_t kMostValues = 3;  // listed in a message

std::string have(std::size_t n) { return fmt::format("{} {}", n, n == 1 ? "has" : "have"); }

std::string with_kind(Kind kind, std::string_view text) {
  std::string out = kind == Kind::number   ? "the number "
                    : kind == Kind::string ? "the string "
                    : kind == Kind::null   ? ""
                                           : "the boolean ";
  append_scalar(kind, text, out);
  return out;
}

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// Escapes all non-ASCII characters of a JSON text as \uXXXX, to distinguish texts that look alike.
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

// Formats values for a message: `2 have "a", 1 has 7, ...`.
std::string list_values(const std::vector<ValueCount>& values, bool escaped) {
  std::string out;
  for (std::size_t i = 0; i < std::min(kMostValues, values.size()); ++i) {
    const std::string value = brief(values[i].value);
    out += fmt::format("{}{} {}", i == 0 ? "" : ", ", have(values[i].records), value);
    if (escaped) out += fmt::format(" ({})", in_ascii(value));
  }
  return out + (values.size() > kMostValues ? ", ..." : "");
}

class Hint {
 public:
  Hint(const Snapshot& snapshot, const Pattern& pattern) : snapshot_(snapshot), pattern_(pattern) {}

  // The hint for a term that no record holds.
  std::string about(const QueryTerm& term) const {
    const PathId path = resolve(term.path);
    const std::size_t there = path == kNoPath ? 0 : records_at(snapshot_, path);
    if (there == 0) return about_path(path_text(pattern_, term.path));
    const std::vector<ValueCount> values = values_to_show(term, path);
    const bool escaped = term.kind == Kind::string && needs_escapes(term.text, values);
    std::string out = "no record has " + brief(term_text(pattern_, term));
    if (term.kind < Kind::array && term.kind != Kind::null) {
      std::string text;
      append_scalar(term.kind, term.text, text);
      out += fmt::format(" ({}{})", with_article(term.kind), escaped ? ": " + brief(in_ascii(text)) : "");
    }
    std::string others;
    const auto add = [&](std::size_t n, std::string_view what) {
      if (n > 0) others += fmt::format("{}{} {}", others.empty() ? "" : ", ", have(n), brief(what));
    };
    if (term.kind < Kind::array) {
      add_other_kind(term, add);
      add_other_nesting(term, add);
    }
    if (others.empty()) {
      others = values.empty() ? have(there) + " something else there" : list_values(values, escaped);
    } else if (values.size() == 1 && term.kind == Kind::string && distance_of(values[0], term.text)) {
      others += ", " + list_values(values, escaped);
    }
    return out + "; " + others;
  }

  // The hint for a residual that no record contains.
  std::string about_residual(const std::string& text) const {
    const std::string out = "no record contains " + brief(text);
    // The keys on the path to its first leaf, without array steps.
    std::vector<std::string_view> keys;
    const QueryNode* node = pattern_.nodes.data();
    while (node->kind >= Kind::array && node->count() > 0) {
      const auto members = pattern_.children(*node);
      if (node->kind == Kind::array) {
        node = members.data();
        continue;
      }
      const auto next = std::ranges::find(members, true, &QueryNode::residual);
      if (next == members.end()) return out;
      keys.push_back(pattern_.key(*next));
      node = &*next;
    }
    if (keys.empty() || keys.front() == "credential") return out;
    keys.resize(std::min(keys.size(), kMostKeys));
    const std::vector<std::size_t> reach = count_reached(snapshot_, keys);
    const auto missing = static_cast<std::size_t>(std::ranges::find(reach, 0U) - reach.begin());
    const auto known = std::span(keys).first(std::min(missing + 1, keys.size()));
    const FoundAlong found = find_along(snapshot_, known);
    if (missing == keys.size()) {
      if (found.values.empty()) return out;
      const bool string = node->kind == Kind::string;
      const std::vector<ValueCount> values =
          string ? nearest_or_all(found.values, pattern_.text(*node)) : found.values;
      const bool escaped = string && needs_escapes(pattern_.text(*node), values);
      return out + (escaped ? " (" + brief(in_ascii(text)) + ")" : "") + "; " + list_values(values, escaped);
    }
    std::optional<std::pair<Distance, std::string>> nearest;
    for (const auto& [key, count] : found.siblings) {
      std::string other = text_of(known.first(missing));
      append_step({key, false}, other);
      const auto distance = typo_distance(key, known.back());
      if (!distance || (nearest && nearest->first <= *distance)) continue;
      nearest = {*distance, fmt::format("{} {}", have(count), other)};
    }
    return fmt::format("no record has {}{}{}", brief(text_of(known)), nearest ? "; " : "",
                       nearest ? nearest->second : "");
  }

 private:
  // The distance of a string value from the typed text; empty for other kinds.
  static std::optional<Distance> distance_of(const ValueCount& value, std::string_view typed) {
    if (!value.value.starts_with('"')) return std::nullopt;
    return typo_distance(std::string_view(value.value).substr(1, value.value.size() - 2), typed);
  }

  std::string about_path(const std::string& path) const {
    std::string out = fmt::format("no record has {}", brief(path));
    for (const auto& [distance, near, id] : similar_paths(path)) {
      const std::size_t n = records_at(snapshot_, id);
      if (n == 0) continue;  // only dead records have this path
      return out + fmt::format("; {} {}", have(n), near);
    }
    return out;
  }

  struct SimilarPath {
    Distance distance;
    std::string text;
    PathId id;
    friend auto operator<=>(const SimilarPath&, const SimilarPath&) = default;
  };

  // The most similar first. Limited in number, because each may have to be counted.
  std::vector<SimilarPath> similar_paths(const std::string& typed) const {
    constexpr std::size_t kMost = 8;
    std::vector<SimilarPath> found;
    for (PathId id = 1; id < snapshot_.paths().size(); ++id) {
      if (!snapshot_.paths().traits(id).indexed) continue;
      const std::string text = text_if_short(id);
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

  // Empty if the path is longer than kLongestTyped. Cost: O(kLongestTyped), however long its keys are.
  std::string text_if_short(PathId path) const {
    const PathTable& paths = snapshot_.paths();
    std::vector<PathStep> steps;
    for (std::size_t bytes = 0; path != kRootPath; path = paths.parent(path)) {
      steps.push_back(paths.step(path));
      bytes += steps.back().element ? 2 : steps.back().key.size() + 1;
      if (bytes > kLongestTyped + 1) return {};
    }
    return path_text(steps);
  }

  std::vector<ValueCount> values_to_show(const QueryTerm& term, PathId path) const {
    std::vector<ValueCount> values = scalars_at(snapshot_, path);
    return term.kind == Kind::string ? nearest_or_all(std::move(values), term.text) : values;
  }

  // The value most similar to the typed one, if any is similar; otherwise all values.
  static std::vector<ValueCount> nearest_or_all(std::vector<ValueCount> values, std::string_view typed) {
    const ValueCount* nearest = nullptr;  // of equally near values, the most frequent
    std::optional<Distance> least;
    for (const ValueCount& value : values) {
      const auto distance = distance_of(value, typed);
      if (!distance || (least && *least <= *distance)) continue;
      nearest = &value;
      least = distance;
    }
    if (nearest != nullptr) return {*nearest};
    return values;
  }

  // Whether the texts shown may look alike and need escapes to be told apart.
  static bool needs_escapes(std::string_view typed, const std::vector<ValueCount>& values) {
    const auto shown = std::span(values).first(std::min(kMostValues, values.size()));
    return !is_ascii(typed) ||
           std::ranges::any_of(shown, [](const ValueCount& v) { return !is_ascii(v.value); });
  }

  // Counts the records with this scalar at the term's path. With `other_nesting`, a trailing array step is
  // dropped, or added if there is none.
  std::size_t count(const QueryTerm& term, Kind kind, std::string_view text,
                    bool other_nesting = false) const {
    std::vector<PathStep> steps;
    for (std::uint32_t path = term.path; path != 0; path = pattern_.paths[path].parent) {
      steps.push_back(pattern_.step(pattern_.paths[path]));
    }
    if (other_nesting && steps.front().element) {
      steps.erase(steps.begin());
    } else if (other_nesting) {
      steps.insert(steps.begin(), PathStep{{}, true});
    }
    std::string pattern;
    std::string end;
    for (std::size_t i = steps.size(); i > 0; --i) {  // from the outermost
      const PathStep& step = steps[i - 1];
      pattern += step.element ? '[' : '{';
      if (!step.element) {
        append_quoted(step.key, pattern);
        pattern += ':';
      }
      end += step.element ? ']' : '}';
    }
    append_scalar(kind, text, pattern);
    pattern.append(end.rbegin(), end.rend());
    const auto compiled = compile_again(pattern);
    return compiled ? PatternPlan(*compiled, snapshot_).count() : 0;
  }

  // The same text as another kind: "42" for 42, and the reverse.
  template <class Add>
  void add_other_kind(const QueryTerm& term, Add add) const {
    if (term.kind != Kind::string) {
      std::string text;
      append_scalar(term.kind, term.text, text);
      add(count(term, Kind::string, text), with_kind(Kind::string, text));
      return;
    }
    const std::string_view text = term.text;
    for (const auto& [literal, kind] : {std::pair(std::string_view("null"), Kind::null),
                                        {"true", Kind::boolean_true},
                                        {"false", Kind::boolean_false}}) {
      if (text == literal) add(count(term, kind, {}), with_kind(kind, {}));
    }
    const Limits limits;
    const NumberScan scan =
        scan_number(text.data(), text.data() + text.size(), limits.number_digits, limits.exponent);
    if (!text.empty() && scan.fault == NumberFault::none && scan.end == text.data() + text.size()) {
      add(count(term, Kind::number, text), with_kind(Kind::number, text));
    }
  }

  template <class Add>
  void add_other_nesting(const QueryTerm& term, Add add) const {
    const bool in_array = pattern_.paths[term.path].element != 0;
    add(count(term, term.kind, term.text, true), in_array ? "it, but in no array" : "it in an array");
  }

  // Longer paths are cut to this many keys: entering an object means walking over the rest of it, at each
  // level.
  static constexpr std::size_t kMostKeys = 16;

  static std::string text_of(std::span<const std::string_view> keys) {
    std::string text;
    for (const std::string_view key : keys) append_step({key.substr(0, kLongestPath), false}, text);
    return text;
  }

  PathId resolve(std::uint32_t path) const {
    PathId found = kRootPath;
    std::vector<std::uint32_t> steps;
    for (; path != 0; path = pattern_.paths[path].parent) steps.push_back(path);
    for (std::size_t i = steps.size(); i > 0 && found != kNoPath;) {
      --i;
      found = snapshot_.paths().find(found, pattern_.step(pattern_.paths[steps[i]]),
                                     pattern_.paths[steps[i]].hash);
    }
    return found;
  }

  const Snapshot& snapshot_;
  const Pattern& pattern_;
};

}  // namespace

std::string hint(const Snapshot& snapshot, const Pattern& pattern) {
  if (snapshot.size() == 0) return "there are no records";
  if (pattern.never) return "the conditions contradict each other";
  const PatternPlan plan(pattern, snapshot);
  if (plan.count() > 0) return {};
  std::vector<std::pair<std::size_t, const QueryTerm*>> counts;
  for (const QueryTerm& term : pattern.terms) {
    const std::size_t n = plan.count(term);
    if (n == 0) return Hint(snapshot, pattern).about(term);
    counts.emplace_back(n, &term);
  }
  std::vector<std::pair<std::size_t, std::string>> conditions;
  for (const auto& [n, term] : counts) conditions.emplace_back(n, term_text(pattern, *term));
  if (pattern.residual) {
    // Count the residual on its own.
    std::string residual;
    append_residual(pattern, residual);
    const auto compiled = compile_again(residual);
    const std::size_t n = compiled ? PatternPlan(*compiled, snapshot).count() : 0;
    std::string text;
    append_hidden(pattern, true, text);
    if (n == 0) return Hint(snapshot, pattern).about_residual(text);
    conditions.emplace_back(n, std::move(text));
  }
  std::ranges::stable_sort(conditions, {}, [](const auto& c) { return c.first; });
  std::string out = "no record meets all conditions at once:";
  constexpr std::size_t kShown = 5;
  for (std::size_t i = 0; i < std::min(kShown, conditions.size()); ++i) {
    auto& [n, text] = conditions[i];
    out += fmt::format("{} {} {} {}", i == 0 ? "" : ",", n, n == 1 ? "has" : "have", brief(text));
  }
  return out + (conditions.size() > kShown ? ", ..." : "");
}

}  // namespace syncdex::inline v0
