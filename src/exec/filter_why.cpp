// Explains why a record does not meet a filter. FilterMatcher alone defines what does.
#include "exec/filter_matcher.h"
#include "exec/why.h"
#include "json/json_text.h"
#include "query/filter_text.h"

namespace syncdex::inline v0 {
namespace {

class Comparison {
 public:
  explicit Comparison(const CompiledFilter& filter) : matcher_(filter, work_) {}

  // The first leaf whose result makes the node differ from `wanted`. REQUIRES: the node does differ; its
  // scope is the record
  Mismatch first_leaf(const FilterNode& node, const char* record, bool wanted) {
    switch (node.shape) {
      case FilterNode::Shape::all:
      case FilterNode::Shape::any: {
        // The first member to blame; of those that all are, the first one.
        for (const FilterNode& member : node.members) {
          if (matcher_.holds(member, record) != wanted) return first_leaf(member, record, wanted);
        }
        break;  // only an `any` or `all` without members gets here
      }
      case FilterNode::Shape::none: return first_leaf(node.members.front(), record, !wanted);
      case FilterNode::Shape::contains: {
        if (auto mismatch = wanted ? compare(*node.pattern, record) : std::nullopt) return *mismatch;
        std::string pattern;
        append_hidden(*node.pattern, false, pattern);
        return {Mismatch::Reason::excluded, "record", std::move(pattern), "an object"};
      }
      case FilterNode::Shape::condition:
      case FilterNode::Shape::some: return at_path(node, record, wanted);
    }
    return {Mismatch::Reason::contradiction, {}, {}, {}};
  }

 private:
  Mismatch at_path(const FilterNode& node, const char* record, bool wanted) {
    const bool some = node.shape == FilterNode::Shape::some;
    const char* const value = matcher_.follow(node.path, record);
    Mismatch m{Mismatch::Reason::different, path_text(node.path), {}, {}};
    if (some) {
      append_hidden(node.members.front(), m.wanted);
    } else {
      m.wanted = wanted_text(node);
    }
    if (value == nullptr) {
      m.reason = Mismatch::Reason::absent;
      return m;
    }
    const Kind kind = kind_of(*value);
    if (!wanted) {
      m.reason = Mismatch::Reason::excluded;
    } else if (some && kind == Kind::array) {
      m.reason = Mismatch::Reason::no_element;
    }
    m.found = found_text(value, node.traits);
    return m;
  }

  Work work_;
  FilterMatcher matcher_;
};

}  // namespace

std::optional<Mismatch> compare(const CompiledFilter& filter, const char* record) {
  Work work;
  if (FilterMatcher(filter, work).matches(record, true)) return std::nullopt;
  return Comparison(filter).first_leaf(filter.root, record, true);
}

}  // namespace syncdex::inline v0
