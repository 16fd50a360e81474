#include "exec/filter_matcher.h"

#include <algorithm>

#include "json/follow.h"

namespace syncdex::inline v0 {

FilterMatcher::FilterMatcher(const CompiledFilter& filter, Work& work)
    : filter_(filter), work_(work), matchers_(filter.nodes) {}

bool FilterMatcher::matches(const char* record, bool last_wins) {
  last_wins_ = last_wins;
  return holds(filter_.root, record) && !work_.spent();
}

bool FilterMatcher::holds(const FilterNode& node, const char* value) {
  if (--work_.left < 0) return false;
  const auto member_holds = [&](const FilterNode& member) { return holds(member, value); };
  switch (node.shape) {
    case FilterNode::Shape::all: return std::ranges::all_of(node.members, member_holds);
    case FilterNode::Shape::any: return std::ranges::any_of(node.members, member_holds);
    case FilterNode::Shape::none: return !holds(node.members.front(), value);
    case FilterNode::Shape::contains: {
      if (*value != '{') return false;
      std::unique_ptr<Matcher>& matcher = matchers_[node.number];
      if (matcher == nullptr) matcher = std::make_unique<Matcher>(*node.pattern, false, work_);
      return matcher->matches(value, last_wins_);
    }
    case FilterNode::Shape::condition: {
      const char* const found = follow(node.path, value);
      return found != nullptr && test_.meets(*node.condition, found, work_);
    }
    case FilterNode::Shape::some: {
      const char* const array = follow(node.path, value);
      if (array == nullptr || *array != '[') return false;
      ArrayWalk walk(array);
      bool found = false;
      while (!found && walk.next()) {
        found = holds(node.members.front(), walk.value());
        if (work_.spent()) return false;
      }
      work_.left -= (found ? walk.value() : walk.end()) - array;
      return found;
    }
  }
  return false;
}

const char* FilterMatcher::follow(std::span<const FilterStep> path, const char* value) {
  std::int64_t read = 0;
  const char* const found = syncdex::follow(
      value, path.size(), [&](std::size_t i) -> std::string_view { return path[i].key; },
      [&](std::size_t i) { return !last_wins_ && path[i].tracked; }, read);
  work_.left -= read;
  return found;
}

}  // namespace syncdex::inline v0
