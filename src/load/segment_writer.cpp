#include "load/segment_writer.h"

#include <algorithm>

namespace syncdex::inline v0 {
SegmentWriter::SegmentWriter(const Input& input, const RecordReader& reader, TermBuilder& terms,
                             const LoadSizes& sizes, OnRepeat on_repeat)
    : input_(input),
      reader_(reader),
      terms_(terms),
      sizes_(sizes),
      on_repeat_(std::move(on_repeat)),
      segment_rows_(sizes.segment_rows) {}

bool SegmentWriter::open(const char* record, std::size_t left) {
  if (first_ == nullptr) first_ = record;
  if (builder_) {
    const bool far = static_cast<std::uint64_t>(record - builder_->text()) > sizes_.segment_bytes;
    if (!far && builder_->size() < segment_rows_) return true;
    if (!close()) return false;
  }
  // What to expect: as before, or a guess.
  std::size_t rows = std::min(segment_rows_, left / 512 + 16);
  std::size_t terms = rows * 2;
  if (!segments_.empty()) {
    const double bytes_a_row = std::max(
        1.0, static_cast<double>(record - first_) / static_cast<double>(std::max<std::uint64_t>(rows_, 1)));
    rows = std::min(segment_rows_, static_cast<std::size_t>(static_cast<double>(left) / bytes_a_row) + 16);
    terms = segments_.back()->terms().size() * rows / segments_.back()->size() + rows / 8;
  }
  builder_.emplace(input_.owner, record, left, rows, terms, terms_);
  return true;
}

bool SegmentWriter::close() {
  if (stopped_) return false;  // the open segment holds two records with one id
  if (!builder_) return true;
  if (builder_->size() > 0) {
    if (!check_ids()) return false;
    push(std::move(*builder_).finish(reader_.paths()), std::move(builder_masked_));
    builder_masked_.clear();
  }
  builder_.reset();
  checked_ = 0;
  if (segments_.size() == 1) {
    const auto a_row = static_cast<std::uint64_t>(segments_[0]->text_bytes()) / rows_ + 1;
    segment_rows_ = std::max<std::size_t>(segment_rows_, input_.text.size() / a_row / sizes_.segments);
  }
  return true;
}

void SegmentWriter::push(std::shared_ptr<Segment> segment, std::vector<Row> masked) {
  rows_ += segment->size();
  segments_.push_back(std::move(segment));
  bases_.push_back(static_cast<Row>(rows_));
  masked_.push_back(std::move(masked));
}

// The id itself is only looked at where another has its hash. `from` is moved on before a repeat is told,
// so that going on afterwards does not meet it again.
template <class IdHash, class Id, class Repeat>
bool SegmentWriter::note_ids(std::size_t& from, std::size_t to, Row first, IdHash id_hash, Id id,
                             Repeat repeat) {
  constexpr std::size_t kAhead = 16;
  ids_.reserve(first + to);
  while (from < to) {
    if (from + kAhead < to) ids_.prefetch(id_hash(static_cast<Row>(from + kAhead)));
    const auto row = static_cast<Row>(from++);
    const std::optional<Row> earlier =
        ids_.put(id_hash(row), first + row, [&](Row r) { return has_id(r, id(row)); });
    if (earlier && !repeat(first + row, *earlier)) {
      stopped_ = true;
      return false;
    }
  }
  return true;
}

bool SegmentWriter::check_ids() {
  if (!builder_) return true;
  return note_ids(
      checked_, builder_->size(), static_cast<Row>(rows_),
      [&](Row row) { return builder_->entry(row).id_hash; }, [&](Row row) { return builder_->id(row); },
      on_repeat_);
}

bool SegmentWriter::adopt(SegmentWriter& other, std::span<const PathId> paths) {
  if (first_ == nullptr) first_ = other.first_;
  for (std::size_t i = 0; i < other.segments_.size(); ++i) {
    other.segments_[i]->renumber_paths(paths);
    const auto first = static_cast<Row>(rows_);
    std::vector<Row> masked = std::move(other.masked_[i]);
    std::ranges::sort(masked);
    push(std::move(other.segments_[i]), masked);
    const Segment& segment = *segments_.back();
    // The ids of masked rows are borne by later ones. What lies between them is noted.
    const auto note = [&](std::size_t from, std::size_t to) {
      return note_ids(
          from, to, first, [&](Row row) { return segment.entry(row).id_hash; },
          [&](Row row) { return segment.text().view(segment.entry(row).id); }, on_repeat_);
    };
    std::size_t from = 0;
    for (const Row row : masked) {
      if (!note(from, row)) return false;
      from = row + 1;
    }
    if (!note(from, segment.size())) return false;
  }
  return true;
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
