// A query, compiled: what is looked up in an index, and what is left to check on the text.
//
//   {"metadata":{"region":"eu","owners":[{"role":"admin","city":"Ulm"}]}}
//
//   terms      metadata.region = "eu"
//              metadata.owners[].role = "admin"
//              metadata.owners[].city = "Ulm"
//   residual   {"metadata":{"owners":[{"role":"admin","city":"Ulm"}]}}
//
// A term says that a record holds a value at a path; every term must hold, but the terms of one array
// element may hold in different elements. So:
//
//   - scalars and empty containers reached by object keys alone are exact,
//   - so is an array element with a single such leaf below it,
//   - an element with several, and every path that is not indexed, goes to the residual: the part of
//     the pattern that is rechecked on each candidate's bytes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "path_table.h"
#include "pattern.h"
#include "scalar.h"
#include "syncdex/query.h"

namespace syncdex::inline v0 {

constexpr std::uint32_t kNoNode = 0xFFFF'FFFF;

struct QueryNode {
  Kind kind = Kind::object;
  std::uint32_t first = 0;  // its children stand together: members by key, elements in canonical order
  std::uint32_t count = 0;
  bool tracked = true;  // where a key stands twice in the object, its record is marked
  std::string_view key;
  std::string_view text;  // of strings, decoded; of numbers, canonical
  Decimal number;
};

struct QueryPath {
  std::uint32_t parent;  // an earlier one; the first is the record itself
  PathStep step;
  std::uint64_t hash;
  bool tracked;  // a catalog's table holds it if any record does: it is a field, or below an indexed path
};

struct QueryTerm {
  std::uint32_t path;
  Kind kind;
  Role role;  // id and name are looked up in the record table, provider and status perhaps
  std::string_view text;
  std::uint64_t hash;
  std::uint32_t short_hash;  // for the record table
};

struct Query::Impl {
  std::string canonical;
  bool never = false;
  std::size_t hash = 0;  // public: Query::hash()

  std::string texts;  // what the views below point into
  std::vector<QueryNode> nodes;
  std::uint32_t root = 0;
  std::uint32_t residual = kNoNode;
  std::vector<QueryPath> paths;
  std::vector<QueryTerm> terms;

  bool everything() const noexcept { return !never && nodes[root].count == 0; }
};

// Finishes the tree. Errors: limit_exceeded if the canonical text is longer than the limits allow.
Result<Query> compile(PatternTree& tree, const Limits& limits);

// "metadata.owners[].role"; keys with odd characters are quoted. Cut after kLongestPath bytes.
std::string path_text(const Query::Impl& query, std::uint32_t path);

// A credential that is a plain string is a secret itself, against all expectation.
inline bool hides_scalar(const PathTraits& traits, Kind kind) noexcept {
  return traits.credential && (kind == Kind::string || kind == Kind::number);
}

// Appends the pattern's text from `node`, the record's, on; a value at or below credential.properties
// is written as <hidden>.
void append_hidden(const Query::Impl& query, std::uint32_t node, std::string& out);
// The same of a node at a path; `path` is kRootPath or any other.
void append_hidden(const Query::Impl& query, std::uint32_t node, const PathTraits& traits, PathId path,
                   std::string& out);

// "metadata.tier = \"growth\"", "metadata.tags is an array".
std::string term_text(const Query::Impl& query, const QueryTerm& term);

}  // namespace syncdex::inline v0
