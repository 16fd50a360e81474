#include "exec/condition.h"

#include <algorithm>
#include <compare>
#include <cstring>

#include "json/json_text.h"
#include "terms/term_index.h"

namespace syncdex::inline v0 {
namespace {

bool within(std::strong_ordering to_low, bool inclusive) noexcept {
  return std::is_gt(to_low) || (inclusive && std::is_eq(to_low));
}

// Compares a value with an operand of the same kind; `text` in lower case, if cases do not matter.
std::strong_ordering compare_with(const Operand& operand, std::string_view text,
                                  const Decimal& number) noexcept {
  if (operand.kind == Kind::number) return compare(number, operand.number);
  return text <=> std::string_view(operand.text);
}

// Whether the value is within the bounds. `order` compares it with an operand.
template <class Order>
bool is_within(const Condition& c, Order order) {
  if (c.low && !within(order(c.low->value), c.low->inclusive)) return false;
  return !c.high || within(0 <=> order(c.high->value), c.high->inclusive);
}

// In linear time, unlike std::string_view::find().
bool holds_text(std::string_view text, std::string_view part) noexcept {
  return ::memmem(text.data(), text.size(), part.data(), part.size()) != nullptr || part.empty();
}

}  // namespace

bool ConditionTest::meets(const Condition& c, Kind kind, std::string_view text) {
  if (c.size || (c.set && kind == Kind::null)) return false;
  if (c.kinds != 0 && (c.kinds & bit_of(name_of(kind))) == 0) return false;
  return !c.compares() || compares(c, kind, text);
}

bool ConditionTest::meets(const Condition& c, const char* p, Work& work) {
  const Kind kind = kind_of(*p);
  if (kind == Kind::string) {
    std::string_view text = raw_string(p);
    work.left -= static_cast<std::int64_t>(text.size());
    if (c.compares() && text.find('\\') != text.npos) {
      decoded_.clear();
      append_decoded(text, decoded_);
      text = decoded_;
    }
    return meets(c, kind, text);
  }
  if (kind < Kind::array) {
    const std::string_view text = kind == Kind::number ? number_at(p) : std::string_view();
    work.left -= static_cast<std::int64_t>(text.size());
    return meets(c, kind, text);
  }
  if (c.compares() || (c.kinds != 0 && (c.kinds & bit_of(name_of(kind))) == 0)) return false;
  if (!c.size) return true;
  if (kind != Kind::array) return false;
  std::uint64_t elements = 0;
  ArrayWalk walk(p);
  while (walk.next()) ++elements;
  work.left -= walk.end() - p;
  return c.size->least <= elements && elements <= c.size->most;
}

bool ConditionTest::compares(const Condition& c, Kind kind, std::string_view text) {
  if (c.times) return is_time_within(c, kind, text);
  if (c.ignore_case && kind == Kind::string) {
    folded_.resize(text.size());
    std::ranges::transform(text, folded_.begin(), ascii_lower);
  }
  const std::string_view folded = c.ignore_case && kind == Kind::string ? folded_ : text;
  if (c.values && !is_one_of(c, kind, folded)) return false;
  if (c.low || c.high) {
    if (kind != (c.low ? c.low : c.high)->value.kind) return false;
    const Decimal number = kind == Kind::number ? parse_decimal(text) : Decimal();
    const auto order = [&](const Operand& bound) { return compare_with(bound, text, number); };
    if (!is_within(c, order)) return false;
  }
  if (!c.prefix && !c.suffix && !c.substring) return true;
  return kind == Kind::string && has_parts(c, folded);
}

bool ConditionTest::is_one_of(const Condition& c, Kind kind, std::string_view text) const {
  const Decimal number = kind == Kind::number ? parse_decimal(text) : Decimal();
  const auto is_before = [&](const Operand& operand) {
    if (operand.kind != kind) return operand.kind < kind;
    return std::is_gt(compare_with(operand, text, number));
  };
  const auto found = std::ranges::partition_point(*c.values, is_before);
  return found != c.values->end() && found->kind == kind && std::is_eq(compare_with(*found, text, number));
}

bool ConditionTest::is_time_within(const Condition& c, Kind kind, std::string_view text) const {
  if (kind == Kind::null) {
    const bool listed = c.values && std::ranges::count(*c.values, Kind::null, &Operand::kind) > 0;
    return listed && !c.low && !c.high;
  }
  if (kind != Kind::string) return false;
  const std::optional<Instant> instant = parse_instant(text);
  if (!instant) return false;
  if (c.values) {
    const auto is_time = [&](const Operand& o) { return o.kind == Kind::string && o.instant == *instant; };
    const auto is_before = [&](const Operand& o) { return o.kind != Kind::string || o.instant < *instant; };
    const auto found = std::ranges::partition_point(*c.values, is_before);
    if (found == c.values->end() || !is_time(*found)) return false;
  }
  return is_within(c, [&](const Operand& bound) { return *instant <=> bound.instant; });
}

bool ConditionTest::has_parts(const Condition& c, std::string_view text) {
  if (c.prefix && !text.starts_with(*c.prefix)) return false;
  if (c.suffix && !text.ends_with(*c.suffix)) return false;
  return !c.substring || holds_text(text, *c.substring);
}

}  // namespace syncdex::inline v0
