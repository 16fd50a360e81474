// A pattern as text: canonical, and parts of it for explain() and hints.
#include <memory_resource>
#include <vector>

#include "json/json_text.h"
#include "pattern/pattern.h"

namespace syncdex::inline v0 {
namespace {

// What is printed of a pattern.
struct Shown {
  bool hide_secrets = false;
  bool only_residual = false;
};

// Does not recurse, because patterns may be nested deeply.
class Printer {
 public:
  Printer(const Pattern& pattern, Shown shown, std::string& out)
      : pattern_(pattern), shown_(shown), out_(out) {
    open_.reserve(kUsual);
  }

  void print(const QueryNode& node, const PathTraits& traits, PathId in_catalog) {
    value(node, traits, in_catalog, shown_.only_residual);
    while (!open_.empty()) {
      Container& top = open_.back();
      while (top.next != top.end && top.only_residual && !top.next->residual) ++top.next;
      if (top.next == top.end) {
        out_ += top.object ? '}' : ']';
        open_.pop_back();
        continue;
      }
      const QueryNode& child = *top.next++;
      if (!top.first) out_ += ',';
      top.first = false;
      const std::string_view key = pattern_.key(child);
      if (top.object) {
        append_quoted(key, out_);
        out_ += ':';
      }
      // Elements are residual as a whole.
      const bool only_residual = top.only_residual && top.object;
      value(child,
            shown_.hide_secrets ? child_traits(top.path, top.traits, {key, !top.object}) : PathTraits(),
            kNoPath, only_residual);
    }
  }

 private:
  struct Container {
    const QueryNode* next;
    const QueryNode* end;
    PathId path;  // kRootPath, or any other
    PathTraits traits;
    bool object;
    bool only_residual;
    bool first = true;
  };

  // Appends a scalar, or opens a container.
  void value(const QueryNode& node, const PathTraits& traits, PathId path, bool only_residual) {
    if (shown_.hide_secrets && (traits.secret || hides_scalar(traits, node.kind))) {
      out_ += "<hidden>";
    } else if (node.kind < Kind::array) {
      append_scalar(node.kind, pattern_.text(node), out_);
    } else {
      const bool object = node.kind == Kind::object;
      out_ += object ? '{' : '[';
      const auto children = pattern_.children(node);
      open_.push_back(
          {children.data(), children.data() + children.size(), path, traits, object, only_residual});
    }
  }

  const Pattern& pattern_;
  const Shown shown_;
  std::string& out_;
  static constexpr std::size_t kUsual = 8;  // containers that most patterns open
  alignas(Container) std::byte room_[kUsual * sizeof(Container)];
  std::pmr::monotonic_buffer_resource arena_{room_, sizeof room_};
  std::pmr::vector<Container> open_{&arena_};
};

void print(const Pattern& pattern, const QueryNode& node, std::string& out, Shown shown,
           const PathTraits& traits = {}, PathId in_catalog = kNoPath) {
  Printer(pattern, shown, out).print(node, traits, in_catalog);
}

}  // namespace

void append_json(const Pattern& pattern, const QueryNode& node, std::string& out) {
  print(pattern, node, out, {});
}

void append_hidden(const Pattern& pattern, bool only_residual, std::string& out) {
  if (pattern.never) {
    out += "false";
    return;
  }
  print(pattern, pattern.nodes[0], out, {true, only_residual}, root_traits(), kRootPath);
}

void append_hidden(const Pattern& pattern, const QueryNode& node, const PathTraits& traits, PathId path,
                   std::string& out) {
  print(pattern, node, out, {true, false}, traits, path);
}

void append_residual(const Pattern& pattern, std::string& out) {
  print(pattern, pattern.nodes[0], out, {false, true});
}

std::string path_text(const Pattern& pattern, std::uint32_t path) {
  if (path == 0) return "record";
  std::vector<PathStep> steps;
  for (; path != 0; path = pattern.paths[path].parent) steps.push_back(pattern.step(pattern.paths[path]));
  return path_text(steps);
}

std::string term_text(const Pattern& pattern, const QueryTerm& term) {
  // Indexed paths never lie at or below credential.properties, so the value may be shown.
  std::string text = path_text(pattern, term.path);
  if (term.kind >= Kind::array) return text + " is " + std::string(with_article(term.kind));
  text += " = ";
  append_scalar(term.kind, term.text, text);
  return text;
}

}  // namespace syncdex::inline v0
