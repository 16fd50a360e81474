#include "syncdex/matches.h"

#include <algorithm>
#include <cstring>

#include "snapshot.h"

namespace syncdex::inline v0 {

Matches::Matches(std::shared_ptr<const Snapshot> snapshot, std::unique_ptr<std::uint32_t[]> rows,
                 std::size_t size) noexcept
    : snapshot_(std::move(snapshot)), rows_(std::move(rows)), size_(size) {}

Record Matches::operator[](std::size_t i) const& noexcept {
  const Part& part = snapshot_->part_of(rows_[i]);
  return {part.segment.get(), rows_[i] - part.base};
}

std::size_t Matches::slice_block(std::size_t i, std::string_view (&block)[64]) const noexcept {
  const Part& part = snapshot_->part_of(rows_[i]);
  const Segment& segment = *part.segment;
  const std::uint64_t end = std::uint64_t{part.base} + part.size();
  const std::size_t most = std::min<std::size_t>(64, size_ - i);
  std::size_t n = 0;
  for (; n < most && rows_[i + n] < end; ++n) block[n] = segment.json(rows_[i + n] - part.base);
  return n;
}

std::vector<std::string_view> Matches::slices() const& {
  std::vector<std::string_view> all;
  all.reserve(size_);
  for_each_slice([&](std::string_view slice) { all.push_back(slice); });
  return all;
}

void Matches::append_json_to(std::string& out) const {
  std::size_t bytes = sizeof R"({"data":[]})" + size_;
  for_each_slice([&](std::string_view slice) { bytes += slice.size(); });
  out.reserve(out.size() + bytes);
  out += R"({"data":[)";
  bool first = true;
  for_each_slice([&](std::string_view slice) {
    if (!first) out += ',';
    first = false;
    out += slice;
  });
  out += "]}";
}

std::string Matches::json() const {
  std::string out;
  append_json_to(out);
  return out;
}

}  // namespace syncdex::inline v0
