#include "syncdex/matches.h"

#include <algorithm>
#include <cstring>

#include "base/access.h"
#include "store/snapshot.h"

namespace syncdex::inline v0 {

Matches::Matches(std::shared_ptr<const Snapshot> snapshot, std::unique_ptr<std::uint32_t[]> rows,
                 std::size_t size) noexcept
    : snapshot_(std::move(snapshot)), rows_(std::move(rows)), size_(size) {}

Record Matches::operator[](std::size_t i) const& noexcept {
  const Part& part = snapshot_->part_of(rows_[i]);
  return Access::make<Record>(part.segment.get(), rows_[i] - part.base);
}

namespace {

// Calls take(begin, length) for the matches [from, to). Goes part by part, because within a part a slice
// takes only two loads. REQUIRES: the rows are increasing.
template <class Take>
void for_each_place(const Snapshot& snapshot, const std::uint32_t* rows, std::size_t from, std::size_t to,
                    Take take) {
  while (from < to) {
    const Part& part = snapshot.part_of(rows[from]);
    const char* const text = part.segment->text().text;
    const Extent* const extents = part.segment->extents();
    const std::uint32_t base = part.base;
    const std::uint64_t last = std::uint64_t{base} + part.size() - 1;
    // If the last row is in this part, so are all rows before it.
    const std::size_t end =
        rows[to - 1] <= last
            ? to
            : static_cast<std::size_t>(std::upper_bound(rows + from, rows + to, last) - rows);
    for (; from < end; ++from) {
      const Extent extent = extents[rows[from] - base];
      take(text + extent.begin, extent.length);
    }
  }
}

}  // namespace

std::size_t Matches::slice_block(std::size_t i, std::string_view (&block)[64]) const noexcept {
  const std::size_t n = std::min<std::size_t>(64, size_ - i);
  std::string_view* to = block;
  for_each_place(*snapshot_, rows_.get(), i, i + n, [&](const char* begin, std::size_t length) {
    *to++ = {begin, length};
  });
  return n;
}

std::vector<std::string_view> Matches::slices() const& {
  std::vector<std::string_view> all;
  all.reserve(size_);  // not resized, which would write zeros first
  if (size_ > 0) {
    for_each_place(*snapshot_, rows_.get(), 0, size_,
                   [&](const char* begin, std::size_t length) { all.emplace_back(begin, length); });
  }
  return all;
}

void Matches::append_json_to(std::string& out) const {
  constexpr std::string_view kOpen = R"({"data":[)";
  std::size_t bytes = kOpen.size() + 2 + size_;
  if (size_ > 0) {
    for_each_place(*snapshot_, rows_.get(), 0, size_,
                   [&](const char*, std::size_t length) { bytes += length; });
  }
  out.reserve(out.size() + bytes);
  out += kOpen;
  if (size_ > 0) {
    // Copies the byte after each record too, whatever it is, and overwrites it with the comma.
    for_each_place(*snapshot_, rows_.get(), 0, size_, [&](const char* begin, std::size_t length) {
      out.append(begin, length + 1);
      out.back() = ',';
    });
    out.pop_back();
  }
  out += "]}";
}

std::string Matches::json() const {
  std::string out;
  append_json_to(out);
  return out;
}

}  // namespace syncdex::inline v0
