#include "live/touched.h"

#include <algorithm>
#include <string_view>

#include "live/merge.h"

namespace syncdex::inline v0 {

std::vector<Edit::Pair> removed_or_changed(const Edit& edit) {
  std::vector<Edit::Pair> pairs = edit.changed;
  for (const Row row : edit.removed) pairs.push_back({row, kNoRow});
  std::ranges::sort(pairs, {}, &Edit::Pair::before);
  return pairs;
}

std::vector<Edit::Pair> added_or_changed(const Edit& edit) {
  std::vector<Edit::Pair> pairs = edit.changed;
  for (const Row row : edit.added) pairs.push_back({kNoRow, row});
  std::ranges::sort(pairs, {}, &Edit::Pair::after);
  return pairs;
}

Touched load_touched(const Snapshot& version, std::span<const Edit::Pair> pairs, Row Edit::Pair::*row,
                     LoadTools& tools) {
  Touched touched;
  std::vector<std::string_view> records;
  for (const Edit::Pair& pair : pairs) {
    touched.rows.push_back(pair.*row);
    records.push_back(version.record(pair.*row).json());
  }
  Loaded loaded = reload(records, tools);
  loaded.paths = tools.reader.paths();
  touched.records = std::make_shared<const Snapshot>(std::move(loaded), 0, Limits{});
  return touched;
}

void link_sides(Touched& was, Touched& is, std::span<const Edit::Pair> changed) {
  was.other.assign(was.rows.size(), kNoRow);
  is.other.assign(is.rows.size(), kNoRow);
  for (const Edit::Pair& pair : changed) {
    const auto before = std::ranges::lower_bound(was.rows, pair.before) - was.rows.begin();
    const auto after = std::ranges::lower_bound(is.rows, pair.after) - is.rows.begin();
    was.other[static_cast<std::size_t>(before)] = static_cast<Row>(after);
    is.other[static_cast<std::size_t>(after)] = static_cast<Row>(before);
  }
}

}  // namespace syncdex::inline v0
