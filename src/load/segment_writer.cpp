#include "load/segment_writer.h"

#include <algorithm>

namespace syncdex::inline v0 {

SegmentWriter::SegmentWriter(const Input& input, const RecordReader& reader, TermBuilder& terms,
                             const LoadSizes& sizes)
    : input_(input), reader_(reader), terms_(terms), sizes_(sizes), segment_rows_(sizes.segment_rows) {}

void SegmentWriter::open(const char* record, std::size_t left) {
  if (first_ == nullptr) first_ = record;
  // What to expect: as before, or a guess.
  std::size_t rows = std::min(segment_rows_, left / 512 + 16);
  std::size_t terms = rows * 2;
  if (!segments_.empty()) {
    const double bytes_a_row = std::max(
        1.0, static_cast<double>(record - first_) / static_cast<double>(std::max<std::uint64_t>(rows_, 1)));
    rows = std::min(segment_rows_, static_cast<std::size_t>(static_cast<double>(left) / bytes_a_row) + 16);
    terms = segments_.back()->terms().size() * rows / segments_.back()->size() + rows / 8;
  }
  builder_.emplace(input_.owner, record, SegmentBuilder::has_short_groups(left), rows, terms, terms_);
}

void SegmentWriter::close() {
  if (!builder_) return;
  if (builder_->size() > 0) {
    push(std::move(*builder_).finish(reader_.paths()), std::move(builder_masked_));
    builder_masked_.clear();
  }
  builder_.reset();
  checked_ = 0;
  if (segments_.size() == 1) {
    const auto a_row = static_cast<std::uint64_t>(segments_[0]->text_bytes()) / rows_ + 1;
    segment_rows_ = std::max<std::size_t>(segment_rows_, input_.text.size() / a_row / sizes_.segments);
  }
}

void SegmentWriter::push(std::shared_ptr<Segment> segment, std::vector<Row> masked) {
  rows_ += segment->size();
  segments_.push_back(std::move(segment));
  bases_.push_back(static_cast<Row>(rows_));
  masked_.push_back(std::move(masked));
}

// Ids are compared only where their hashes are equal.
template <class IdHash, class Id>
void SegmentWriter::add_ids(std::size_t from, std::size_t to, Row first, IdHash id_hash, Id id,
                            std::vector<DuplicateId>& duplicates) {
  constexpr std::size_t kAhead = 16;
  ids_.reserve(first + to);
  for (; from < to; ++from) {
    if (from + kAhead < to) ids_.prefetch(id_hash(static_cast<Row>(from + kAhead)));
    const auto row = static_cast<Row>(from);
    const std::optional<Row> earlier =
        ids_.replace(id_hash(row), first + row, [&](Row r) { return has_id(r, id(row)); });
    if (earlier) duplicates.push_back({first + row, *earlier});
  }
}

std::vector<DuplicateId> SegmentWriter::check_ids() {
  std::vector<DuplicateId> duplicates;
  if (!builder_) return duplicates;
  add_ids(
      checked_, builder_->size(), static_cast<Row>(rows_),
      [&](Row row) { return builder_->entry(row).id_hash; }, [&](Row row) { return builder_->id(row); },
      duplicates);
  checked_ = builder_->size();
  return duplicates;
}

std::vector<DuplicateId> SegmentWriter::adopt(SegmentWriter& other, std::span<const PathId> paths) {
  std::vector<DuplicateId> duplicates;
  if (first_ == nullptr) first_ = other.first_;
  for (std::size_t i = 0; i < other.segments_.size(); ++i) {
    other.segments_[i]->renumber_paths(paths);
    const auto first = static_cast<Row>(rows_);
    std::vector<Row> masked = std::move(other.masked_[i]);
    std::ranges::sort(masked);
    push(std::move(other.segments_[i]), masked);
    const Segment& segment = *segments_.back();
    // Masked records have lost their ids to later ones: only what is between them is noted.
    const auto note = [&](std::size_t from, std::size_t to) {
      add_ids(
          from, to, first, [&](Row row) { return segment.entry(row).id_hash; },
          [&](Row row) { return segment.text().view(segment.entry(row).id); }, duplicates);
    };
    std::size_t from = 0;
    for (const Row row : masked) {
      note(from, row);
      from = row + 1;
    }
    note(from, segment.size());
  }
  return duplicates;
}

std::pair<std::size_t, Row> SegmentWriter::place(Row row) const {
  const auto segment = static_cast<std::size_t>(std::ranges::upper_bound(bases_, row) - bases_.begin());
  return {segment, row - (segment == 0 ? 0 : bases_[segment - 1])};
}

bool SegmentWriter::has_id(Row row, std::string_view id) const {
  if (row >= rows_) return builder_->same_id(row - static_cast<Row>(rows_), id);
  const auto [segment, local] = place(row);
  return segments_[segment]->text().equals(segments_[segment]->entry(local).id, id);
}

const char* SegmentWriter::begin(Row row) const {
  if (row >= rows_) return builder_->begin(row - static_cast<Row>(rows_));
  const auto [segment, local] = place(row);
  return segments_[segment]->begin(local);
}

std::string_view SegmentWriter::id(Row row) const {
  if (row >= rows_) return builder_->id(row - static_cast<Row>(rows_));
  const auto [segment, local] = place(row);
  return segments_[segment]->text().view(segments_[segment]->entry(local).id);
}

void SegmentWriter::mask(Row row) {
  if (row >= rows_) {
    const Row local = row - static_cast<Row>(rows_);
    builder_->drop_id(local);
    builder_masked_.push_back(local);
  } else {
    const auto [segment, local] = place(row);
    masked_[segment].push_back(local);
  }
}

std::vector<std::vector<Row>> SegmentWriter::release_masked() && {
  for (std::vector<Row>& rows : masked_) std::ranges::sort(rows);
  return std::move(masked_);
}

}  // namespace syncdex::inline v0
