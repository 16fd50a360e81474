#include "query/filter_ops.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "base/errors.h"
#include "query/typo.h"

namespace syncdex::inline v0 {
namespace {

constexpr std::array<std::string_view, kOps> kOpNames = {
    "eq",     "in",        "ne",     "nin", "gt",   "gte",  "lt", "lte",        "prefix",
    "suffix", "substring", "exists", "set", "kind", "size", "as", "ignore_case"};

constexpr Op kEqualities[] = {Op::eq, Op::in, Op::ne, Op::nin};
constexpr Op kBounds[] = {Op::gt, Op::gte, Op::lt, Op::lte};
constexpr Op kTexts[] = {Op::prefix, Op::suffix, Op::substring};

// More than any array has.
constexpr std::uint64_t kMostElements = std::uint64_t{1} << 62;

std::string op_quoted(Op op) { return fmt::format("\"{}\"", to_string(op)); }

}  // namespace

std::string_view to_string(Op op) noexcept { return kOpNames[static_cast<std::size_t>(op)]; }

std::optional<Op> find_op(std::string_view name) noexcept {
  const auto found = std::ranges::find(kOpNames, name);
  if (found == kOpNames.end()) return std::nullopt;
  return static_cast<Op>(found - kOpNames.begin());
}

std::string known_ops(bool url) {
  return fmt::format("{}", fmt::join(std::span(kOpNames).first(url ? kOps - 2 : kOps), ", "));
}

bool negates(Op op, bool operand_is_false) noexcept {
  const bool flag = op == Op::exists || op == Op::set;
  return op == Op::ne || op == Op::nin || (flag && operand_is_false);
}

bool is_url_op(Op op) noexcept { return op < Op::as; }

std::string_view nearest_op(std::string_view typed) { return nearest_of(kOpNames, typed); }

bool is_time_path(const std::vector<FilterStep>& from_record) noexcept {
  constexpr std::string_view kTimes[] = {"created_at", "updated_at", "initial_backfill_completed_at"};
  if (std::ranges::count(from_record, true, &FilterStep::element) > 0) return false;
  const bool below = from_record.size() == 2 && from_record[0].key == "credential";
  return (from_record.size() == 1 || below) && std::ranges::count(kTimes, from_record.back().key) > 0;
}

bool is_secret_path(const std::vector<FilterStep>& from_record) noexcept {
  std::string_view keys[2];
  std::size_t n = 0;
  for (const FilterStep& step : from_record) {
    if (step.element) continue;
    keys[n++] = step.key;
    if (n == 2) return keys[0] == "credential" && keys[1] == "properties";
  }
  return false;
}

bool may_hold_secret(const std::vector<FilterStep>& from_record) noexcept {
  if (is_secret_path(from_record)) return true;
  const FilterStep* only = nullptr;
  for (const FilterStep& step : from_record) {
    if (step.element) continue;
    if (only != nullptr) return false;
    only = &step;
  }
  return only != nullptr && only->key == "credential";
}

Error ConditionReader::error(const char* at, std::string message) const {
  return error_at(ErrorCode::invalid_filter, json_, at, std::move(message));
}

std::optional<Error> ConditionReader::read(std::uint32_t at, std::uint32_t path,
                                           const std::vector<FilterStep>& from_record) {
  if (auto e = collect(at, path)) return e;
  if (auto e = check_combination(at, is_secret_path(from_record))) return e;
  if (auto e = read_options(is_time_path(from_record))) return e;
  if (auto e = read_values()) return e;
  if (auto e = read_bound(Op::gt, Op::gte, condition_.low)) return e;
  if (auto e = read_bound(Op::lt, Op::lte, condition_.high)) return e;
  if (condition_.low && condition_.high && condition_.low->value.kind != condition_.high->value.kind) {
    return error(all_[at].at, "the bounds must be of the same kind: two numbers, or two strings");
  }
  if (auto e = read_text(Op::prefix, condition_.prefix)) return e;
  if (auto e = read_text(Op::suffix, condition_.suffix)) return e;
  if (auto e = read_text(Op::substring, condition_.substring)) return e;
  if (auto e = read_flag(Op::exists, condition_.exists)) return e;
  if (auto e = read_flag(Op::set, condition_.set)) return e;
  if (auto e = read_kinds()) return e;
  return read_size();
}

ConditionReader::Fault ConditionReader::collect(std::uint32_t at, std::uint32_t path) {
  for (const std::uint32_t m : all_.members(at)) {
    if (m == path) continue;
    const std::optional<Op> op = find_op(all_[m].key);
    if (!op) {
      const std::string_view nearest = nearest_op(all_[m].key);
      return error(all_[m].key_at, nearest.empty()
                                       ? "no such operator; known are " + known_ops()
                                       : fmt::format("no such operator; did you mean {}?", nearest));
    }
    std::uint32_t& place = operands_[static_cast<std::size_t>(*op)];
    if (place != 0) return error(all_[m].key_at, "the operator is given twice");
    place = m;
  }
  return std::nullopt;
}

// Which operators may be given together, and at a secret.
ConditionReader::Fault ConditionReader::check_combination(std::uint32_t at, bool secret) const {
  const auto is_given = [this](Op op) { return has(op); };
  std::size_t given = 0;
  const JsonValue* alone = nullptr;
  for (std::size_t i = 0; i < static_cast<std::size_t>(Op::as); ++i) {
    const Op op = static_cast<Op>(i);
    if (!has(op)) continue;
    ++given;
    if (negates(op, operand(op)->kind == Kind::boolean_false)) alone = operand(op);
  }
  if (given == 0) return error(all_[at].at, "the condition has no operator; known are " + known_ops());
  if (alone != nullptr && given > 1) {
    return error(
        alone->key_at,
        "ne, nin, exists:false and set:false stand alone: write another condition, joined by \"and\"");
  }
  for (const auto& [a, b] : {std::pair(Op::gt, Op::gte), std::pair(Op::lt, Op::lte)}) {
    if (has(a) && has(b)) {
      return error(operand(b)->key_at,
                   fmt::format("{} and {} cannot be given together", op_quoted(a), op_quoted(b)));
    }
  }
  const bool equality = std::ranges::any_of(kEqualities, is_given);
  const bool text = std::ranges::any_of(kTexts, is_given);
  if (has(Op::as) && !equality && !text && std::ranges::none_of(kBounds, is_given)) {
    return error(operand(Op::as)->key_at, "\"as\" has no operator that it applies to");
  }
  if (has(Op::ignore_case) && !equality && !text) {
    return error(operand(Op::ignore_case)->key_at, "\"ignore_case\" has no operator that it applies to");
  }
  if (!secret) return std::nullopt;
  for (std::size_t i = 0; i < kOps; ++i) {
    const Op op = static_cast<Op>(i);
    if (!has(op)) continue;
    // Instants compare more coarsely than text: several guesses would be equal to one secret.
    const bool as_text = op == Op::as && operand(op)->text != "time";
    const bool allowed = std::ranges::count(kEqualities, op) > 0 || op == Op::exists || op == Op::set ||
                         op == Op::kind || as_text;
    if (allowed) continue;
    return error(operand(op)->key_at,
                 "at and below credential.properties only eq, in, ne, nin, exists, set and kind are allowed");
  }
  return std::nullopt;
}

ConditionReader::Fault ConditionReader::read_options(bool time_path) {
  const auto is_given = [this](Op op) { return has(op); };
  const bool compares = std::ranges::any_of(kEqualities, is_given) || std::ranges::any_of(kBounds, is_given);
  const auto text = std::ranges::find_if(kTexts, is_given);
  bool times = time_path;
  if (const JsonValue* as = operand(Op::as)) {
    if (as->kind != Kind::string || (as->text != "time" && as->text != "text")) {
      return error(as->at, R"("as" must be "time" or "text")");
    }
    times = as->text == "time";
  }
  if (times && text != std::end(kTexts)) {
    return error(
        operand(*text)->key_at,
        fmt::format("{} compares text, and the path is a time: add \"as\":\"text\"", op_quoted(*text)));
  }
  condition_.times = times && compares;
  condition_.as_text = time_path && !times;
  if (const JsonValue* fold = operand(Op::ignore_case)) {
    if (fold->kind != Kind::boolean_true) {
      return error(fold->at, "\"ignore_case\" must be true, or left out");
    }
    condition_.ignore_case = !condition_.times;
  }
  return std::nullopt;
}

// Reads a scalar, or a time.
ConditionReader::Fault ConditionReader::read_value(const JsonValue& v, Operand& out) const {
  if (v.kind >= Kind::array) {
    return error(v.at,
                 "a string, number, true, false or null is expected; for objects and arrays use "
                 "\"contains\"");
  }
  out.kind = v.kind;
  if (condition_.times && v.kind != Kind::null) {
    const auto instant = v.kind == Kind::string ? parse_instant(v.text) : std::nullopt;
    if (!instant) {
      return error(v.at,
                   "a time is expected, such as \"2023-12-15\" or \"2023-12-15T01:29:29Z\"; to compare "
                   "text add \"as\":\"text\"");
    }
    out.instant = *instant;
  } else if (v.kind == Kind::number) {
    append_canonical(parse_decimal(v.text), limits_.exponent, out.text);
  } else {
    out.text = v.kind == Kind::string ? v.text : std::string_view();
  }
  return std::nullopt;
}

ConditionReader::Fault ConditionReader::read_values() {
  const auto add = [&](const JsonValue& v) {
    Operand value;
    auto e = read_value(v, value);
    if (!e) condition_.values->push_back(std::move(value));
    return e;
  };
  for (const Op op : kEqualities) {
    const JsonValue* const v = operand(op);
    if (v == nullptr) continue;
    const auto before = std::exchange(condition_.values, std::vector<Operand>());
    negated_ = op == Op::ne || op == Op::nin;
    if (op == Op::eq || op == Op::ne) {
      if (auto e = add(*v)) return e;
      continue;
    }
    if (v->kind != Kind::array) return error(v->at, fmt::format("{} needs a list of values", op_quoted(op)));
    for (const std::uint32_t i : all_.members(operands_[static_cast<std::size_t>(op)])) {
      if (++value_count_ > limits_.filter_values) {
        Error e = error_at(ErrorCode::limit_exceeded, json_, all_[i].at, "the filter has too many values");
        name_limit(e, limits_, "filter_values");
        return e;
      }
      if (auto e = add(all_[i])) return e;
    }
    // With eq and in, both must hold.
    if (before) {
      std::erase_if(*condition_.values, [&](const Operand& value) {
        return !equal(value, before->front(), condition_.ignore_case);
      });
    }
  }
  return std::nullopt;
}

ConditionReader::Fault ConditionReader::read_bound(Op exclusive, Op inclusive,
                                                   std::optional<Bound>& out) const {
  const Op op = has(exclusive) ? exclusive : inclusive;
  const JsonValue* const v = operand(op);
  if (v == nullptr) return std::nullopt;
  if (v->kind != Kind::string && v->kind != Kind::number) {
    return error(v->at, fmt::format("{} needs a number or a string", op_quoted(op)));
  }
  out.emplace().inclusive = op == inclusive;
  return read_value(*v, out->value);
}

ConditionReader::Fault ConditionReader::read_text(Op op, std::optional<std::string>& out) const {
  const JsonValue* const v = operand(op);
  if (v == nullptr) return std::nullopt;
  if (v->kind != Kind::string) return error(v->at, fmt::format("{} needs a string", op_quoted(op)));
  out = v->text;
  return std::nullopt;
}

ConditionReader::Fault ConditionReader::read_flag(Op op, bool& out) {
  const JsonValue* const v = operand(op);
  if (v == nullptr) return std::nullopt;
  if (v->kind != Kind::boolean_true && v->kind != Kind::boolean_false) {
    return error(v->at, fmt::format("{} must be true or false", op_quoted(op)));
  }
  out = true;
  negated_ |= v->kind == Kind::boolean_false;
  return std::nullopt;
}

ConditionReader::Fault ConditionReader::read_kinds() {
  const JsonValue* const v = operand(Op::kind);
  if (v == nullptr) return std::nullopt;
  const auto add = [&](const JsonValue& name) -> Fault {
    for (std::size_t i = 0; i < kKindNames; ++i) {
      const auto kind = static_cast<KindName>(i);
      if (name.kind != Kind::string || name.text != to_string(kind)) continue;
      condition_.kinds |= bit_of(kind);
      return std::nullopt;
    }
    return error(name.at, "a kind is expected: null, boolean, number, string, array or object");
  };
  if (v->kind != Kind::array) return add(*v);
  for (const std::uint32_t i : all_.members(operands_[static_cast<std::size_t>(Op::kind)])) {
    if (auto e = add(all_[i])) return e;
  }
  return condition_.kinds == 0 ? Fault(error(v->at, "\"kind\" needs at least one kind")) : std::nullopt;
}

// Larger numbers become kMostElements.
ConditionReader::Fault ConditionReader::read_number(const JsonValue& v, std::uint64_t& out) const {
  const Fault fault = error(v.at, "a number of elements is expected: a whole number, 0 or more");
  if (v.kind != Kind::number) return fault;
  const Decimal d = parse_decimal(v.text);
  out = 0;
  if (d.count == 0) return std::nullopt;
  if (d.negative || d.point < static_cast<std::int64_t>(d.count)) return fault;
  const char* digit = d.digits;
  std::uint32_t left = d.count;
  for (std::int64_t i = 0; i < d.point && out < kMostElements; ++i) {
    if (left > 0 && *digit == '.') ++digit;
    out = out * 10 + (left > 0 ? static_cast<std::uint64_t>(*digit++ - '0') : 0);
    left -= left > 0;
  }
  out = std::min(out, kMostElements);
  return std::nullopt;
}

ConditionReader::Fault ConditionReader::read_size() {
  const JsonValue* const v = operand(Op::size);
  if (v == nullptr) return std::nullopt;
  Condition::Size size;
  if (v->kind != Kind::object) {
    if (auto e = read_number(*v, size.least)) return e;
    size.most = size.least;
    condition_.size = size;
    return std::nullopt;
  }
  bool low = false;
  bool high = false;
  bool impossible = false;
  for (const std::uint32_t i : all_.members(operands_[static_cast<std::size_t>(Op::size)])) {
    const JsonValue& bound = all_[i];
    const std::optional<Op> op = find_op(bound.key);
    if (!op || std::ranges::count(kBounds, *op) == 0) {
      return error(bound.key_at, "\"size\" takes gt, gte, lt and lte");
    }
    const bool is_low = *op == Op::gt || *op == Op::gte;
    if (std::exchange(is_low ? low : high, true)) {
      return error(bound.key_at, "\"size\" has two bounds on one side");
    }
    std::uint64_t n = 0;
    if (auto e = read_number(bound, n)) return e;
    if (*op == Op::gt && n < kMostElements) ++n;
    impossible |= *op == Op::lt && n == 0;
    if (*op == Op::lt && n > 0) --n;
    (is_low ? size.least : size.most) = n;
  }
  if (!low && !high) return error(v->at, "\"size\" needs a number or a bound");
  if (impossible) size = {1, 0};
  condition_.size = size;
  return std::nullopt;
}

}  // namespace syncdex::inline v0
