// What a catalog is: segments in load order, the paths that they share, and which of their records are
// dead. Immutable once it is published.
//
// Rows are numbered over the whole snapshot: segment k holds the rows from base(k) on.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "live_set.h"
#include "loader.h"
#include "path_table.h"
#include "segment.h"
#include "syncdex/catalog.h"

namespace syncdex::inline v0 {

// A segment within a snapshot.
struct Part {
  std::shared_ptr<const Segment> segment;
  Row base = 0;
  LiveSet live;

  std::size_t size() const noexcept { return segment->size(); }
  std::size_t live_size() const noexcept { return size() - live.dead(); }
};

class Snapshot {
 public:
  Snapshot() = default;
  // `text` is what was loaded, to tell cursors of one text from another's.
  Snapshot(Loaded loaded, std::string_view text);

  const std::vector<Part>& parts() const noexcept { return parts_; }
  const PathTable& paths() const noexcept { return paths_; }
  const LoadReport& report() const noexcept { return report_; }
  LoadReport& report() noexcept { return report_; }
  std::uint32_t text_fingerprint() const noexcept { return fingerprint_; }

  std::size_t size() const noexcept { return live_; }  // live records
  Row rows() const noexcept { return rows_; }          // dead ones too

  // The part that holds a row. REQUIRES: row < rows(). Cost: O(log parts).
  const Part& part_of(Row row) const noexcept;

  std::optional<Record> find_id(std::string_view id) const noexcept;

 private:
  std::vector<Part> parts_;
  PathTable paths_;
  LoadReport report_;
  std::size_t live_ = 0;
  Row rows_ = 0;
  std::uint32_t fingerprint_ = 0;
};

}  // namespace syncdex::inline v0
