// A record: one sync, as views into the bytes that were loaded.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "syncdex/config.h"

namespace syncdex::inline v0 {

class Segment;

// A cheap handle to one record; pass it by value. The record and its views are valid as long as the Matches
// that it came from, or any Catalog handle of the same snapshot, exists. Immutable, and safe to share between
// threads.
class SYNCDEX_API Record {
 public:
  // Returns the record exactly as it was loaded: one JSON object without surrounding white space. Cost: O(1).
  std::string_view json() const noexcept;

  // These five return the decoded text of a field. If the field is null or absent, they return an empty view
  // whose data() is nullptr; get() distinguishes the two. Cost: O(length of the text); for health_status()
  // O(length of the record).
  std::string_view id() const noexcept;
  std::string_view provider() const noexcept;
  std::string_view name() const noexcept;
  std::string_view status() const noexcept;
  std::string_view health_status() const noexcept;

  // Returns the JSON text of the metadata object. If it is null or absent, data() is nullptr. Cost: O(its
  // length); O(length of the record) if the metadata is null or absent or begins more than 64 KiB into the
  // record, or if the record has duplicate keys.
  std::string_view metadata() const noexcept;

  // Returns the JSON text of a top-level field as written in the record: null, 42, "text", an object. Returns
  // nullopt if the field is absent. Duplicate keys: the last value wins. Cost: O(length of the record).
  std::optional<std::string_view> get(std::string_view key) const noexcept;

  // Returns the JSON text of the value at a path, as written in the record: find("metadata.plan.tier") is
  // "\"growth\"" with its quotes. Paths are those of filters (filter.h), without []. Returns nullopt if
  // nothing is there, or if the text is no such path. Of duplicate keys, the last value counts. Cost:
  // O(length of record and path).
  std::optional<std::string_view> find(std::string_view path) const;
  // Returns the string at a path, decoded; nullopt if there is no string. Cost: as above.
  std::optional<std::string> text(std::string_view path) const;

  friend bool operator==(const Record& a, const Record& b) noexcept {
    return a.segment_ == b.segment_ && a.row_ == b.row_;
  }

 private:
  friend class Access;
  Record(const Segment* segment, std::uint32_t row) noexcept : segment_(segment), row_(row) {}

  const Segment* segment_;
  std::uint32_t row_;
};

}  // namespace syncdex::inline v0
