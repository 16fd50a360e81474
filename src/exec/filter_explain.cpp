// Describes how a filter is answered: its tree, with what each node is evaluated to.
#include <fmt/format.h>

#include "exec/evaluate.h"
#include "exec/filter_plan.h"
#include "query/filter_text.h"

namespace syncdex::inline v0 {
namespace {

std::string records(std::size_t n) { return fmt::format("{} {}", n, n == 1 ? "record" : "records"); }

class Explanation {
 public:
  explicit Explanation(FilterPlan& plan) : counts_(plan.count_nodes()) {}

  void add(const FilterNode& node, std::size_t depth, std::string& out) const {
    std::string text;
    switch (node.shape) {
      case FilterNode::Shape::all: text = "and"; break;
      case FilterNode::Shape::any: text = "or"; break;
      case FilterNode::Shape::none: text = "not"; break;
      case FilterNode::Shape::some: {
        text = "some ";
        append_path(node.path, text);
        text += "[]";
        break;
      }
      case FilterNode::Shape::contains:
      case FilterNode::Shape::condition: append_hidden(node, text);
    }
    const auto [certain, possible, parts, views, seconds] = counts_[node.number];
    out += fmt::format("{:10} {:{}}{}: ", depth == 0 ? "filter" : "", "", depth * 2, brief(text));
    if (parts == 0) {
      out += "not needed\n";
    } else if (certain == possible) {
      out += records(certain);
      if (seconds > 0) {
        out += fmt::format(" (ordered view, made now in {:.1f} ms)", seconds * 1e3);
      } else if (views > 0) {
        out += " (ordered view)";
      }
      out += '\n';
    } else {
      out += fmt::format("{} certain, {} to recheck\n", records(certain), possible - certain);
    }
    for (const FilterNode& member : node.members) add(member, depth + 1, out);
  }

 private:
  std::vector<FilterPlan::Counts> counts_;
};

}  // namespace

std::string explain(const CompiledFilter& filter, const Snapshot& snapshot) {
  std::string out = "query      ";
  append_hidden(filter.root, out);
  out += '\n';
  FilterPlan plan(filter, snapshot);
  Explanation(plan).add(filter.root, 0, out);
  std::size_t repeats = 0;
  for (const Part& part : snapshot.parts()) repeats += part.segment->rows_with_duplicate_keys().size();
  if (repeats > 0) out += fmt::format("recheck    the {} with duplicate keys\n", records(repeats));
  return out + fmt::format("answer     {} in {} {}\n", records(plan.count()), snapshot.parts().size(),
                           snapshot.parts().size() == 1 ? "segment" : "segments");
}

}  // namespace syncdex::inline v0
