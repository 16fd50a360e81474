#include "store/path_values.h"

namespace syncdex::inline v0 {

void PathValues::set_rows(Kind kind, std::vector<std::uint64_t> bits, std::size_t rows) {
  const auto k = static_cast<std::size_t>(kind);
  const std::size_t count = count_bits(bits.data(), bits.size());
  if (is_dense_enough(count, rows)) {
    bits_[k] = std::move(bits);
    rows_by_kind[k] = PostingList(static_cast<std::uint32_t>(count), bits_[k].data());
    return;
  }
  rows_[k].reserve(count);
  for_each_row(PostingList(static_cast<std::uint32_t>(count), bits.data()),
               [&](Row row) { rows_[k].push_back(row); });
  rows_by_kind[k] = PostingList(static_cast<std::uint32_t>(count), rows_[k].data());
}

std::size_t PathValues::bytes() const noexcept {
  std::size_t n = sizeof *this + terms.capacity() * sizeof(TermId);
  for (const auto& bits : bits_) n += bits.capacity() * sizeof(std::uint64_t);
  for (const auto& rows : rows_) n += rows.capacity() * sizeof(Row);
  return n;
}

PathValuesCache::~PathValuesCache() {
  for (const auto& values : kept_) delete values.load(std::memory_order_relaxed);
}

const PathValues* PathValuesCache::find(PathId path) const noexcept {
  for (const auto& place : kept_) {
    const PathValues* const values = place.load(std::memory_order_acquire);
    if (values == nullptr) return nullptr;
    if (values->path == path) return values;
  }
  return nullptr;
}

const PathValues* PathValuesCache::keep(std::unique_ptr<const PathValues>& values) noexcept {
  for (auto& place : kept_) {
    const PathValues* there = nullptr;
    if (place.compare_exchange_strong(there, values.get(), std::memory_order_acq_rel,
                                      std::memory_order_acquire)) {
      return values.release();
    }
    if (there->path == values->path) return there;
  }
  return nullptr;
}

std::size_t PathValuesCache::bytes() const noexcept {
  std::size_t n = 0;
  for (const auto& place : kept_) {
    const PathValues* const values = place.load(std::memory_order_acquire);
    if (values != nullptr) n += values->bytes();
  }
  return n;
}

}  // namespace syncdex::inline v0
