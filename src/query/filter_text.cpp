// Filters as texts for people, in which secrets are hidden.
#include "query/filter_text.h"

#include "query/filter_ops.h"

namespace syncdex::inline v0 {
namespace {

// {"gte":10} of the condition {"path":"a","gte":10}
std::string operators_of(const FilterNode& node) {
  constexpr std::string_view kPath = R"({"path":"",)";
  return '{' + condition_text({}, *node.condition).substr(kPath.size());
}

bool hides_operand(const FilterNode& node) noexcept {
  if (!node.condition->compares()) return false;
  return node.traits.secret || node.traits.credential;
}

}  // namespace

std::string path_text(const std::vector<FilterStep>& path) {
  if (path.empty()) return "record";
  std::vector<PathStep> steps;
  for (std::size_t i = path.size(); i > 0; --i) steps.push_back(path[i - 1].step());
  return path_text(steps);
}

std::string wanted_text(const FilterNode& node) {
  return hides_operand(node) ? "<hidden>" : operators_of(node);
}

void append_hidden(const FilterNode& node, std::string& out) {
  switch (node.shape) {
    case FilterNode::Shape::all:
    case FilterNode::Shape::any: {
      out += node.shape == FilterNode::Shape::all ? R"({"and":[)" : R"({"or":[)";
      for (const FilterNode& m : node.members) {
        if (&m != node.members.data()) out += ',';
        append_hidden(m, out);
      }
      out += "]}";
      return;
    }
    case FilterNode::Shape::none:
      out += R"({"not":)";
      append_hidden(node.members.front(), out);
      out += '}';
      return;
    case FilterNode::Shape::some: {
      out += R"({"some":)";
      std::string array;
      append_path(node.path, array);
      append_quoted(array + "[]", out);
      out += R"(,"is":)";
      append_hidden(node.members.front(), out);
      out += '}';
      return;
    }
    case FilterNode::Shape::contains:
      out += R"({"contains":)";
      append_hidden(*node.pattern, node.pattern->nodes[0], node.traits,
                    node.scope == Scope::record ? kRootPath : kNoPath, out);
      out += '}';
      return;
    case FilterNode::Shape::condition: break;
  }
  if (!hides_operand(node)) {
    out += condition_text(node.path, *node.condition);
    return;
  }
  std::string path;
  append_path(node.path, path);
  out += R"({"path":)";
  append_quoted(path, out);
  out += ",<hidden>}";
}

}  // namespace syncdex::inline v0
