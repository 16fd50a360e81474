// What differs between two versions of a catalog, record by record: by id, and for equal ids by bytes.
//
// Knows rows only; what a version does with them is its maker's.
#pragma once

#include <string_view>
#include <vector>

#include "store/snapshot.h"
#include "syncdex/matches.h"

namespace syncdex::inline v0 {

struct Edit {
  struct Pair {
    Row before;
    Row after;
  };
  std::vector<Row> added;       // rows of `after`
  std::vector<Pair> changed;    // all by the row of `after`
  std::vector<Pair> unchanged;  // equal bytes
  std::vector<Row> removed;     // rows of `before`
};

// Looks each record of `after` up in `before`; `removed` stays empty. Cost: O(records of `after`) look-ups,
// fewer where the two have the same order.
Edit match(const Snapshot& before, const Snapshot& after);

// The same, and `removed` is what `after` does not have.
Edit compare(const Snapshot& before, const Snapshot& after);

// From a version to itself: all is unchanged.
Edit nothing(const Snapshot& version);

// Whether the text is just this version's records in their order, in one of the plain framings. Where it says
// so, loading the text would give the same. Cost: a comparison of bytes, up to the first that differs.
bool is_text_of(const Snapshot& version, std::string_view text, Framing framing);

// The records in these rows of a version. REQUIRES: the rows are increasing
Matches matches_of(const std::shared_ptr<const Snapshot>& version, std::span<const Row> rows);

}  // namespace syncdex::inline v0
