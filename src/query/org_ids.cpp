#include "query/org_ids.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace syncdex::inline v0 {
namespace {

using Shape = FilterNode::Shape;
using Ids = std::optional<std::vector<std::string>>;

constexpr std::string_view kField = "org_id";
constexpr std::size_t kMostOrgIds = 100;

Ids of_pattern(const Pattern& pattern) {
  if (pattern.never || pattern.nodes.empty()) return std::nullopt;
  for (const QueryNode& member : pattern.children(pattern.nodes.front())) {
    if (pattern.key(member) == kField && member.kind == Kind::string) {
      return std::vector{std::string(pattern.text(member))};
    }
  }
  return std::nullopt;
}

Ids of_condition(const FilterNode& node) {
  const Condition& c = *node.condition;
  if (node.path.size() != 1 || node.path.front().element || node.path.front().key != kField)
    return std::nullopt;
  if (!c.values || c.times || c.ignore_case || c.values->empty() || c.values->size() > kMostOrgIds) {
    return std::nullopt;
  }
  std::vector<std::string> ids;
  for (const Operand& value : *c.values) {
    if (value.kind == Kind::null) return std::nullopt;  // of records that have none
    if (value.kind == Kind::string) ids.push_back(value.text);
  }
  return ids.empty() ? Ids() : ids;
}

Ids of_node(const FilterNode& node) {
  switch (node.shape) {
    case Shape::contains: return node.pattern ? of_pattern(*node.pattern) : std::nullopt;
    case Shape::condition: return of_condition(node);
    case Shape::all: {
      Ids fewest;
      for (const FilterNode& member : node.members) {
        Ids ids = of_node(member);
        if (ids && (!fewest || ids->size() < fewest->size())) fewest = std::move(ids);
      }
      return fewest;
    }
    case Shape::any: {
      if (node.members.empty()) return std::nullopt;
      std::vector<std::string> either;
      for (const FilterNode& member : node.members) {
        const Ids ids = of_node(member);
        if (!ids) return std::nullopt;
        either.insert(either.end(), ids->begin(), ids->end());
      }
      std::ranges::sort(either);
      either.erase(std::unique(either.begin(), either.end()), either.end());
      return either.size() > kMostOrgIds ? Ids() : either;
    }
    case Shape::none:
    case Shape::some: return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::vector<std::string>> org_ids(const Query::Impl& query) {
  return query.filter ? of_node(query.filter->root) : of_pattern(query.pattern);
}

}  // namespace syncdex::inline v0
