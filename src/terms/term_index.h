// The dictionary of a segment's terms, and a posting list for each term.
//
// A term is a path and a scalar (metadata.plan.tier = "growth"), or a path and the kind of the container
// there (metadata.tags is an array). A term leaves out what containment ignores: array positions, and how a
// value is spelled.
//
//   slots    hash -> term number          open addressing; a slot also stores 32 bits of the hash
//   terms    path, place of one occurrence of the value in the text, count, list
//   lists    sorted rows, or a bitset (posting_list.h); a single row is stored in the term itself
//
// Values are not stored. A lookup compares with the occurrence in the text, so it is exact despite
// collisions.
//
// Independent of queries, records and Boost.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/hash_slots.h"
#include "json/scalar.h"
#include "terms/path_table.h"
#include "terms/posting_list.h"

namespace syncdex::inline v0 {

using TermId = std::uint32_t;
constexpr TermId kNoTerm = HashSlots::kNone;

// The half of a term's hash by which it is looked up.
constexpr std::uint32_t tag_of(std::uint64_t hash) noexcept { return static_cast<std::uint32_t>(hash >> 32); }

// A term of a query. `text` is a decoded string or the text of a number.
struct TermKey {
  std::uint64_t hash = 0;  // only the upper half is used
  PathId path = kNoPath;
  Kind kind = Kind::null;
  std::string_view text;

  std::uint32_t tag() const noexcept { return tag_of(hash); }
};

std::uint64_t hash_text_value(const HashSeed& seed, std::uint64_t path_hash,
                              std::string_view decoded) noexcept;
std::uint64_t hash_number(const HashSeed& seed, std::uint64_t path_hash, std::string_view number) noexcept;
// For null, true, false and containers.
std::uint64_t hash_kind(const HashSeed& seed, std::uint64_t path_hash, Kind kind) noexcept;

inline std::uint64_t hash_term(const HashSeed& seed, std::uint64_t path_hash, Kind kind,
                               std::string_view text) noexcept {
  if (kind == Kind::string) return hash_text_value(seed, path_hash, text);
  if (kind == Kind::number) return hash_number(seed, path_hash, text);
  return hash_kind(seed, path_hash, kind);
}

struct Term {
  PathId path;
  std::uint32_t offset;  // of one occurrence of the value in the segment's text
  std::uint32_t count;   // rows that hold it
  std::uint32_t where;   // count 1: the row; otherwise where the list begins, see kBits
  static constexpr std::uint32_t kBits = 0x8000'0000;  // set: `where` numbers a bitset; else a row
};

class TermIndex {
 public:
  TermIndex() = default;
  TermIndex(const char* text, std::vector<Term> terms, HashSlots slots, std::vector<Row> rows,
            std::vector<std::uint64_t> bits, std::size_t words);

  // Returns the term's number, or kNoTerm.
  TermId find(const TermKey& key) const noexcept;

  // Calls visit(upper half of the hash, term) for each term, in no order.
  template <class Visit>
  void for_each(Visit visit) const {
    slots_.for_each(visit);
  }

  std::size_t size() const noexcept { return terms_.size(); }
  std::span<const Term> terms() const noexcept { return terms_; }
  // The rows that hold the term.
  PostingList list(TermId term) const noexcept;

  std::size_t term_bytes() const noexcept { return terms_.capacity() * sizeof(Term) + slots_.bytes(); }
  std::size_t posting_bytes() const noexcept {
    return rows_.capacity() * sizeof(Row) + bits_.capacity() * sizeof(std::uint64_t);
  }

  // Replaces each path number p by to[p].
  void renumber_paths(std::span<const PathId> to);

 private:
  const char* text_ = nullptr;
  std::vector<Term> terms_;
  HashSlots slots_;
  std::vector<Row> rows_;
  std::vector<std::uint64_t> bits_;
  std::size_t words_ = 0;  // of one bitset
};

// Whether the value at `stored` equals the key's value.
// REQUIRES: `stored` is the first byte of a valid value.
bool same_value(const char* stored, const TermKey& key) noexcept;

// The text of the string or number that begins at p. Of any other value, its first byte. REQUIRES: as above.
std::string_view value_text(const char* p) noexcept;

// The text of the number that begins at p. REQUIRES: it is valid and is followed by a byte that ends it.
std::string_view number_at(const char* p) noexcept;

}  // namespace syncdex::inline v0
