// Puts the records of a load into segments, in load order, and finds records whose id was met before.
//
// A segment is closed when it is full; its ids are compared with those of all records before only then,
// many at a time, so that the look-ups' cache misses overlap.
//
// Knows nothing of framings, and leaves it to its owner what a repeated id means.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "load/id_set.h"
#include "load/record_reader.h"
#include "load/segment_builder.h"

namespace syncdex::inline v0 {

// Where a load cuts its text and its segments. Tests make them tiny.
struct LoadSizes {
  std::size_t window = std::size_t{256} << 10;     // bytes that are indexed at a time
  std::size_t piece = std::size_t{1} << 20;        // bytes: no thread reads less
  std::size_t small_array = std::size_t{4} << 10;  // bytes: one that is shorter is indexed alone
  // A segment is closed at so many records: what its inserts touch stays in the cache, and the buckets of its
  // hash tables come out full.
  std::size_t segment_rows = 98'304;
  // But a large input makes no more segments than this; a query visits each.
  std::size_t segments = 32;
  // A segment's text stays below 2 GiB: its last record begins within one, and is no longer than one.
  std::uint64_t segment_bytes = std::uint64_t{1} << 30;
};

class SegmentWriter {
 public:
  // Rows count over all segments. Called where the record in `row` bears the id of an earlier one, in
  // the order of `row`; false stops.
  using OnRepeat = std::function<bool(Row row, Row earlier)>;

  SegmentWriter(const Input& input, const RecordReader& reader, TermBuilder& terms, const LoadSizes& sizes,
                OnRepeat on_repeat);

  // Before the record that begins here is read: makes sure that a segment is open which has room.
  // False: a repeated id stopped. `left`: the bytes from the record to where the records end.
  bool open(const char* record, std::size_t left);
  // REQUIRES: open
  bool short_groups() const { return builder_->short_groups(); }
  // Takes the record that was just read. REQUIRES: open
  void take(const RecordDraft& draft) { builder_->add(draft); }
  // False: a repeated id stopped.
  bool close();
  // Compares the ids of the open segment's records. False: a repeated id stopped.
  bool check_ids();

  // Takes over the segments of another writer, whose paths get new numbers. REQUIRES: no segment is open,
  // here or there. Returns false if a repeated id stopped.
  bool adopt(SegmentWriter& other, std::span<const PathId> paths);

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
  // Notes the ids of the records in [from, to) of a run whose first record is in row `first`.
  template <class IdHash, class Id, class Repeat>
  bool note_ids(std::size_t& from, std::size_t to, Row first, IdHash id_hash, Id id, Repeat repeat);
  void push(std::shared_ptr<Segment> segment, std::vector<Row> masked);

  const Input& input_;
  const RecordReader& reader_;
  TermBuilder& terms_;
  const LoadSizes& sizes_;
  OnRepeat on_repeat_;
  const char* first_ = nullptr;  // record

  std::optional<SegmentBuilder> builder_;
  std::vector<Row> builder_masked_;
  std::size_t checked_ = 0;  // rows of the open segment whose ids are in ids_
  std::size_t segment_rows_;
  std::vector<std::shared_ptr<Segment>> segments_;
  std::vector<Row> bases_;  // rows in all segments up to and with each
  std::uint64_t rows_ = 0;  // in segments_
  bool stopped_ = false;    // by a repeated id
  std::vector<std::vector<Row>> masked_;
  IdSet ids_;
};

}  // namespace syncdex::inline v0
