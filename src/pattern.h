// A pattern as a tree, while a query is made: read, merged, brought to its canonical form.
//
// Containers are canonical once they are closed: members sorted by key with the last of equal keys kept,
// elements sorted and deduplicated. So equal patterns print the same text.
//
// Conditions are collected first and merged once, in finish(), so that many conditions on one place cost
// O(n log n) together. What they may hold in all is limited by running totals, checked before anything is
// merged.
//
// Trees live in an arena and are freed as a whole. Parsing does not recurse; functions that walk a tree do,
// no deeper than the depth limit.
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

  // Adds an object that must be contained as well. Returns limit_exceeded if all conditions together are
  // too large; offset and parameter are for the caller to set.
  // REQUIRES: an object of this tree
  std::optional<Error> require(PatternNode* pattern);

  // Merges all conditions. Two unequal scalars, or two kinds, at one place: never. To be called once, before
  // what is below.
  void finish();

  const PatternNode& root() const noexcept { return *root_; }
  bool never() const noexcept { return never_; }
  // "false" for never.
  std::string canonical() const;

 private:
  PatternNode* make(Kind kind);
  std::string_view keep(std::string_view text);
  std::span<PatternNode*> keep(std::span<PatternNode* const> children);
  PatternNode* leaf(Kind kind, std::size_t bytes);
  const char* exceeded() const noexcept;
  void close(PatternNode& container, std::span<PatternNode*> children);

  Limits limits_;
  std::byte first_block_[4096];
  std::pmr::monotonic_buffer_resource arena_;
  PatternNode* root_;
  std::pmr::vector<PatternNode*> conditions_{&arena_};
  std::size_t leaves_ = 0;  // of all conditions, as written
  std::size_t bytes_ = 0;   // of all conditions, without white space and escapes
  bool never_ = false;
};

// Appends the canonical text.
void append_json(const PatternNode& node, std::string& out);

}  // namespace syncdex::inline v0
