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

#include "id_set.h"
#include "record_reader.h"
#include "segment.h"

namespace syncdex::inline v0 {

class SegmentWriter {
 public:
  // Rows count over all segments. Called where the record in `row` bears the id of an earlier one, in
  // the order of `row`; false stops.
  using OnRepeat = std::function<bool(Row row, Row earlier)>;

  SegmentWriter(const Input& input, const RecordReader& reader, TermBuilder& terms, OnRepeat on_repeat);

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

  // Takes another writer's segments over, whose paths are given new numbers. False: an id repeats.
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
  OnRepeat on_repeat_;
  const char* first_ = nullptr;  // record

  std::optional<SegmentBuilder> builder_;
  std::vector<Row> builder_masked_;
  std::size_t checked_ = 0;  // rows of the open segment whose ids are in ids_
  std::size_t segment_rows_;
  std::vector<std::shared_ptr<Segment>> segments_;
  std::vector<Row> bases_;  // rows in all segments up to and with each
  std::uint64_t rows_ = 0;  // in segments_
  std::vector<std::vector<Row>> masked_;
  IdSet ids_;
};

}  // namespace syncdex::inline v0
