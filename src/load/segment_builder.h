// Builds a segment record by record: from what a reader has read, or from records of other segments.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/text_cache.h"
#include "load/record_reader.h"
#include "store/segment.h"
#include "terms/term_builder.h"

namespace syncdex::inline v0 {

// The distinct values of a field in a segment. Equal values share one reference.
class FieldValues {
 public:
  // The reference of this value, if it is known: by its raw text, in a small cache.
  std::optional<StringRef> find(const FieldText& field) const noexcept;
  // The same by a look-up. make(value) returns the reference of a new value.
  template <class Make>
  StringRef intern(const FieldText& field, std::string_view value, const SegmentText& text, Make make);

  // The reference of a value of another segment. make(value) returns that of a new value.
  template <class Make>
  StringRef adopt(const Segment& from, StringRef there, const SegmentText& text, Make make);

  std::vector<StringRef> release() && noexcept { return std::move(values_); }

 private:
  TermId find(std::uint64_t hash, std::string_view value, const SegmentText& text) const;
  template <class Make>
  TermId intern(std::string_view value, const SegmentText& text, Make make);

  TextCache<32> recent_;  // by raw text, the place in values_
  HashSlots slots_{16};
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
  // The segment's records begin at `text`, which `owner` keeps alive. `short_groups` is that of
  // has_short_groups() for the bytes of the records. `rows` and `expected_terms` are estimates. `terms`
  // begins a new index here.
  SegmentBuilder(std::shared_ptr<const void> owner, const char* text, bool short_groups, std::size_t rows,
                 std::size_t expected_terms, TermBuilder& terms);

  // Whether a segment of so many bytes of records keeps providers and statuses in its record table alone.
  static bool has_short_groups(std::size_t bytes) noexcept { return bytes <= kShortGroupBytes; }

  bool short_groups() const noexcept { return short_groups_; }
  std::size_t size() const noexcept { return entries_.size(); }
  const char* text() const noexcept { return text_; }
  const Entry& entry(Row row) const noexcept { return entries_[row]; }
  std::string_view id(Row row) const noexcept { return view().view(entries_[row].id); }
  const char* begin(Row row) const noexcept { return text_ + extents_[row].begin; }
  bool same_id(Row row, std::string_view id) const noexcept { return view().equals(entries_[row].id, id); }

  // Adds the record that was just read, and commits its terms. Returns its row.
  Row add(const RecordDraft& draft);

  // Adds a record of another segment, whose bytes have been copied to `at`. Its terms are added by
  // adopt_terms().
  Row adopt(const Segment& from, Row row, const char* at);
  // Adds the terms of the adopted records. `rows` has the row here for each row there, or kNoRow. Values that
  // occur in no adopted record are copied to `spare`; returns the place after them. REQUIRES: segments are
  // adopted in the order of their rows, and have the same paths.
  char* adopt_terms(const Segment& from, const PathTable& paths, std::span<const Row> rows, char* spare);
  // The bytes of `spare` that this needs.
  static std::size_t spare_bytes(const Segment& from, const PathTable& paths, std::span<const Row> rows,
                                 bool short_groups);

  // Takes the id of a record away, because a later record has it. The owner masks the record. It gets another
  // hash, so that thousands of records with one id do not share a bucket.
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
  void count_name(const Entry& entry);
  void list_crowded_names(const PathTable& paths);
  static Row home_of(const Segment& from, const Term& term, const PostingList& list,
                     std::span<const Row> rows);
  static bool is_by_table(const Segment& from, const Term& term, const PathTable& paths, bool short_groups);
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
  std::size_t text_end_ = 0;               // after values that occur in no record
  std::vector<std::uint8_t> name_counts_;  // by a part of the hash; they saturate
};

}  // namespace syncdex::inline v0
