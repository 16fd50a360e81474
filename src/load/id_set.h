// The ids met in a load, to find the second record with one id across all segments. Holds hashes and
// rows only; the caller proves equality.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "terms/posting_list.h"

namespace syncdex::inline v0 {

class IdSet {
 public:
  void reserve(std::size_t ids) {
    if (ids * 3 / 2 + 8 > slots_.size()) rebuild(ids * 3 + 16);
  }

  void prefetch(std::uint32_t hash) const noexcept { __builtin_prefetch(&slots_[place(hash)], 1); }

  // Puts the row in. If it replaces one for which same(row) holds, gives that.
  // REQUIRES: room was reserved.
  template <class Same>
  std::optional<Row> put(std::uint32_t hash, Row row, Same same) {
    std::size_t at = place(hash);
    for (; slots_[at].row != kNoRow; at = next(at)) {
      if (slots_[at].hash != hash || !same(slots_[at].row)) continue;
      const Row other = slots_[at].row;
      slots_[at].row = row;
      return other;
    }
    slots_[at] = {hash, row};
    return std::nullopt;
  }

 private:
  struct Slot {
    std::uint32_t hash = 0;
    Row row = kNoRow;
  };
  std::size_t place(std::uint32_t hash) const noexcept {
    return static_cast<std::size_t>((std::uint64_t{hash} * slots_.size()) >> 32);
  }
  std::size_t next(std::size_t at) const noexcept { return at + 1 == slots_.size() ? 0 : at + 1; }

  void rebuild(std::size_t size) {
    std::vector<Slot> old(size);
    old.swap(slots_);
    for (const Slot& slot : old) {
      if (slot.row == kNoRow) continue;
      std::size_t at = place(slot.hash);
      while (slots_[at].row != kNoRow) at = next(at);
      slots_[at] = slot;
    }
  }

  std::vector<Slot> slots_;
};

}  // namespace syncdex::inline v0
