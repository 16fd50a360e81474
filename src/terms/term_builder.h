// Builds the term index of one segment while its records are read.
//
// The work is in finding a value's term number, about a dozen times a record. Most values come again
// soon at the same path, so each path keeps small exact caches (texts by their first bytes, integers
// below 1000, true/false/null and containers). What they miss waits in a batch: the dictionary is
// larger than the cache, and 64 look-ups whose memory is fetched together cost little more than one.
//
//   add_*()          -> known term numbers, or waiting look-ups, of the record being read
//   commit(row)      the record is good: known terms count; the batch runs when it is full
//   discard()        it is not: both are forgotten
//   finish()         the log of (term, row) is sorted by term: posting lists. A term's first row is not
//                    logged but stands in the term: most terms have no other
//
// Terms that turn out frequent set their bits directly and skip the log.
//
// The rows of each term must come in increasing order. A cache changes only when a batch runs, and a
// batch runs in order, so between two batches a text is either always known or always waits. But one
// value has many texts, and the cache knows one: where another could be a value that it knows (42.0,
// an escape), the batch runs with its record, before the next one counts.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "base/text_cache.h"
#include "terms/term_index.h"

namespace syncdex::inline v0 {

class TermBuilder {
 public:
  TermBuilder() : seed_(hash_seed()) {}

  // Begins an index. `text` is what term offsets count from; `expected` terms are made room for. What
  // the index before has grown is used again.
  void begin(const char* text, std::size_t expected);

  // What the builder keeps of a path: its caches, which hold for one index. It stays where it is, from
  // one index to the next.
  struct Path;
  Path& add_path(PathId path, std::uint64_t hash);

  // The value at `at` stands at `path`. For strings, `at` is the opening quote and `length` that of
  // the raw text between the quotes. REQUIRES: valid; 64 readable bytes behind.
  void add_string(Path& path, const char* at, std::uint32_t length, bool escaped);
  void add_number(Path& path, const char* at, std::uint32_t length);
  void add_kind(Path& path, Kind kind, const char* at);

  void commit(Row row);
  // Forgets the terms of a record that is not committed.
  void discard() noexcept {
    if (!known_.empty() || waiting_.size() != committed_) discard_uncommitted();
  }

  // A term for rows that are known: beside those that the records' values make, or of records that another
  // index holds already. Of the hash, the upper half counts.
  // REQUIRES: !rows.empty(); they are behind all that the term has
  void add_list(std::uint64_t hash, PathId path, const char* at, std::span<const Row> rows);

  // REQUIRES: nothing uncommitted.
  TermIndex finish(std::size_t rows);

  std::size_t terms() const noexcept { return terms_.size(); }

 private:
  static constexpr std::size_t kCrowded = 1 << 16;

  struct Pending {
    std::uint64_t hash;
    const char* at;
    Path* cache;  // nullptr: the value is not cached
    PathId path;
    std::uint32_t length;  // of the whole value, quotes too; 0: not known yet
    Row row;
  };
  struct Counting {
    std::uint32_t count = 0;
    Row last = kNoRow;
    std::uint64_t* bits = nullptr;  // of a frequent term
  };
  struct Occurrence {
    TermId term;
    Row row;
  };

  void discard_uncommitted() noexcept;
  void add_new_string(Path& path, const char* at, std::uint32_t length, bool escaped);
  static bool is_small_in_disguise(std::string_view number) noexcept;
  void wait(std::uint64_t hash, Path& path, const char* at, std::uint32_t length, bool cached);
  void touch(Path& path);
  void run_batch();
  void drop_repeats();
  TermId resolve(const Pending& p);
  void remember(const Pending& p, TermId term);
  void count(TermId term, Row row);
  void make_frequent(TermId term);
  void grow_bitsets(std::size_t words);

  const HashSeed& seed_;
  const char* text_ = nullptr;
  std::deque<Path> paths_;
  std::vector<Path*> touched_;    // those that have something to forget
  std::vector<TermId> known_;     // of the record being read
  std::vector<Pending> waiting_;  // of it, and of committed ones
  std::size_t caches_made_ = 0;   // bounded: a text may have a path for every few bytes
  std::size_t committed_ = 0;     // how many of those are committed
  std::size_t crowd_ = kCrowded;  // with so many waiting, repeats are dropped
  bool in_disguise_ = false;      // the record holds another spelling of what a cache may know
  TermSlots slots_;
  std::vector<Term> terms_;
  std::vector<Counting> counting_;
  std::vector<Occurrence> log_;
  // Bitsets of frequent terms, all of one size; they grow together.
  std::vector<std::pair<TermId, std::unique_ptr<std::uint64_t[]>>> bitsets_;
  std::size_t bitset_words_ = 1024;
  std::string decoded_;
};

struct TermBuilder::Path {
  // Caches of texts and integers are made when the path has been used a few times.
  struct Texts {
    TextCache<128> terms;
    std::uint32_t missed = 0;
    std::uint32_t found = 0;
  };
  using Integers = std::array<TermId, 1000>;

  Path(PathId i, std::uint64_t h) noexcept : hash(h), id(i) { kinds.fill(kNoTerm); }
  void forget() noexcept { *this = Path(id, hash); }

  std::unique_ptr<Texts> texts;
  std::unique_ptr<Integers> integers;
  std::uint64_t hash;
  PathId id;
  std::uint32_t uses = 0;  // by strings and small integers that no cache knew
  std::array<TermId, 7> kinds;
  bool texts_useless = false;
  bool touched = false;
};

inline void TermBuilder::wait(std::uint64_t hash, Path& path, const char* at, std::uint32_t length,
                              bool cached) {
  waiting_.push_back({hash, at, cached ? &path : nullptr, path.id, length, kNoRow});
  if (waiting_.size() >= crowd_) drop_repeats();
}

inline void TermBuilder::add_string(Path& path, const char* at, std::uint32_t length, bool escaped) {
  if (path.texts != nullptr && !escaped) {
    const TermId term = path.texts->terms.find(at + 1, length);
    if (term != kNoTerm) {
      ++path.texts->found;
      known_.push_back(term);
      return;
    }
  }
  add_new_string(path, at, length, escaped);
}

inline void TermBuilder::add_kind(Path& path, Kind kind, const char* at) {
  const TermId term = path.kinds[static_cast<std::size_t>(kind)];
  if (term != kNoTerm) {
    known_.push_back(term);
  } else {
    wait(hash_kind(seed_, path.hash, kind), path, at, 1, true);
  }
}

}  // namespace syncdex::inline v0
