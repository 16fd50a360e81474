// The record table of a segment: a Boost.MultiIndex container indexed by id (unique), provider, name and
// status. Answers lookups by id and by name, and by provider and status in short groups. Only this pair of
// files uses Boost.
//
// An entry contains no bytes and no pointers, only references to its texts:
//
//   StringRef   0x0000002A   the text begins at byte 42 of the segment's text and ends at a quote
//               0x80000007   the text had escapes: at byte 7 of the segment's decoded text are its length
//                            (4 bytes) and then its decoded bytes
//               kNull, kAbsent
//
// Nodes come from one arena in row order, so entry(row) only computes an address, and destroying a table only
// frees the arena. All rows are added at once, when the segment's records are complete.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "terms/posting_list.h"

namespace syncdex::inline v0 {

class StringRef {
 public:
  constexpr StringRef() noexcept = default;
  constexpr std::uint32_t word() const noexcept { return at_; }
  static constexpr StringRef absent() noexcept { return StringRef(kAbsent); }
  static constexpr StringRef null() noexcept { return StringRef(kNull); }
  static constexpr StringRef in_text(std::uint32_t at) noexcept { return StringRef(at); }
  static constexpr StringRef decoded(std::uint32_t at) noexcept { return StringRef(at | kDecoded); }

  constexpr bool is_string() const noexcept { return at_ < kNull; }
  constexpr bool is_null() const noexcept { return at_ == kNull; }
  constexpr bool is_decoded() const noexcept { return (at_ & kDecoded) != 0; }
  constexpr std::uint32_t offset() const noexcept { return at_ & ~kDecoded; }
  friend constexpr bool operator==(StringRef, StringRef) = default;

 private:
  static constexpr std::uint32_t kDecoded = 0x8000'0000;
  static constexpr std::uint32_t kNull = 0xFFFF'FFFE;
  static constexpr std::uint32_t kAbsent = 0xFFFF'FFFF;
  explicit constexpr StringRef(std::uint32_t at) noexcept : at_(at) {}

  std::uint32_t at_ = kAbsent;
};

// The memory that the StringRefs of a segment refer to.
struct SegmentText {
  const char* text = nullptr;
  const std::string* decoded = nullptr;

  // The decoded string. Its data() is nullptr if the reference is null or absent.
  std::string_view view(StringRef ref) const noexcept;
  // Whether the string equals `value`. Cost: O(length); does not search for the end of the string.
  bool equals(StringRef ref, std::string_view value) const noexcept;
};

// Equal providers of a segment share one StringRef, that of the first one. So do equal statuses.
struct Entry {
  Row row = 0;
  std::uint32_t id_hash = 0;
  std::uint32_t name_hash = 0;
  StringRef id;
  StringRef provider;
  StringRef name;
  StringRef status;
};

class RecordTable {
 public:
  // REQUIRES: entries[i].row == i; ids are distinct; `providers` and `statuses` contain each value once.
  // An entry without an id is not found by any id.
  RecordTable(SegmentText text, std::span<const Entry> entries, std::vector<StringRef> providers,
              std::vector<StringRef> statuses);
  ~RecordTable();
  RecordTable(const RecordTable&) = delete;
  RecordTable& operator=(const RecordTable&) = delete;

  std::size_t size() const noexcept { return size_; }
  // REQUIRES: row < size()
  const Entry& entry(Row row) const noexcept {
    return *reinterpret_cast<const Entry*>(first_ + std::size_t{row} * stride_);
  }

  std::optional<Row> find_id(std::string_view id, std::uint32_t hash) const noexcept;

  // Calls take(row) for each record with this name, provider or status, in no particular order, until it
  // returns false. Cost: one dependent memory access per record.
  template <class Take>
  void for_each_name(std::string_view name, std::uint32_t hash, Take take) const;
  template <class Take>
  void for_each_provider(std::string_view provider, Take take) const;
  template <class Take>
  void for_each_status(std::string_view status, Take take) const;

  // Each value once, sorted by text.
  const std::vector<StringRef>& providers() const noexcept { return providers_; }
  const std::vector<StringRef>& statuses() const noexcept { return statuses_; }

  std::size_t bytes() const noexcept;
  // For tests: the most records with a value that one bucket of an index holds.
  std::size_t longest_bucket() const noexcept;

  struct Container;

 private:
  using Visit = bool (*)(void*, Row);
  void visit_names(std::string_view, std::uint32_t, void*, Visit) const;
  void visit_providers(std::string_view, void*, Visit) const;
  void visit_statuses(std::string_view, void*, Visit) const;

  std::optional<StringRef> find_value(const std::vector<StringRef>& values,
                                      std::string_view text) const noexcept;

  SegmentText text_;
  std::vector<StringRef> providers_;  // sorted by text
  std::vector<StringRef> statuses_;
  std::unique_ptr<Container> container_;
  const char* first_ = nullptr;
  std::size_t stride_ = 0;
  std::size_t size_ = 0;
};

template <class Take>
void RecordTable::for_each_name(std::string_view name, std::uint32_t hash, Take take) const {
  visit_names(name, hash, &take, [](void* f, Row row) { return (*static_cast<Take*>(f))(row); });
}
template <class Take>
void RecordTable::for_each_provider(std::string_view provider, Take take) const {
  visit_providers(provider, &take, [](void* f, Row row) { return (*static_cast<Take*>(f))(row); });
}
template <class Take>
void RecordTable::for_each_status(std::string_view status, Take take) const {
  visit_statuses(status, &take, [](void* f, Row row) { return (*static_cast<Take*>(f))(row); });
}

}  // namespace syncdex::inline v0
