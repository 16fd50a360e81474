// A pattern as a tree, while a query is made: read, merged, brought to its canonical form.
//
// Containers are canonical from the moment they close: members sorted by key with the last of equal
// keys kept, elements sorted and without repeats. So merging two patterns is merging sorted lists,
// and equal patterns print the same text.
//
// Trees live in an arena and are never freed piece by piece. Reading does not recurse; what walks a
// tree does, as deep as the depth limit lets patterns be.
#pragma once

#include <compare>
#include <cstddef>
#include <memory_resource>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "scalar.h"
#include "syncdex/query.h"
#include "syncdex/result.h"

namespace syncdex::inline v0 {

struct PatternNode {
  Kind kind = Kind::object;
  std::string_view key;   // decoded; of an object's member
  std::string_view text;  // a string decoded, or a number's canonical text
  std::span<PatternNode*> children;
};

std::strong_ordering compare(const PatternNode& a, const PatternNode& b) noexcept;

class PatternTree {
 public:
  explicit PatternTree(const Limits& limits);
  PatternTree(const PatternTree&) = delete;
  PatternTree& operator=(const PatternTree&) = delete;

  // Reads a JSON object that will stand `below` levels deep in the whole pattern. Errors:
  // invalid_pattern, invalid_utf8, limit_exceeded; offset counts bytes of `json`. The error's
  // parameter is for the caller to name.
  Result<PatternNode*> parse(std::string_view json, std::size_t below = 0);

  PatternNode* string(std::string_view decoded);
  PatternNode* number(std::string_view text);  // REQUIRES: by JSON's grammar
  PatternNode* literal(Kind kind);
  // {"key":value}
  PatternNode* object(std::string_view key, PatternNode* value);
  // [value]
  PatternNode* array(PatternNode* value);

  // What must be contained as well. Two unequal scalars, or two kinds, at one place: never.
  // REQUIRES: an object of this tree.
  void require(PatternNode* pattern);

  const PatternNode& root() const noexcept { return *root_; }
  bool never() const noexcept { return never_; }

  // limit_exceeded where the merged pattern is larger than the limits allow.
  std::optional<Error> check_size() const;

  // "false" for never.
  std::string canonical() const;

 private:
  PatternNode* make(Kind kind);
  std::string_view keep(std::string_view text);
  std::span<PatternNode*> keep(std::span<PatternNode* const> children);
  void merge(PatternNode* a, PatternNode* b);
  void close(PatternNode& container, std::span<PatternNode*> children);

  Limits limits_;
  std::byte first_block_[4096];
  std::pmr::monotonic_buffer_resource arena_;
  PatternNode* root_;
  bool never_ = false;
};

// Appends the canonical text.
void append_json(const PatternNode& node, std::string& out);

}  // namespace syncdex::inline v0
