// An immutable run of records with its own indexes: the unit that loads build, that changes add and
// that merges join. A catalog is a few of them.
//
//   text      the records' bytes, shared with whoever loaded them; never copied here
//   extents   where each record begins in it, and how long it is: a response is a walk over these
//   metadata  where its metadata begins: what rechecks look at
//   table     ids, providers, names, statuses (record_table.h)
//   terms     all indexed values (term_index.h)
//
// Offsets are 32 bits and count from the segment's own text, so a segment holds less than 2 GiB.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash_filter.h"
#include "base/input.h"
#include "store/record_table.h"
#include "terms/path_table.h"
#include "terms/posting_list.h"
#include "terms/term_index.h"

namespace syncdex::inline v0 {

// A text this small makes no posting lists for provider and status: the record table answers.
constexpr std::size_t kShortGroupBytes = 16 << 10;
// So no group in such a segment is longer than this: a record takes at least {"id":"1"} and a comma.
constexpr std::size_t kShortGroupRows = kShortGroupBytes / 11 + 1;
// A name of more records than this has a posting list.
constexpr std::size_t kCrowd = 16;

// Where a record is in its segment's text.
struct Extent {
  std::uint32_t begin;
  std::uint32_t length;
};

class Segment {
 public:
  ~Segment();
  Segment(const Segment&) = delete;
  Segment& operator=(const Segment&) = delete;

  std::size_t size() const noexcept { return extents_.size(); }

  // By row.
  const Extent* extents() const noexcept { return extents_.data(); }

  // REQUIRES (all below): row < size()
  const char* begin(Row row) const noexcept { return text_.text + extents_[row].begin; }
  std::string_view json(Row row) const noexcept { return {begin(row), extents_[row].length}; }
  const Entry& entry(Row row) const noexcept { return table_->entry(row); }
  const SegmentText& text() const noexcept { return text_; }
  std::string_view health_status(Row row) const noexcept;
  // The '{' of the record's metadata; nullptr if that is not known: there is none, it is null, or it is far
  // from the record's beginning. REQUIRES: the record has no duplicate key
  const char* metadata(Row row) const noexcept {
    return metadata_[row] == kFar ? nullptr : begin(row) + metadata_[row];
  }

  // The record has a duplicate key: its terms include values that do not count.
  bool has_duplicate_keys(Row row) const noexcept;
  const std::vector<Row>& rows_with_duplicate_keys() const noexcept { return duplicate_keys_; }

  // By id and by name, with the hash of the text: short_hash(). Names of more than kCrowd records have a
  // posting list instead.
  std::optional<Row> find_id(std::string_view id, std::uint32_t hash) const noexcept {
    return filter_.may_hold(hash) ? table_->find_id(id, hash) : std::nullopt;
  }
  // Whether there may be an id or a name with this hash, or a term with this upper half of one.
  bool may_hold(std::uint32_t hash) const noexcept { return filter_.may_hold(hash); }
  void prefetch(std::uint32_t hash) const noexcept { filter_.prefetch(hash); }

  const RecordTable& table() const noexcept { return *table_; }
  const TermIndex& terms() const noexcept { return terms_; }
  bool short_groups() const noexcept { return short_groups_; }

  std::size_t text_bytes() const noexcept { return text_bytes_; }
  std::size_t table_bytes() const noexcept;

  // From now on the text is this segment's alone: its memory goes back to the system with the segment, though
  // others still stand in the rest of what was loaded.
  void own_text() noexcept { owns_text_ = true; }
  void renumber_paths(std::span<const PathId> to) { terms_.renumber_paths(to); }

 private:
  friend class SegmentBuilder;
  Segment() = default;

  static constexpr std::uint16_t kFar = 0xFFFF;

  StringRef find_escaped_health(Row row) const noexcept;

  std::shared_ptr<const void> owner_;
  SegmentText text_;
  std::size_t text_bytes_ = 0;
  bool owns_text_ = false;
  std::string decoded_;  // strings that had escapes, each behind its length
  std::vector<Extent> extents_;
  std::vector<std::uint16_t> metadata_;  // where it begins in the record, or kFar
  HashFilter filter_;                    // ids, names and terms
  std::unique_ptr<RecordTable> table_;
  TermIndex terms_;
  std::vector<Row> duplicate_keys_;
  // health.status is viewed in the text, but for those that had escapes.
  std::vector<std::pair<Row, StringRef>> escaped_health_;
  bool short_groups_ = false;
};

// The JSON text of a top-level member of a record; of a duplicate key, the last value.
std::optional<std::string_view> find_member(std::string_view record, std::string_view key) noexcept;

}  // namespace syncdex::inline v0
