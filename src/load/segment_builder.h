// Makes a segment, record by record: of what a reader has read, or of records of other segments.
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
  void count_name(const Entry& entry);
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
