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

const PathValues& Segment::values_at(PathId path, Role role, std::unique_ptr<const PathValues>& own) const {
  if (const PathValues* const kept = path_values_.find(path)) return *kept;
  own = make_values(path, role);
  const PathValues* const kept = path_values_.keep(own);
  return kept != nullptr ? *kept : *own;
}

std::unique_ptr<PathValues> Segment::make_values(PathId path, Role role) const {
  auto values = std::make_unique<PathValues>();
  values->path = path;
  std::array<std::vector<std::uint64_t>, 7> bits;
  const auto rows_of = [&](Kind kind) -> std::uint64_t* {
    auto& rows = bits[static_cast<std::size_t>(kind == Kind::boolean_true ? Kind::boolean_false : kind)];
    if (rows.empty()) rows.resize(words_for(size()));
    return rows.data();
  };
  StringRef Entry::*const field = table_field(role);
  const std::span<const Term> terms = terms_.terms();
  for (TermId id = 0; id < terms.size(); ++id) {
    if (terms[id].path != path) continue;
    const Kind kind = kind_of(text_.text[terms[id].offset]);
    if (kind == Kind::string && field != nullptr) continue;  // a name of many records
    if (kind < Kind::array) values->terms.push_back(id);
    std::uint64_t* const rows = rows_of(kind);
    for_each_row(terms_.list(id), [&](Row row) { set_bit(rows, row); });
  }
  for (Row row = 0; field != nullptr && row < size(); ++row) {
    if ((entry(row).*field).is_string()) set_bit(rows_of(Kind::string), row);
  }
  values->terms.shrink_to_fit();
  for (std::size_t kind = 0; kind < bits.size(); ++kind) {
    if (!bits[kind].empty()) values->set_rows(static_cast<Kind>(kind), std::move(bits[kind]), size());
  }
  return values;
}

std::size_t Segment::table_bytes() const noexcept {
  return table_->bytes() + filter_.bytes() + decoded_.capacity() + extents_.capacity() * sizeof(Extent) +
         duplicate_keys_.capacity() * sizeof(Row) + metadata_.capacity() * sizeof(std::uint16_t) +
         escaped_health_.capacity() * sizeof(escaped_health_[0]);
}

}  // namespace syncdex::inline v0
