// The canonical forms of filters. See filter.h.
#include "query/filter.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <tuple>
#include <utility>

namespace syncdex::inline v0 {
namespace {

using Shape = FilterNode::Shape;

constexpr std::array<std::string_view, kKindNames> kNames = {"null",   "boolean", "number",
                                                             "string", "array",   "object"};

std::strong_ordering compare(const Operand& a, const Operand& b) noexcept {
  if (a.kind != b.kind) return a.kind <=> b.kind;
  if (a.kind == Kind::number) return compare(parse_decimal(a.text), parse_decimal(b.text));
  return std::tie(a.text, a.instant) <=> std::tie(b.text, b.instant);
}
bool is_less(const Operand& a, const Operand& b) noexcept { return std::is_lt(compare(a, b)); }

bool has_letter(std::string_view text) noexcept {
  return std::ranges::any_of(text, [](char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; });
}

// Brings the operands to lower case, if that makes a difference.
void fold_case(Condition& c) {
  bool letters = false;
  const auto fold = [&](std::string& text) {
    letters |= has_letter(text);
    for (char& x : text) x = ascii_lower(x);
  };
  if (c.values && !c.times) {
    for (Operand& value : *c.values) {
      if (value.kind == Kind::string) fold(value.text);
    }
  }
  for (std::optional<std::string>* text : {&c.prefix, &c.suffix, &c.substring}) {
    if (*text) fold(**text);
  }
  c.ignore_case = letters;
}

// Whether no value can meet it.
bool is_empty(const Condition& c) noexcept {
  if (c.values && c.values->empty()) return true;
  if (c.size && c.size->least > c.size->most) return true;
  if (!c.low || !c.high) return false;
  const auto order = compare(c.low->value, c.high->value);
  return std::is_gt(order) || (std::is_eq(order) && !(c.low->inclusive && c.high->inclusive));
}

void append_operand(const Operand& value, bool instant, std::string& out) {
  if (!instant || value.kind != Kind::string) return append_scalar(value.kind, value.text, out);
  out += '"';
  append_instant(value.instant, out);
  out += '"';
}

std::string text_of(const Operand& value) {
  std::string out;
  append_operand(value, false, out);
  return out;
}

}  // namespace

std::string condition_text(const std::vector<FilterStep>& path, const Condition& c) {
  std::string out = R"({"path":)";
  std::string quoted;
  append_path(path, quoted);
  append_quoted(quoted, out);
  const auto key = [&](std::string_view name) { out.append(",\"").append(name).append("\":"); };
  if (c.values && c.values->size() == 1) {
    key("eq");
    append_operand(c.values->front(), c.times, out);
  } else if (c.values) {
    key("in");
    char before = '[';
    for (const Operand& value : *c.values) {
      out += std::exchange(before, ',');
      append_operand(value, c.times, out);
    }
    out += ']';
  }
  if (c.low) {
    key(c.low->inclusive ? "gte" : "gt");
    append_operand(c.low->value, c.times, out);
  }
  if (c.high) {
    key(c.high->inclusive ? "lte" : "lt");
    append_operand(c.high->value, c.times, out);
  }
  const auto text = [&](std::string_view name, const std::optional<std::string>& value) {
    if (!value) return;
    key(name);
    append_quoted(*value, out);
  };
  text("prefix", c.prefix);
  text("suffix", c.suffix);
  text("substring", c.substring);
  if (c.exists) out += R"(,"exists":true)";
  if (c.set) out += R"(,"set":true)";
  if (c.kinds != 0) {
    key("kind");
    const bool list = !std::has_single_bit(c.kinds);
    char before = '[';
    for (std::size_t i = 0; i < kKindNames; ++i) {
      if ((c.kinds >> i & 1) == 0) continue;
      if (list) out += std::exchange(before, ',');
      append_quoted(kNames[i], out);
    }
    if (list) out += ']';
  }
  if (c.size) {
    key("size");
    const auto [least, most] = *c.size;
    if (least == most) {
      out += std::to_string(least);
    } else {
      const std::string low = least > 0 || most == UINT64_MAX ? "\"gte\":" + std::to_string(least) : "";
      const std::string high = most != UINT64_MAX ? "\"lte\":" + std::to_string(most) : "";
      out.append("{").append(low).append(low.empty() || high.empty() ? "" : ",").append(high).append("}");
    }
  }
  if (c.times) out += R"(,"as":"time")";
  if (c.as_text) out += R"(,"as":"text")";
  if (c.ignore_case) out += R"(,"ignore_case":true)";
  return out += '}';
}

namespace {

FilterNode make_node(Shape shape, Scope scope) {
  FilterNode node;
  node.shape = shape;
  node.scope = scope;
  return node;
}

FilterNode make_contains(Scope scope, std::string pattern, std::uint64_t leaves) {
  if (scope == Scope::record && pattern == "{}") return make_all(scope, {});
  FilterNode node = make_node(Shape::contains, scope);
  node.text = R"({"contains":)" + pattern + '}';
  node.pattern_text = std::move(pattern);
  node.leaves = leaves;
  return node;
}

// Merges the patterns among the members of an `all`. Returns false if they contradict each other.
bool merge_patterns(Scope scope, std::vector<FilterNode>& members) {
  const auto is_pattern = [](const FilterNode& m) { return m.shape == Shape::contains; };
  const auto first = std::ranges::find_if(members, is_pattern);
  if (std::ranges::count_if(members, is_pattern) < 2) return true;
  std::vector<std::string_view> texts;
  for (const FilterNode& m : members) {
    if (is_pattern(m)) texts.push_back(m.pattern_text);
  }
  const auto merged = compile_again(texts, Scope::element);
  if (merged == nullptr) return true;  // they are matched one by one
  if (merged->never) return false;
  FilterNode together = make_contains(scope, *merged);
  members.erase(std::remove_if(first, members.end(), is_pattern), members.end());
  members.push_back(std::move(together));
  return true;
}

// all and any: the member that has no effect on the others, and the one that decides.
FilterNode make_list(Shape shape, Scope scope, std::vector<FilterNode> members) {
  const bool all = shape == Shape::all;
  FilterNode node = make_node(shape, scope);
  for (FilterNode& m : members) {
    if (m.shape == shape) {
      std::ranges::move(m.members, std::back_inserter(node.members));
    } else {
      node.members.push_back(std::move(m));
    }
  }
  const auto decides = [&](const FilterNode& m) { return all ? m.never() : m.always(); };
  if (std::ranges::any_of(node.members, decides) || (all && !merge_patterns(scope, node.members))) {
    return make_list(all ? Shape::any : Shape::all, scope, {});
  }
  std::ranges::sort(node.members, {}, &FilterNode::text);
  const auto same = [](const FilterNode& a, const FilterNode& b) { return a.text == b.text; };
  node.members.erase(std::unique(node.members.begin(), node.members.end(), same), node.members.end());
  if (node.members.size() == 1) {
    FilterNode only = std::move(node.members.front());
    return only;
  }
  node.text = all ? R"({"and":[)" : R"({"or":[)";
  for (const FilterNode& m : node.members) {
    if (&m != node.members.data()) node.text += ',';
    node.text += m.text;
  }
  node.text += "]}";
  return node;
}

}  // namespace

bool equal(const Operand& a, const Operand& b, bool ignore_case) noexcept {
  if (!ignore_case || a.kind != Kind::string || b.kind != Kind::string) return std::is_eq(compare(a, b));
  return std::ranges::equal(a.text, b.text, {}, ascii_lower, ascii_lower);
}

std::string_view to_string(KindName name) noexcept { return kNames[static_cast<std::size_t>(name)]; }

KindName name_of(Kind kind) noexcept {
  switch (kind) {
    case Kind::null: return KindName::null;
    case Kind::boolean_false:
    case Kind::boolean_true: return KindName::boolean;
    case Kind::number: return KindName::number;
    case Kind::string: return KindName::string;
    case Kind::array: return KindName::array;
    case Kind::object: break;
  }
  return KindName::object;
}

FilterNode make_all(Scope scope, std::vector<FilterNode> members) {
  return make_list(Shape::all, scope, std::move(members));
}

FilterNode make_any(Scope scope, std::vector<FilterNode> members) {
  return make_list(Shape::any, scope, std::move(members));
}

FilterNode make_none(FilterNode member) {
  if (member.shape == Shape::none) {
    FilterNode inner = std::move(member.members.front());
    return inner;
  }
  if (member.always()) return make_any(member.scope, {});
  if (member.never()) return make_all(member.scope, {});
  FilterNode node = make_node(Shape::none, member.scope);
  node.text = R"({"not":)" + member.text + '}';
  node.members.push_back(std::move(member));
  return node;
}

FilterNode make_some(Scope scope, std::vector<FilterStep> path, FilterNode member) {
  if (member.never()) return make_any(scope, {});
  FilterNode node = make_node(Shape::some, scope);
  node.path = std::move(path);
  std::string array;
  append_path(node.path, array);
  node.text = R"({"some":)";
  append_quoted(array + "[]", node.text);
  node.text += R"(,"is":)" + member.text + '}';
  node.members.push_back(std::move(member));
  return node;
}

FilterNode make_contains(Scope scope, const Pattern& pattern) {
  const auto leaves = std::ranges::count(pattern.nodes, 0U, &QueryNode::count);
  return make_contains(scope, pattern.canonical, static_cast<std::uint64_t>(leaves));
}

namespace {

struct TreeSize {
  std::uint64_t nodes = 0;
  std::uint64_t path_bytes = 0;  // of the paths from the record to each node
};

const char* exceeded_below(const FilterNode& node, const Limits& limits, std::uint32_t depth,
                           std::uint64_t within, TreeSize& size) noexcept {
  if (node.leaves > limits.pattern_leaves) return "pattern_leaves";
  if (node.pattern_text.size() > limits.pattern_bytes) return "pattern_bytes";
  if (++size.nodes > limits.filter_nodes) return "filter_nodes";
  if (depth > limits.filter_depth) return "filter_depth";
  within += bytes_of(node.path) + (node.shape == Shape::some ? sizeof(FilterStep) : 0);
  const bool in_element = node.shape == Shape::contains && node.scope == Scope::element;
  if (in_element || node.shape == Shape::condition || node.shape == Shape::some) size.path_bytes += within;
  for (const FilterNode& member : node.members) {
    if (const char* const limit = exceeded_below(member, limits, depth + 1, within, size)) return limit;
  }
  return nullptr;
}

}  // namespace

std::uint64_t bytes_of(const std::vector<FilterStep>& path) noexcept {
  std::uint64_t bytes = 0;
  for (const FilterStep& step : path) bytes += step.key.size() + sizeof step;
  return bytes;
}

std::optional<ExceededLimit> exceeded_limit(const FilterNode& root, const Limits& limits) noexcept {
  constexpr const char* kTooLarge = "the canonical form of the filter is too large";
  TreeSize size;
  if (const char* const limit = exceeded_below(root, limits, 1, 0, size))
    return ExceededLimit{limit, kTooLarge};
  if (root.text.size() > limits.filter_bytes) return ExceededLimit{"filter_bytes", kTooLarge};
  if (size.path_bytes > most_path_bytes(root.text.size())) return ExceededLimit{"filter_bytes", kLongPaths};
  return std::nullopt;
}

FilterNode copy_of(const FilterNode& node) {
  std::vector<FilterNode> members;
  for (const FilterNode& member : node.members) members.push_back(copy_of(member));
  switch (node.shape) {
    case Shape::all: return make_all(node.scope, std::move(members));
    case Shape::any: return make_any(node.scope, std::move(members));
    case Shape::none: return make_none(std::move(members.front()));
    case Shape::some: return make_some(node.scope, node.path, std::move(members.front()));
    case Shape::contains: return make_contains(node.scope, node.pattern_text, node.leaves);
    case Shape::condition: break;
  }
  return make_condition(node.scope, node.path, *node.condition);
}

FilterNode make_condition(Scope scope, std::vector<FilterStep> path, Condition condition) {
  if (condition.ignore_case) fold_case(condition);
  if (condition.values) {
    std::ranges::sort(*condition.values, is_less);
    std::vector<Operand>& values = *condition.values;
    const auto same = [](const Operand& a, const Operand& b) { return std::is_eq(compare(a, b)); };
    values.erase(std::unique(values.begin(), values.end(), same), values.end());
  }
  if (is_empty(condition)) return make_any(scope, {});
  // What a pattern expresses is one.
  if (condition.asks_for_values_alone() && condition.values->size() == 1 && !condition.exists &&
      !path.empty()) {
    return make_contains(scope, nested_json(path, text_of(condition.values->front())), 1);
  }
  FilterNode node = make_node(Shape::condition, scope);
  node.text = condition_text(path, condition);
  node.path = std::move(path);
  node.condition = std::make_unique<Condition>(std::move(condition));
  return node;
}

}  // namespace syncdex::inline v0
