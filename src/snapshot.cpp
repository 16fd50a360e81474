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
    const std::vector<Row>& dead = loaded.dead[i];
    part.dead = static_cast<std::uint32_t>(dead.size());
    if (!dead.empty()) {
      part.live.assign(words_for(part.size()), ~std::uint64_t{0});
      if (part.size() % 64 != 0) part.live.back() = (std::uint64_t{1} << (part.size() % 64)) - 1;
      for (const Row row : dead) part.live[row >> 6] &= ~(std::uint64_t{1} << (row & 63));
    }
    rows_ += static_cast<Row>(part.size());
    live_ += part.size() - part.dead;
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
    if (row && part.is_live(*row)) return Record(part.segment.get(), *row);
  }
  return std::nullopt;
}

}  // namespace syncdex::inline v0
