// The dictionary of a segment's terms, and a posting list for each.
//
// A TERM is a path and a scalar (metadata.plan.tier = "growth"), or a path and the kind of container
// that stands there (metadata.tags is an array). What containment does not see, a term leaves out:
// array positions, and how a value is spelled.
//
//   slots    hash -> term number          open addressing, 32 bits of the hash beside the number
//   terms    path, where the value first stands in the text, count, list
//   lists    sorted rows, or a bitset (posting_list.h); a single row stands in the term itself
//
// No value is stored: equality is proved against the text, at the place where the value first stood.
// So a look-up is exact, whatever the hashes do.
//
// Knows nothing of queries, records or Boost.
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

// A term as a query has it: the value is decoded text, or the text of a number.
struct TermKey {
  std::uint64_t hash = 0;  // of which only the upper half is looked at
  PathId path = kNoPath;
  Kind kind = Kind::null;
  std::string_view text;
};

std::uint64_t hash_text_value(const HashSeed& seed, std::uint64_t path_hash,
                              std::string_view decoded) noexcept;
std::uint64_t hash_number(const HashSeed& seed, std::uint64_t path_hash, std::string_view number) noexcept;
// null, true, false, and the containers.
std::uint64_t hash_kind(const HashSeed& seed, std::uint64_t path_hash, Kind kind) noexcept;

inline std::uint64_t hash_term(const HashSeed& seed, std::uint64_t path_hash, Kind kind,
                               std::string_view text) noexcept {
  if (kind == Kind::string) return hash_text_value(seed, path_hash, text);
  if (kind == Kind::number) return hash_number(seed, path_hash, text);
  return hash_kind(seed, path_hash, kind);
}

struct Term {
  PathId path;
  std::uint32_t offset;  // of the value's first byte in the segment's text
  std::uint32_t count;   // rows that hold it
  std::uint32_t where;   // count 1: the row; else where its list begins, see kBits
  static constexpr std::uint32_t kBits = 0x8000'0000;  // where counts bitsets, else rows
};

// Where term numbers are looked up by hash. Holds no terms: the caller proves equality.
class TermSlots {
 public:
  TermSlots() : TermSlots(1024) {}
  explicit TermSlots(std::size_t expected);

  void prefetch(std::uint64_t hash) const noexcept { __builtin_prefetch(&slots_[place(tag_of(hash))]); }

  // The first candidate for which same(term) holds, or kNoTerm.
  template <class Same>
  TermId find(std::uint64_t hash, Same same) const {
    const std::uint32_t tag = tag_of(hash);
    for (std::size_t at = place(tag);; at = next(at)) {
      const Slot slot = slots_[at];
      if (slot.term == kNoTerm) return kNoTerm;
      if (slot.tag == tag && same(slot.term)) return slot.term;
    }
  }
  // The first term that the hash alone suggests; a guess, to prefetch by.
  TermId guess(std::uint64_t hash) const noexcept {
    return find(hash, [](TermId) { return true; });
  }
  // REQUIRES: no equal term is in.
  void insert(std::uint64_t hash, TermId term);
  // Calls take(upper half of the hash, term) for each term.
  template <class Take>
  void for_each(Take take) const {
    for (const Slot& slot : slots_) {
      if (slot.term != kNoTerm) take(slot.tag, slot.term);
    }
  }
  // Gives memory back that is only good for further growth.
  void shrink();

  std::size_t bytes() const noexcept { return slots_.capacity() * sizeof(Slot); }

 private:
  struct Slot {
    std::uint32_t tag;
    TermId term;
  };
  static std::uint32_t tag_of(std::uint64_t hash) noexcept { return static_cast<std::uint32_t>(hash >> 32); }
  // The tag alone decides the place, so that a table can be rebuilt from its slots.
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

  // The term's number, or kNoTerm.
  TermId find(const TermKey& key) const noexcept;

  // Calls take(upper half of the hash, term) for each term, in no order.
  template <class Take>
  void for_each(Take take) const {
    slots_.for_each(take);
  }

  std::size_t size() const noexcept { return terms_.size(); }
  std::span<const Term> terms() const noexcept { return terms_; }
  // The rows that hold the term.
  PostingList list(TermId term) const noexcept;

  std::size_t term_bytes() const noexcept { return terms_.capacity() * sizeof(Term) + slots_.bytes(); }
  std::size_t posting_bytes() const noexcept {
    return rows_.capacity() * sizeof(Row) + bits_.capacity() * sizeof(std::uint64_t);
  }

  // Makes the path numbers those of a larger table.
  void renumber_paths(std::span<const PathId> to);

 private:
  const char* text_ = nullptr;
  std::vector<Term> terms_;
  TermSlots slots_;
  std::vector<Row> rows_;
  std::vector<std::uint64_t> bits_;
  std::size_t words_ = 0;  // of one bitset
};

// Whether the value that stands at `stored` is the key's. REQUIRES: `stored` is the first byte of a
// valid value.
bool same_value(const char* stored, const TermKey& key) noexcept;

// The text of the value that begins at p; of an array or an object, only what opens it. REQUIRES: the same
std::string_view value_text(const char* p) noexcept;

// The text of the number that begins at p. REQUIRES: valid, and followed by what ends it.
std::string_view number_at(const char* p) noexcept;

}  // namespace syncdex::inline v0
