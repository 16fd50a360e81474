// The records that a change touches, as they were and as they are: each side a small snapshot of its own, on
// which a query is run to see what a change does to its answer.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "live/edit.h"
#include "load/loader.h"
#include "store/snapshot.h"

namespace syncdex::inline v0 {

// One side.
struct Touched {
  std::shared_ptr<const Snapshot> records;
  // By their row:
  std::vector<Row> rows;   // in the version
  std::vector<Row> other;  // of the same record on the other side; kNoRow where it is not there
};

// The records that go, by the rows that they had, with those that they have afterwards.
std::vector<Edit::Pair> going(const Edit& edit);
// The records that come, by the rows that they have, with those that they had before.
std::vector<Edit::Pair> coming(const Edit& edit);

// The records in these rows of a version, `row` being one side of the pairs, loaded by themselves.
// REQUIRES: they are sorted by it
Touched touch(const Snapshot& version, std::span<const Edit::Pair> pairs, Row Edit::Pair::*row,
              LoadTools& tools);

// Tells each side where its records are on the other. REQUIRES: both have their rows
void link(Touched& was, Touched& is, std::span<const Edit::Pair> changed);

}  // namespace syncdex::inline v0
