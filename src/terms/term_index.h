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

#include "json/scalar.h"
#include "terms/path_table.h"
#include "terms/posting_list.h"

namespace syncdex::inline v0 {

using TermId = std::uint32_t;
constexpr TermId kNoTerm = 0xFFFF'FFFF;

// A term of a query. `text` is a decoded string or the text of a number.
struct TermKey {
  std::uint64_t hash = 0;  // only the upper half is used
  PathId path = kNoPath;
  Kind kind = Kind::null;
  std::string_view text;
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

// A hash table of term numbers. It does not contain the terms: the caller compares them.
class TermSlots {
 public:
  TermSlots() : TermSlots(1024) {}
  explicit TermSlots(std::size_t expected);

  void prefetch(std::uint64_t hash) const noexcept { __builtin_prefetch(&slots_[place(tag_of(hash))]); }

  // Returns the first candidate for which same(term) is true, or kNoTerm.
  template <class Same>
  TermId find(std::uint64_t hash, Same same) const {
    const std::uint32_t tag = tag_of(hash);
    for (std::size_t at = place(tag);; at = next(at)) {
      const Slot slot = slots_[at];
      if (slot.term == kNoTerm) return kNoTerm;
      if (slot.tag == tag && same(slot.term)) return slot.term;
    }
  }
  // The first term with this hash. A guess, for prefetching.
  TermId guess(std::uint64_t hash) const noexcept {
    return find(hash, [](TermId) { return true; });
  }
  // REQUIRES: the table contains no equal term.
  void insert(std::uint64_t hash, TermId term);
  // Calls visit(upper half of the hash, term) for each term.
  template <class Visit>
  void for_each(Visit visit) const {
    for (const Slot& slot : slots_) {
      if (slot.term != kNoTerm) visit(slot.tag, slot.term);
    }
  }
  // Releases memory that is reserved for growth.
  void shrink();

  std::size_t bytes() const noexcept { return slots_.capacity() * sizeof(Slot); }

 private:
  struct Slot {
    std::uint32_t tag;
    TermId term;
  };
  static std::uint32_t tag_of(std::uint64_t hash) noexcept { return static_cast<std::uint32_t>(hash >> 32); }
  // The place depends on the tag alone, so that a table can be rebuilt from its slots.
  std::size_t place(std::uint32_t tag) const noexcept {
    return static_cast<std::size_t>((std::uint64_t{tag} * slots_.size()) >> 32);
  }
  std::size_t next(std::size_t at) const noexcept { return at + 1 == slots_.size() ? 0 : at + 1; }
  void rebuild(std::size_t slots);
  void place_slot(Slot slot) noexcept;

  std::vector<Slot> slots_;
  std::size_t used_ = 0;
};

class TermIndex {
 public:
  TermIndex() = default;
  TermIndex(const char* text, std::vector<Term> terms, TermSlots slots, std::vector<Row> rows,
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
  TermSlots slots_;
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
