// What a catalog is: segments in load order, the paths that they share, and which of their records are
// dead. Immutable once it is published; the versions of a live catalog share what they have in common.
//
// Rows are numbered over the whole snapshot: part k holds the rows from its base on. Rows are numbers
// within one snapshot; what outlives it, a cursor, names positions (positions.h).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "store/live_set.h"
#include "store/positions.h"
#include "store/segment.h"
#include "syncdex/load.h"
#include "syncdex/record.h"
#include "terms/path_table.h"

namespace syncdex::inline v0 {

// A segment within a snapshot.
struct Part {
  std::shared_ptr<const Segment> segment;
  Row base = 0;
  LiveSet live;
  Positions positions;

  std::size_t size() const noexcept { return segment->size(); }
  std::size_t live_size() const noexcept { return size() - live.dead(); }
  std::uint64_t position(Row row) const noexcept { return positions.of(row - base); }
};

// What a load has made of a text.
struct Loaded {
  std::vector<std::shared_ptr<Segment>> segments;
  PathTable paths;
  std::vector<std::vector<Row>> dead;  // by segment: rows whose id a later record has; sorted
  LoadReport report;
};

class Snapshot {
 public:
  // Where it comes from, and which of many it is.
  struct Origin {
    std::uint32_t loaded = 0;   // fingerprint of the text that was loaded
    std::uint32_t text = 0;     // tells cursors of one text from those of another, or of its return
    std::uint64_t version = 0;  // of a live catalog
    std::uint64_t writes = 0;   // positions given: all are smaller
    std::shared_ptr<const LoadReport> report;
    Limits limits;  // the widest of those that its records were loaded with
  };

  Snapshot();
  // What a load within these limits has made of `text`.
  Snapshot(Loaded loaded, std::string_view text, const Limits& limits);
  // The parts' bases are set here. REQUIRES: they are in load order and have no more than kMostRows rows
  Snapshot(std::vector<Part> parts, PathTable paths, Origin origin) noexcept;

  const std::vector<Part>& parts() const noexcept { return parts_; }
  const PathTable& paths() const noexcept { return paths_; }
  const LoadReport& report() const noexcept { return *origin_.report; }
  const Origin& origin() const noexcept { return origin_; }

  std::size_t size() const noexcept { return live_; }  // live records
  Row rows() const noexcept { return rows_; }          // dead ones too

  // The part that holds a row. REQUIRES: row < rows(). Cost: O(log parts).
  const Part& part_of(Row row) const noexcept;
  // The first row behind a position; rows() where there is none.
  Row first_behind(std::uint64_t position) const noexcept;

  std::optional<Row> find_row(std::string_view id) const noexcept { return find_row(id, short_hash(id)); }
  std::optional<Row> find_row(std::string_view id, std::uint32_t hash) const noexcept;
  // REQUIRES: row < rows()
  Record record(Row row) const noexcept;

 private:
  void number() noexcept;

  std::vector<Part> parts_;
  PathTable paths_;
  Origin origin_;
  std::size_t live_ = 0;
  Row rows_ = 0;
};

}  // namespace syncdex::inline v0
