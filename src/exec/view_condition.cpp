#include "exec/view_condition.h"

#include <algorithm>

namespace syncdex::inline v0 {
namespace {

// Views cut strings, so an operand that is as long as that may be equal there to longer ones.
bool is_cut(std::string_view text) noexcept {
  if (text.size() < kOrderedCodePoints) return false;
  const auto begins = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
  return std::ranges::count_if(text, begins) >= static_cast<std::ptrdiff_t>(kOrderedCodePoints);
}

bool is_cut(const Operand& operand) noexcept {
  if (operand.kind == Kind::string) return is_cut(operand.text);
  return operand.kind == Kind::number && parse_decimal(operand.text).count > kOrderedDigits;
}

SortValue sort_value(const Operand& operand, bool time) {
  return time ? SortValue::of(operand.instant) : SortValue::of(operand.kind, operand.text);
}

Places both(const Places& a, const Places& b) noexcept {
  return {std::max(a.first, b.first), std::min(a.last, b.last)};
}

}  // namespace

std::optional<ViewCondition> ViewCondition::of(const std::vector<FilterStep>& path, const Condition& c) {
  if (path.empty() || std::ranges::count(path, true, &FilterStep::element) > 0) return std::nullopt;
  const bool compares = c.low || c.high || c.prefix || (c.values && c.times);
  if (!compares || (c.values && !c.times) || c.suffix || c.substring || c.ignore_case || c.size) {
    return std::nullopt;
  }
  // All that it can hold for are of one kind.
  const Kind kind = c.low && !c.times    ? c.low->value.kind
                    : c.high && !c.times ? c.high->value.kind
                                         : Kind::string;
  if (c.prefix && kind != Kind::string) return std::nullopt;
  if (c.kinds != 0 && (c.kinds & bit_of(name_of(kind))) == 0) return std::nullopt;

  ViewCondition out;
  const auto end = [&](const std::optional<Bound>& bound, std::optional<End>& to) {
    if (!bound) return true;
    to = End{sort_value(bound->value, c.times), bound->inclusive};
    return c.times || !is_cut(bound->value);
  };
  if (!end(c.low, out.low_) || !end(c.high, out.high_)) return std::nullopt;
  if (c.prefix) {
    if (is_cut(*c.prefix)) return std::nullopt;
    out.prefix_ = SortValue::of(Kind::string, *c.prefix);
  }
  if (c.values) {
    // Views do not contain nulls.
    if (std::ranges::count(*c.values, Kind::null, &Operand::kind) > 0) return std::nullopt;
    out.values_.emplace();
    for (const Operand& value : *c.values) out.values_->push_back(sort_value(value, true));
  }
  std::vector<std::string> keys;
  for (const FilterStep& step : path) keys.push_back(step.key);
  out.path_ = OrderedPath(std::move(keys), c.times);
  out.of_numbers_ = kind == Kind::number;
  return out;
}

void ViewCondition::find(ViewSearch& search, std::vector<Places>& places) const {
  Places range{0, search.view().rows().size()};
  if (!path_.times)
    range = search.of_kind(low_ ? low_->value.kind : high_ ? high_->value.kind : Kind::string);
  if (low_) {
    const Places equal = search.equal_to(low_->value);
    range.first = std::max(range.first, low_->inclusive ? equal.first : equal.last);
  }
  if (high_) {
    const Places equal = search.equal_to(high_->value);
    range.last = std::min(range.last, high_->inclusive ? equal.last : equal.first);
  }
  if (prefix_) range = both(range, search.with_prefix(*prefix_));
  if (!values_) {
    places.push_back(range);
    return;
  }
  for (const SortValue& value : *values_) places.push_back(both(range, search.equal_to(value)));
}

}  // namespace syncdex::inline v0
