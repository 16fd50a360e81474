// Decides whether the JSON text of a record contains a pattern, as defined in include/syncdex/query.h.
// Works on the stored bytes: no parser, no copies, no recursion.
//
// How it works: the pattern is compiled into places. A place is the set of the pattern's containers of one
// kind (objects or arrays) at one path. It has slots: one for each wanted key, or one for the elements of an
// array. All pattern nodes of a slot are matched together, so the text is walked once, however many elements
// the pattern's arrays have. Example:
//
//   {"owners":[{"role":"admin","city":"Ulm"},{"role":"guest"}]}
//
//   place              slots and their nodes
//   {}                 owners: an array
//   owners []          element: two objects
//   owners[] {}        city: "Ulm" (of the 1st)    role: "admin" (of the 1st), "guest" (of the 2nd)
//
// When a value of the text matches a node, it counts toward the node's parent. The parent matches once all
// its children have matched within ONE container of the text, and so on up to the root. Matches are stamped
// with the number of that container. Entering a container takes the next number, so nothing has to be
// cleared.
//
// If a place has a single node, as is always the case outside arrays, the first member that fails to match
// decides, and the rest of the container is skipped.
//
// If an object may have duplicate keys, the last value wins. A separate pass first finds the last value of
// each wanted key; then those values are visited.
//
// Cost: O(|text| log |pattern|), plus one step for each pair of a value and a pattern node that it matches.
// With duplicate keys: O(|text| * depth of the pattern).
#pragma once

#include <cstdint>
#include <limits>
#include <memory_resource>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "pattern/pattern.h"

namespace syncdex::inline v0 {

// A budget for matching. Each byte that is read and each node that is matched costs one. What is read is
// charged when it is read; work of a known size is charged before it is begun.
struct Work {
  std::int64_t left = std::numeric_limits<std::int64_t>::max();
  std::uint32_t request = 0;  // identifies the request that it is spent on, once that has asked for a view
  bool spent() const noexcept { return left < 0; }
  // Charges the cost. Returns false, with the work spent, if less is left.
  bool take(std::int64_t cost) noexcept {
    left -= cost;
    return !spent();
  }
};

// A pattern compiled for matching against many records. Not thread-safe.
class Matcher {
 public:
  // Compiles the pattern or, with `only_residual`, its residual part. Cost: O(n log n) for n nodes.
  // REQUIRES: `pattern` and `work` outlive the matcher. With `only_residual`, the pattern has a residual.
  Matcher(const Pattern& pattern, bool only_residual, Work& work);
  Matcher(const Matcher&) = delete;
  Matcher& operator=(const Matcher&) = delete;

  // Returns whether the object contains the pattern; false if the work is spent. `object` points to the first
  // byte of a valid object. `last_wins`: its tracked objects may have duplicate keys. Untracked objects are
  // always assumed to.
  bool matches(const char* object, bool last_wins);

  // The same, given the value of the root's only member. REQUIRES: the pattern's root has one member.
  bool matches_only_member(const char* value, bool last_wins);

  // For tests: pretends that the container numbers have run out.
  void exhaust_stamps() noexcept { stamps_ = kManyStamps + 1; }

 private:
  using Stamp = std::uint32_t;  // the number of a container of the text; 0: none
  static constexpr std::uint32_t kNone = 0xFFFF'FFFF;
  static constexpr Stamp kManyStamps = 0x7FFF'FFFF;  // no record has more containers than the numbers left

  // A node of the pattern; its value is in wanted_. Kept small, because patterns that match many nodes over
  // and over depend on the cache.
  struct Node {
    std::uint32_t parent;
    std::uint32_t children;   // their number
    std::uint32_t place = 0;  // of a container: index in places_
    std::uint32_t end = 0;    // of a scalar: one past the last equal node
    std::uint32_t left = 0;   // children not matched yet
    Stamp counted = 0;        // the container that `left` refers to
    Stamp met = 0;            // the parent's container in which it last matched
  };
  // The nodes wanted as the value of one key, or as elements of an array. They are contiguous: scalars in
  // canonical order, then arrays, then objects.
  struct Slot {
    std::string_view key;
    std::uint32_t first;
    std::uint32_t scalars;  // their number
    std::uint32_t array = kNone;
    std::uint32_t object = kNone;
    // With duplicate keys: `last` is the key's last value in container `seen`.
    Stamp seen = 0;
    const char* last = nullptr;
  };
  // The containers of one kind at one path of the pattern.
  struct Place {
    std::uint32_t first;  // of its nodes; those without children come first
    std::uint32_t nodes;
    std::uint32_t empty;           // the number of nodes without children
    std::uint32_t first_slot = 0;  // slots are sorted by key; an array has one
    std::uint32_t slots = 0;
    bool object;
    bool tracked;
    Stamp stamp = 0;  // the container of the text being matched against it
  };
  // An open container of the text.
  struct Frame {
    const Place* place;
    const Slot* slot;  // the slot visited last; may be null
    const char* end;   // of the container; null unless it may have duplicate keys
  };
  struct Item {
    const QueryNode* node;
    std::uint32_t parent;
    bool only_residual;  // applies to its children
  };
  // The value of a node.
  struct Wanted {
    Kind kind;
    bool tracked;
    std::string_view text;
    Decimal number;
  };

  void add_slot(std::string_view key, std::span<const Item> items);
  void add_place(std::uint32_t first, std::uint32_t nodes, bool object);
  bool before(const Item& a, const Item& b) const noexcept;

  bool walk(const char* p, std::uint32_t slot, bool last_wins);
  const char* visit_scalar(const char* p, Kind kind, const Slot& slot);
  bool open(Place& place);
  bool mark_matched(std::uint32_t node, Stamp in);
  Stamp stamp_above(std::uint32_t node) const noexcept;
  void reset_stamps() noexcept;
  bool is_decided(const Frame& frame) const noexcept;
  std::pair<const Slot*, const char*> next_value(const char* p, const Place& place) const noexcept;
  const Slot* find_slot(const Place& place, std::string_view raw_key) const noexcept;
  const char* find_last_values(const char* object, const Place& place);

  const Pattern& pattern_;
  Work& work_;
  Stamp stamps_ = 0;        // the last number assigned
  std::byte buffer_[2048];  // enough for most patterns
  std::pmr::monotonic_buffer_resource arena_{buffer_, sizeof buffer_};
  std::pmr::vector<Node> nodes_{&arena_};
  std::pmr::vector<Wanted> wanted_{&arena_};  // indexed like nodes_
  std::pmr::vector<Slot> slots_{&arena_};
  std::pmr::vector<Place> places_{&arena_};
  std::pmr::vector<Frame> frames_{&arena_};
};

}  // namespace syncdex::inline v0
