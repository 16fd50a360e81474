// The paths that occur in a catalog's records, numbered; the same numbers hold in all its segments.
//
//   0                      the record itself
//   1  "provider"          provider
//   2  "metadata"          metadata
//   3    "tags"            metadata.tags
//   4      []              metadata.tags[]     (each element of the array)
//
// A path also has a hash, made of its keys alone, so that a query can hash its terms before it has
// seen any catalog; and a Role, which says what a record's field at this path must be and whether
// values at it are indexed.
//
// Knows nothing of text or of values.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"

namespace syncdex::inline v0 {

using PathId = std::uint32_t;
constexpr PathId kNoPath = 0xFFFF'FFFF;
constexpr PathId kRootPath = 0;

// What the page and the semantics say about a path. Those up to kLastString must be strings or null;
// those up to kLastKept are what a record is asked for.
enum class Role : std::uint8_t {
  id,
  provider,
  name,
  status,
  health_status,
  org_id,
  stream_id,
  external_id,
  credential_id,
  sync_frequency,
  health,
  metadata,        // objects or null
  collection_ids,  // an array of strings, or null
  collection_id,   // one of them
  data,            // no field of a record: what makes an object an envelope
  none,
};
constexpr Role kLastKept = Role::health_status;
constexpr Role kLastString = Role::sync_frequency;
constexpr std::size_t kRoles = static_cast<std::size_t>(Role::none);

// "health.status", ...; REQUIRES: role is not none.
std::string_view to_string(Role role) noexcept;

// Everything about a path that its keys decide.
struct PathTraits {
  Role role = Role::none;
  // Scalars, objects and arrays at this path are terms. What stands below a path that is not indexed
  // is not looked at by any index either, and no table of paths holds it.
  bool indexed = false;
  bool opens_index = false;  // and so are those at every path below
  bool secret = false;       // at or below credential.properties
  bool credential = false;   // is `credential`
};

// An array's elements are reached by the step "no key", not by the key "".
struct PathStep {
  std::string_view key;
  bool element = false;
  friend bool operator==(const PathStep&, const PathStep&) = default;
};

// Appends a step to a path's text, as people read it: plan.tier, tags[], "odd key".
void append_step(PathStep step, std::string& path);
// The text of a path, its last step first in `steps`. One long key above many paths would make much text out
// of little, so a path longer than kLongestPath bytes is cut and ends in "...".
constexpr std::size_t kLongestPath = 512;
std::string path_text(std::span<const PathStep> steps);
// Cuts a text between two code points, and marks that it was.
std::string shortened(std::string_view text, std::size_t longest);
// Cut to what one line of a message can hold.
inline std::string brief(std::string_view text) { return shortened(text, 200); }

PathTraits root_traits() noexcept;
PathTraits child_traits(PathId parent, const PathTraits& of_parent, PathStep step) noexcept;

// Not one of the seed's words by itself: mix() masks with them, and what is masked to zero stays zero.
inline std::uint64_t root_path_hash(const HashSeed& seed) noexcept {
  return fold(seed.b, seed.c) ^ 0x9E37'79B9;
}
inline std::uint64_t child_path_hash(const HashSeed& seed, std::uint64_t parent, PathStep step) noexcept {
  return step.element ? mix(seed, parent, 1)
                      : mix(seed, parent, hash_bytes(seed, step.key.data(), step.key.size()) | 2);
}

// Copies are cheap and share what is there; one of them may go on adding. The others do not see what it
// adds, and may be read meanwhile on other threads: paths never move, and what is not published is ignored.
class PathTable {
 public:
  PathTable();
  // A copy that shares nothing, and to which paths may be added.
  PathTable fork() const;

  // The path's number, or kNoPath. `hash` is child_path_hash() of the step, whose lower half is enough.
  PathId find(PathId parent, const PathStep& step, std::uint64_t hash) const noexcept {
    return look_up(parent, step, hash).path;
  }
  // The same, added where it is missing. REQUIRES: no other copy has added any
  PathId intern(PathId parent, PathStep step, std::uint64_t hash);

  std::size_t size() const noexcept { return size_; }
  PathId parent(PathId path) const noexcept { return node(path).parent; }
  // The key's bytes stand as in text: a quote before them, a quote and a colon behind, then padding.
  PathStep step(PathId path) const noexcept { return node(path).step; }
  std::uint64_t hash(PathId path) const noexcept { return node(path).hash; }
  const PathTraits& traits(PathId path) const noexcept { return node(path).traits; }

  // Interns all paths of `other`; gives the number here of each number there.
  std::vector<PathId> absorb(const PathTable& other);

  std::size_t bytes() const noexcept;

 private:
  struct Node {
    PathStep step;
    std::uint64_t hash = 0;
    PathId parent = kNoPath;
    PathTraits traits;
  };
  // Chunk k holds kFirstChunk << k nodes; they stay where they are.
  static constexpr std::size_t kFirstChunk = 64;
  struct Nodes {
    std::array<std::unique_ptr<Node[]>, 27> chunks;
    std::vector<std::unique_ptr<char[]>> key_blocks;
    std::size_t block_left = 0;
  };
  // Open addressing, a power of two, at most half full.
  struct Slots {
    explicit Slots(std::size_t size);
    std::size_t mask;
    std::unique_ptr<std::atomic<PathId>[]> paths;
  };

  Node& node(PathId path) const noexcept {
    const auto chunk = static_cast<std::size_t>(std::bit_width(path / kFirstChunk + 1) - 1);
    return nodes_->chunks[chunk][path - kFirstChunk * ((std::size_t{1} << chunk) - 1)];
  }
  void push(const Node& node);
  struct Place {
    std::size_t at;
    PathId path;
  };
  Place look_up(PathId parent, const PathStep& step, std::uint64_t hash) const noexcept;
  void grow();

  std::shared_ptr<Nodes> nodes_;
  std::shared_ptr<Slots> slots_;
  PathId size_ = 0;
  std::size_t key_bytes_ = 0;
};

}  // namespace syncdex::inline v0
