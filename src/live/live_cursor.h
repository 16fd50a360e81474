// Walks over the live records of a snapshot in load order.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "store/snapshot.h"

namespace syncdex::inline v0 {

// REQUIRES: the snapshot outlives it. All but done() and move_to() require !done().
class LiveCursor {
 public:
  explicit LiveCursor(const Snapshot& snapshot) : parts_(snapshot.parts()) { settle(); }

  bool done() const noexcept { return part_ == parts_.size(); }
  Row row() const noexcept { return parts_[part_].base + row_; }
  std::string_view json() const noexcept { return parts_[part_].segment->json(row_); }
  std::uint32_t id_hash() const noexcept { return parts_[part_].segment->entry(row_).id_hash; }
  bool has_id(std::string_view id, std::uint32_t hash) const noexcept {
    const Segment& segment = *parts_[part_].segment;
    const Entry& entry = segment.entry(row_);
    return entry.id_hash == hash && segment.text().equals(entry.id, id);
  }
  void next() noexcept {
    ++row_;
    settle();
  }
  // REQUIRES: the row is a live one of the part.
  void move_to(const Part& part, Row row) noexcept {
    part_ = static_cast<std::size_t>(&part - parts_.data());
    row_ = row - part.base;
  }

 private:
  void settle() noexcept {
    for (; part_ < parts_.size(); ++part_, row_ = 0) {
      while (row_ < parts_[part_].size() && !parts_[part_].live.contains(row_)) ++row_;
      if (row_ < parts_[part_].size()) return;
    }
  }

  const std::vector<Part>& parts_;
  std::size_t part_ = 0;
  Row row_ = 0;
};

}  // namespace syncdex::inline v0
