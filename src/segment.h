// An immutable run of records with its own indexes: the unit that loads build, that changes add and
// that merges join. A catalog is a few of them.
//
//   text      the records' bytes, shared with whoever loaded them; never copied here
//   extents   where each record begins in it, and how long it is: a response is a walk over these
//   metadata  where its metadata begins: what rechecks look at
//   table     ids, providers, names, statuses (record_table.h)
//   terms     all indexed values (term_index.h)
//
// Offsets are 32 bits and count from the segment's own text, so a segment holds less than 2 GiB.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hash_filter.h"
#include "input.h"
#include "path_table.h"
#include "posting_list.h"
#include "record_reader.h"
#include "record_table.h"
#include "term_index.h"
#include "text_cache.h"

namespace syncdex::inline v0 {

// A text this small makes no posting lists for provider and status: the record table answers.
constexpr std::size_t kShortGroupBytes = 16 << 10;
// So no group in such a segment is longer than this: a record takes at least {"id":"1"} and a comma.
constexpr std::size_t kShortGroupRows = kShortGroupBytes / 11 + 1;
// A name that more records than this bear has a posting list.
constexpr std::size_t kCrowd = 16;

// Where a record stands in its segment's text.
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
  // The '{' of the record's metadata; nullptr where that is not known: there is none, it is null, or it
  // stands far from the record's begin. REQUIRES: no key stands twice in the record
  const char* metadata(Row row) const noexcept {
    return metadata_[row] == kFar ? nullptr : begin(row) + metadata_[row];
  }

  // Some key stands twice in an object of the record: its terms promise too much.
  bool has_duplicate_keys(Row row) const noexcept;
  const std::vector<Row>& rows_with_duplicate_keys() const noexcept { return duplicate_keys_; }

  // By id and by name, with the hash of the text: short_hash(). Names of more than kCrowd records have a
  // posting list instead.
  std::optional<Row> find_id(std::string_view id, std::uint32_t hash) const noexcept {
    return filter_.may_hold(hash) ? table_->find_id(id, hash) : std::nullopt;
  }
  // Whether there may be an id or a name with this hash, or a term with this upper half of one.
  bool may_hold(std::uint32_t hash) const noexcept { return filter_.may_hold(hash); }
  void prefetch(std::uint32_t hash) const noexcept { filter_.prefetch(hash); }

  const RecordTable& table() const noexcept { return *table_; }
  const TermIndex& terms() const noexcept { return terms_; }
  bool short_groups() const noexcept { return short_groups_; }

  std::size_t text_bytes() const noexcept { return text_bytes_; }
  std::size_t table_bytes() const noexcept;

  // From now on the text is this segment's alone: its memory goes back to the system with the segment, though
  // others still stand in the rest of what was loaded.
  void own_text() noexcept { owns_text_ = true; }
  void renumber_paths(std::span<const PathId> to) { terms_.renumber_paths(to); }

 private:
  friend class SegmentBuilder;
  Segment() = default;

  static constexpr std::uint16_t kFar = 0xFFFF;

  StringRef find_escaped_health(Row row) const noexcept;

  std::shared_ptr<const void> owner_;
  SegmentText text_;
  std::size_t text_bytes_ = 0;
  bool owns_text_ = false;
  std::string decoded_;  // strings that had escapes, each behind its length
  std::vector<Extent> extents_;
  std::vector<std::uint16_t> metadata_;  // where it begins in the record, or kFar
  HashFilter filter_;                    // ids, names and terms
  std::unique_ptr<RecordTable> table_;
  TermIndex terms_;
  std::vector<Row> duplicate_keys_;
  // health.status is viewed in the text, but for those that had escapes.
  std::vector<std::pair<Row, StringRef>> escaped_health_;
  bool short_groups_ = false;
};

// The JSON text of a top-level member of a record; of a key that stands twice, the last.
std::optional<std::string_view> find_member(std::string_view record, std::string_view key) noexcept;

// The values of a field in a segment, one reference each: the same few come again and again.
class FieldValues {
 public:
  // The reference of this value, if it was met before.
  std::optional<StringRef> find(const FieldText& field) const noexcept;  // by its raw text, in a small cache
  // The same by a look-up; make(value) gives the reference of a new value.
  template <class Make>
  StringRef intern(const FieldText& field, std::string_view value, const SegmentText& text, Make make);

  // The reference of a value of another segment; make() gives one where the value is new.
  template <class Make>
  StringRef adopt(const Segment& from, StringRef there, const SegmentText& text, Make make);

  std::vector<StringRef> release() && noexcept { return std::move(values_); }

 private:
  TermId find(std::uint64_t hash, std::string_view value, const SegmentText& text) const;
  template <class Make>
  TermId intern(std::string_view value, const SegmentText& text, Make make);

  TextCache<32> recent_;  // by raw text, the place in values_
  TermSlots slots_{16};
  std::vector<StringRef> values_;
  // The last ones that were adopted.
  struct Adopted {
    const Segment* from = nullptr;
    StringRef there;
    StringRef here;
  };
  std::array<Adopted, 16> adopted_;
};

class SegmentBuilder {
 public:
  // `text` is where the segment's records begin; `owner` keeps it alive. `bytes`, `rows` and
  // `expected_terms` are what to expect. `terms` is begun here and finished with the segment.
  SegmentBuilder(std::shared_ptr<const void> owner, const char* text, std::size_t bytes, std::size_t rows,
                 std::size_t expected_terms, TermBuilder& terms);

  bool short_groups() const noexcept { return short_groups_; }
  std::size_t size() const noexcept { return entries_.size(); }
  const char* text() const noexcept { return text_; }
  const Entry& entry(Row row) const noexcept { return entries_[row]; }
  std::string_view id(Row row) const noexcept { return view().view(entries_[row].id); }
  const char* begin(Row row) const noexcept { return text_ + extents_[row].begin; }
  bool same_id(Row row, std::string_view id) const noexcept { return view().equals(entries_[row].id, id); }

  // Takes the record that the reader read into terms().
  Row add(const RecordDraft& draft);

  // Takes a record of another segment, whose bytes stand at `at` now. Its terms are the caller's to add,
  // but for those of its name.
  Row adopt(const Segment& from, Row row, const char* at);
  // Takes its terms, as far as records were adopted that hold them: `rows` gives the row here of each row
  // there, or kNoRow. Segments come in the order of their rows. `spare` is where values are copied to that
  // stand in no such record; gives the place behind them. REQUIRES: the same paths
  char* adopt_terms(const Segment& from, const PathTable& paths, std::span<const Row> rows, char* spare);
  // How many bytes that would need.
  static std::size_t spare_bytes(const Segment& from, const PathTable& paths, std::span<const Row> rows);

  // The record will not be found by its id: another one bears it. Its owner masks it.
  // Its hash goes with it: thousands that lost one id would stand in one bucket.
  void drop_id(Row row) noexcept {
    entries_[row].id = StringRef::absent();
    entries_[row].id_hash = static_cast<std::uint32_t>(mix(hash_seed(), row, 1));
  }

  // REQUIRES: size() > 0. `paths` are those of the reader.
  std::shared_ptr<Segment> finish(const PathTable& paths) &&;

 private:
  SegmentText view() const noexcept { return {text_, &decoded_}; }
  StringRef keep(const FieldText& field);
  StringRef keep(const FieldText& field, FieldValues& values);
  StringRef keep_decoded(std::string_view text);
  void note_name(const Entry& entry);
  void list_crowded_names(const PathTable& paths);
  static Row home_of(const Segment& from, const Term& term, const PostingList& list,
                     std::span<const Row> rows);
  static bool is_by_table(const Segment& from, const Term& term, const PathTable& paths);
  static bool any_adopted(const PostingList& list, std::span<const Row> rows);

  std::shared_ptr<const void> owner_;
  const char* text_;
  bool short_groups_;
  TermBuilder& terms_;
  FieldValues providers_;
  FieldValues statuses_;
  std::string decoded_;
  std::vector<Extent> extents_;
  std::vector<std::uint16_t> metadata_;
  std::vector<Entry> entries_;
  std::vector<Row> duplicate_keys_;
  std::vector<std::pair<Row, StringRef>> escaped_health_;
  std::size_t text_end_ = 0;               // behind values that no record holds
  std::vector<std::uint8_t> name_counts_;  // by a part of the hash; saturating
};

}  // namespace syncdex::inline v0
