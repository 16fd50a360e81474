// An immutable run of records with its own indexes. Loads build segments, changes add them, and merges
// combine them. A catalog is a few segments.
//
//   text      the records' bytes, shared with the owner of the loaded text; never copied here
//   extents   where each record begins in the text, and its length: a response is a walk over these
//   metadata  where each record's metadata begins: rechecks read it
//   table     ids, providers, names, statuses (record_table.h)
//   terms     all indexed values (term_index.h)
//
// Offsets are 32 bits and count from the segment's own text, so a segment holds less than 2 GiB.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash_filter.h"
#include "base/input.h"
#include "json/json_text.h"
#include "store/ordered_views.h"
#include "store/path_values.h"
#include "store/record_table.h"
#include "terms/path_table.h"
#include "terms/posting_list.h"
#include "terms/term_index.h"

namespace syncdex::inline v0 {

// How large segments become. An insert into so many rows stays in the CPU's cache, and the hash tables of the
// segment are well filled.
constexpr std::size_t kFullSegmentRows = 98'304;
// Offsets have 31 bits. So the last record of a segment begins within this many bytes, and no record is
// longer.
constexpr std::uint64_t kFullSegmentBytes = std::uint64_t{1} << 30;

// A segment whose text is this small has no posting lists for provider and status: the record table answers.
constexpr std::size_t kShortGroupBytes = 16 << 10;
// The maximum length of a group in such a segment: its records have at least the bytes
// {"id":"1","status":""}.
constexpr std::size_t kShortGroupRows = kShortGroupBytes / 22 + 1;
// A name of more records than this has a posting list.
constexpr std::size_t kMaxUnlistedNames = 16;

// What is looked up in a segment: a value at a path.
struct ValueKey {
  TermKey term;
  Role role = Role::none;       // of its path
  std::uint32_t text_hash = 0;  // of a string: short_hash()

  // Ids and names are found by their text, everything else as a term.
  bool is_by_text() const noexcept {
    return term.kind == Kind::string && (role == Role::id || role == Role::name);
  }
  // By which a segment's filter knows the value; equal values have equal hashes in all segments.
  std::uint32_t hash() const noexcept {
    return is_by_text() ? text_hash : static_cast<std::uint32_t>(term.hash >> 32);
  }
};

// Memory for the rows that the record table finds for one query: no more than one id, one name, one provider
// and one status. Nothing is initialised before it is used.
class RowBuffer {
 public:
  RowBuffer() noexcept {}
  RowBuffer(const RowBuffer&) = delete;
  RowBuffer& operator=(const RowBuffer&) = delete;

  void clear() noexcept { used_ = 0; }
  // Room for `most` rows, which stays valid until clear().
  Row* allocate(std::size_t most) noexcept {
    assert(most <= std::size(room_) - used_);
    Row* const rows = room_ + used_;
    used_ += most;
    return rows;
  }

 private:
  std::size_t used_ = 0;
  Row room_[1 + kMaxUnlistedNames + 2 * kShortGroupRows];
};

// How far ahead a loop that reads records calls Segment::prefetch_text().
constexpr std::size_t kRecordsAhead = 4;

// Where a record is in its segment's text.
struct Extent {
  std::uint32_t begin;
  std::uint32_t length;
};

class Segment {
 public:
  ~Segment();
  Segment(const Segment&) = delete;
  Segment& operator=(const Segment&) = delete;

  std::size_t size() const noexcept { return extents_.size(); }

  // By row.
  const Extent* extents() const noexcept { return extents_.data(); }

  // REQUIRES (all below): row < size()
  const char* begin(Row row) const noexcept { return text_.text + extents_[row].begin; }
  std::string_view json(Row row) const noexcept { return {begin(row), extents_[row].length}; }
  const Entry& entry(Row row) const noexcept { return table_->entry(row); }
  const SegmentText& text() const noexcept { return text_; }
  std::string_view health_status(Row row) const noexcept;
  // The '{' of the record's metadata, or nullptr if it is not known: missing, null, or far from the record's
  // beginning. REQUIRES: the record has no duplicate keys.
  const char* metadata(Row row) const noexcept {
    return metadata_[row] == kUnknownOffset ? nullptr : begin(row) + metadata_[row];
  }

  // Starts to fetch what is read first of the record's text, or of its metadata. What a scan looks for at
  // byte 300 of 1100 is found in 0.15 us a record with it, and in 0.42 without. Always inlined: g++ takes a
  // function that only prefetches for one without an effect, and drops the call.
  [[gnu::always_inline]] void prefetch_text(Row row, bool in_metadata) const noexcept {
    const std::uint32_t from = in_metadata && metadata_[row] != kUnknownOffset ? metadata_[row] : 0;
    const auto text = reinterpret_cast<std::uintptr_t>(begin(row) + from);
    for (std::uintptr_t line = 0; line < 8; ++line) {
      __builtin_prefetch(reinterpret_cast<const char*>(text + 64 * line));  // perhaps behind the text
    }
  }

  // Whether the record has a duplicate key. If so, its terms include values that do not count.
  bool has_duplicate_keys(Row row) const noexcept;
  const std::vector<Row>& rows_with_duplicate_keys() const noexcept { return duplicate_keys_; }

  // --- values: whether the record table or the term index has them is known here alone ---

  // With short_hash(id).
  std::optional<Row> find_id(std::string_view id, std::uint32_t hash) const noexcept {
    return filter_.may_contain(hash) ? table_->find_id(id, hash) : std::nullopt;
  }
  // The rows that hold the value, increasing; records with duplicate keys may be among them that only held it
  // in a lost value. `buffer` has the rows that no posting list has. `term` becomes the number of the posting
  // list, or kNoTerm.
  PostingList list(const ValueKey& key, RowBuffer& buffer, TermId& term) const;
  // Calls visit(hash) with ValueKey::hash() of every value that list() finds; of ids and names, for the rows
  // for which is_wanted(row) is true. `root` is the hash of the root path.
  template <class IsWanted, class Visit>
  void for_each_hash(std::uint64_t root, IsWanted is_wanted, Visit visit) const;
  // What the segment holds at an indexed path with this role. Made in O(terms + records), unless it was asked
  // for before; `own` keeps it alive if there is no room to keep it here.
  const PathValues& values_at(PathId path, Role role, std::unique_ptr<const PathValues>& own) const;
  // These, if they are kept here already; otherwise null.
  const PathValues* kept_values_at(PathId path) const noexcept { return path_values_.find(path); }
  std::size_t path_values_bytes() const noexcept { return path_values_.bytes(); }
  // How many scalars for_each_scalar() visits.
  std::size_t count_scalars(const PathValues& values, Role role) const noexcept {
    return values.terms.size() + (table_field(role) != nullptr ? size() : 0);
  }
  // Calls visit(kind, text, rows), until it returns false, for each scalar at the path of these values: the
  // distinct ones, or of strings in the record table each one, with its row. `text` is decoded, and valid
  // only during the call.
  template <class Visit>
  void for_each_scalar(const PathValues& values, Role role, Visit visit) const;
  // Fetches ahead what look-ups under this hash touch first: short_hash(id), or ValueKey::hash().
  void prefetch(std::uint32_t hash) const noexcept { filter_.prefetch(hash); }

  const TermIndex& terms() const noexcept { return terms_; }
  // The ordered views that queries have made.
  const OrderedViews& views() const noexcept { return views_; }

  std::size_t text_bytes() const noexcept { return text_bytes_; }
  std::size_t table_bytes() const noexcept;
  const RecordTable& table() const noexcept { return *table_; }

  // Declares that only this segment uses its text. The text's memory is then returned to the system with the
  // segment, even if other segments still use the rest of the loaded memory.
  void own_text() noexcept { owns_text_ = true; }
  void renumber_paths(std::span<const PathId> to) { terms_.renumber_paths(to); }

 private:
  friend class SegmentBuilder;
  friend class SegmentValues;
  Segment() = default;

  PostingList find_term(const TermKey& key, TermId& term) const noexcept {
    term = terms_.find(key);
    return term == kNoTerm ? PostingList() : terms_.list(term);
  }
  PostingList find_name(const ValueKey& key, RowBuffer& buffer, TermId& term) const;
  PostingList find_short_group(const ValueKey& key, RowBuffer& buffer) const;

  // Where the record table keeps the strings of this field. Null if they are terms.
  StringRef Entry::*table_field(Role role) const noexcept {
    switch (role) {
      case Role::id: return &Entry::id;
      case Role::name: return &Entry::name;
      case Role::provider: return short_groups_ ? &Entry::provider : nullptr;
      case Role::status: return short_groups_ ? &Entry::status : nullptr;
      default: return nullptr;
    }
  }
  std::unique_ptr<PathValues> make_values(PathId path, Role role) const;

  static constexpr std::uint16_t kUnknownOffset = 0xFFFF;

  StringRef find_escaped_health(Row row) const noexcept;

  std::shared_ptr<const void> owner_;
  SegmentText text_;
  std::size_t text_bytes_ = 0;
  bool owns_text_ = false;
  std::string decoded_;  // strings that had escapes, each after its length
  std::vector<Extent> extents_;
  std::vector<std::uint16_t> metadata_;  // the offset in the record, or kUnknownOffset
  HashFilter filter_;                    // ids, names and terms
  std::unique_ptr<RecordTable> table_;
  TermIndex terms_;
  std::vector<Row> duplicate_keys_;
  // health.status is read from the text, except where it had escapes.
  std::vector<std::pair<Row, StringRef>> escaped_health_;
  bool short_groups_ = false;
  mutable PathValuesCache path_values_;
  OrderedViews views_;
};

// Inlined, like list(): the calls would cost a tenth of a count.
[[gnu::always_inline]] inline PostingList Segment::find_name(const ValueKey& key, RowBuffer& buffer,
                                                             TermId& term) const {
  Row* const rows = buffer.allocate(kMaxUnlistedNames);
  std::uint32_t n = 0;
  table_->for_each_name(key.term.text, key.text_hash, [&](Row row) {
    if (n == kMaxUnlistedNames) {
      n = 0;  // a longer group has a posting list
      return false;
    }
    rows[n++] = row;
    return true;
  });
  if (n == 0) return find_term(key.term, term);
  if (n > 1) std::sort(rows, rows + n);
  return {n, rows};
}

[[gnu::always_inline]] inline PostingList Segment::list(const ValueKey& key, RowBuffer& buffer,
                                                        TermId& term) const {
  term = kNoTerm;
  const bool text = key.term.kind == Kind::string;
  if (short_groups_ && text && (key.role == Role::provider || key.role == Role::status)) {
    return find_short_group(key, buffer);
  }
  if (!filter_.may_contain(key.hash())) return {};
  if (text && key.role == Role::id) {
    const auto row = table_->find_id(key.term.text, key.text_hash);
    if (!row) return {};
    Row* const rows = buffer.allocate(1);
    *rows = *row;
    return {1, rows};
  }
  return text && key.role == Role::name ? find_name(key, buffer, term) : find_term(key.term, term);
}

template <class IsWanted, class Visit>
void Segment::for_each_hash(std::uint64_t root, IsWanted is_wanted, Visit visit) const {
  terms_.for_each([&](std::uint32_t hash, TermId) { visit(hash); });
  for (Row row = 0; row < size(); ++row) {
    if (!is_wanted(row)) continue;
    visit(entry(row).id_hash);
    visit(entry(row).name_hash);
  }
  if (!short_groups_) return;
  const auto visit_groups = [&](std::string_view key, const std::vector<StringRef>& values) {
    const std::uint64_t path = child_path_hash(hash_seed(), root, {key, false});
    for (const StringRef value : values) {
      visit(static_cast<std::uint32_t>(hash_text_value(hash_seed(), path, text_.view(value)) >> 32));
    }
  };
  visit_groups("provider", table_->providers());
  visit_groups("status", table_->statuses());
}

template <class Visit>
void Segment::for_each_scalar(const PathValues& values, Role role, Visit visit) const {
  std::string decoded;
  for (const TermId term : values.terms) {
    const char* const value = text_.text + terms_.terms()[term].offset;
    const Kind kind = kind_of(*value);
    std::string_view text = kind == Kind::number ? number_at(value) : std::string_view();
    if (kind == Kind::string) {
      text = raw_string(value);
      if (text.find('\\') != text.npos) {
        decoded.clear();
        append_decoded(text, decoded);
        text = decoded;
      }
    }
    if (!visit(kind, text, terms_.list(term))) return;
  }
  StringRef Entry::*const field = table_field(role);
  for (Row row = 0; field != nullptr && row < size(); ++row) {
    const StringRef ref = entry(row).*field;
    if (ref.is_string() && !visit(Kind::string, text_.view(ref), PostingList(1, &row))) return;
  }
}

// The JSON text of a top-level member of a record; of a duplicate key, the last value.
std::optional<std::string_view> find_member(std::string_view record, std::string_view key) noexcept;

}  // namespace syncdex::inline v0
