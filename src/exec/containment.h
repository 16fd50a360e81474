// Does the JSON text of a record contain a pattern? The definition (include/syncdex/query.h), by one walk
// over the stored bytes: no parser, no copy, no recursion.
//
// All nodes of a pattern that may stand at one place of a record are looked for together, so that the text is
// walked once however many elements the pattern's arrays have:
//
//   {"owners":[{"role":"admin","city":"Ulm"},{"role":"guest"}]}
//
//   place              slots, and what is looked for there
//   {}                 owners: an array
//   owners []          element: two objects
//   owners[] {}        city: "Ulm" (of the 1st)    role: "admin" (of the 1st), "guest" (of the 2nd)
//
// A value of the text that meets a node of the pattern counts for the node's parent; a parent whose children
// have all been met within ONE container of the text is met itself, and so on up to the root. What has been
// met is stamped with the number of that container, so that nothing needs to be cleared: a place is entered
// anew by taking the next number.
//
// Where a place has a single node, as all outside arrays have, a member that fails decides, and the rest of
// the container is stepped over.
//
// In an object in which a key may stand twice the last value counts, so its wanted keys are looked up first,
// by a walk of its own, and their values visited then.
//
// Cost: O(|text| log |pattern|), and one step for each value and node of the pattern that it meets; with
// repeated keys O(|text| * depth of the pattern).
#pragma once

#include <cstdint>
#include <limits>
#include <memory_resource>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "query/query_impl.h"

namespace syncdex::inline v0 {

// How much matching is allowed, and what is left: bytes walked over and nodes met count one each.
struct Work {
  std::int64_t left = std::numeric_limits<std::int64_t>::max();
  bool spent() const noexcept { return left < 0; }
};

// One pattern, made ready to be looked for in many records; for one thread.
class Matcher {
 public:
  // The pattern is the query's, or what is residual of it. REQUIRES: both outlive the matcher; a residual
  // query. Cost: O(n log n) for n nodes.
  Matcher(const Query::Impl& query, bool only_residual, Work& work);
  Matcher(const Matcher&) = delete;
  Matcher& operator=(const Matcher&) = delete;

  // `object` is the first byte of a valid object. `last_wins`: keys may stand twice in tracked objects of it;
  // in others they always may. False too where the work is spent.
  bool matches(const char* object, bool last_wins);

  // The same where the value of the pattern's only member is known. REQUIRES: the root has one member.
  bool matches_only_member(const char* value, bool last_wins);

  // For tests: as if as many containers had been walked as there are numbers for.
  void use_up_stamps() noexcept { stamps_ = kManyStamps + 1; }

 private:
  using Stamp = std::uint32_t;  // the number of a container of the text that was walked; 0: none
  static constexpr std::uint32_t kNone = 0xFFFF'FFFF;
  static constexpr Stamp kManyStamps = 0x7FFF'FFFF;  // no record has as many containers as there are left

  // A node of the pattern; what it says stands in wanted_. Small: patterns that meet many nodes again and
  // again live off the cache.
  struct Node {
    std::uint32_t parent;
    std::uint32_t children;   // how many
    std::uint32_t place = 0;  // of a container
    std::uint32_t end = 0;    // of a scalar: behind the last that is equal to it
    std::uint32_t left = 0;   // of them, to be met
    Stamp counted = 0;        // in this container
    Stamp met = 0;            // in this container of its parent
  };
  // What is looked for as the value of one key, or as an array's elements. Its nodes stand together: scalars
  // in canonical order, then arrays, then objects.
  struct Slot {
    std::string_view key;
    std::uint32_t first;
    std::uint32_t scalars;  // how many
    std::uint32_t array = kNone;
    std::uint32_t object = kNone;
    // With keys that repeat: `last` is the key's last value in the container `seen`.
    Stamp seen = 0;
    const char* last = nullptr;
  };
  // Containers of one kind at one path of the pattern.
  struct Place {
    std::uint32_t first;  // its nodes; those without children come first
    std::uint32_t nodes;
    std::uint32_t empty;           // nodes without children
    std::uint32_t first_slot = 0;  // by key; an array has one
    std::uint32_t slots = 0;
    bool object;
    bool tracked;
    Stamp stamp = 0;  // of the container that it is looked for in now
  };
  // A container of the text that is being walked.
  struct Frame {
    const Place* place;
    const Slot* slot;  // whose value was visited last
    const char* end;   // with keys that repeat; else null
  };
  struct Item {
    const QueryNode* node;
    std::uint32_t parent;
    bool only_residual;  // of its children
  };
  // What a node says.
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
  bool meet(std::uint32_t node, Stamp in);
  Stamp stamp_above(std::uint32_t node) const noexcept;
  void renew_stamps() noexcept;
  bool settled(const Frame& frame) const noexcept;
  std::pair<const Slot*, const char*> next_value(const char* p, const Place& place) const noexcept;
  const Slot* find_slot(const Place& place, std::string_view raw_key) const noexcept;
  const char* find_last_values(const char* object, const Place& place);

  const Query::Impl& query_;
  Work& work_;
  Stamp stamps_ = 0;        // given so far
  std::byte buffer_[2048];  // what most patterns need
  std::pmr::monotonic_buffer_resource arena_{buffer_, sizeof buffer_};
  std::pmr::vector<Node> nodes_{&arena_};
  std::pmr::vector<Wanted> wanted_{&arena_};  // by node
  std::pmr::vector<Slot> slots_{&arena_};
  std::pmr::vector<Place> places_{&arena_};
  std::pmr::vector<Frame> frames_{&arena_};
};

}  // namespace syncdex::inline v0
