#include "store/snapshot.h"

#include <algorithm>
#include <cassert>

#include "base/access.h"
#include "base/hash.h"

namespace syncdex::inline v0 {

Snapshot::Snapshot() { origin_.report = std::make_shared<const LoadReport>(); }

Snapshot::Snapshot(Loaded loaded, std::uint32_t text, const Limits& limits)
    : paths_(std::move(loaded.paths)) {
  origin_.limits = limits;
  origin_.text = origin_.loaded = text;
  origin_.report = std::make_shared<const LoadReport>(std::move(loaded.report));
  parts_.reserve(loaded.segments.size());
  for (std::size_t i = 0; i < loaded.segments.size(); ++i) {
    Part part;
    part.segment = std::move(loaded.segments[i]);
    part.live = LiveSet(*part.segment, loaded.dead[i]);
    part.positions = Positions(origin_.writes);
    origin_.writes += part.size();
    parts_.push_back(std::move(part));
  }
  number();
}

Snapshot::Snapshot(std::vector<Part> parts, PathTable paths, Origin origin) noexcept
    : parts_(std::move(parts)), paths_(std::move(paths)), origin_(std::move(origin)) {
  number();
}

void Snapshot::number() noexcept {
  for (Part& part : parts_) {
    part.base = rows_;
    assert(std::uint64_t{rows_} + part.size() <= kMostRows);
    rows_ += static_cast<Row>(part.size());
    live_ += part.live_size();
  }
}

const Part& Snapshot::part_of(Row row) const noexcept {
  return *std::prev(std::ranges::upper_bound(parts_, row, {}, &Part::base));
}

Row Snapshot::first_after(std::uint64_t position) const noexcept {
  for (const Part& part : parts_) {
    const auto rows = static_cast<Row>(part.size());
    const Row row = part.positions.first_after(position, rows);
    if (row != rows) return part.base + row;
  }
  return rows_;
}

std::uint64_t Snapshot::fingerprint() const noexcept {
  if (const std::uint64_t known = known_fingerprint(); known != 0) return known;
  std::uint64_t hash = add_to_stable_hash(add_to_stable_hash(size(), origin_.text), origin_.writes);
  for (const Part& part : parts_) {
    for (Row row = 0; row < part.size(); ++row) {
      if (!part.live.contains(row)) continue;
      hash = add_to_stable_hash(hash ^ content_hash(part.segment->json(row)), part.positions.of(row));
    }
  }
  // If another thread was faster, its value may be derived from that of the version before.
  std::uint64_t known = 0;
  return origin_.content->compare_exchange_strong(known, hash | 1, std::memory_order_relaxed) ? hash | 1
                                                                                              : known;
}

std::optional<Row> Snapshot::find_row(std::string_view id, std::uint32_t hash) const noexcept {
  for (const Part& part : parts_) part.segment->prefetch(hash);
  for (const Part& part : parts_) {
    const std::optional<Row> row = part.segment->find_id(id, hash);
    if (row && part.live.contains(*row)) return part.base + *row;
  }
  return std::nullopt;
}

Record Snapshot::record(Row row) const noexcept {
  const Part& part = part_of(row);
  return Access::make<Record>(part.segment.get(), row - part.base);
}

}  // namespace syncdex::inline v0
