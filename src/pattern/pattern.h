// A compiled pattern: the terms that are looked up, and the residual that is rechecked on the text.
//
//   {"metadata":{"region":"eu","owners":[{"role":"admin","city":"Ulm"}]}}
//
//   terms      metadata.region = "eu"
//              metadata.owners[].role = "admin"
//              metadata.owners[].city = "Ulm"
//   residual   {"metadata":{"owners":[{"role":"admin","city":"Ulm"}]}}
//
// A term says that a record has a value at a path. A match has every term, but a record may have the terms of
// one array element in different elements. So:
//
//   - scalars and empty containers reached by object keys alone are exact,
//   - so is an array element with a single such leaf below it,
//   - an element with several, and every path that is not indexed, goes to the residual: the part of
//     the pattern that is rechecked on each candidate's bytes.
//
// Memory: 16 bytes per node, 12 per path and 32 per term, besides their texts. So a pattern of n bytes needs
// at most 2 KiB + 16 n.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "json/scalar.h"
#include "pattern/pattern_tree.h"
#include "syncdex/limits.h"
#include "syncdex/result.h"
#include "terms/path_table.h"

namespace syncdex::inline v0 {

struct QueryNode {
  std::uint32_t key = 0;  // in texts; 0: none, or the empty one
  std::uint32_t at =
      0;  // of a container its first child: members by key, elements in canonical order; else its text
  std::uint32_t size =
      0;  // how many children; else the length of the text: strings decoded, numbers canonical
  Kind kind = Kind::object;
  bool tracked = true;    // records with a duplicate key in this object are marked
  bool residual = false;  // the terms do not prove it

  std::uint32_t count() const noexcept { return kind < Kind::array ? 0 : size; }
};

struct QueryPath {
  std::uint32_t parent;       // an earlier one; the first is the record itself
  std::uint32_t key : 30;     // in texts
  std::uint32_t element : 1;  // of an array: no key
  std::uint32_t
      tracked : 1;  // a catalog's table holds it if any record does: it is a field, or below an indexed path
  std::uint32_t hash;  // the lower half
};

struct QueryTerm {
  std::string_view text;  // in texts
  std::uint32_t path;
  std::uint32_t hash;        // the upper half of the term's
  std::uint32_t short_hash;  // for the record table
  Kind kind;
  Role role;  // id and name are looked up in the record table, provider and status perhaps
};

struct Pattern {
  Pattern() = default;
  Pattern(const Pattern&) = delete;  // terms view its texts
  Pattern& operator=(const Pattern&) = delete;

  std::string canonical;
  bool never = false;
  bool residual = false;  // the terms do not prove all of it
  bool residual_is_in_metadata = false;
  bool one_record = false;  // an id is wanted: no more than one record matches

  std::string texts;             // keys, each behind its length, and values
  std::vector<QueryNode> nodes;  // the first is the whole pattern
  std::vector<QueryPath> paths;
  std::vector<QueryTerm> terms;

  bool everything() const noexcept { return !never && nodes[0].count() == 0; }

  std::span<const QueryNode> children(const QueryNode& node) const noexcept {
    return std::span(nodes).subspan(node.kind < Kind::array ? 0 : node.at, node.count());
  }
  std::string_view key_at(std::uint32_t key) const noexcept {
    return key == 0 ? std::string_view("")
                    : std::string_view(texts.data() + key, load32(texts.data() + key - 4));
  }
  std::string_view key(const QueryNode& node) const noexcept { return key_at(node.key); }
  // REQUIRES: no container
  std::string_view text(const QueryNode& node) const noexcept { return {texts.data() + node.at, node.size}; }
  PathStep step(const QueryPath& path) const noexcept { return {key_at(path.key), path.element != 0}; }
};

// What a pattern is compared with: whole records, or values within a record, which no index knows and where
// every object may have duplicate keys.
enum class Scope : std::uint8_t { record, element };

// Finishes the tree. Errors: limit_exceeded if the canonical text is longer than the limits allow.
// REQUIRES: `out` is new.
std::optional<Error> compile(PatternTree& tree, const Limits& limits, Scope scope, Pattern& out);

// Compiles the AND of patterns derived from accepted queries, without limits. Null if one cannot be parsed.
std::unique_ptr<const Pattern> compile_again(std::span<const std::string_view> patterns,
                                             Scope scope = Scope::record);
inline std::unique_ptr<const Pattern> compile_again(std::string_view pattern, Scope scope = Scope::record) {
  return compile_again({&pattern, 1}, scope);
}
// The same of a pattern's canonical text, into a new pattern. Throws std::logic_error if the text cannot be parsed:
// that is a fault of whatever wrote it, and no answer is better than one without the pattern.
void compile_canonical(std::string_view pattern, Scope scope, Pattern& out);

// "metadata.owners[].role"; keys with odd characters are quoted. Cut after kLongestPath bytes.
std::string path_text(const Pattern& pattern, std::uint32_t path);

// A credential that is a plain string or number, which the API does not have, is treated as a secret.
inline bool hides_scalar(const PathTraits& traits, Kind kind) noexcept {
  return traits.credential && (kind == Kind::string || kind == Kind::number);
}

// Appends the canonical JSON text of a node.
void append_json(const Pattern& pattern, const QueryNode& node, std::string& out);
// Appends the whole pattern's text, or that of its residual; a value at or below credential.properties is
// written as <hidden>.
void append_hidden(const Pattern& pattern, bool only_residual, std::string& out);
// The same of one node at a path; `path` is kRootPath or any other.
void append_hidden(const Pattern& pattern, const QueryNode& node, const PathTraits& traits, PathId path,
                   std::string& out);
// Appends the text of the residual with nothing hidden, to make a query of it.
void append_residual(const Pattern& pattern, std::string& out);

// "metadata.tier = \"growth\"", "metadata.tags is an array".
std::string term_text(const Pattern& pattern, const QueryTerm& term);

}  // namespace syncdex::inline v0
