#include "snapshot.h"

#include <algorithm>

#include "cursor.h"

namespace syncdex::inline v0 {

Snapshot::Snapshot(Loaded loaded, std::string_view text)
    : paths_(std::move(loaded.paths)), report_(std::move(loaded.report)), fingerprint_(fingerprint(text)) {
  parts_.reserve(loaded.segments.size());
  for (std::size_t i = 0; i < loaded.segments.size(); ++i) {
    Part part;
    part.segment = std::move(loaded.segments[i]);
    part.base = rows_;
    part.live = LiveSet(part.segment->terms(), part.size(), loaded.dead[i]);
    rows_ += static_cast<Row>(part.size());
    live_ += part.live_size();
    parts_.push_back(std::move(part));
  }
}

const Part& Snapshot::part_of(Row row) const noexcept {
  return *std::prev(std::ranges::upper_bound(parts_, row, {}, &Part::base));
}

std::optional<Record> Snapshot::find_id(std::string_view id) const noexcept {
  const std::uint32_t hash = short_hash(id);
  for (const Part& part : parts_) part.segment->prefetch(hash);
  for (const Part& part : parts_) {
    const std::optional<Row> row = part.segment->find_id(id, hash);
    if (row && part.live.holds(*row)) return Record(part.segment.get(), *row);
  }
  return std::nullopt;
}

}  // namespace syncdex::inline v0
