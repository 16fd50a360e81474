// Compiles a filter in canonical form for evaluation: where each node looks, from the record on, and the
// patterns of its leaves.
#include <algorithm>

#include "query/filter.h"

namespace syncdex::inline v0 {
namespace {

using Shape = FilterNode::Shape;

class Finisher {
 public:
  std::uint32_t nodes() const noexcept { return numbers_; }

  // Walks the tree. The node's paths begin at `at_`.
  void finish(FilterNode& node) {
    node.number = numbers_++;
    switch (node.shape) {
      case Shape::contains:
        node.pattern = compiled(node.pattern_text, node.scope);
        node.traits = at_.traits;
        if (node.scope == Scope::element) node.from_record_pattern = compile_again(around(node.pattern_text));
        break;
      case Shape::condition: {
        const Place before = at_;
        follow(node);
        for_each_operand(*node.condition, [](Operand& value) {
          if (value.kind == Kind::number) value.number = parse_decimal(value.text);
        });
        at_ = before;
        steps_.resize(before.steps);
        return;
      }
      case Shape::some: {
        const Place before = at_;
        follow(node);
        finish(node.members.front());
        at_ = before;
        steps_.resize(before.steps);
        break;
      }
      default:
        for (FilterNode& member : node.members) finish(member);
    }
    for (FilterNode& member : node.members) member.text = {};
  }

 private:
  static std::unique_ptr<const Pattern> compiled(std::string_view pattern, Scope scope) {
    auto out = std::make_unique<Pattern>();
    compile_canonical(pattern, scope, *out);
    return out;
  }
  struct Place {
    std::size_t steps = 0;
    PathId id = kRootPath;  // only whether it is kRootPath matters
    PathTraits traits = root_traits();
    std::uint64_t hash = root_path_hash(hash_seed());
  };

  template <class Visit>
  static void for_each_operand(Condition& c, Visit visit) {
    if (c.values) std::ranges::for_each(*c.values, visit);
    if (c.low) visit(c.low->value);
    if (c.high) visit(c.high->value);
  }

  // The pattern of a record that has such an element.
  std::string around(std::string pattern) const {
    for (std::size_t i = steps_.size(); i > 0; --i) {
      const FilterStep& step = steps_[i - 1];
      if (step.element) {
        pattern = '[' + std::move(pattern) + ']';
      } else {
        pattern = nested_json({step}, pattern);
      }
    }
    return pattern;
  }

  void follow(FilterStep& step) {
    step.tracked = !step.element && (at_.id == kRootPath || at_.traits.indexed);
    at_.traits = child_traits(at_.id, at_.traits, step.step());
    at_.hash = child_path_hash(hash_seed(), at_.hash, step.step());
    at_.id = kNoPath;
    step.hash = at_.hash;
    steps_.push_back(step);
    ++at_.steps;
  }
  void follow(FilterNode& node) {
    for (FilterStep& step : node.path) follow(step);
    if (node.shape == Shape::some) {
      FilterStep element;
      element.element = true;
      follow(element);
    }
    node.from_record = steps_;
    node.traits = at_.traits;
  }

  std::uint32_t numbers_ = 0;
  Place at_;
  std::vector<FilterStep> steps_;  // from the record to `at_`
};

}  // namespace

CompiledFilter finish(FilterNode root) {
  Finisher finisher;
  finisher.finish(root);
  return {std::move(root), finisher.nodes()};
}

}  // namespace syncdex::inline v0
