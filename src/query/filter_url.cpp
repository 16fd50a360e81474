#include "query/filter_url.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/errors.h"
#include "pattern/pattern_scanner.h"

namespace syncdex::inline v0 {
namespace {

// Those that may be compared by their name alone, besides the parameters that have a meaning of their own.
constexpr std::string_view kPlain[] = {"max_age_days", "created_at", "updated_at",
                                       "initial_backfill_completed_at"};

bool is_known(const std::vector<FilterStep>& path) {
  return !path.empty() && !path.front().element && !record_field(path.front().key).empty();
}

// Whether values at the path are given as plain text.
bool is_plain_text(const std::vector<FilterStep>& path) {
  if (is_time_path(path)) return true;
  PathTraits traits = root_traits();
  PathId parent = kRootPath;
  for (const FilterStep& step : path) {
    traits = child_traits(parent, traits, step.step());
    parent = kNoPath;
  }
  if (path.size() > 1 && path.front().key == "health") return true;
  return traits.role <= kLastString || traits.role == Role::collection_id;
}

// It becomes part of a filter's JSON, so it must be one scalar and nothing else.
bool is_scalar(std::string_view text) {
  if (!text.starts_with('"')) return is_number_or_literal(text);
  PatternScanner in(text);
  std::string_view raw;
  return !in.string(raw) && in.done();
}

std::string json_quoted(std::string_view text) {
  std::string out;
  append_quoted(text, out);
  return out;
}

Error bad_value(std::string message) { return make_error(ErrorCode::invalid_filter, std::move(message)); }

// The JSON of a parameter's value.
Result<std::string> operand_json(Op op, const std::vector<FilterStep>& path, std::string_view value) {
  switch (op) {
    case Op::exists:
    case Op::set:
      if (value == "true" || value == "false") return std::string(value);
      return bad_value("true or false is expected");
    case Op::kind: return json_quoted(value);
    case Op::size:
      if (!value.empty() && value.size() < 20 && std::ranges::all_of(value, is_digit)) {
        const std::size_t first = std::min(value.find_first_not_of('0'), value.size() - 1);
        return std::string(value.substr(first));
      }
      return bad_value("a number of elements is expected");
    default: break;
  }
  if (is_plain_text(path)) {
    if (!is_time_path(path) || parse_instant(value)) return json_quoted(value);
    if (value == "null") return bad_value("null is not a time: for records without one, use [set]=false");
    std::string with_plus(value);
    const std::size_t space = with_plus.rfind(' ');
    if (space != std::string::npos) with_plus[space] = '+';
    return bad_value(parse_instant(with_plus)
                         ? "a time is expected; write the + of its offset as %2B"
                         : "a time is expected, such as 2023-12-15 or 2023-12-15T01:29:29Z");
  }
  if (is_scalar(value)) return std::string(value);
  if (value.starts_with('{') || value.starts_with('[')) {
    return bad_value("a string, number, true, false or null is expected; for objects and arrays use filter=");
  }
  if (is_secret_path(path)) return bad_value("a JSON value is expected: write a string in quotes");
  return bad_value(
      fmt::format("a JSON value is expected: write {} in quotes", json_quoted(shortened(value, 60))));
}

}  // namespace

std::optional<UrlCondition> parse_condition_name(std::string_view name) {
  UrlCondition out{name};
  bool has_op = false;
  if (name.ends_with(']') && !name.ends_with("[]")) {
    const std::size_t bracket = name.rfind('[');
    const auto op =
        bracket == name.npos ? std::nullopt : find_op(name.substr(bracket + 1, name.size() - bracket - 2));
    if (!op || !is_url_op(*op)) return std::nullopt;
    out = {name.substr(0, bracket), *op};
    has_op = true;
  }
  const ParsedPath path = parse_path(out.path);
  if ((!path.fault.empty() && !path.too_long) || !is_known(path.steps)) return std::nullopt;
  if (has_op || std::ranges::count(kPlain, name) > 0) return out;
  if (path.steps.size() == 1) return std::nullopt;
  // provider[]=a: not an array, and probably meant as a list.
  const bool list = path.steps.size() == 2 && path.steps[1].element && is_plain_text({path.steps[0]});
  return list ? std::nullopt : std::optional(out);
}

std::string advise_on_brackets(std::string_view name) {
  const std::size_t bracket = name.rfind('[');
  if (bracket == name.npos || !name.ends_with(']')) return {};
  const std::string_view path = name.substr(0, bracket);
  const std::string_view inside = name.substr(bracket + 1, name.size() - bracket - 2);
  const ParsedPath parsed = parse_path(path);
  if (!parsed.fault.empty() || !is_known(parsed.steps)) return {};
  if (inside.empty()) return fmt::format("for a list of values, repeat {}[in]", path);
  if (path == "metadata") return {};
  const std::string_view nearest = nearest_op(inside);
  if (!nearest.empty()) return fmt::format("did you mean {}[{}]?", path, nearest);
  return fmt::format("operators are {}", known_ops(true));
}

std::optional<Error> UrlConditions::add(const UrlCondition& name, const UrlParam& param) {
  // Before anything that is done for each of them.
  const bool many = conditions_.size() > limits_.filter_nodes;
  if (many || (repeats_to_list(param.name) && ++values_ > limits_.filter_values)) {
    return limit_error(limits_, many ? "filter_nodes" : "filter_values",
                       many ? "the request has too many conditions" : "the request has too many values");
  }
  const bool list = name.op == Op::in || name.op == Op::nin;
  if (const auto known = lists_.find(param.name); known != lists_.end())
    return add_to(known->second, name.op, param);
  const ParsedPath path = parse_path(name.path);
  auto json = operand_json(name.op, path.steps, param.value);
  if (!json) return std::move(json).error();
  std::string text;
  append_path(path.steps, text);
  // Checked alone, so that an error is about this parameter.
  FilterUse unused;
  const std::string alone = fmt::format(R"({{"path":{},"{}":{}{}{}}})", json_quoted(text), to_string(name.op),
                                        list ? "[" : "", *json, list ? "]" : "");
  if (auto node = read_filter(alone, limits_, unused); !node) return std::move(node).error();

  const auto note_list = [&](std::size_t condition, std::size_t operand) {
    if (list) lists_.emplace(param.name, List{path.steps, condition, operand});
  };
  // Patterns that are joined may share the beginnings of their paths; other conditions repeat them.
  path_bytes_ += name.op != Op::eq && !by_path_.contains(text) ? text.size() : 0;
  if (path_bytes_ > limits_.filter_bytes) {
    return limit_error(limits_, "filter_bytes", "the paths of the request are too long together");
  }
  std::vector<std::size_t>& same_path = by_path_[text];
  for (const std::size_t i : same_path) {
    Condition& condition = conditions_[i];
    for (Operand& operand : condition.operands) {
      if (operand.op != name.op) continue;
      if (!list && std::ranges::count(operand.values, *json) > 0) return std::nullopt;
      if (!list && name.op != Op::kind) {
        std::string message = "the parameter is given twice, with different values";
        if (name.op == Op::eq) message += fmt::format("; for one of several, repeat {}[in]", text);
        return make_error(ErrorCode::repeated_parameter, std::move(message));
      }
      operand.values.push_back(*std::move(json));
      condition.last = &param;
      note_list(i, static_cast<std::size_t>(&operand - condition.operands.data()));
      return std::nullopt;
    }
    const Operand& first = condition.operands.front();
    if (negates(name.op, *json == "false") || negates(first.op, first.values.front() == "false")) continue;
    condition.operands.push_back({name.op, {*std::move(json)}});
    condition.last = &param;
    note_list(i, condition.operands.size() - 1);
    return std::nullopt;
  }
  same_path.push_back(conditions_.size());
  note_list(conditions_.size(), 0);
  conditions_.push_back({std::move(text), {{name.op, {*std::move(json)}}}, &param});
  return std::nullopt;
}

// A list's first value was checked as a filter. Of the others, only the value can be wrong.
std::optional<Error> UrlConditions::add_to(const List& list, Op op, const UrlParam& param) {
  auto json = operand_json(op, list.path, param.value);
  if (!json) return std::move(json).error();
  if (kind_of(json->front()) == Kind::number) {
    std::string_view number;
    if (auto e = PatternScanner(*json).number(number, limits_)) return e;
  }
  Condition& condition = conditions_[list.condition];
  condition.operands[list.operand].values.push_back(*std::move(json));
  condition.last = &param;
  return std::nullopt;
}

UrlConditions::Read UrlConditions::read(FilterUse& use) const {
  Read out;
  for (const Condition& condition : conditions_) {
    std::string json = R"({"path":)" + json_quoted(condition.path);
    for (const Operand& operand : condition.operands) {
      const bool list = operand.op == Op::in || operand.op == Op::nin || operand.op == Op::kind;
      json += fmt::format(R"(,"{}":{}{}{})", to_string(operand.op), list ? "[" : "",
                          fmt::join(operand.values, ","), list ? "]" : "");
    }
    auto node = read_filter(json + '}', limits_, use);
    if (!node) {
      out.error = std::move(node).error();
      out.at = condition.last;
      return out;
    }
    out.nodes.push_back(*std::move(node));
  }
  return out;
}

}  // namespace syncdex::inline v0
