#include "store/segment.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "base/page_buffer.h"
#include "json/json_text.h"

namespace syncdex::inline v0 {

std::optional<std::string_view> find_member(std::string_view record, std::string_view key) noexcept {
  std::optional<std::string_view> found;
  for (ObjectWalk walk(record.data()); walk.next();) {
    if (!same_string(walk.member().key, key)) continue;
    const char* const value = walk.member().value;
    found = std::string_view(value, static_cast<std::size_t>(skip_value(value) - value));
  }
  return found;
}

Segment::~Segment() {
  if (owns_text_ && owner_.use_count() > 1) discard_pages(text_.text, text_bytes_);
}

StringRef Segment::find_escaped_health(Row row) const noexcept {
  const auto escaped = std::ranges::lower_bound(escaped_health_, row, {}, &std::pair<Row, StringRef>::first);
  return escaped != escaped_health_.end() && escaped->first == row ? escaped->second : StringRef::absent();
}

std::string_view Segment::health_status(Row row) const noexcept {
  if (const StringRef escaped = find_escaped_health(row); escaped.is_string()) return text_.view(escaped);
  const auto health = find_member(json(row), "health");
  if (!health || health->front() != '{') return {};
  const auto status = find_member(*health, "status");
  if (!status || status->front() != '"') return {};
  return status->substr(1, status->size() - 2);
}

bool Segment::has_duplicate_keys(Row row) const noexcept {
  return !duplicate_keys_.empty() && std::ranges::binary_search(duplicate_keys_, row);
}

PostingList Segment::find_short_group(const ValueKey& key, RowBuffer& buffer) const {
  Row* const rows = buffer.allocate(kShortGroupRows);
  std::uint32_t n = 0;
  const auto visit = [&](Row row) {
    assert(n < kShortGroupRows);
    rows[n++] = row;
    return true;
  };
  if (key.role == Role::provider) {
    table_->for_each_provider(key.term.text, visit);
  } else {
    table_->for_each_status(key.term.text, visit);
  }
  std::sort(rows, rows + n);
  return {n, rows};
}

std::size_t Segment::table_bytes() const noexcept {
  return table_->bytes() + filter_.bytes() + decoded_.capacity() + extents_.capacity() * sizeof(Extent) +
         duplicate_keys_.capacity() * sizeof(Row) + metadata_.capacity() * sizeof(std::uint16_t) +
         escaped_health_.capacity() * sizeof(escaped_health_[0]);
}

}  // namespace syncdex::inline v0
