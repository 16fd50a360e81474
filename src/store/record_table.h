// The home of a segment's records: a Boost.MultiIndex container indexed by id (unique), provider, name
// and status. It finds a second record with the same id, answers look-ups by id and by name, and
// short groups by provider and status. The one file pair that knows Boost.
//
// An entry holds no bytes and no pointers, only where its texts stand:
//
//   StringRef   0x0000002A   the text begins at byte 42 of the segment's text and ends at a quote
//               0x80000007   it had escapes: decoded, at byte 7 of the segment's decoded text,
//                            behind its length
//               kNull, kAbsent
//
// Nodes come from one arena in row order, so that entry(row) is an address computation, and freeing a
// table is freeing the arena. All rows are added at once, when a segment's records are known.
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

// What StringRefs of a segment point into.
struct SegmentText {
  const char* text = nullptr;
  const std::string* decoded = nullptr;

  // The decoded string; data() is nullptr where there is none.
  std::string_view view(StringRef ref) const noexcept;
  // Whether the string is `value`. Cost: O(length), without a search for its end.
  bool equals(StringRef ref, std::string_view value) const noexcept;
};

// Equal providers of a segment have one StringRef, that of the first; so have equal statuses.
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
  // REQUIRES: entries[i].row == i; ids distinct; `providers` and `statuses` hold each value once. An
  // entry without an id is not found by one.
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

  // Calls take(row) for each record with this name, provider or status, in no order, until take says
  // false. Cost: a dependent memory access a record.
  template <class Take>
  void for_each_name(std::string_view name, std::uint32_t hash, Take take) const;
  template <class Take>
  void for_each_provider(std::string_view provider, Take take) const;
  template <class Take>
  void for_each_status(std::string_view status, Take take) const;

  // Each value once, by text.
  const std::vector<StringRef>& providers() const noexcept { return providers_; }
  const std::vector<StringRef>& statuses() const noexcept { return statuses_; }

  std::size_t bytes() const noexcept;

  struct Container;

 private:
  using Visit = bool (*)(void*, Row);
  void visit_names(std::string_view, std::uint32_t, void*, Visit) const;
  void visit_providers(std::string_view, void*, Visit) const;
  void visit_statuses(std::string_view, void*, Visit) const;

  std::optional<StringRef> find_value(const std::vector<StringRef>& values,
                                      std::string_view text) const noexcept;

  SegmentText text_;
  std::vector<StringRef> providers_;  // by text
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
