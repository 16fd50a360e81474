#include "terms/term_builder.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>
#include <tuple>

#include "json/json_text.h"

namespace syncdex::inline v0 {
namespace {

constexpr std::size_t kBatch = 64;
// A path gets its caches at this many uses. With fewer uses they would cost more than they save.
constexpr std::uint32_t kCacheFrom = 8;
// At most this many caches, 1 MiB in all: a text may have many paths.
constexpr std::size_t kMostCaches = 256;
// A text cache is switched off if, after this many misses, it has less than a third as many hits.
constexpr std::uint32_t kTrial = 768;
// A term in this many rows sets its bits directly from then on, if it is dense enough for a bitset.
constexpr std::uint32_t kFrequent = 2048;

// The value of a text of one to three digits without a leading zero, or -1.
int small_integer(const char* p, std::uint32_t length) noexcept {
  if (length > 3 || !is_digit(p[0]) || (p[0] == '0' && length > 1)) return -1;
  int value = 0;
  for (std::uint32_t i = 0; i < length; ++i) {
    if (!is_digit(p[i])) return -1;
    value = value * 10 + (p[i] - '0');
  }
  return value;
}

}  // namespace

void TermBuilder::begin(const char* text, std::size_t expected) {
  text_ = text;
  for (Path* path : dirty_paths_) path->reset();
  dirty_paths_.clear();
  caches_made_ = 0;
  cached_terms_.clear();
  pending_.clear();
  committed_ = 0;
  dedup_threshold_ = kDedupThreshold;
  has_other_spelling_ = false;
  slots_ = HashSlots(expected);
  terms_.clear();
  terms_.reserve(expected);
  counting_.clear();
  log_.clear();
  bitsets_.clear();
}

TermBuilder::Path& TermBuilder::add_path(PathId path, std::uint64_t hash) {
  return paths_.emplace_back(path, hash);
}

// Registers the path so that the next begin() clears its caches.
inline void TermBuilder::mark_dirty(Path& path) {
  if (path.dirty) return;
  dirty_paths_.push_back(&path);
  path.dirty = true;
}

// Adds a string that was not found in a cache.
void TermBuilder::add_new_string(Path& path, const char* at, std::uint32_t length, bool escaped) {
  const char* const raw = at + 1;
  mark_dirty(path);
  if (escaped) {
    decoded_.clear();
    append_decoded({raw, length}, decoded_);
    has_other_spelling_ = true;
    return enqueue_lookup(hash_text_value(seed_, path.hash, decoded_), path, at, length + 2, false);
  }
  if (path.texts != nullptr) {
    Path::Texts& texts = *path.texts;
    if (++texts.missed == kTrial) {
      if (texts.found < kTrial / 3) {
        path.texts_useless = true;
        path.texts.reset();
        --caches_made_;
      } else {
        texts.missed = texts.found = 0;
      }
    }
  } else if (!path.texts_useless && ++path.uses >= kCacheFrom && caches_made_ < kMostCaches) {
    ++caches_made_;
    path.texts = std::make_unique<Path::Texts>();
  }
  enqueue_lookup(hash_text_value(seed_, path.hash, {raw, length}), path, at, length + 2,
                 path.texts != nullptr);
}

void TermBuilder::add_number(Path& path, const char* at, std::uint32_t length) {
  const int small = small_integer(at, length);
  if (small >= 0) {
    mark_dirty(path);
    if (path.integers != nullptr) {
      const TermId term = (*path.integers)[static_cast<std::size_t>(small)];
      if (term != kNoTerm) {
        cached_terms_.push_back(term);
        return;
      }
    } else if (++path.uses >= kCacheFrom && caches_made_ < kMostCaches) {
      ++caches_made_;
      path.integers = std::make_unique<Path::Integers>();
      path.integers->fill(kNoTerm);
    }
  }
  if (small < 0 && equals_small_integer({at, length})) has_other_spelling_ = true;
  enqueue_lookup(hash_number(seed_, path.hash, {at, length}), path, at, length, small >= 0);
}

// Whether a number that is not spelled as a small integer equals one, as 42.0 does.
bool TermBuilder::equals_small_integer(std::string_view number) noexcept {
  if (std::ranges::all_of(number, is_digit)) return false;
  const Decimal d = parse_decimal(number);
  return !d.negative && d.point <= 3 && d.point >= static_cast<std::int64_t>(d.count);
}

void TermBuilder::commit(Row row) {
  for (const TermId term : cached_terms_) add_posting(term, row);
  cached_terms_.clear();
  for (std::size_t i = committed_; i < pending_.size(); ++i) pending_[i].row = row;
  committed_ = pending_.size();
  if (committed_ >= kBatch || has_other_spelling_) run_batch();
  has_other_spelling_ = false;
}

void TermBuilder::discard_uncommitted() noexcept {
  cached_terms_.clear();
  pending_.erase(pending_.begin() + static_cast<std::ptrdiff_t>(committed_), pending_.end());
  dedup_threshold_ = kDedupThreshold;
  has_other_spelling_ = false;
}

void TermBuilder::run_batch() {
  for (const Pending& p : pending_) slots_.prefetch(tag_of(p.hash));
  TermId guesses[kBatch];
  const std::size_t ahead = std::min(pending_.size(), kBatch);
  for (std::size_t i = 0; i < ahead; ++i) {
    guesses[i] = slots_.guess(tag_of(pending_[i].hash));
    if (guesses[i] != kNoTerm) {
      __builtin_prefetch(&terms_[guesses[i]]);
      __builtin_prefetch(&counting_[guesses[i]], 1);
    }
  }
  for (std::size_t i = 0; i < ahead; ++i) {
    if (guesses[i] != kNoTerm) __builtin_prefetch(text_ + terms_[guesses[i]].offset);
  }
  for (const Pending& p : pending_) {
    const TermId term = resolve(p);
    if (p.cache != nullptr) cache_term(p, term);
    add_posting(term, p.row);
  }
  pending_.clear();
  committed_ = 0;
  dedup_threshold_ = kDedupThreshold;
}

// One record may repeat a value a million times. Keeps one lookup of each value of the current record.
void TermBuilder::deduplicate_pending() {
  const auto first = pending_.begin() + static_cast<std::ptrdiff_t>(committed_);
  const auto text = [](const Pending& p) { return std::string_view(p.at, p.length); };
  std::sort(first, pending_.end(), [&](const Pending& a, const Pending& b) {
    if (a.hash != b.hash) return a.hash < b.hash;
    const int texts = text(a).compare(text(b));
    return texts != 0 ? texts < 0 : std::tie(a.path, a.at) < std::tie(b.path, b.at);
  });
  const auto same = [&](const Pending& a, const Pending& b) {
    return a.hash == b.hash && a.path == b.path && a.length != 0 && text(a) == text(b);
  };
  pending_.erase(std::unique(first, pending_.end(), same), pending_.end());
  // Inserted in the order of their hashes, they would fill the dictionary from one end and collide.
  std::sort(first, pending_.end(), [](const Pending& a, const Pending& b) { return a.at < b.at; });
  dedup_threshold_ = std::max(kDedupThreshold, 2 * pending_.size());
}

TermId TermBuilder::resolve(const Pending& p) {
  const TermId found = slots_.find(tag_of(p.hash), [&](TermId candidate) {
    const Term& term = terms_[candidate];
    if (term.path != p.path) return false;
    const char* const stored = text_ + term.offset;
    const Kind kind = kind_of(*p.at);
    if (kind_of(*stored) != kind) return false;
    const std::size_t length = p.length != 0 ? p.length : value_text(p.at).size();
    if (kind == Kind::string) {
      // A raw string with its closing quote is a prefix of another one only if they are equal. The stored
      // string comes first in the text, so at least as many readable bytes follow it.
      if (stored < p.at && std::memcmp(stored, p.at, length) == 0) return true;
      decoded_.clear();
      append_decoded(raw_string(p.at), decoded_);
      return same_string(raw_string(stored), decoded_);
    }
    if (kind == Kind::number) return equal(parse_decimal(number_at(stored)), parse_decimal({p.at, length}));
    return true;
  });
  if (found != kNoTerm) return found;
  const auto term = static_cast<TermId>(terms_.size());
  terms_.push_back({p.path, static_cast<std::uint32_t>(p.at - text_), 0, p.row});
  counting_.emplace_back();
  slots_.insert(tag_of(p.hash), term);
  return term;
}

void TermBuilder::cache_term(const Pending& p, TermId term) {
  Path& c = *p.cache;
  mark_dirty(c);
  const Kind kind = kind_of(*p.at);
  if (kind == Kind::string) {
    if (c.texts != nullptr) c.texts->terms.put(p.at + 1, p.length - 2, term);
  } else if (kind == Kind::number) {
    const int small = small_integer(p.at, p.length);
    if (c.integers != nullptr && small >= 0) (*c.integers)[static_cast<std::size_t>(small)] = term;
  } else {
    c.kinds[static_cast<std::size_t>(kind)] = term;
  }
}

inline void TermBuilder::add_posting(TermId term, Row row) {
  Counting& c = counting_[term];
  if (c.last == row) return;  // a repeated value in one record: ["a","a"]
  c.last = row;
  if (++c.count == 1) return;  // resolve() stored this row in the term
  if (c.bits != nullptr) {
    if (row / 64 >= bitset_words_) grow_bitsets(row / 64 + 1);
    set_bit(c.bits, row);
    return;
  }
  log_.push_back({term, row});
  if (c.count >= kFrequent && is_dense_enough(c.count, row + std::size_t{1})) make_frequent(term);
}

void TermBuilder::make_frequent(TermId term) {
  bitsets_.emplace_back(term, std::make_unique<std::uint64_t[]>(bitset_words_));
  counting_[term].bits = bitsets_.back().second.get();
}

void TermBuilder::grow_bitsets(std::size_t words) {
  words = std::max(words, bitset_words_ * 2);
  for (auto& [term, bits] : bitsets_) {
    auto larger = std::make_unique<std::uint64_t[]>(words);
    std::copy_n(bits.get(), bitset_words_, larger.get());
    bits = std::move(larger);
    counting_[term].bits = bits.get();
  }
  bitset_words_ = words;
}

void TermBuilder::add_list(std::uint64_t hash, PathId path, const char* at, std::span<const Row> rows) {
  if (!pending_.empty()) run_batch();
  const TermId term = resolve({hash, at, nullptr, path, 0, rows.front()});
  for (const Row row : rows) add_posting(term, row);
}

TermIndex TermBuilder::finish(std::size_t rows) {
  assert(cached_terms_.empty() && committed_ == pending_.size());
  run_batch();
  const std::size_t words = words_for(rows);

  // First the place of each list, then its rows: a counting sort by term, which keeps the order of the rows.
  std::size_t sparse = 0;
  std::size_t dense = 0;
  for (std::size_t i = 0; i < terms_.size(); ++i) {
    Term& term = terms_[i];
    term.count = counting_[i].count;
    if (term.count == 1) continue;
    if (is_dense_enough(term.count, rows)) {
      ++dense;
    } else {
      sparse += term.count;
    }
  }
  std::vector<Row> lists(sparse);
  std::vector<std::uint64_t> bits(dense * words);
  sparse = dense = 0;
  for (std::size_t i = 0; i < terms_.size(); ++i) {
    Term& term = terms_[i];
    if (term.count == 1) continue;
    const Row first = term.where;
    if (is_dense_enough(term.count, rows)) {
      term.where = static_cast<std::uint32_t>(dense) | Term::kBits;
      set_bit(bits.data() + dense++ * words, first);
    } else {
      term.where = static_cast<std::uint32_t>(sparse);
      lists[sparse] = first;
      sparse += term.count;
    }
  }
  // The number of rows in each list so far. The first row is already there.
  std::vector<std::uint32_t> filled(terms_.size(), 1);
  // A term's rows are logged until its bits are set directly, so an array begins with the logged rows.
  for (const Occurrence& o : log_) {
    const std::uint32_t where = terms_[o.term].where;
    if ((where & Term::kBits) != 0) {
      set_bit(bits.data() + std::size_t{where & ~Term::kBits} * words, o.row);
    } else {
      lists[where + filled[o.term]++] = o.row;
    }
  }
  const std::size_t used = std::min(words, bitset_words_);
  for (const auto& [id, set] : bitsets_) {
    const Term& term = terms_[id];
    if ((term.where & Term::kBits) != 0) {
      std::uint64_t* const to = bits.data() + std::size_t{term.where & ~Term::kBits} * words;
      for (std::size_t w = 0; w < used; ++w) to[w] |= set[w];
    } else {  // the term was frequent at first but is sparse in the end
      for (std::size_t w = 0; w < used; ++w) {
        for (std::uint64_t word = set[w]; word != 0; word &= word - 1) {
          lists[term.where + filled[id]++] =
              static_cast<Row>(w * 64) + static_cast<Row>(std::countr_zero(word));
        }
      }
    }
  }
  terms_.shrink_to_fit();
  slots_.shrink();
  return {text_, std::move(terms_), std::move(slots_), std::move(lists), std::move(bits), words};
}

}  // namespace syncdex::inline v0
