#include "query/filter_sql.h"

#include <fmt/format.h>

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

// Whether bounds and prefix are written as a jsonpath.
bool has_jsonpath(const Condition& c) {
  return !c.times && (c.low || c.high || (c.prefix && !c.ignore_case));
}

// Whether they are all that is asked. Values that meet them are present and not null.
bool is_jsonpath(const Condition& c) {
  return has_jsonpath(c) && !c.ignore_case && !c.values && !c.suffix && !c.substring && c.kinds == 0 &&
         !c.size;
}

// The predicate of the bounds and the prefix on the item @.
std::string predicate(const Condition& c) {
  std::string out;
  const auto add = [&](std::string_view op, std::string_view literal) {
    out.append(out.empty() ? "@ " : " && @ ").append(op).append(" ").append(literal);
  };
  if (c.low) add(c.low->inclusive ? ">=" : ">", json_of(c.low->value));
  if (c.high) add(c.high->inclusive ? "<=" : "<", json_of(c.high->value));
  if (c.prefix && !c.ignore_case) {
    std::string literal;
    append_quoted(*c.prefix, literal);
    add("starts with", literal);
  }
  return out;
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
  if (node.shape == Shape::condition && is_jsonpath(*node.condition)) {
    out += root;
    append_steps(node.path, out);
    out += " ? (" + predicate(*node.condition) + ')';
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
    if (c.kinds != 0) tests.push_back(is_of_kind(v(), c.kinds));
    if (c.set) tests.push_back({fmt::format("jsonb_typeof({}) <> 'null'", v()), true, true});
    if (c.size) tests.push_back(has_size(v(), *c.size));
    if (c.times) {
      add_times(v(), c, tests);
    } else {
      if (c.values && !node.path.empty() && has_patterns(node)) {
        std::vector<std::string> patterns;
        for (const Operand& o : *c.values) patterns.push_back(nested_json(node.path, json_of(o)));
        tests.push_back(contains_any(base, std::move(patterns)));
      } else if (c.values) {
        tests.push_back(is_value(v(), c));
      }
      if (has_jsonpath(c)) {
        std::string jsonpath = "$";
        append_steps(node.path, jsonpath);
        tests.push_back(matches(base, jsonpath + " ? (" + predicate(c) + ')'));
      }
      if (c.suffix || c.substring || (c.prefix && c.ignore_case)) add_texts(v(), c, tests);
    }
    // All other tests need a value.
    if (tests.empty()) return {v() + " IS NOT NULL", false, true};
    return all_of(std::move(tests));
  }

  static Sql is_of_kind(std::string_view v, std::uint8_t kinds) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < kKindNames; ++i) {
      if ((kinds >> i & 1) != 0) names.push_back(fmt::format("'{}'", to_string(static_cast<KindName>(i))));
    }
    return is_one_of(fmt::format("jsonb_typeof({})", v), names);
  }

  Sql has_size(std::string_view v, Condition::Size size) {
    constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();  // more than any array has
    const auto bound = [&](std::uint64_t n) {
      return parameter(std::to_string(std::min(n, kMost)), "bigint");
    };
    std::string test;
    if (size.least == size.most) {
      test = "= " + bound(size.least);
    } else if (size.most >= kMost) {
      test = ">= " + bound(size.least);
    } else {
      const std::string least = bound(size.least);
      test = "BETWEEN " + least + " AND " + bound(size.most);
    }
    return {fmt::format("CASE jsonb_typeof({0}) WHEN 'array' THEN jsonb_array_length({0}) {1} END", v, test),
            true, true};
  }

  void add_times(const std::string& v, const Condition& c, std::vector<Sql>& tests) {
    const std::string time = "syncdex_time(" + v + ')';
    const auto numeric = [&](const Operand& o) { return parameter(numeric_of(o.instant), "numeric"); };
    if (c.values) {
      std::vector<Sql> either;
      std::vector<std::string> instants;
      for (const Operand& o : *c.values) {
        if (o.kind == Kind::null) {
          either.push_back({"jsonb_typeof(" + v + ") = 'null'", true, true});
        } else {
          instants.push_back(numeric(o));
        }
      }
      if (!instants.empty()) either.push_back(is_one_of(time, instants));
      tests.push_back(any_of(std::move(either)));
    }
    if (c.low) {
      tests.push_back({time + (c.low->inclusive ? " >= " : " > ") + numeric(c.low->value), true, true});
    }
    if (c.high) {
      tests.push_back({time + (c.high->inclusive ? " <= " : " < ") + numeric(c.high->value), true, true});
    }
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

std::string filter_sql(const FilterNode& node, std::vector<std::string>& parameters) {
  return Renderer::operand(Renderer(parameters).filter(node, {}));
}

}  // namespace syncdex::inline v0
