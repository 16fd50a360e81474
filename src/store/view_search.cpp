#include "store/view_search.h"

#include <algorithm>

#include "store/ordered_value.h"

namespace syncdex::inline v0 {

std::string_view ViewSearch::read(Row row, std::string& buffer) {
  const char* const value = find_value(*segment_, row, *path_, read_);
  const std::string_view text = ordered_text(value, buffer);
  read_ += static_cast<std::int64_t>(text.size());
  return text;
}

std::strong_ordering ViewSearch::compare(Row row, const SortValue& value) {
  if (view_->key(row) != value.key.key) return view_->key(row) <=> value.key.key;
  if (view_->exact() && value.key.exact) return std::strong_ordering::equal;
  const std::string_view text = read(row, buffer_);
  if (path_->times) return *parse_instant(text) <=> value.instant;
  return compare_texts(value.kind, text, value.text);
}

std::strong_ordering ViewSearch::compare(Row row, ViewSearch& other, Row other_row) {
  const SortKey a = view_->key(row);
  const SortKey b = other.view_->key(other_row);
  if (a != b) return a <=> b;
  if (view_->exact() && other.view_->exact()) return std::strong_ordering::equal;
  std::string own;  // both may be searches of one segment
  const std::string_view text = read(row, own);
  const std::string_view other_text = other.read(other_row, other.buffer_);
  if (path_->times) return *parse_instant(text) <=> *parse_instant(other_text);
  return compare_texts(kind_of_key(a), text, other_text);
}

template <class Predicate>
std::size_t ViewSearch::first_without(const Places& places, Predicate holds) {
  const auto rows = view_->rows().begin();
  const auto first = rows + static_cast<std::ptrdiff_t>(places.first);
  const auto last = rows + static_cast<std::ptrdiff_t>(places.last);
  return static_cast<std::size_t>(std::partition_point(first, last, holds) - rows);
}

Places ViewSearch::equal_to(const SortValue& value) {
  Places places{view_->first_from(value.key.key), view_->first_after(value.key.key)};
  if (places.empty() || (view_->exact() && value.key.exact)) return places;
  places.first = first_without(places, [&](Row row) { return std::is_lt(compare(row, value)); });
  places.last = first_without(places, [&](Row row) { return std::is_lteq(compare(row, value)); });
  return places;
}

Places ViewSearch::with_prefix(const SortValue& prefix) {
  Places places{view_->first_from(prefix.key.key), view_->first_after(last_key_with_prefix(prefix.text))};
  if (places.empty() || keys_decide_prefix(prefix.text)) return places;
  // The strings from the prefix on, and of these the ones that have it.
  places.first = first_without(places, [&](Row row) { return std::is_lt(compare(row, prefix)); });
  places.last = first_without(places, [&](Row row) { return read(row, buffer_).starts_with(prefix.text); });
  return places;
}

}  // namespace syncdex::inline v0
