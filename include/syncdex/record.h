// One sync, as views of the bytes that were loaded.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "syncdex/config.h"

namespace syncdex::inline v0 {

class Segment;

// A cheap handle, passed by value. Valid as long as the Matches or any Catalog handle of the snapshot
// that it came from; so are the views that it gives. Immutable: safe to share between threads.
class SYNCDEX_API Record {
 public:
  Record(const Segment* segment, std::uint32_t row) noexcept : segment_(segment), row_(row) {}

  // The record exactly as it was loaded: one JSON object, without the white space around it. Cost: O(1).
  std::string_view json() const noexcept;

  // The decoded text; where the field is null or absent, an empty view whose data() is nullptr (get()
  // tells the two apart). Cost: O(length of the text); health_status() walks the record.
  std::string_view id() const noexcept;
  std::string_view provider() const noexcept;
  std::string_view name() const noexcept;
  std::string_view status() const noexcept;
  std::string_view health_status() const noexcept;

  // The JSON text of the metadata object; data() is nullptr where it is null or absent. Cost: O(its
  // length), or that of the record where it stands far from the record's begin.
  std::string_view metadata() const noexcept;

  // The JSON text of a top-level field as it stands in the record ("null", "42", "\"text\"", an
  // object); nothing where the field is absent. Of a key that stands twice, the last.
  // Cost: O(length of the record).
  std::optional<std::string_view> get(std::string_view key) const noexcept;

  friend bool operator==(const Record& a, const Record& b) noexcept {
    return a.segment_ == b.segment_ && a.row_ == b.row_;
  }

 private:
  const Segment* segment_;
  std::uint32_t row_;
};

}  // namespace syncdex::inline v0
