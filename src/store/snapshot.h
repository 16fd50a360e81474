// The content of a catalog: segments in load order, the paths that they share, and which of their records are
// live. Immutable once it is published. The versions of a live catalog share what they have in common.
//
// Rows are numbered across the whole snapshot: part k holds the rows from its base on. Row numbers are valid
// only within one snapshot. A cursor outlives it, so it names a position instead (positions.h).
#pragma once

#include <atomic>
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

// A segment of a snapshot.
struct Part {
  std::shared_ptr<const Segment> segment;
  Row base = 0;
  LiveSet live;
  Positions positions;

  std::size_t size() const noexcept { return segment->size(); }
  std::size_t live_size() const noexcept { return size() - live.dead(); }
  std::uint64_t position(Row row) const noexcept { return positions.of(row - base); }
};

// The result of loading a text.
struct Loaded {
  std::vector<std::shared_ptr<Segment>> segments;
  PathTable paths;
  std::vector<std::vector<Row>> dead;  // per segment: sorted rows whose id a later record has
  LoadReport report;
};

class Snapshot {
 public:
  // Where a snapshot comes from, and what identifies it.
  struct Origin {
    std::uint32_t loaded = 0;   // fingerprint of the loaded text
    std::uint32_t text = 0;     // identifies the text in cursors; a reloaded text gets a new value
    std::uint64_t version = 0;  // of a live catalog
    std::uint64_t writes = 0;   // number of positions assigned: all positions are smaller
    std::shared_ptr<const LoadReport> report;
    Limits limits;  // the widest limits that any of its records was loaded with
    // The content's fingerprint, once it was asked for; 0 before. Shared by snapshots of one content.
    std::shared_ptr<std::atomic<std::uint64_t>> content = std::make_shared<std::atomic<std::uint64_t>>(0);
  };

  Snapshot();
  // Takes the result of loading a text, which has this fingerprint, with these limits.
  Snapshot(Loaded loaded, std::uint32_t text, const Limits& limits);
  // Sets the bases of the parts. REQUIRES: the parts are in load order and have at most kMostRows rows.
  Snapshot(std::vector<Part> parts, PathTable paths, Origin origin) noexcept;

  const std::vector<Part>& parts() const noexcept { return parts_; }
  const PathTable& paths() const noexcept { return paths_; }
  const LoadReport& report() const noexcept { return *origin_.report; }
  const Origin& origin() const noexcept { return origin_; }

  std::size_t size() const noexcept { return live_; }  // live records
  Row rows() const noexcept { return rows_; }          // including dead ones

  // The part that contains a row. REQUIRES: row < rows(). Cost: O(log parts).
  const Part& part_of(Row row) const noexcept;
  // The first row whose position is greater than `position`, or rows() if there is none.
  Row first_after(std::uint64_t position) const noexcept;

  // Identifies the records, their order and their positions: everything that answers and cursors are made of.
  // Never 0. O(bytes) when it is first asked for.
  std::uint64_t fingerprint() const noexcept;
  // The same, or 0 if it was not asked for.
  std::uint64_t known_fingerprint() const noexcept {
    return origin_.content->load(std::memory_order_relaxed);
  }

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
