// The tree of a query while it is built: patterns are parsed, merged, and brought to canonical form.
//
// Containers are canonical once they are closed: members sorted by key with the last of equal keys kept,
// elements sorted and deduplicated. So equal patterns print the same text.
//
// Conditions are collected first and merged once, in finish(), so that many conditions on one place cost
// O(n log n) together. What they may hold in all is limited by running totals, checked before anything is
// merged.
//
// Memory: 32 bytes per node. Texts are copied only if they have escapes, so what is parsed must outlive the
// tree. Parsing does not recurse; functions that walk a tree do, no deeper than the depth limit.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <forward_list>
#include <memory_resource>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "json/scalar.h"
#include "syncdex/limits.h"
#include "syncdex/result.h"

namespace syncdex::inline v0 {

class PatternNode {
 public:
  explicit PatternNode(Kind kind) noexcept : kind_(static_cast<std::uint32_t>(kind) & 7U) {}

  Kind kind() const noexcept { return static_cast<Kind>(kind_); }
  // Decoded; of an object's member.
  std::string_view key() const noexcept { return {key_, key_size_}; }
  // A string decoded, or a number's canonical text. REQUIRES: no container
  std::string_view text() const noexcept { return {text_, size_}; }
  // Of a container.
  std::uint32_t count() const noexcept { return kind() < Kind::array ? 0 : size_; }
  const PatternNode* first_child() const noexcept { return kind() < Kind::array ? nullptr : child_; }
  const PatternNode* next() const noexcept { return next_; }

  void set_key(std::string_view key) noexcept;
  void set_text(std::string_view text) noexcept;
  // Takes these children, in this order.
  void set_children(std::span<PatternNode* const> children) noexcept;
  // Appends the children.
  void children_to(std::vector<PatternNode*>& out);

 private:
  static constexpr int kSizeBits = 29;

  const char* key_ = "";
  union {
    const char* text_;
    PatternNode* child_ = nullptr;
  };
  PatternNode* next_ = nullptr;  // of the same container
  std::uint32_t size_ = 0;       // of the text, or how many children
  std::uint32_t key_size_ : kSizeBits = 0;
  std::uint32_t kind_ : 32 - kSizeBits;
};
static_assert(sizeof(PatternNode) == 32);

std::strong_ordering compare(const PatternNode& a, const PatternNode& b) noexcept;

class PatternTree {
 public:
  explicit PatternTree(const Limits& limits);
  PatternTree(const PatternTree&) = delete;
  PatternTree& operator=(const PatternTree&) = delete;

  // Parses a JSON object that will be `below` levels deep in the whole pattern. Errors: invalid_pattern,
  // invalid_utf8, limit_exceeded; offset counts bytes of `json`. The error's parameter is for the caller to
  // set. REQUIRES (here and below): the texts outlive the tree.
  Result<PatternNode*> parse(std::string_view json, std::size_t below = 0);

  PatternNode* string(std::string_view decoded);
  PatternNode* number(std::string_view text);  // REQUIRES: by JSON's grammar
  PatternNode* literal(Kind kind);
  // {"key":value}
  PatternNode* object(std::string_view key, PatternNode* value);
  // [value]
  PatternNode* array(PatternNode* value);

  // Adds an object that must be contained as well. Returns limit_exceeded if all conditions together are
  // too large; offset and parameter are for the caller to set.
  // REQUIRES: an object of this tree
  std::optional<Error> require(PatternNode* pattern);

  // Merges all conditions. Two unequal scalars or two kinds at one place make it never(). Call it once,
  // before the functions below.
  void finish();

  const PatternNode& root() const noexcept { return *root_; }
  bool never() const noexcept { return never_; }

  // Frees all nodes. The tree must not be used afterwards.
  void clear() noexcept;

 private:
  // Nodes do not move: the first few are in the tree itself, others in blocks of fixed size.
  template <std::size_t kNodes>
  struct Block {
    alignas(PatternNode) std::byte bytes[kNodes * sizeof(PatternNode)];
  };

  PatternNode* make(Kind kind);
  PatternNode* leaf(Kind kind, std::size_t bytes);
  std::string_view decoded(std::string_view raw);
  const char* exceeded() const noexcept;
  void close(PatternNode& container, std::span<PatternNode*> children);

  Limits limits_;
  static constexpr std::size_t kFirst = 24;
  static constexpr std::size_t kMore = 60;
  Block<kFirst> first_nodes_;
  std::forward_list<Block<kMore>> more_nodes_;
  std::byte* next_node_ = first_nodes_.bytes;
  std::size_t nodes_left_ = kFirst;
  std::forward_list<std::string> own_texts_;  // that had escapes, and numbers that were not canonical
  PatternNode* root_;
  std::byte room_[512];  // what most patterns need of what follows, and while they are parsed
  std::pmr::monotonic_buffer_resource arena_{room_, sizeof room_};
  std::pmr::vector<PatternNode*> conditions_{&arena_};
  std::size_t leaves_ = 0;  // of all conditions, as written
  std::size_t bytes_ = 0;   // of all conditions, without white space and escapes
  bool never_ = false;
};

}  // namespace syncdex::inline v0
