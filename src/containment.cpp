#include "containment.h"

#include <algorithm>
#include <compare>
#include <span>

#include "json_text.h"
#include "term_index.h"

namespace syncdex::inline v0 {
namespace {

// One flag a child of a pattern node; on the stack for as many as patterns usually have.
class Flags {
 public:
  explicit Flags(std::size_t n) {
    if (n > 64) many_.resize(n);
  }
  bool get(std::size_t i) const { return many_.empty() ? (few_ >> i & 1) != 0 : many_[i]; }
  // Gives whether the flag changed.
  bool set(std::size_t i, bool value) {
    if (get(i) == value) return false;
    if (many_.empty()) {
      few_ ^= std::uint64_t{1} << i;
    } else {
      many_[i] = value;
    }
    return true;
  }

 private:
  std::uint64_t few_ = 0;
  std::vector<bool> many_;
};

class Matcher {
 public:
  Matcher(const Query::Impl& query, bool last_wins) : nodes_(query.nodes.data()), last_wins_(last_wins) {}

  bool value(const char* p, const QueryNode& node) const {
    if (kind_of(*p) != node.kind) return false;
    switch (node.kind) {
      case Kind::number: {
        const std::string_view number = number_at(p);
        return number == node.text || equal(parse_decimal(number), node.number);
      }
      case Kind::string: return same_string(raw_string(p), node.text);
      case Kind::object:
        return node.count == 0 ||
               (last_wins_ || !node.tracked ? object_with_repeats(p, node) : object(p, node));
      case Kind::array: return node.count == 0 || array(p, node);
      default: return true;
    }
  }

 private:
  std::span<const QueryNode> children(const QueryNode& node) const {
    return {nodes_ + node.first, node.count};
  }

  // The child with this key, or none.
  const QueryNode* member(const QueryNode& node, std::string_view raw_key) const {
    const auto all = children(node);
    if (all.size() <= 4) {
      for (const QueryNode& child : all) {
        if (same_string(raw_key, child.key)) return &child;
      }
      return nullptr;
    }
    const auto at = std::ranges::partition_point(
        all, [&](const QueryNode& child) { return compare_string(raw_key, child.key) > 0; });
    return at != all.end() && same_string(raw_key, at->key) ? &*at : nullptr;
  }

  bool object(const char* p, const QueryNode& node) const {
    std::uint32_t left = node.count;
    for (ObjectWalk walk(p); walk.next();) {
      const QueryNode* const wanted = member(node, walk.member().key);
      if (wanted == nullptr) continue;
      if (!value(walk.member().value, *wanted)) return false;
      if (--left == 0) return true;
    }
    return false;
  }

  // A key's last value decides, so all are seen before the verdict.
  bool object_with_repeats(const char* p, const QueryNode& node) const {
    std::uint32_t left = node.count;
    Flags holds(node.count);
    for (ObjectWalk walk(p); walk.next();) {
      const QueryNode* const wanted = member(node, walk.member().key);
      if (wanted == nullptr) continue;
      const auto i = static_cast<std::size_t>(wanted - (nodes_ + node.first));
      const bool now = value(walk.member().value, *wanted);
      if (holds.set(i, now)) left = now ? left - 1 : left + 1;
    }
    return left == 0;
  }

  // Position of the first pattern element that is not below the scalar at p, in canonical order.
  std::size_t scalar_place(std::span<const QueryNode> elements, const char* p, Kind kind) const {
    const auto below = [&](const QueryNode& e) {
      if (e.kind != kind) return e.kind < kind;
      if (kind == Kind::string) return compare_string(raw_string(p), e.text) > 0;
      return kind == Kind::number && below_number(e, p);
    };
    return static_cast<std::size_t>(std::ranges::partition_point(elements, below) - elements.begin());
  }
  static bool below_number(const QueryNode& e, const char* p) {
    PatternNode a;
    PatternNode b;
    a.kind = b.kind = Kind::number;
    a.text = e.text;
    b.text = number_at(p);
    return std::is_lt(compare(a, b));
  }

  bool array(const char* p, const QueryNode& node) const {
    const auto elements = children(node);
    const auto first_container = static_cast<std::size_t>(
        std::ranges::partition_point(elements, [](const QueryNode& e) { return e.kind < Kind::array; }) -
        elements.begin());
    Flags found(elements.size());
    std::size_t left = elements.size();
    for (ArrayWalk walk(p); walk.next();) {
      const char* const element = walk.value();
      const Kind kind = kind_of(*element);
      if (kind < Kind::array) {
        const auto scalars = elements.first(first_container);
        if (scalars.empty()) continue;
        const std::size_t i = scalar_place(scalars, element, kind);
        if (i < scalars.size() && value(element, scalars[i]) && found.set(i, true)) --left;
      } else {
        for (std::size_t i = first_container; i < elements.size(); ++i) {
          if (found.get(i) || elements[i].kind != kind || !value(element, elements[i])) continue;
          found.set(i, true);
          --left;
        }
      }
      if (left == 0) return true;
    }
    return false;
  }

  const QueryNode* nodes_;
  bool last_wins_;
};

}  // namespace

bool contains(const char* value, const Query::Impl& query, std::uint32_t node, bool last_wins) {
  return Matcher(query, last_wins).value(value, query.nodes[node]);
}

}  // namespace syncdex::inline v0
