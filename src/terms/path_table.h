// The numbered paths that occur in a catalog's records. All segments of the catalog use the same numbers.
//
//   0                      the record itself
//   1  "provider"          provider
//   2  "metadata"          metadata
//   3    "tags"            metadata.tags
//   4      []              metadata.tags[]     (each element of the array)
//
// A path also has a hash and traits. The hash depends only on the path's keys, so a query can hash its terms
// before it has seen any catalog. The traits say which field of a record the path is and whether the values
// at it are indexed.
//
// Independent of text and values.
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

// The field of a record that a path is. The fields up to kLastString must be strings or null. The record
// reader collects the values of those up to kLastKept.
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
  metadata,        // health and metadata must be objects or null
  collection_ids,  // an array of strings, or null
  collection_id,   // one of its elements
  data,            // not a field of a record: marks an envelope
  none,
};
constexpr Role kLastKept = Role::health_status;
constexpr Role kLastString = Role::sync_frequency;
constexpr std::size_t kRoles = static_cast<std::size_t>(Role::none);

// The path of the field, such as "health.status". REQUIRES: role is not none.
std::string_view to_string(Role role) noexcept;

// The properties of a path that follow from its keys.
struct PathTraits {
  Role role = Role::none;
  // Scalars, objects and arrays at this path are terms. Nothing below a path that is not indexed is indexed
  // either, and no path table contains such paths.
  bool indexed = false;
  bool indexes_subtree = false;  // so are those at all paths below
  bool secret = false;           // at or below credential.properties
  bool credential = false;       // is `credential`, or an element of it
};

// The elements of an array are reached by a step without a key, which is not the same as the key "".
struct PathStep {
  std::string_view key;
  bool element = false;
  friend bool operator==(const PathStep&, const PathStep&) = default;
};

// Appends a step to the readable text of a path: plan.tier, tags[], "odd key".
void append_step(PathStep step, std::string& path);
// The readable text of a path. `steps` lists the last step first. A text of more than kLongestPath bytes is
// cut and ends in "...": otherwise one long key above many paths would turn a small input into a lot of text.
constexpr std::size_t kLongestPath = 512;
std::string path_text(std::span<const PathStep> steps);
// Cuts a text of more than `longest` bytes between two code points and appends "...".
std::string shortened(std::string_view text, std::size_t longest);
// Cut to a length that fits in a message of one line.
inline std::string brief(std::string_view text) { return shortened(text, 200); }

PathTraits root_traits() noexcept;
PathTraits child_traits(PathId parent, const PathTraits& of_parent, PathStep step) noexcept;

// Differs from the words of the seed: mix() XORs its arguments with them, and a factor of zero would discard
// the other factor.
inline std::uint64_t root_path_hash(const HashSeed& seed) noexcept {
  return fold(seed.b, seed.c) ^ 0x9E37'79B9;
}
inline std::uint64_t child_path_hash(const HashSeed& seed, std::uint64_t parent, PathStep step) noexcept {
  return step.element ? mix(seed, parent, 1)
                      : mix(seed, parent, hash_bytes(seed, step.key.data(), step.key.size()) | 2);
}

// Copies are cheap and share the paths that exist. One copy may add paths while the others are read on other
// threads: paths never move, and a copy ignores the paths that another one adds.
class PathTable {
 public:
  PathTable();
  // Returns a copy that shares nothing and to which paths may be added.
  PathTable fork() const;

  // Returns the path's number, or kNoPath. `hash` is child_path_hash() of the step; its lower half is enough.
  PathId find(PathId parent, const PathStep& step, std::uint64_t hash) const noexcept {
    return look_up(parent, step, hash).path;
  }
  // The same, but adds the path if it is missing. `hash` must be complete.
  // REQUIRES: no other copy has added paths.
  PathId intern(PathId parent, PathStep step, std::uint64_t hash);

  std::size_t size() const noexcept { return size_; }
  PathId parent(PathId path) const noexcept { return node(path).parent; }
  // The key's bytes are stored as in text: a quote before them; a quote, a colon and padding after them.
  PathStep step(PathId path) const noexcept { return node(path).step; }
  std::uint64_t hash(PathId path) const noexcept { return node(path).hash; }
  const PathTraits& traits(PathId path) const noexcept { return node(path).traits; }

  // Adds all paths of `other`. Returns the number here for each number there.
  std::vector<PathId> merge_from(const PathTable& other);

  std::size_t bytes() const noexcept;

 private:
  struct Node {
    PathStep step;
    std::uint64_t hash = 0;
    PathId parent = kNoPath;
    PathTraits traits;
  };
  // Chunk k holds kFirstChunk << k nodes. Nodes never move.
  static constexpr std::size_t kFirstChunk = 64;
  struct Nodes {
    std::array<std::unique_ptr<Node[]>, 27> chunks;
    std::vector<std::unique_ptr<char[]>> key_blocks;
    std::size_t block_left = 0;
  };
  // A hash table with open addressing. Its size is a power of two, and at most half of it is used.
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
