#include "syncdex/matches.h"

#include <algorithm>
#include <cstring>
#include <span>

#include "base/access.h"
#include "store/snapshot.h"

namespace syncdex::inline v0 {

Matches::Matches(std::shared_ptr<const Snapshot> snapshot, std::unique_ptr<std::uint32_t[]> rows,
                 std::size_t size, bool in_load_order) noexcept
    : snapshot_(std::move(snapshot)), rows_(std::move(rows)), size_(size), in_load_order_(in_load_order) {}

Record Matches::operator[](std::size_t i) const& noexcept {
  const Part& part = snapshot_->part_of(rows_[i]);
  return Access::make<Record>(part.segment.get(), rows_[i] - part.base);
}

namespace {

// Calls take(begin, length) for the rows. Goes part by part, because within a part a slice takes only two
// loads. In load order, one search finds where a part ends.
template <class Take>
void for_each_place(const Snapshot& snapshot, std::span<const std::uint32_t> rows, bool in_load_order,
                    Take take) {
  while (!rows.empty()) {
    const Part& part = snapshot.part_of(rows.front());
    const char* const text = part.segment->text().text;
    const Extent* const extents = part.segment->extents();
    const std::uint32_t base = part.base;
    const std::uint64_t last = std::uint64_t{base} + part.size() - 1;
    std::size_t n = rows.size();
    if (!in_load_order) {
      const auto is_elsewhere = [&](std::uint32_t row) { return row < base || row > last; };
      n = static_cast<std::size_t>(std::ranges::find_if(rows, is_elsewhere) - rows.begin());
    } else if (rows.back() > last) {
      n = static_cast<std::size_t>(std::ranges::upper_bound(rows, last) - rows.begin());
    }
    for (const std::uint32_t row : rows.first(n)) {
      const Extent extent = extents[row - base];
      take(text + extent.begin, extent.length);
    }
    rows = rows.subspan(n);
  }
}

}  // namespace

std::size_t Matches::slice_block(std::size_t i, std::string_view (&block)[64]) const noexcept {
  const std::size_t n = std::min<std::size_t>(64, size_ - i);
  std::string_view* to = block;
  for_each_place(*snapshot_, {rows_.get() + i, n}, in_load_order_,
                 [&](const char* begin, std::size_t length) {
                   *to++ = {begin, length};
                 });
  return n;
}

std::vector<std::string_view> Matches::slices() const& {
  std::vector<std::string_view> all;
  all.reserve(size_);  // not resized, which would write zeros first
  if (size_ > 0) {
    for_each_place(*snapshot_, {rows_.get(), size_}, in_load_order_,
                   [&](const char* begin, std::size_t length) { all.emplace_back(begin, length); });
  }
  return all;
}

void Matches::append_json_to(std::string& out) const {
  constexpr std::string_view kOpen = R"({"data":[)";
  std::size_t bytes = kOpen.size() + 2 + size_;
  if (size_ > 0) {
    for_each_place(*snapshot_, {rows_.get(), size_}, in_load_order_,
                   [&](const char*, std::size_t length) { bytes += length; });
  }
  out.reserve(out.size() + bytes);
  out += kOpen;
  if (size_ > 0) {
    // Copies the byte after each record too, whatever it is, and overwrites it with the comma.
    for_each_place(*snapshot_, {rows_.get(), size_}, in_load_order_,
                   [&](const char* begin, std::size_t length) {
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
