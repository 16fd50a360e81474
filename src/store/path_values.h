// What a segment holds at one indexed path: the terms of its scalars, and which rows have a value of each
// kind there. Conditions that no single term answers are answered by these.
//
// Made when a query first asks for the path, by one pass over the segment's terms, and kept with the segment
// (PathValuesCache).
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "json/scalar.h"
#include "terms/posting_list.h"
#include "terms/term_index.h"

namespace syncdex::inline v0 {

struct PathValues {
  PathId path = kNoPath;
  // The scalars that are terms; at id and name not the strings, nor at provider and status those that the
  // record table has.
  std::vector<TermId> terms;
  // The rows with a value of each kind, wherever the segment keeps it; true and false are one.
  std::array<PostingList, 7> rows_by_kind;

  PathValues() = default;
  PathValues(const PathValues&) = delete;
  PathValues& operator=(const PathValues&) = delete;
  // Replaces the list of a kind.
  void set_rows(Kind kind, std::vector<std::uint64_t> bits, std::size_t rows);
  std::size_t bytes() const noexcept;

 private:
  std::array<std::vector<std::uint64_t>, 7> bits_;
  std::array<std::vector<Row>, 7> rows_;
};

// The values of the paths that were asked for. Any number of threads may use it at once; none waits.
class PathValuesCache {
 public:
  // Paths that are kept. Of others, values are made for each query.
  static constexpr std::size_t kMost = 32;

  PathValuesCache() = default;
  PathValuesCache(const PathValuesCache&) = delete;
  PathValuesCache& operator=(const PathValuesCache&) = delete;
  ~PathValuesCache();

  // The values at the path if they are kept, or null.
  const PathValues* find(PathId path) const noexcept;
  // Keeps the values, or if another thread was faster, those that it made. Returns what is kept; null, with
  // `values` untouched, if there is no room.
  const PathValues* keep(std::unique_ptr<const PathValues>& values) noexcept;
  std::size_t bytes() const noexcept;

 private:
  std::array<std::atomic<const PathValues*>, kMost> kept_{};
};

}  // namespace syncdex::inline v0
