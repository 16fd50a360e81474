#include "exec/containment.h"

#include <algorithm>
#include <cassert>
#include <compare>
#include <span>
#include <tuple>

#include "json/json_text.h"
#include "terms/term_index.h"

namespace syncdex::inline v0 {

// --- compiling the pattern ---

// Orders by key, then canonically, except that containers without children come first within their kind.
bool Matcher::before(const Item& a, const Item& b) const noexcept {
  if (const int keys = pattern_.key(*a.node).compare(pattern_.key(*b.node)); keys != 0) return keys < 0;
  if (a.node->kind != b.node->kind) return a.node->kind < b.node->kind;
  switch (a.node->kind) {
    case Kind::number:
      return std::is_lt(
          compare(parse_decimal(pattern_.text(*a.node)), parse_decimal(pattern_.text(*b.node))));
    case Kind::string: return pattern_.text(*a.node) < pattern_.text(*b.node);
    default: return a.node->count() == 0 && b.node->count() > 0;
  }
}

Matcher::Matcher(const Pattern& pattern, bool only_residual, Work& work) : pattern_(pattern), work_(work) {
  assert(pattern.nodes[0].kind == Kind::object && (pattern.residual || !only_residual));
  nodes_.reserve(8);
  wanted_.reserve(8);
  slots_.reserve(4);
  places_.reserve(4);
  std::pmr::vector<Item> all(&arena_);  // indexed like nodes_
  std::pmr::vector<Item> items(&arena_);
  const auto add = [&](std::string_view key, std::span<const Item> some) {
    all.insert(all.end(), some.begin(), some.end());
    add_slot(key, some);
  };
  const Item first{pattern.nodes.data(), kNone, only_residual};
  add({}, {&first, 1});
  for (std::uint32_t p = 0; p < places_.size(); ++p) {
    const Place place = places_[p];
    items.clear();
    for (std::uint32_t n = place.first; n < place.first + place.nodes; ++n) {
      const Item parent = all[n];
      nodes_[n].children = 0;
      for (const QueryNode& child : pattern.children(*parent.node)) {
        if (parent.only_residual && !child.residual) continue;
        // An array element is residual as a whole.
        items.push_back({&child, n, parent.only_residual && place.object});
        ++nodes_[n].children;
      }
    }
    // The children of a single node are already in this order: empty containers sort first of their kind.
    if (place.nodes > 1) std::ranges::sort(items, [&](const Item& a, const Item& b) { return before(a, b); });
    const auto first_slot = static_cast<std::uint32_t>(slots_.size());
    for (std::size_t i = 0; i < items.size();) {
      const std::string_view key = pattern.key(*items[i].node);
      std::size_t end = i + 1;
      while (end < items.size() && pattern.key(*items[end].node) == key) ++end;
      add(key, std::span(items).subspan(i, end - i));
      i = end;
    }
    places_[p].first_slot = first_slot;
    places_[p].slots = static_cast<std::uint32_t>(slots_.size()) - first_slot;
  }
  frames_.resize(places_.size());  // a place is never nested in itself
}

void Matcher::add_slot(std::string_view key, std::span<const Item> items) {
  Slot slot{key, static_cast<std::uint32_t>(nodes_.size()), 0};
  const auto end_of = [&](Kind kind, std::size_t from) {
    while (from < items.size() && items[from].node->kind <= kind) ++from;
    return static_cast<std::uint32_t>(from);
  };
  for (const Item& item : items) {
    const QueryNode& node = *item.node;
    nodes_.push_back({.parent = item.parent, .children = node.count()});
    Wanted& wanted = wanted_.emplace_back(Wanted{node.kind, node.tracked, {}, {}});
    if (node.kind < Kind::array) wanted.text = pattern_.text(node);
    if (node.kind == Kind::number) wanted.number = parse_decimal(wanted.text);
  }
  slot.scalars = end_of(Kind::string, 0);
  const std::uint32_t arrays = end_of(Kind::array, slot.scalars) - slot.scalars;
  const std::uint32_t objects = static_cast<std::uint32_t>(items.size()) - slot.scalars - arrays;
  for (std::uint32_t n = slot.scalars; n > 0;) {
    --n;
    const bool last = n + 1 == slot.scalars || before(items[n], items[n + 1]);
    nodes_[slot.first + n].end = last ? slot.first + n + 1 : nodes_[slot.first + n + 1].end;
  }
  if (arrays > 0) {
    slot.array = static_cast<std::uint32_t>(places_.size());
    add_place(slot.first + slot.scalars, arrays, false);
  }
  if (objects > 0) {
    slot.object = static_cast<std::uint32_t>(places_.size());
    add_place(slot.first + slot.scalars + arrays, objects, true);
  }
  slots_.push_back(slot);
}

void Matcher::add_place(std::uint32_t first, std::uint32_t nodes, bool object) {
  Place place{.first = first, .nodes = nodes, .empty = 0, .object = object, .tracked = true};
  for (std::uint32_t n = first; n < first + nodes; ++n) {
    nodes_[n].place = static_cast<std::uint32_t>(places_.size());
    place.empty += nodes_[n].children == 0;
    place.tracked = place.tracked && wanted_[n].tracked;
  }
  places_.push_back(place);
}

// --- the walk ---

bool Matcher::matches(const char* object, bool last_wins) {
  if (work_.spent()) return false;
  if (stamps_ > kManyStamps) reset_stamps();
  return walk(object, 0, last_wins);
}

bool Matcher::matches_only_member(const char* value, bool last_wins) {
  Place& root = places_[nodes_[0].place];
  assert(root.slots == 1);
  if (work_.spent()) return false;
  if (stamps_ > kManyStamps) reset_stamps();
  root.stamp = ++stamps_;
  return walk(value, root.first_slot, last_wins);
}

inline const Matcher::Slot* Matcher::find_slot(const Place& place, std::string_view raw_key) const noexcept {
  const Slot* slot = slots_.data() + place.first_slot;
  const Slot* const end = slot + place.slots;
  if (place.slots > 4) {
    slot = std::partition_point(slot, end, [&](const Slot& s) { return compare_string(raw_key, s.key) > 0; });
    return slot != end && same_string(raw_key, slot->key) ? slot : nullptr;
  }
  while (slot != end && !same_string(raw_key, slot->key)) ++slot;
  return slot != end ? slot : nullptr;
}

// Scans a container from p. Returns the next slot with a value and a pointer to that value, or null and the
// end of the container.
inline std::pair<const Matcher::Slot*, const char*> Matcher::next_value(const char* p,
                                                                        const Place& place) const noexcept {
  for (;;) {
    p = skip_space(p);
    if (*p == ',') p = skip_space(p + 1);
    if (*p == (place.object ? '}' : ']')) {
      return {nullptr, p + 1};
    }
    if (!place.object) return {&slots_[place.first_slot], p};
    const std::string_view key = raw_string(p);
    p = skip_space(p + key.size() + 2);
    p = skip_space(p + 1);  // past ':'
    if (const Slot* const slot = find_slot(place, key); slot != nullptr) return {slot, p};
    p = skip_value(p);
  }
}

// Whether the rest of the container is irrelevant: its only node has matched, or one of the node's members
// has failed.
inline bool Matcher::is_decided(const Frame& frame) const noexcept {
  const Place& place = *frame.place;
  if (place.nodes > 1) return false;
  const Node& node = nodes_[place.first];
  if (node.counted == place.stamp && node.left == 0) return true;
  return place.object && frame.slot != nullptr && nodes_[frame.slot->first].met != place.stamp;
}

// Returns whether the root matches. p points to a value to match against slot `at`.
bool Matcher::walk(const char* p, std::uint32_t at, bool last_wins) {
  const char* counted = p;
  const auto count_work = [&] {
    work_.left -= p - counted;
    counted = p;
  };
  Frame* const bottom = frames_.data();
  Frame* top = bottom;  // one past the innermost
  for (;;) {
    const Slot& slot = slots_[at];
    const Kind kind = kind_of(*p);
    if (kind < Kind::array) {
      const char* const behind = visit_scalar(p, kind, slot);
      if (behind == nullptr) {
        count_work();
        return true;
      }
      p = behind;
      if (work_.spent()) return false;
    } else if (const std::uint32_t inner = kind == Kind::array ? slot.array : slot.object; inner == kNone) {
      p = skip_value(p);
    } else {
      count_work();
      Place& place = places_[inner];
      if (open(place)) return true;
      if (work_.spent()) return false;
      if (place.empty == place.nodes) {
        p = skip_value(p);
      } else {
        const bool repeats = place.object && (last_wins || !place.tracked);
        *top++ = {&place, nullptr, repeats ? find_last_values(p, place) : nullptr};
        p = skip_space(p + 1);
      }
    }
    // p is past a value or at the first value of a container. Find the next value to match.
    for (const Slot* next = nullptr; next == nullptr;) {
      std::size_t out = 0;  // containers to leave
      while (top != bottom && is_decided(top[-1])) {
        ++out;
        if (const char* const end = (--top)->end; end != nullptr) {
          count_work();
          p = counted = end;
          out = 0;
        }
      }
      if (top == bottom) {
        count_work();
        return false;
      }
      if (out > 0) p = skip_out(p, out);
      Frame& frame = top[-1];
      const Place& place = *frame.place;
      const Slot* const first = slots_.data() + place.first_slot;
      if (frame.end != nullptr) {
        // Visit the wanted keys in turn.
        count_work();
        next = frame.slot == nullptr ? first : frame.slot + 1;
        while (next != first + place.slots && next->seen != place.stamp) ++next;
        if (next == first + place.slots) next = nullptr;
        p = counted = next != nullptr ? next->last : frame.end;
      } else {
        std::tie(next, p) = next_value(p, place);
      }
      if (next == nullptr) {
        --top;
        continue;
      }
      frame.slot = next;
      at = static_cast<std::uint32_t>(next - slots_.data());
    }
  }
}

// Enters a container of the text to match it against `place`. Returns whether the root has matched.
bool Matcher::open(Place& place) {
  place.stamp = ++stamps_;
  for (std::uint32_t n = place.first; n < place.first + place.empty; ++n) {
    if (mark_matched(n, stamp_above(n))) return true;
  }
  return false;
}

// Records that a value of the text matches this node. `in` is the container of the text that is being matched
// against the node's parent. Returns whether the root has matched.
bool Matcher::mark_matched(std::uint32_t n, Stamp in) {
  for (;;) {
    --work_.left;
    Node& node = nodes_[n];
    if (node.parent == kNone) return true;
    if (node.met == in) return false;
    node.met = in;
    Node& parent = nodes_[node.parent];
    if (parent.counted != in) {
      parent.counted = in;
      parent.left = parent.children;
    }
    if (--parent.left > 0) return false;
    n = node.parent;
    in = stamp_above(n);
  }
}

// The container of the text that is being matched against the node's parent.
Matcher::Stamp Matcher::stamp_above(std::uint32_t n) const noexcept {
  return n == 0 ? 0 : places_[nodes_[nodes_[n].parent].place].stamp;
}

// Restarts the numbering of containers.
void Matcher::reset_stamps() noexcept {
  stamps_ = 0;
  for (Node& node : nodes_) node.counted = node.met = 0;
  for (Slot& slot : slots_) slot.seen = 0;
}

// Matches the scalar at p against the slot's nodes. Returns the end of the scalar, or null if the root has
// matched.
const char* Matcher::visit_scalar(const char* p, Kind kind, const Slot& slot) {
  const std::span all = std::span(wanted_).subspan(slot.first, slot.scalars);
  if (all.empty()) return skip_value(p);
  const Stamp in = stamp_above(slot.first);
  std::string_view text;
  const char* end;
  if (kind == Kind::string) {
    text = raw_string(p);
    end = text.data() + text.size() + 1;
  } else if (kind == Kind::number) {
    text = number_at(p);
    end = text.data() + text.size();
  } else {
    end = skip_value(p);
  }
  if (all.size() == 1) {
    const Wanted& wanted = all[0];
    const bool same =
        wanted.kind == kind &&
        (kind == Kind::string   ? same_string(text, wanted.text)
         : kind == Kind::number ? text == wanted.text || equal(parse_decimal(text), wanted.number)
                                : true);
    if (!same || !mark_matched(slot.first, in)) return end;
    work_.left -= end - p;
    return nullptr;
  }
  Decimal number;
  if (kind == Kind::number) number = parse_decimal(text);
  const auto order = [&](const Wanted& wanted) {  // compares the value with the node's
    if (wanted.kind != kind) return kind <=> wanted.kind;
    if (kind == Kind::string) return compare_string(text, wanted.text) <=> 0;
    return kind == Kind::number ? compare(number, wanted.number) : std::strong_ordering::equal;
  };
  const auto at =
      std::ranges::partition_point(all, [&](const Wanted& wanted) { return std::is_gt(order(wanted)); });
  if (at == all.end() || std::is_neq(order(*at))) return end;
  // Equal nodes are contiguous and have different parents. They match together, once per container.
  auto n = slot.first + static_cast<std::uint32_t>(at - all.begin());
  if (nodes_[n].met == in) return end;
  for (const std::uint32_t last = nodes_[n].end; n < last; ++n) {
    if (!mark_matched(n, in)) continue;
    work_.left -= end - p;
    return nullptr;
  }
  return end;
}

// Finds the last value of each wanted key. Returns the end of the object.
const char* Matcher::find_last_values(const char* object, const Place& place) {
  ObjectWalk walk(object);
  while (walk.next()) {
    const Slot* const slot = find_slot(place, walk.member().key);
    if (slot == nullptr) continue;
    slots_[static_cast<std::size_t>(slot - slots_.data())].seen = place.stamp;
    slots_[static_cast<std::size_t>(slot - slots_.data())].last = walk.member().value;
  }
  work_.left -= walk.end() - object;
  return walk.end();
}

}  // namespace syncdex::inline v0
