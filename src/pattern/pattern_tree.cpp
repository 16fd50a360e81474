#include "pattern/pattern_tree.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <tuple>
#include <utility>
#include <vector>

#include "base/errors.h"
#include "pattern/pattern_scanner.h"

namespace syncdex::inline v0 {
namespace {

std::strong_ordering compare_bytes(std::string_view a, std::string_view b) noexcept {
  const int order = a.compare(b);
  return order <=> 0;
}

// A container that is being read.
struct Open {
  PatternNode* node;
  std::size_t first_child;  // in the children that wait for their container to close
};

Error too_large(const Limits& limits, const char* limit) {
  const bool leaves = std::string_view(limit) == "pattern_leaves";
  return limit_error(limits, limit, leaves ? "the pattern has too many values" : "the pattern is too large");
}

}  // namespace

void PatternNode::set_key(std::string_view key) noexcept {
  key_ = key.data();
  key_size_ = static_cast<std::uint32_t>(key.size() & ((1U << kSizeBits) - 1));
}

void PatternNode::set_text(std::string_view text) noexcept {
  text_ = text.data();
  size_ = static_cast<std::uint32_t>(text.size());
}

void PatternNode::set_children(std::span<PatternNode* const> children) noexcept {
  size_ = static_cast<std::uint32_t>(children.size());
  child_ = nullptr;
  for (std::size_t i = children.size(); i > 0;) {
    --i;
    children[i]->next_ = child_;
    child_ = children[i];
  }
}

void PatternNode::children_to(std::vector<PatternNode*>& out) {
  if (kind() < Kind::array) return;
  for (PatternNode* child = child_; child != nullptr; child = child->next_) out.push_back(child);
}

std::strong_ordering compare(const PatternNode& a, const PatternNode& b) noexcept {
  if (a.kind() != b.kind()) return a.kind() <=> b.kind();
  switch (a.kind()) {
    case Kind::number: return compare(parse_decimal(a.text()), parse_decimal(b.text()));
    case Kind::string: return compare_bytes(a.text(), b.text());
    case Kind::array:
    case Kind::object: break;
    default: return std::strong_ordering::equal;
  }
  const PatternNode* p = a.first_child();
  const PatternNode* q = b.first_child();
  for (; p != nullptr && q != nullptr; p = p->next(), q = q->next()) {
    const auto keys = compare_bytes(p->key(), q->key());
    if (std::is_neq(keys)) return keys;
    const auto values = compare(*p, *q);
    if (std::is_neq(values)) return values;
  }
  return a.count() <=> b.count();
}

PatternTree::PatternTree(const Limits& limits) : limits_(limits), root_(make(Kind::object)) {
  conditions_.reserve(8);
  limits_.depth = std::min<std::uint32_t>(limits_.depth, 1000);  // functions that walk a tree recurse
  // Sizes within a node have 29 bits.
  limits_.pattern_bytes = std::min<std::uint64_t>(limits_.pattern_bytes, std::uint64_t{256} << 20);
}

PatternNode* PatternTree::make(Kind kind) {
  if (nodes_left_ == 0) {
    next_node_ = more_nodes_.emplace_front().bytes;
    nodes_left_ = kMore;
  }
  auto* const node = new (next_node_) PatternNode(kind);
  next_node_ += sizeof(PatternNode);
  --nodes_left_;
  return node;
}

void PatternTree::clear() noexcept {
  more_nodes_.clear();
  nodes_left_ = 0;
  own_texts_.clear();
  conditions_.clear();
  root_ = nullptr;
}

std::string_view PatternTree::decoded(std::string_view raw) {
  if (raw.find('\\') == std::string_view::npos) return raw;
  std::string& text = own_texts_.emplace_front();
  append_decoded(raw, text);
  return text;
}

// A node that counts as a value.
PatternNode* PatternTree::leaf(Kind kind, std::size_t bytes) {
  ++leaves_;
  bytes_ += bytes;
  return make(kind);
}

// The limit that all conditions together exceed; null if none.
const char* PatternTree::exceeded() const noexcept {
  if (leaves_ > limits_.pattern_leaves) return "pattern_leaves";
  return bytes_ > limits_.pattern_bytes ? "pattern_bytes" : nullptr;
}

PatternNode* PatternTree::string(std::string_view decoded) {
  PatternNode* const node = leaf(Kind::string, decoded.size() + 2);
  node->set_text(decoded);
  return node;
}

PatternNode* PatternTree::number(std::string_view text) {
  PatternNode* const node = leaf(Kind::number, text.size());
  std::string canonical;
  append_canonical(parse_decimal(text), limits_.exponent, canonical);
  node->set_text(canonical == text ? text : std::string_view(own_texts_.emplace_front(std::move(canonical))));
  return node;
}

PatternNode* PatternTree::literal(Kind kind) { return leaf(kind, 4); }

PatternNode* PatternTree::object(std::string_view key, PatternNode* value) {
  PatternNode* const node = make(Kind::object);
  bytes_ += key.size() + 5;
  value->set_key(key);
  node->set_children({&value, 1});
  return node;
}

PatternNode* PatternTree::array(PatternNode* value) {
  PatternNode* const node = make(Kind::array);
  bytes_ += 2;
  node->set_children({&value, 1});
  return node;
}

// Gives the container its children in canonical order.
void PatternTree::close(PatternNode& container, std::span<PatternNode*> children) {
  std::size_t kept = 0;
  if (container.kind() == Kind::object) {
    // Usually there is nothing to sort; and sorting allocates.
    if (!std::ranges::is_sorted(children, {}, &PatternNode::key)) {
      std::ranges::stable_sort(children, {}, &PatternNode::key);
    }
    for (std::size_t i = 0; i < children.size(); ++i) {
      const bool last = i + 1 == children.size() || children[i + 1]->key() != children[i]->key();
      if (last) children[kept++] = children[i];
    }
  } else {
    std::ranges::sort(children,
                      [](const PatternNode* a, const PatternNode* b) { return std::is_lt(compare(*a, *b)); });
    const auto end =
        std::unique(children.begin(), children.end(),
                    [](const PatternNode* a, const PatternNode* b) { return std::is_eq(compare(*a, *b)); });
    kept = static_cast<std::size_t>(end - children.begin());
  }
  container.set_children(children.first(kept));
}

Result<PatternNode*> PatternTree::parse(std::string_view json, std::size_t below) {
  PatternScanner in(json);
  if (json.size() > limits_.pattern_bytes) {
    Error e = too_large(limits_, "pattern_bytes");
    set_place(e, json, json.data());
    return e;
  }
  const std::size_t bad = find_invalid_utf8(json);
  if (bad != std::string_view::npos) {
    return in.error(ErrorCode::invalid_utf8, json.data() + bad, "invalid UTF-8");
  }
  in.skip_space();
  if (in.done() || *in.at() != '{') {
    return in.unexpected("a JSON object is expected");
  }

  std::pmr::vector<Open> open(&arena_);
  std::pmr::vector<PatternNode*> waiting(&arena_);  // the children read so far of all open containers
  open.reserve(8);
  waiting.reserve(8);
  std::string_view key;
  for (;;) {
    // A value is expected.
    in.skip_space();
    if (in.done()) return in.unexpected("a JSON value is expected");
    const char* const at = in.at();
    PatternNode* value = nullptr;
    bool opened = false;
    switch (*at) {
      case '{':
      case '[': {
        if (open.size() + below >= limits_.depth) {
          Error e = in.error(ErrorCode::limit_exceeded, at, "the pattern is nested too deep");
          name_limit(e, limits_, "depth");
          return e;
        }
        const bool array = *at == '[';
        in.accept(*at);
        bytes_ += 2;
        if (in.accept(array ? ']' : '}')) {
          value = leaf(array ? Kind::array : Kind::object, 0);
        } else {
          value = make(array ? Kind::array : Kind::object);
          open.push_back({value, waiting.size()});
          opened = true;
        }
        break;
      }
      case '"': {
        std::string_view raw;
        if (auto e = in.string(raw)) return *std::move(e);
        value = string(decoded(raw));
        break;
      }
      case 't':
      case 'f':
      case 'n':
        if (!in.accept(*at == 't' ? "true" : *at == 'f' ? "false" : "null")) {
          return in.error(ErrorCode::invalid_pattern, at, "a JSON value is expected");
        }
        value = literal(kind_of(*at));
        break;
      default: {
        std::string_view text;
        if (auto e = in.number(text, limits_)) return *std::move(e);
        value = number(text);
        break;
      }
    }
    value->set_key(key);
    if (!opened) waiting.push_back(value);
    if (const char* const limit = exceeded()) {
      Error e = too_large(limits_, limit);
      set_place(e, json, at);
      return e;
    }
    // What follows: the end of containers, or the next value.
    bool first = opened;
    for (;;) {
      if (open.empty()) {
        in.skip_space();
        if (!in.done()) return in.unexpected("text follows the pattern");
        return waiting.front();
      }
      Open& container = open.back();
      const bool object = container.node->kind() == Kind::object;
      if (!first) {
        if (in.accept(object ? '}' : ']')) {
          close(*container.node, std::span(waiting).subspan(container.first_child));
          waiting.resize(container.first_child);
          waiting.push_back(container.node);
          open.pop_back();
          continue;
        }
        if (!in.accept(',')) {
          return in.unexpected(object ? "',' or '}' is expected" : "',' or ']' is expected");
        }
      }
      key = {};
      if (object) {
        in.skip_space();
        if (in.done() || *in.at() != '"') {
          return in.unexpected("a key in quotes is expected");
        }
        std::string_view raw;
        if (auto e = in.string(raw)) return *std::move(e);
        key = decoded(raw);
        bytes_ += key.size() + 3;
        if (!in.accept(':')) return in.unexpected("':' is expected");
      }
      break;
    }
  }
}

std::optional<Error> PatternTree::require(PatternNode* pattern) {
  assert(pattern->kind() == Kind::object);
  if (const char* const limit = exceeded()) return too_large(limits_, limit);
  conditions_.push_back(pattern);
  return std::nullopt;
}

// A group holds all nodes at one place. They are merged into the first of them.
void PatternTree::finish() {
  if (conditions_.empty()) return;
  root_ = conditions_.front();
  if (conditions_.size() == 1) return;
  std::vector<std::vector<PatternNode*>> groups;
  groups.emplace_back(conditions_.begin(), conditions_.end());
  std::vector<PatternNode*> all;
  all.reserve(16);
  while (!groups.empty()) {
    const std::vector<PatternNode*> group = std::move(groups.back());
    groups.pop_back();
    PatternNode& merged = *group.front();
    all.clear();
    for (PatternNode* node : group) {
      const bool same =
          merged.kind() >= Kind::array ? node->kind() == merged.kind() : std::is_eq(compare(*node, merged));
      if (!same) {
        never_ = true;
        return;
      }
      node->children_to(all);
    }
    if (merged.kind() == Kind::array) {
      close(merged, all);
    } else if (merged.kind() == Kind::object) {
      std::ranges::stable_sort(all, {}, &PatternNode::key);
      std::size_t kept = 0;
      for (std::size_t from = 0; from < all.size();) {
        std::size_t to = from + 1;
        while (to < all.size() && all[to]->key() == all[from]->key()) ++to;
        if (to - from > 1) {
          groups.emplace_back(all.begin() + static_cast<std::ptrdiff_t>(from),
                              all.begin() + static_cast<std::ptrdiff_t>(to));
        }
        all[kept++] = all[from];
        from = to;
      }
      merged.set_children(std::span(all).first(kept));
    }
  }
}

}  // namespace syncdex::inline v0
