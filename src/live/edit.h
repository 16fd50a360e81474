// Compares two versions of a catalog record by record: records are matched by id, then compared by bytes.
//
// Works on rows only; how a new version is built from them is up to live_catalog.cpp.
#pragma once

#include <optional>
#include <span>
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
  // All but `removed` are sorted by the row of `after`.
  std::vector<Row> added;       // rows of `after`
  std::vector<Pair> changed;    // equal ids, different bytes
  std::vector<Pair> unchanged;  // equal bytes
  std::vector<Row> removed;     // rows of `before`
};

// Looks up each record of `after` in `before`; leaves `removed` empty. Cost: one look-up per record of
// `after`, fewer if both have the same order.
Edit match(const Snapshot& before, const Snapshot& after);

// Like match(), and sets `removed` to the records that are only in `before`.
Edit compare(const Snapshot& before, const Snapshot& after);
// The same, but the records of `before` in the rows `kept` stay too, although `after` does not hold them.
// Nothing if a row is kept twice, or if `after` holds a record with the id of one that is kept.
std::optional<Edit> compare(const Snapshot& before, const Snapshot& after, std::span<const Row> kept);

// The edit from a version to itself: every record is unchanged.
Edit identity_edit(const Snapshot& version);

// Returns true only if loading the text would give this version's records in the same order. Recognizes JSON
// Lines, an array, and an envelope with "data" as its only key; may return false for other texts. Cost: a
// comparison of bytes, up to the first difference.
bool is_text_of(const Snapshot& version, std::string_view text, Framing framing);

// The records in these rows of a version. In load order, rows increase.
Matches matches_of(const std::shared_ptr<const Snapshot>& version, std::span<const Row> rows,
                   bool in_load_order = true);

}  // namespace syncdex::inline v0
