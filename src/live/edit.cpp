#include "live/edit.h"

#include <algorithm>

#include "base/access.h"
#include "json/framing.h"
#include "live/live_cursor.h"

namespace syncdex::inline v0 {
namespace {

// Calls take(part, row) for each live record in load order. `row` is relative to the part.
template <class Take>
void for_each_live(const Snapshot& snapshot, Take take) {
  for (const Part& part : snapshot.parts()) {
    for (Row row = 0; row < part.size(); ++row) {
      if (part.live.contains(row)) take(part, row);
    }
  }
}

}  // namespace

Edit match(const Snapshot& before, const Snapshot& after) {
  Edit edit;
  // Guess that records come in the same order, as they usually do when a list is loaded again.
  LiveCursor expected(before);
  for_each_live(after, [&](const Part& part, Row row) {
    const Entry& entry = part.segment->entry(row);
    const std::string_view id = part.segment->text().view(entry.id);
    const Row here = part.base + row;
    std::optional<Row> there;
    if (!expected.done() && expected.has_id(id, entry.id_hash)) {
      there = expected.row();
    } else {
      there = before.find_row(id, entry.id_hash);
      if (there) expected.move_to(before.part_of(*there), *there);
    }
    if (!there) {
      edit.added.push_back(here);
      return;
    }
    const bool equal = before.record(*there).json() == part.segment->json(row);
    (equal ? edit.unchanged : edit.changed).push_back({*there, here});
    expected.next();
  });
  return edit;
}

std::optional<Edit> compare(const Snapshot& before, const Snapshot& after, std::span<const Row> kept) {
  Edit edit = match(before, after);
  std::vector<bool> found(before.rows());
  const auto is_first = [&](Row row) {
    const bool first = !found[row];
    found[row] = true;
    return first;
  };
  if (!std::ranges::all_of(kept, is_first) ||
      !std::ranges::all_of(edit.changed, is_first, &Edit::Pair::before) ||
      !std::ranges::all_of(edit.unchanged, is_first, &Edit::Pair::before)) {
    return std::nullopt;
  }
  for_each_live(before, [&](const Part& part, Row row) {
    if (!found[part.base + row]) edit.removed.push_back(part.base + row);
  });
  return edit;
}

Edit compare(const Snapshot& before, const Snapshot& after) { return *compare(before, after, {}); }

Edit identity_edit(const Snapshot& version) {
  Edit edit;
  edit.unchanged.reserve(version.size());
  for_each_live(version, [&](const Part& part, Row row) {
    edit.unchanged.push_back({part.base + row, part.base + row});
  });
  return edit;
}

bool is_text_of(const Snapshot& version, std::string_view text, Framing framing) {
  if (version.size() < 2) return false;
  const char* p = text.data();
  const char* const end = p + text.size();
  const auto take = [&](std::string_view wanted) {
    p = skip_space(p, end);
    if (!std::string_view(p, static_cast<std::size_t>(end - p)).starts_with(wanted)) return false;
    p += wanted.size();
    return true;
  };
  const bool envelope = take("{\"data\"");
  if (envelope && !take(":")) return false;
  const bool lines = !take("[");
  if (lines ? envelope || framing == Framing::json : framing == Framing::ndjson) return false;
  bool first = true;
  for (const Part& part : version.parts()) {
    for (Row row = 0; row < part.size(); ++row) {
      if (!part.live.contains(row)) continue;
      const std::string_view record = part.segment->json(row);
      const char* const before = p;
      if (!first && !lines && !take(",")) return false;
      if (!take(record)) return false;
      if (lines) {
        const char* const begin = p - record.size();
        if (!first && std::find(before, begin, '\n') == begin) return false;
        // On a line of its own this text would not be a record, or would be an envelope.
        if (record.find('\n') != record.npos || find_record_array(begin, p, "data") != nullptr) return false;
      }
      first = false;
    }
  }
  return (lines || take("]")) && (!envelope || take("}")) && skip_space(p, end) == end;
}

Matches matches_of(const std::shared_ptr<const Snapshot>& version, std::span<const Row> rows,
                   bool in_load_order) {
  if (rows.empty()) return {};
  auto list = std::make_unique_for_overwrite<Row[]>(rows.size());
  std::ranges::copy(rows, list.get());
  return Access::make<Matches>(version, std::move(list), rows.size(), in_load_order);
}

}  // namespace syncdex::inline v0
