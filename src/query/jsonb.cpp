#include "query/jsonb.h"

#include <fmt/format.h>

#include <algorithm>

namespace syncdex::inline v0 {
namespace {

// What jsonb's numbers can hold (PostgreSQL 15, "Numeric Types").
constexpr std::int64_t kDigitsBefore = 131'072;
constexpr std::int64_t kDigitsBehind = 16'383;

constexpr const char* kNul = "\\u0000";

bool has_nul(std::string_view text) { return text.find('\0') != text.npos; }

std::optional<std::string> beyond_numeric(const Decimal& d) {
  if (d.point <= kDigitsBefore && static_cast<std::int64_t>(d.count) - d.point <= kDigitsBehind) {
    return std::nullopt;
  }
  return fmt::format("a number with more than {} digits before its point or {} behind it", kDigitsBefore,
                     kDigitsBehind);
}

std::optional<std::string> beyond_jsonb(const Operand& value) {
  if (value.kind == Kind::number) return beyond_numeric(value.number);
  return has_nul(value.text) ? std::optional<std::string>(kNul) : std::nullopt;
}

std::optional<std::string> beyond_jsonb(const Condition& c) {
  if (c.values) {
    for (const Operand& value : *c.values) {
      if (auto what = beyond_jsonb(value)) return what;
    }
  }
  for (const std::optional<Bound>* bound : {&c.low, &c.high}) {
    if (!*bound) continue;
    if (auto what = beyond_jsonb((*bound)->value)) return what;
  }
  for (const std::optional<std::string>* text : {&c.prefix, &c.suffix, &c.substring}) {
    if (*text && has_nul(**text)) return kNul;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> beyond_jsonb(const Pattern& pattern) {
  // Its canonical form has no NUL byte but as an escape, and no digit that does not count.
  for (const QueryNode& node : pattern.nodes) {
    if (has_nul(pattern.key(node)) || (node.kind == Kind::string && has_nul(pattern.text(node)))) return kNul;
    if (node.kind != Kind::number) continue;
    if (auto what = beyond_numeric(parse_decimal(pattern.text(node)))) return what;
  }
  return std::nullopt;
}

std::optional<std::string> beyond_jsonb(const FilterNode& node) {
  if (std::ranges::any_of(node.path, [](const FilterStep& step) { return has_nul(step.key); })) return kNul;
  if (node.pattern != nullptr) return beyond_jsonb(*node.pattern);
  if (node.condition != nullptr) return beyond_jsonb(*node.condition);
  for (const FilterNode& member : node.members) {
    if (auto what = beyond_jsonb(member)) return what;
  }
  return std::nullopt;
}

std::optional<std::string> beyond_jsonb(const OrderedPath& path) {
  return std::ranges::any_of(path.keys, has_nul) ? std::optional<std::string>(kNul) : std::nullopt;
}

std::optional<std::string> beyond_jsonb(const SortValue& value) {
  if (value.kind == Kind::number) return beyond_numeric(parse_decimal(value.text));
  return has_nul(value.text) ? std::optional<std::string>(kNul) : std::nullopt;
}

}  // namespace syncdex::inline v0
