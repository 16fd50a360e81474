#include "query/pattern.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <tuple>
#include <utility>
#include <vector>

#include "base/limit_names.h"

namespace syncdex::inline v0 {
namespace {

std::strong_ordering compare_bytes(std::string_view a, std::string_view b) noexcept {
  const int order = a.compare(b);
  return order <=> 0;
}

// Reads one JSON object into a tree, with a stack of its own.
class Parser {
 public:
  struct Open {
    PatternNode* node;
    std::size_t first_child;  // in the children that wait for their container to close
  };

  explicit Parser(std::string_view json) : begin_(json.data()), p_(begin_), end_(p_ + json.size()) {}

  const char* at() const noexcept { return p_; }
  bool done() const noexcept { return p_ == end_; }
  void skip() noexcept {
    while (p_ != end_ && is_space(*p_)) ++p_;
  }
  bool take(char c) noexcept {
    skip();
    if (p_ == end_ || *p_ != c) return false;
    ++p_;
    return true;
  }

  Error error(ErrorCode code, const char* where, std::string message) const {
    Error e;
    e.code = code;
    e.message = std::move(message);
    e.offset = static_cast<std::uint64_t>(where - begin_);
    e.line = 1 + static_cast<std::uint64_t>(std::count(begin_, where, '\n'));
    return e;
  }

  // The raw text of the string at p_; moves behind it.
  std::optional<Error> string(std::string_view& raw) {
    const char* const quote = p_++;
    while (p_ != end_ && *p_ != '"') {
      if (static_cast<unsigned char>(*p_) < 0x20) {
        return error(ErrorCode::invalid_pattern, p_, "unescaped control character in a string");
      }
      p_ += *p_ == '\\' && end_ - p_ > 1 ? 2 : 1;
    }
    if (p_ == end_) return error(ErrorCode::invalid_pattern, quote, "a string is not closed");
    raw = {quote + 1, static_cast<std::size_t>(p_ - quote - 1)};
    ++p_;
    const EscapeScan scan = check_escapes(raw);
    if (scan.fault == StringFault::escape)
      return error(ErrorCode::invalid_pattern, scan.at, "invalid escape sequence");
    if (scan.fault == StringFault::surrogate) {
      return error(ErrorCode::invalid_pattern, scan.at, "unpaired surrogate");
    }
    return std::nullopt;
  }

  std::optional<Error> number(std::string_view& text, const Limits& limits) {
    const NumberScan scan = scan_number(p_, end_, limits.number_digits, limits.exponent);
    const char* const first = p_;
    if (scan.fault == NumberFault::grammar) {
      return error(ErrorCode::invalid_pattern, first, "a JSON value is expected");
    }
    if (scan.fault != NumberFault::none) {
      const bool digits = scan.fault == NumberFault::digits;
      Error e = error(ErrorCode::limit_exceeded, first,
                      digits ? "a number has too many digits" : "a number's exponent is too large");
      name_limit(e, limits, digits ? "number_digits" : "exponent");
      return e;
    }
    text = {first, static_cast<std::size_t>(scan.end - first)};
    p_ = scan.end;
    return std::nullopt;
  }

  bool word(std::string_view w) noexcept {
    if (static_cast<std::size_t>(end_ - p_) < w.size() || std::memcmp(p_, w.data(), w.size()) != 0)
      return false;
    p_ += w.size();
    return true;
  }

 private:
  const char* begin_;
  const char* p_;
  const char* end_;
};

Error too_large(const Limits& limits, const char* limit) {
  Error e;
  e.code = ErrorCode::limit_exceeded;
  e.message = std::string_view(limit) == "pattern_leaves" ? "the pattern has too many values"
                                                          : "the pattern is too large";
  name_limit(e, limits, limit);
  return e;
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
  Parser in(json);
  if (json.size() > limits_.pattern_bytes) {
    Error e = in.error(ErrorCode::limit_exceeded, json.data(), "the pattern is too large");
    name_limit(e, limits_, "pattern_bytes");
    return e;
  }
  const std::size_t bad = find_invalid_utf8(json);
  if (bad != std::string_view::npos) {
    return in.error(ErrorCode::invalid_utf8, json.data() + bad, "invalid UTF-8");
  }
  in.skip();
  if (in.done() || *in.at() != '{') {
    return in.error(ErrorCode::invalid_pattern, in.at(), "a JSON object is expected");
  }

  std::pmr::vector<Parser::Open> open(&arena_);
  std::pmr::vector<PatternNode*> waiting(&arena_);  // the children read so far of all open containers
  open.reserve(8);
  waiting.reserve(8);
  std::string_view key;
  for (;;) {
    // A value is expected.
    in.skip();
    if (in.done()) return in.error(ErrorCode::invalid_pattern, in.at(), "a JSON value is expected");
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
        in.take(*at);
        bytes_ += 2;
        if (in.take(array ? ']' : '}')) {
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
        if (!in.word(*at == 't' ? "true" : *at == 'f' ? "false" : "null")) {
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
      e.offset = static_cast<std::uint64_t>(at - json.data());
      e.line = 1 + static_cast<std::uint64_t>(std::count(json.data(), at, '\n'));
      return e;
    }
    // What follows: the end of containers, or the next value.
    bool first = opened;
    for (;;) {
      if (open.empty()) {
        in.skip();
        if (!in.done()) return in.error(ErrorCode::invalid_pattern, in.at(), "text follows the pattern");
        return waiting.front();
      }
      Parser::Open& container = open.back();
      const bool object = container.node->kind() == Kind::object;
      if (!first) {
        if (in.take(object ? '}' : ']')) {
          close(*container.node, std::span(waiting).subspan(container.first_child));
          waiting.resize(container.first_child);
          waiting.push_back(container.node);
          open.pop_back();
          continue;
        }
        if (!in.take(',')) {
          return in.error(ErrorCode::invalid_pattern, in.at(),
                          object ? "',' or '}' is expected" : "',' or ']' is expected");
        }
      }
      key = {};
      if (object) {
        in.skip();
        if (in.done() || *in.at() != '"') {
          return in.error(ErrorCode::invalid_pattern, in.at(), "a key in quotes is expected");
        }
        std::string_view raw;
        if (auto e = in.string(raw)) return *std::move(e);
        key = decoded(raw);
        bytes_ += key.size() + 3;
        if (!in.take(':')) return in.error(ErrorCode::invalid_pattern, in.at(), "':' is expected");
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

void append_json(const PatternNode& node, std::string& out) {
  if (node.kind() < Kind::array) {
    append_scalar(node.kind(), node.text(), out);
    return;
  }
  const bool object = node.kind() == Kind::object;
  out += object ? '{' : '[';
  for (const PatternNode* child = node.first_child(); child != nullptr; child = child->next()) {
    if (child != node.first_child()) out += ',';
    if (object) {
      append_quoted(child->key(), out);
      out += ':';
    }
    append_json(*child, out);
  }
  out += object ? '}' : ']';
}

std::string PatternTree::canonical() const {
  if (never_) return "false";
  std::string text;
  text.reserve(128);
  append_json(*root_, text);
  if (text.capacity() - text.size() > 256) text.shrink_to_fit();
  return text;
}

}  // namespace syncdex::inline v0
