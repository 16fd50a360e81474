#include "query/filter_sql.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <limits>
#include <utility>

#include "json/strings.h"

namespace syncdex::inline v0 {
namespace {

using Shape = FilterNode::Shape;

// One of several values is written as so many containments, each of which the GIN index can look up, while
// they are few and short. Otherwise as a list of values.
constexpr std::size_t kMostPatterns = 100;
constexpr std::size_t kMostPatternBytes = 64 << 10;

std::string json_of(const Operand& value) {
  std::string out;
  append_scalar(value.kind, value.text, out);
  return out;
}

// Appends ."a"."b" for the path a.b. The strings of jsonpath have the escapes of JSON's.
void append_steps(const std::vector<FilterStep>& path, std::string& out) {
  for (const FilterStep& step : path) {
    out += '.';
    append_quoted(step.key, out);
  }
}

// About as long as nested_json() makes a value.
std::size_t path_bytes(const std::vector<FilterStep>& path) {
  std::size_t bytes = 0;
  for (const FilterStep& step : path) bytes += step.key.size() + 6;
  return bytes;
}

// Whether the patterns of a condition's values are worth writing.
bool has_patterns(const FilterNode& node) {
  const Condition& c = *node.condition;
  if (!c.values || c.times || c.ignore_case || c.values->size() > kMostPatterns) return false;
  return path_bytes(node.path) * c.values->size() <= kMostPatternBytes;
}

// Whether the condition asks for nothing but one of some values, which lies below a container.
bool is_equality(const FilterNode& node) {
  return has_patterns(node) && node.condition->asks_for_values_alone();
}

// Whether all that is asked can be asked by a jsonpath.
bool is_jsonpath(const FilterNode& node) {
  const Condition& c = *node.condition;
  return !c.times && !c.ignore_case && !c.suffix && !c.substring && (!c.values || has_patterns(node));
}

template <typename Range, typename Literal>
void append_any_of(std::string_view left, const Range& range, Literal literal,
                   std::vector<std::string>& out) {
  std::string either;
  std::size_t count = 0;
  for (const auto& each : range) {
    if (count++ > 0) either += " || ";
    either.append(left).append(" == ").append(literal(each));
  }
  out.push_back(count > 1 ? '(' + either + ')' : either);
}

// The predicate on the item @ of all that a jsonpath can ask, or nothing if it asks only that there is an
// item. `values`: also of the values.
std::string predicate(const Condition& c, bool values) {
  std::vector<std::string> tests;
  const auto compare = [&](std::string_view op, std::string_view literal) {
    tests.push_back(fmt::format("@ {} {}", op, literal));
  };
  if (c.kinds != 0) {
    std::vector<std::string_view> names;
    for (std::size_t i = 0; i < kKindNames; ++i) {
      if ((c.kinds >> i & 1) != 0) names.push_back(to_string(static_cast<KindName>(i)));
    }
    append_any_of(
        "@.type()", names, [](std::string_view name) { return fmt::format("\"{}\"", name); }, tests);
  }
  if (c.set) tests.emplace_back("@ != null");
  if (c.size) {
    tests.emplace_back("@.type() == \"array\"");
    if (c.size->least == c.size->most) {
      tests.push_back(fmt::format("@.size() == {}", c.size->least));
    } else {
      if (c.size->least > 0) tests.push_back(fmt::format("@.size() >= {}", c.size->least));
      if (c.size->most < UINT64_MAX) tests.push_back(fmt::format("@.size() <= {}", c.size->most));
    }
  }
  if (values && c.values)
    append_any_of(
        "@", *c.values, [](const Operand& o) { return json_of(o); }, tests);
  if (!c.times) {
    if (c.low) compare(c.low->inclusive ? ">=" : ">", json_of(c.low->value));
    if (c.high) compare(c.high->inclusive ? "<=" : "<", json_of(c.high->value));
    if (c.prefix && !c.ignore_case) {
      std::string literal;
      append_quoted(*c.prefix, literal);
      compare("starts with", literal);
    }
  }
  return fmt::format("{}", fmt::join(tests, " && "));
}

// Appends what selects the value at the path if it meets the predicate.
void append_selection(std::string_view root, const FilterNode& node, const std::string& predicate,
                      std::string& out) {
  out += root;
  append_steps(node.path, out);
  if (!predicate.empty()) out += " ? (" + predicate + ')';
}

// Appends the patterns of which one must be contained; false if the node is more than that. The pattern of a
// value that paths begin at is the value, and serves only within an array.
bool append_patterns(const FilterNode& node, std::vector<std::string>& out) {
  switch (node.shape) {
    case Shape::contains: out.push_back(node.pattern_text); return true;
    case Shape::condition:
      if (!is_equality(node)) return false;
      for (const Operand& value : *node.condition->values)
        out.push_back(nested_json(node.path, json_of(value)));
      return true;
    case Shape::some:
      if (!append_patterns(node.members.front(), out)) return false;
      if (out.size() > 1 && path_bytes(node.path) * out.size() > kMostPatternBytes) return false;
      for (std::string& pattern : out) {
        pattern.insert(0, 1, '[');
        pattern += ']';
        pattern = nested_json(node.path, pattern);
      }
      return true;
    default: return false;
  }
}

// Appends a jsonpath that selects something if the node holds; false if there is none.
bool append_jsonpath(const FilterNode& node, std::string_view root, std::string& out) {
  if (node.shape == Shape::condition && is_jsonpath(node)) {
    append_selection(root, node, predicate(*node.condition, true), out);
    return true;
  }
  if (node.shape != Shape::some) return false;
  std::string member;
  if (!append_jsonpath(node.members.front(), "@", member)) return false;
  out += root;
  append_steps(node.path, out);
  out += "[*] ? (exists (" + member + "))";
  return true;
}

class Renderer {
 public:
  explicit Renderer(std::vector<std::string>& parameters) : parameters_(parameters) {}

  // A condition. If it is not `single`, other operators need parentheses around it.
  struct Sql {
    std::string text;
    bool nullable = true;
    bool single = true;
  };
  // What paths begin at: the record, or the element of the depth-th enclosing `some`.
  struct Base {
    std::string name = "doc";
    unsigned depth = 0;
  };

  Sql filter(const FilterNode& node, const Base& base) {
    switch (node.shape) {
      case Shape::all:
      case Shape::any: return list(node, base);
      case Shape::none: {
        Sql member = filter(node.members.front(), base);
        if (!member.nullable) return {"NOT (" + member.text + ')', false, true};
        return {"CASE WHEN " + member.text + " THEN false ELSE true END", false, true};
      }
      case Shape::contains: return contains(base, node.pattern_text);
      case Shape::some: return some(node, base);
      case Shape::condition: return condition(node, base);
    }
    return {};
  }

  // For a place next to AND and OR.
  static std::string operand(Sql sql) { return sql.single ? std::move(sql.text) : '(' + sql.text + ')'; }

 private:
  std::string parameter(std::string value, std::string_view type) {
    parameters_.push_back(std::move(value));
    return fmt::format("${}::{}", parameters_.size(), type);
  }

  static Sql joined(std::vector<Sql> members, std::string_view op) {
    if (members.size() == 1) return std::move(members.front());
    Sql out{"", false, false};
    for (Sql& member : members) {
      out.nullable |= member.nullable;
      if (!out.text.empty()) out.text += op;
      out.text += operand(std::move(member));
    }
    return out;
  }
  static Sql all_of(std::vector<Sql> members) { return joined(std::move(members), " AND "); }
  static Sql any_of(std::vector<Sql> members) { return joined(std::move(members), " OR "); }

  Sql list(const FilterNode& node, const Base& base) {
    const bool all = node.shape == Shape::all;
    if (node.members.empty()) return {all ? "true" : "false", false, true};
    std::vector<Sql> members;
    members.reserve(node.members.size());
    for (const FilterNode& member : node.members) members.push_back(filter(member, base));
    return all ? all_of(std::move(members)) : any_of(std::move(members));
  }

  Sql contains(const Base& base, std::string pattern) {
    return {base.name + " @> " + parameter(std::move(pattern), "jsonb"), false, true};
  }
  Sql contains_any(const Base& base, std::vector<std::string> patterns) {
    std::vector<Sql> members;
    members.reserve(patterns.size());
    for (std::string& pattern : patterns) members.push_back(contains(base, std::move(pattern)));
    return any_of(std::move(members));
  }
  Sql matches(const Base& base, std::string_view jsonpath) {
    return {base.name + " @? " + parameter(fmt::format("strict {}", jsonpath), "jsonpath"), true, true};
  }

  // The value at the path.
  std::string value(const std::vector<FilterStep>& path, const Base& base) {
    std::string out = base.name;
    for (const FilterStep& step : path) {
      const std::string_view field = base.depth == 0 && &step == path.data() ? record_field(step.key) : "";
      out.append(" -> ").append(field.empty() ? parameter(step.key, "text") : fmt::format("'{}'", field));
    }
    return out;
  }

  Sql some(const FilterNode& node, const Base& base) {
    std::vector<std::string> patterns;
    if (append_patterns(node, patterns)) return contains_any(base, std::move(patterns));
    std::string jsonpath;
    if (append_jsonpath(node, "$", jsonpath)) return matches(base, jsonpath);
    const std::string array = value(node.path, base);
    const Base element{fmt::format("e{}.v", base.depth + 1), base.depth + 1};
    return {
        fmt::format("EXISTS (SELECT FROM jsonb_array_elements(CASE jsonb_typeof({0}) WHEN 'array' THEN {0} "
                    "ELSE '[]' END) AS e{1}(v) WHERE {2})",
                    array, element.depth, filter(node.members.front(), element).text),
        false, true};
  }

  // `left` is one of the values.
  static Sql is_one_of(std::string_view left, const std::vector<std::string>& values) {
    if (values.size() == 1) return {fmt::format("{} = {}", left, values.front()), true, true};
    return {fmt::format("{} IN ({})", left, fmt::join(values, ", ")), true, true};
  }

  Sql condition(const FilterNode& node, const Base& base) {
    const Condition& c = *node.condition;
    std::vector<Sql> tests;
    // Most conditions do not need it, and every parameter must be used.
    std::string cached;
    const auto v = [&]() -> const std::string& {
      if (cached.empty()) cached = value(node.path, base);
      return cached;
    };
    const bool patterns = c.values && !node.path.empty() && has_patterns(node);
    if (patterns) {
      std::vector<std::string> texts;
      for (const Operand& o : *c.values) texts.push_back(nested_json(node.path, json_of(o)));
      tests.push_back(contains_any(base, std::move(texts)));
    }
    const bool values_in_jsonpath = c.values && node.path.empty() && has_patterns(node);
    const std::string asked = predicate(c, values_in_jsonpath);
    if (c.times) add_times(node, base, tests);
    if (c.values && !c.times && !patterns && !values_in_jsonpath) tests.push_back(is_value(v(), c));
    if (c.suffix || c.substring || (c.prefix && c.ignore_case)) add_texts(v(), c, tests);
    // All other tests need a value.
    if (tests.empty() || !asked.empty()) {
      std::string jsonpath;
      append_selection("$", node, asked, jsonpath);
      tests.push_back(matches(base, jsonpath));
    }
    return all_of(std::move(tests));
  }

  void add_times(const FilterNode& node, const Base& base, std::vector<Sql>& tests) {
    const Condition& c = *node.condition;
    const std::string_view column =
        base.depth == 0 && node.path.size() == 1 ? time_column(node.path.front().key) : std::string_view();
    std::string cached(column);
    const auto time = [&]() -> const std::string& {
      if (cached.empty()) cached = "syncdex_time(" + value(node.path, base) + ')';
      return cached;
    };
    const auto numeric = [&](const Operand& o) { return parameter(numeric_of(o.instant), "numeric"); };
    if (c.values) {
      std::vector<Sql> either;
      std::vector<std::string> instants;
      for (const Operand& o : *c.values) {
        if (o.kind == Kind::null) {
          std::string jsonpath;
          append_selection("$", node, "@ == null", jsonpath);
          either.push_back(matches(base, jsonpath));
        } else {
          time();
          instants.push_back(numeric(o));
        }
      }
      if (!instants.empty()) either.push_back(is_one_of(time(), instants));
      tests.push_back(any_of(std::move(either)));
    }
    const auto compare = [&](std::string_view op, const Operand& bound) {
      time();  // its parameters come first
      tests.push_back({fmt::format("{} {} {}", time(), op, numeric(bound)), true, true});
    };
    if (c.low) compare(c.low->inclusive ? ">=" : ">", c.low->value);
    if (c.high) compare(c.high->inclusive ? "<=" : "<", c.high->value);
  }

  static std::string is_string(std::string_view v) { return fmt::format("jsonb_typeof({}) = 'string'", v); }
  // The string, in lower case if cases do not matter. The collation "C" lowers ASCII letters only.
  static std::string text_of(std::string_view v, const Condition& c) {
    const std::string text = fmt::format("({} #>> '{{}}')", v);
    return c.ignore_case ? "lower(" + text + " COLLATE \"C\")" : text;
  }

  Sql is_value(const std::string& v, const Condition& c) {
    std::vector<std::string> texts;
    std::vector<std::string> values;
    for (const Operand& o : *c.values) {
      if (c.ignore_case && o.kind == Kind::string) {
        texts.push_back(parameter(o.text, "text"));
      } else {
        values.push_back(parameter(json_of(o), "jsonb"));
      }
    }
    std::vector<Sql> either;
    if (!values.empty()) either.push_back(is_one_of(v, values));
    if (!texts.empty()) {
      const Sql equal = is_one_of(text_of(v, c), texts);
      either.push_back({is_string(v) + " AND " + equal.text, true, false});
    }
    return any_of(std::move(either));
  }

  void add_texts(const std::string& v, const Condition& c, std::vector<Sql>& tests) {
    const std::string text = text_of(v, c);
    tests.push_back({is_string(v), true, true});
    if (c.prefix && c.ignore_case) {
      tests.push_back({fmt::format("starts_with({}, {})", text, parameter(*c.prefix, "text")), true, true});
    }
    if (c.suffix) {
      const std::string suffix = parameter(*c.suffix, "text");
      tests.push_back({fmt::format("right({0}, length({1})) = {1}", text, suffix), true, true});
    }
    if (c.substring) {
      tests.push_back({fmt::format("strpos({}, {}) > 0", text, parameter(*c.substring, "text")), true, true});
    }
  }

  std::vector<std::string>& parameters_;
};

}  // namespace

std::string numeric_of(Instant instant) {
  constexpr std::uint32_t kSecond = 1'000'000'000;
  const bool negative = instant.seconds < 0;
  std::int64_t seconds = std::abs(instant.seconds);
  std::uint32_t nanoseconds = instant.nanoseconds;
  if (negative && nanoseconds > 0) {
    --seconds;
    nanoseconds = kSecond - nanoseconds;
  }
  std::string out = fmt::format("{}{}", negative ? "-" : "", seconds);
  if (nanoseconds > 0) out += fmt::format(".{:09}", nanoseconds);
  return out;
}

std::string_view time_column(std::string_view field) noexcept {
  if (field == "created_at") return "created_time";
  if (field == "updated_at") return "updated_time";
  return {};
}

std::string filter_sql(const FilterNode& node, std::vector<std::string>& parameters) {
  return Renderer::operand(Renderer(parameters).filter(node, {}));
}

}  // namespace syncdex::inline v0
