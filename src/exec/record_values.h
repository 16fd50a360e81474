// The values that one record has at an indexed path, read from its bytes. Posting lists have lost values of
// duplicate keys as well, so records with duplicate keys are counted by these.
#pragma once

#include <algorithm>
#include <vector>

#include "exec/row_bits.h"
#include "json/follow.h"
#include "store/snapshot.h"

namespace syncdex::inline v0 {

class RecordValues {
 public:
  // REQUIRES: `paths` outlives it.
  RecordValues(const PathTable& paths, PathId path) {
    for (; path != kRootPath; path = paths.parent(path)) steps_.push_back(paths.step(path));
    std::ranges::reverse(steps_);
  }

  // Returns the first byte of each value; valid until the next call. O(bytes of the record)
  const std::vector<const char*>& of(const char* record) {
    found_.clear();
    finder_.find(record, steps_, found_, read_);
    return found_;
  }

  // The bytes read so far.
  std::size_t read() const noexcept { return static_cast<std::size_t>(read_); }

 private:
  std::vector<PathStep> steps_;
  ValueFinder finder_;
  std::int64_t read_ = 0;
  std::vector<const char*> found_;
};

// Removes the records with duplicate keys from the rows of a part, and returns those that were among them.
inline std::vector<Row> take_duplicate_keys(const Part& part, RowBits& rows) {
  std::vector<Row> taken;
  for (const Row row : part.segment->rows_with_duplicate_keys()) {
    if (!test_bit(rows.data(), row)) continue;
    clear_bit(rows, row);
    taken.push_back(row);
  }
  return taken;
}

}  // namespace syncdex::inline v0
