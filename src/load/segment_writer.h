// Puts the records of a load into segments, in load order, and finds duplicate ids. What those mean is for
// its owner to decide.
//
// The ids of a segment are compared with those of all earlier records when the segment is full: many at a
// time, so that the cache misses of the look-ups overlap.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/hash_slots.h"
#include "load/record_reader.h"
#include "load/segment_builder.h"

namespace syncdex::inline v0 {

// Where a load cuts its text and its segments. Tests make them tiny.
struct LoadSizes {
  std::size_t window = std::size_t{256} << 10;     // bytes that are indexed at a time
  std::size_t piece = std::size_t{1} << 20;        // bytes: no thread reads less
  std::size_t small_array = std::size_t{4} << 10;  // bytes: one that is shorter is indexed alone
  std::size_t segment_rows = kFullSegmentRows;
  // A large input makes no more segments than this, but longer ones: a query visits each.
  std::size_t segments = 32;
  std::uint64_t segment_bytes = kFullSegmentBytes;
};

// Two records with one id. Rows count over all segments.
struct DuplicateId {
  Row row;
  Row earlier;
};

class SegmentWriter {
 public:
  SegmentWriter(const Input& input, const RecordReader& reader, TermBuilder& terms, const LoadSizes& sizes);

  // Whether a segment is open that has room for the record that begins here.
  bool has_room(const char* record) const {
    return builder_ && static_cast<std::uint64_t>(record - builder_->text()) <= sizes_.segment_bytes &&
           builder_->size() < segment_rows_;
  }
  // Opens a segment that begins with this record. `left`: the bytes from there to where the records end.
  // REQUIRES: none is open
  void open(const char* record, std::size_t left);
  // REQUIRES (both): a segment is open
  bool short_groups() const { return builder_->short_groups(); }
  void add(const RecordDraft& draft) { builder_->add(draft); }
  // Compares the ids of the open segment with all before. Returns duplicates in the order of their rows, each
  // once.
  std::vector<DuplicateId> check_ids();
  // Closes the segment, if one is open. REQUIRES: check_ids() was called since the last add()
  void close();

  // Takes over the segments of another writer, whose paths are renumbered. Returns their duplicate ids, in
  // the order of their rows. REQUIRES: no segment is open, here or there
  std::vector<DuplicateId> adopt(SegmentWriter& other, std::span<const PathId> paths);

  std::uint64_t records() const { return rows_ + (builder_ ? builder_->size() : 0); }

  // REQUIRES (both): row < records()
  const char* begin(Row row) const;
  std::string_view id(Row row) const;
  // The record will not be shown, nor found by its id.
  void mask(Row row);

  std::vector<std::shared_ptr<Segment>> release_segments() && { return std::move(segments_); }
  // By segment, the rows in it that are masked, increasing.
  std::vector<std::vector<Row>> release_masked() &&;

 private:
  std::pair<std::size_t, Row> place(Row row) const;
  bool has_id(Row row, std::string_view id) const;
  // Notes the ids of the records in [from, to) of a run of records whose first one is in row `first`.
  template <class IdHash, class Id>
  void add_ids(std::size_t from, std::size_t to, Row first, IdHash id_hash, Id id,
               std::vector<DuplicateId>& duplicates);
  void push(std::shared_ptr<Segment> segment, std::vector<Row> masked);

  const Input& input_;
  const RecordReader& reader_;
  TermBuilder& terms_;
  const LoadSizes& sizes_;
  const char* first_ = nullptr;  // the first record

  std::optional<SegmentBuilder> builder_;
  std::vector<Row> builder_masked_;
  std::size_t checked_ = 0;  // rows of the open segment whose ids are in ids_
  std::size_t segment_rows_;
  std::vector<std::shared_ptr<Segment>> segments_;
  std::vector<Row> bases_;  // rows in all segments up to and with each
  std::uint64_t rows_ = 0;  // in segments_
  std::vector<std::vector<Row>> masked_;
  HashSlots ids_{0};  // the rows of all records, by id
};

}  // namespace syncdex::inline v0
