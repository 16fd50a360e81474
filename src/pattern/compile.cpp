// From a tree of conditions to a compiled pattern: its nodes in one list, their canonical text, the terms
// that an index answers, and what is left to recheck (the residual).
#include <algorithm>
#include <limits>
#include <memory_resource>
#include <stdexcept>

#include "base/errors.h"
#include "base/hash.h"
#include "pattern/pattern.h"
#include "terms/term_index.h"

namespace syncdex::inline v0 {
namespace {

// Calls visit(node) for all nodes of a tree, level by level: children of one node follow each other.
template <class Visit>
void for_each_level(const PatternNode& root, Visit visit) {
  std::byte room[512];  // what most patterns need
  std::pmr::monotonic_buffer_resource arena(room, sizeof room);
  std::pmr::vector<const PatternNode*> level({&root}, &arena);
  std::pmr::vector<const PatternNode*> next(&arena);
  for (next.reserve(8); !level.empty(); level.swap(next)) {
    next.clear();
    for (const PatternNode* node : level) {
      visit(*node);
      for (const PatternNode* child = node->first_child(); child != nullptr; child = child->next()) {
        next.push_back(child);
      }
    }
  }
}

// Copies a tree. Room is made for exactly what is needed.
void copy_nodes(const PatternNode& root, Pattern& out) {
  std::size_t nodes = 0;
  std::size_t bytes = 4;  // offset 0 is no key
  for_each_level(root, [&](const PatternNode& node) {
    ++nodes;
    bytes += node.key().empty() ? 0 : 4 + node.key().size();
    bytes += node.kind() < Kind::array ? node.text().size() : 0;
  });
  out.texts.reserve(bytes);  // terms view this string, which must not move
  out.texts.assign(4, '\0');
  out.nodes.reserve(nodes);
  std::uint32_t next = 1;
  for_each_level(root, [&](const PatternNode& from) {
    QueryNode& node = out.nodes.emplace_back();
    node.kind = from.kind();
    if (!from.key().empty()) {
      const auto length = static_cast<std::uint32_t>(from.key().size());
      out.texts.append(reinterpret_cast<const char*>(&length), sizeof length);
      node.key = static_cast<std::uint32_t>(out.texts.size());
      out.texts += from.key();
    }
    if (from.kind() < Kind::array) {
      node.at = static_cast<std::uint32_t>(out.texts.size());
      node.size = static_cast<std::uint32_t>(from.text().size());
      out.texts += from.text();
    } else {
      node.at = next;
      node.size = from.count();
      next += from.count();
    }
  });
}

// Finds the terms of a pattern's nodes, and the residual. Children follow their parent in the list of nodes,
// so each pass is a loop: forwards if a node needs its parent, backwards if it needs its children.
class Compiler {
 public:
  explicit Compiler(Pattern& out) : out_(out), seed_(hash_seed()) {
    make_room();
    add_terms();
    find_residual();
    out_.terms.shrink_to_fit();  // some values are not indexed
  }

 private:
  struct About {  // a node
    std::uint32_t path = 0;
    std::uint32_t leaves = 0;
    PathTraits traits;
    bool in_array = false;
  };

  void make_room() {
    about_.resize(out_.nodes.size());
    std::size_t paths = 1;
    std::size_t leaves = 0;
    for (const QueryNode& node : out_.nodes) {
      paths += node.kind == Kind::array ? std::min(node.count(), 1U) : node.count();
      leaves += node.count() == 0;
    }
    out_.paths.reserve(paths);
    out_.terms.reserve(leaves);
    hashes_.reserve(paths);
  }

  std::uint32_t path(std::uint32_t parent, const QueryNode& child, bool element, bool tracked) {
    const auto at = static_cast<std::uint32_t>(out_.paths.size());
    hashes_.push_back(child_path_hash(seed_, hashes_[parent], {out_.key(child), element}));
    out_.paths.push_back(
        {parent, child.key & 0x3FFF'FFFF, element, tracked, static_cast<std::uint32_t>(hashes_[at])});
    return at;
  }

  void add_terms() {
    about_[0].traits = root_traits();
    hashes_.push_back(root_path_hash(seed_));
    out_.paths.push_back({0, 0, false, true, 0});
    for (std::size_t n = 0; n < out_.nodes.size(); ++n) {
      QueryNode& node = out_.nodes[n];
      if (node.count() == 0) {
        // The empty pattern: every record is an object.
        node.residual = !about_[n].traits.indexed && n != 0;
        about_[n].leaves = 1;
        if (about_[n].traits.indexed) add_term(node, about_[n]);
        continue;
      }
      const bool array = node.kind == Kind::array;
      const bool tracked = n == 0 || about_[n].traits.indexed;
      node.tracked = tracked;
      std::uint32_t element = 0;
      for (std::uint32_t i = 0; i < node.size; ++i) {
        const QueryNode& child = out_.nodes[node.at + i];
        About& about = about_[node.at + i];
        // Only the root is told apart by its number.
        about.traits = child_traits(n == 0 ? kRootPath : kNoPath, about_[n].traits, {out_.key(child), array});
        if (!array || i == 0) element = path(about_[n].path, child, array, tracked);
        about.path = element;
        about.in_array = array;
      }
    }
  }

  void add_term(const QueryNode& leaf, const About& about) {
    QueryTerm t;
    t.text = leaf.kind < Kind::array ? out_.text(leaf) : std::string_view();
    t.path = about.path;
    t.hash = static_cast<std::uint32_t>(hash_term(seed_, hashes_[t.path], leaf.kind, t.text) >> 32);
    t.short_hash = leaf.kind == Kind::string ? short_hash(t.text) : 0;
    t.kind = leaf.kind;
    t.role = about.traits.role;
    out_.terms.push_back(t);
    out_.one_record |= t.role == Role::id && t.kind == Kind::string;
  }

  void find_residual() {
    for (std::size_t n = out_.nodes.size(); n > 0;) {
      --n;
      QueryNode& node = out_.nodes[n];
      for (std::uint32_t i = 0; i < node.count(); ++i) {
        about_[n].leaves += about_[node.at + i].leaves;
        node.residual |= out_.nodes[node.at + i].residual;
      }
      // The terms of one element may hold in different elements of a record: all of it is checked.
      if (about_[n].in_array && about_[n].leaves > 1) node.residual = true;
    }
    out_.residual = out_.nodes[0].residual;
    const auto is_residual = [](const QueryNode& member) { return member.residual; };
    const auto members = out_.children(out_.nodes[0]);
    const auto first = std::ranges::find_if(members, is_residual);
    out_.residual_is_in_metadata = first != members.end() && out_.key(*first) == "metadata" &&
                                   std::ranges::count_if(members, is_residual) == 1;
  }

  Pattern& out_;
  const HashSeed& seed_;
  std::vector<About> about_;           // by node
  std::vector<std::uint64_t> hashes_;  // by path
};

}  // namespace

std::optional<Error> compile(PatternTree& tree, const Limits& limits, Scope scope, Pattern& out) {
  tree.finish();
  out.never = tree.never();
  if (out.never) {
    out.nodes.resize(1);
    out.canonical = "false";
  } else {
    copy_nodes(tree.root(), out);
    tree.clear();  // it is large, and what follows needs room as well
    out.canonical.reserve(128);
    append_json(out, out.nodes[0], out.canonical);
    if (out.canonical.capacity() - out.canonical.size() > 256) out.canonical.shrink_to_fit();
  }
  if (out.canonical.size() > limits.pattern_bytes) {
    return limit_error(limits, "pattern_bytes", "the pattern is too large");
  }
  if (scope == Scope::element) {
    for (QueryNode& node : out.nodes) node.tracked = false;
  } else if (!out.never) {
    Compiler compiler(out);
  }
  return std::nullopt;
}

namespace {

// For what was derived from accepted queries.
constexpr Limits no_limits() noexcept {
  constexpr auto kAny = std::numeric_limits<std::uint32_t>::max();
  constexpr auto kMore = std::numeric_limits<std::uint64_t>::max();
  return {.depth = 1000,
          .number_digits = kAny,
          .exponent = kAny,
          .pattern_bytes = kMore,
          .pattern_leaves = kMore};
}

bool compile_all(std::span<const std::string_view> patterns, Scope scope, Pattern& out) {
  PatternTree tree(no_limits());
  for (const std::string_view text : patterns) {
    auto pattern = tree.parse(text);
    if (!pattern || tree.require(*pattern)) return false;
  }
  return !compile(tree, no_limits(), scope, out);
}

}  // namespace

std::unique_ptr<const Pattern> compile_again(std::span<const std::string_view> patterns, Scope scope) {
  auto out = std::make_unique<Pattern>();
  if (!compile_all(patterns, scope, *out)) return nullptr;
  return out;
}

void compile_canonical(std::string_view pattern, Scope scope, Pattern& out) {
  if (!compile_all({&pattern, 1}, scope, out)) throw std::logic_error("a canonical pattern cannot be parsed");
}

}  // namespace syncdex::inline v0
