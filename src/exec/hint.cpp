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

#include "exec/hint_text.h"
#include "exec/path_scan.h"
#include "exec/pattern_plan.h"
#include "exec/survey.h"
#include "json/json_text.h"

namespace syncdex::inline v0 {

namespace {

std::string with_kind(Kind kind, std::string_view text) {
  std::string out = kind == Kind::number   ? "the number "
                    : kind == Kind::string ? "the string "
                    : kind == Kind::null   ? ""
                                           : "the boolean ";
  append_scalar(kind, text, out);
  return out;
}

class Hint {
 public:
  Hint(const Snapshot& snapshot, const Pattern& pattern, const HintSizes& sizes)
      : snapshot_(snapshot), pattern_(pattern), sizes_(sizes) {}

  // The hint for a term that no record holds.
  std::string about(const QueryTerm& term) const {
    const PathId path = resolve(term.path);
    if (path == kNoPath || !is_any_at(snapshot_, path, sizes_.bytes))
      return about_path(snapshot_, path_text(pattern_, term.path), sizes_.bytes);
    const Scalars shown = values_to_show(term, path);
    const std::vector<ValueCount>& values = shown.values;
    const bool escaped = term.kind == Kind::string && needs_escapes(term.text, shown);
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
      others = values.empty() ? have(records_at(snapshot_, path, sizes_.bytes)) + " something else there"
                              : list_values(shown, escaped);
    } else if (values.size() == 1 && term.kind == Kind::string && distance_of(values[0], term.text)) {
      others += ", " + list_values(shown, escaped);
    }
    return out + "; " + others;
  }

  // The hint for a residual that no record contains.
  std::string about_residual(const std::string& text, bool counted) const {
    const std::string out = fmt::format("{} contains {}", no_record(counted), brief(text));
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
    const auto [reach, walked] = count_reached(snapshot_, keys, sizes_.bytes);
    const auto missing = static_cast<std::size_t>(std::ranges::find(reach, 0U) - reach.begin());
    const auto known = std::span(keys).first(std::min(missing + 1, keys.size()));
    FoundAlong found = find_along(snapshot_, known, sizes_.bytes);
    if (missing == keys.size()) {
      if (found.values.empty()) return out;
      const bool string = node->kind == Kind::string;
      Scalars values{std::move(found.values), found.walked.all && found.all_values};
      if (string) values = nearest_or_all(std::move(values), pattern_.text(*node));
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
    return fmt::format("{} has {}{}{}", no_record(walked), brief(text_of(known)), nearest ? "; " : "",
                       nearest ? nearest->second : "");
  }

 private:
  Scalars values_to_show(const QueryTerm& term, PathId path) const {
    Scalars values = scalars_at(snapshot_, path, sizes_.values, sizes_.bytes);
    return term.kind == Kind::string ? nearest_or_all(std::move(values), term.text) : values;
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
  const HintSizes& sizes_;
};

}  // namespace

std::string hint(const Snapshot& snapshot, const Pattern& pattern, const HintSizes& sizes) {
  if (snapshot.size() == 0) return "there are no records";
  if (pattern.never) return "the conditions contradict each other";
  const auto budget = [&] { return Work{static_cast<std::int64_t>(sizes.bytes)}; };
  const PatternPlan plan(pattern, snapshot, budget());
  if (plan.count() > 0) return {};
  std::vector<std::pair<std::size_t, const QueryTerm*>> counts;
  for (const QueryTerm& term : pattern.terms) {
    const std::size_t n = plan.count(term);
    if (n == 0) return Hint(snapshot, pattern, sizes).about(term);
    counts.emplace_back(n, &term);
  }
  std::vector<CountedCondition> conditions;
  for (const auto& [n, term] : counts) conditions.push_back({n, term_text(pattern, *term)});
  if (pattern.residual) {
    // Count the residual on its own.
    std::string residual;
    append_residual(pattern, residual);
    const auto compiled = compile_again(residual);
    std::optional<std::size_t> n = 0;
    bool counted = true;
    if (compiled) {
      const PatternPlan alone(*compiled, snapshot, budget());
      n = alone.count();
      counted = !alone.work().spent();
      if (!counted && !counts.empty()) n.reset();
    }
    std::string text;
    append_hidden(pattern, true, text);
    if (n == 0) return Hint(snapshot, pattern, sizes).about_residual(text, counted);
    conditions.push_back({n, std::move(text)});
  }
  return all_at_once(std::move(conditions));
}

}  // namespace syncdex::inline v0
