// Builds the term index of one segment while its records are read.
//
// Most of the work is finding the term number of a value, about a dozen times per record. Most values soon
// occur again at the same path, so each path has small exact caches: recent texts, integers below 1000, and
// one entry each for true, false, null, arrays and objects. Values that are not in a cache wait in a batch.
// The dictionary is larger than the CPU's cache, and 64 lookups whose memory is prefetched together cost
// little more than one.
//
//   add_*()       adds a value of the record being read: a known term, or a lookup that waits
//   commit(row)   the record is accepted: its known terms count; a full batch runs
//   discard()     the record is rejected: both are forgotten
//   finish()      sorts the log of (term, row) by term, which gives the posting lists
//
// The first row of a term is stored in the term and not in the log, because most terms have no other.
// Frequent terms set their bits directly and skip the log.
//
// The rows of each term must arrive in increasing order. Cached terms are counted at commit and pending ones
// when the batch runs, so a term must not be pending for one record and cached for a later one in the same
// batch. Caches gain entries only when a batch runs, which ensures this for equal texts. But a value has many
// spellings, and the cache knows one of them. If a record has another spelling of a value that may be cached
// (42.0, an escape), the batch runs at its commit, before the next record is counted.
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

  // Starts an index. Term offsets count from `text`. Reserves memory for `expected` terms and reuses the
  // memory of the previous index.
  void begin(const char* text, std::size_t expected);

  // What the builder keeps for a path: its caches, which are valid for one index. A Path keeps its address
  // from one index to the next.
  struct Path;
  Path& add_path(PathId path, std::uint64_t hash);

  // Adds the value at `at`, which is at `path` in the record. For a string, `at` is the opening quote, and
  // `length` is that of the raw text between the quotes.
  // REQUIRES: the value is valid and is followed by 64 readable bytes.
  void add_string(Path& path, const char* at, std::uint32_t length, bool escaped);
  void add_number(Path& path, const char* at, std::uint32_t length);
  void add_kind(Path& path, Kind kind, const char* at);

  void commit(Row row);
  // Forgets the terms of a record that is not committed.
  void discard() noexcept {
    if (!cached_terms_.empty() || pending_.size() != committed_) discard_uncommitted();
  }

  // Adds rows to a term directly. For terms that are not made from the values of records, and for records
  // that are copied from another index. Only the upper half of the hash is used.
  // REQUIRES: !rows.empty(); the rows are greater than all rows of the term so far.
  void add_list(std::uint64_t hash, PathId path, const char* at, std::span<const Row> rows);

  // REQUIRES: every added value was committed or rolled back.
  TermIndex finish(std::size_t rows);

  std::size_t terms() const noexcept { return terms_.size(); }

 private:
  static constexpr std::size_t kDedupThreshold = 1 << 16;

  struct Pending {
    std::uint64_t hash;
    const char* at;
    Path* cache;  // nullptr: the value is not to be cached
    PathId path;
    std::uint32_t length;  // of the whole value with its quotes; 0: unknown
    Row row;
  };
  struct Counting {
    std::uint32_t count = 0;
    Row last = kNoRow;
    std::uint64_t* bits = nullptr;  // of a frequent term; otherwise nullptr
  };
  struct Occurrence {
    TermId term;
    Row row;
  };

  void discard_uncommitted() noexcept;
  void add_new_string(Path& path, const char* at, std::uint32_t length, bool escaped);
  static bool equals_small_integer(std::string_view number) noexcept;
  void enqueue_lookup(std::uint64_t hash, Path& path, const char* at, std::uint32_t length, bool cached);
  void mark_dirty(Path& path);
  void run_batch();
  void deduplicate_pending();
  TermId resolve(const Pending& p);
  void cache_term(const Pending& p, TermId term);
  void add_posting(TermId term, Row row);
  void make_frequent(TermId term);
  void grow_bitsets(std::size_t words);

  const HashSeed& seed_;
  const char* text_ = nullptr;
  std::deque<Path> paths_;
  std::vector<Path*> dirty_paths_;    // paths whose caches are to be cleared
  std::vector<TermId> cached_terms_;  // cached terms of the record being read
  std::vector<Pending> pending_;      // pending lookups of that record and of committed ones
  std::size_t caches_made_ = 0;       // bounded, because a text may have a path for every few bytes
  std::size_t committed_ = 0;         // how many of pending_ are committed
  std::size_t dedup_threshold_ = kDedupThreshold;  // repeats are dropped at this many pending lookups
  bool has_other_spelling_ = false;  // the record has another spelling of a value that may be cached
  HashSlots slots_;
  std::vector<Term> terms_;
  std::vector<Counting> counting_;
  std::vector<Occurrence> log_;
  // The bitsets of frequent terms. All have the same size and grow together.
  std::vector<std::pair<TermId, std::unique_ptr<std::uint64_t[]>>> bitsets_;
  std::size_t bitset_words_ = 1024;
  std::string decoded_;
};

struct TermBuilder::Path {
  // The caches of texts and integers are created after a few uses of the path.
  struct Texts {
    TextCache<128> terms;
    std::uint32_t missed = 0;
    std::uint32_t found = 0;
  };
  using Integers = std::array<TermId, 1000>;

  Path(PathId i, std::uint64_t h) noexcept : hash(h), id(i) { kinds.fill(kNoTerm); }
  void reset() noexcept { *this = Path(id, hash); }

  std::unique_ptr<Texts> texts;
  std::unique_ptr<Integers> integers;
  std::uint64_t hash;
  PathId id;
  std::uint32_t uses = 0;  // by strings and small integers, while there is no cache for them
  std::array<TermId, 7> kinds;
  bool texts_useless = false;
  bool dirty = false;
};

inline void TermBuilder::enqueue_lookup(std::uint64_t hash, Path& path, const char* at, std::uint32_t length,
                                        bool cached) {
  pending_.push_back({hash, at, cached ? &path : nullptr, path.id, length, kNoRow});
  if (pending_.size() >= dedup_threshold_) deduplicate_pending();
}

inline void TermBuilder::add_string(Path& path, const char* at, std::uint32_t length, bool escaped) {
  if (path.texts != nullptr && !escaped) {
    const TermId term = path.texts->terms.find(at + 1, length);
    if (term != kNoTerm) {
      ++path.texts->found;
      cached_terms_.push_back(term);
      return;
    }
  }
  add_new_string(path, at, length, escaped);
}

inline void TermBuilder::add_kind(Path& path, Kind kind, const char* at) {
  const TermId term = path.kinds[static_cast<std::size_t>(kind)];
  if (term != kNoTerm) {
    cached_terms_.push_back(term);
  } else {
    enqueue_lookup(hash_kind(seed_, path.hash, kind), path, at, 1, true);
  }
}

}  // namespace syncdex::inline v0
