// Hints for filters: each member of an `and` is counted on its own, as each condition of a pattern is
// (hint.cpp).
#include <fmt/format.h>

#include <algorithm>

#include "base/access.h"
#include "exec/evaluate.h"
#include "exec/filter_plan.h"
#include "exec/hint.h"
#include "exec/hint_text.h"
#include "exec/path_scan.h"
#include "exec/survey.h"
#include "json/json_text.h"
#include "query/filter_text.h"

namespace syncdex::inline v0 {
namespace {

using Shape = FilterNode::Shape;

// The scalars that records have at the path of a condition, the most frequent first. `walked` is set if they
// are those of some records.
Scalars values_at(const Snapshot& snapshot, const FilterNode& node, PathId path, const HintSizes& sizes,
                  Walked& walked) {
  if (path != kNoPath) return scalars_at(snapshot, path, sizes.values, sizes.bytes);
  if (node.traits.indexed || node.traits.secret || node.traits.credential) return {};
  std::vector<std::string_view> keys;
  for (const FilterStep& step : node.from_record) {
    if (!step.element) keys.push_back(step.key);
  }
  // Each level of a path is walked over.
  constexpr std::size_t kMostKeys = 16;
  if (keys.empty() || keys.size() > kMostKeys) return {};
  FoundAlong found = find_along(snapshot, keys, sizes.bytes);
  walked = found.walked;
  return {std::move(found.values), walked.all && found.all_values};
}

// The kind that a comparison asks for, if it is one alone.
std::optional<Kind> wanted_kind(const Condition& c) {
  if (c.prefix || c.suffix || c.substring) return Kind::string;
  if (c.low || c.high) return (c.low ? c.low : c.high)->value.kind;
  if (!c.values) return std::nullopt;
  const Kind kind = c.values->front().kind;
  const auto same = [kind](const Operand& value) { return value.kind == kind; };
  return std::ranges::all_of(*c.values, same) ? std::optional(kind) : std::nullopt;
}

// "90 have a string there", if no value has the wanted kind.
std::string about_kinds(const Scalars& scalars, Kind wanted) {
  const std::vector<ValueCount>& values = scalars.values;
  std::size_t others[kKindNames] = {};
  const ValueCount* example = nullptr;
  for (const ValueCount& value : values) {
    const Kind kind = kind_of(value.value.front());
    if (name_of(kind) == name_of(wanted)) return {};
    others[static_cast<std::size_t>(name_of(kind))] += value.records;
    if (example == nullptr) example = &value;
  }
  const std::size_t* const most = std::ranges::max_element(others);
  if (example == nullptr || *most == 0) return {};
  return fmt::format("{} a {} there, such as {}", scalars.all ? have(*most) : "others have",
                     to_string(static_cast<KindName>(most - others)), brief(example->value));
}

std::string about_times(const Scalars& scalars) {
  const std::vector<ValueCount>& values = scalars.values;
  std::size_t bad = 0;
  const ValueCount* example = nullptr;
  for (const ValueCount& value : values) {
    if (value.value.front() != '"') continue;
    std::string text;
    append_decoded(std::string_view(value.value).substr(1, value.value.size() - 2), text);
    if (parse_instant(text)) continue;
    bad += value.records;
    if (example == nullptr) example = &value;
  }
  if (bad == 0) return {};
  return fmt::format("{} a value there that is not a time, such as {}",
                     scalars.all ? have(bad) : "others have", brief(example->value));
}

// The hint for a condition that no record meets.
std::string about_condition(const Snapshot& snapshot, const FilterNode& node, bool counted,
                            const HintSizes& sizes) {
  const Condition& c = *node.condition;
  const std::string path = path_text(node.from_record);
  const PathId id = find_path(snapshot, node);
  if (node.traits.indexed && (id == kNoPath || !is_any_at(snapshot, id, sizes.bytes))) {
    return about_path(snapshot, path, sizes.bytes);
  }
  if (c.exists && !c.compares() && !c.set && c.kinds == 0 && !c.size) {
    const std::string out = fmt::format("{} has {}", no_record(counted), brief(path));
    const std::string_view field =
        node.from_record.size() == 1 ? nearest_record_field(node.from_record[0].key) : std::string_view();
    return field.empty() || field == path ? out : fmt::format("{}; did you mean {}?", out, field);
  }
  Walked walked;
  const Scalars found = values_at(snapshot, node, id, sizes, walked);
  const std::vector<ValueCount>& values = found.values;
  const std::string subject = counted || walked.all ? no_record(counted) : no_record(walked);
  const std::string out = node.from_record.empty()
                              ? fmt::format("{} meets {}", subject, brief(wanted_text(node)))
                              : fmt::format("{} has {} {}", subject, brief(path), brief(wanted_text(node)));
  if (values.empty() || !c.compares()) return out;
  if (const auto kind = wanted_kind(c)) {
    if (const std::string kinds = about_kinds(found, *kind); !kinds.empty()) return out + "; " + kinds;
  }
  if (c.times) {
    if (const std::string times = about_times(found); !times.empty()) return out + "; " + times;
  }
  std::string_view typed;
  if (c.values && c.values->front().kind == Kind::string) typed = c.values->front().text;
  if (c.prefix) typed = *c.prefix;
  const Scalars shown = typed.empty() ? found : nearest_or_all(found, typed);
  return out + "; " + list_values(shown, needs_escapes(typed, shown));
}

std::string about(const Snapshot& snapshot, const Query& query, bool counted, const HintSizes& sizes) {
  const Query::Impl& impl = Access::impl(query);
  if (impl.filter == nullptr) return hint(snapshot, impl.pattern, sizes);
  const FilterNode* node = &impl.filter->root;
  // Of alternatives, and of what an array's elements must meet, the first condition.
  std::string before;
  if (node->shape == Shape::any) {
    before = fmt::format("{} meets any of the alternatives; of the first: ", no_record(counted));
  }
  while (node->shape == Shape::any || node->shape == Shape::some || node->shape == Shape::all) {
    if (node->members.empty()) break;
    node = &node->members.front();
  }
  if (node->shape == Shape::condition) return before + about_condition(snapshot, *node, counted, sizes);
  std::string text;
  append_hidden(impl.filter->root, text);
  return fmt::format("{} meets {}", no_record(counted), brief(text));
}

}  // namespace

std::string hint(const Snapshot& snapshot, const Query& query, const HintSizes& sizes) {
  const Query::Impl& impl = Access::impl(query);
  if (impl.filter == nullptr) return hint(snapshot, impl.pattern, sizes);
  if (snapshot.size() == 0) return "there are no records";
  constexpr std::int64_t kTimes = 4;  // for all members together
  std::int64_t left = kTimes * static_cast<std::int64_t>(sizes.bytes);
  const auto count = [&](const Query::Impl& one, bool& counted) {
    const std::int64_t most = std::min(left, static_cast<std::int64_t>(sizes.bytes));
    Work work{most};
    const std::size_t n = count_rows(one, snapshot, work);
    left = std::max<std::int64_t>(0, left - (most - work.left));
    counted = !work.spent();
    return n;
  };
  bool counted = true;
  if (count(impl, counted) > 0) return {};
  FilterNode root = filter_of(impl);
  if (root.shape != Shape::all) return about(snapshot, query, counted, sizes);
  std::vector<CountedCondition> conditions;
  for (FilterNode& member : root.members) {
    const Query alone = make_query(std::move(member));
    const std::size_t n = count(Access::impl(alone), counted);
    if (n == 0 && counted) return about(snapshot, alone, counted, sizes);
    std::string text;
    const Query::Impl& part = Access::impl(alone);
    if (part.filter != nullptr) {
      append_hidden(part.filter->root, text);
    } else {
      append_hidden(part.pattern, false, text);
    }
    conditions.push_back({counted ? std::optional(n) : std::nullopt, std::move(text)});
  }
  return all_at_once(std::move(conditions));
}

}  // namespace syncdex::inline v0
