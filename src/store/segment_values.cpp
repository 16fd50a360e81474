#include "store/segment_values.h"

#include <algorithm>

#include "json/json_text.h"

namespace syncdex::inline v0 {

SegmentValues::SegmentValues(const Segment& segment, const PathTable& paths)
    : segment_(segment), paths_(paths), first_(paths.size() + 1), order_(segment.terms_.size()) {
  // A counting sort.
  const std::span<const Term> terms = segment.terms_.terms();
  for (const Term& term : terms) ++first_[term.path + 1];
  for (std::size_t path = 0; path < paths.size(); ++path) first_[path + 1] += first_[path];
  std::vector<std::uint32_t> next = first_;
  for (TermId id = 0; id < terms.size(); ++id) order_[next[terms[id].path]++] = id;
}

std::string_view SegmentValues::text_at(const char* value) {
  const Kind kind = kind_of(*value);
  if (kind == Kind::number) return number_at(value);
  if (kind != Kind::string) return {};
  const std::string_view raw = raw_string(value);
  if (raw.find('\\') == raw.npos) return raw;
  decoded_.clear();
  append_decoded(raw, decoded_);
  return decoded_;
}

// Equal values of a segment have one reference.
void SegmentValues::group_table_rows(StringRef Entry::*field) {
  groups_.clear();
  for (Row row = 0; row < segment_.size(); ++row) {
    const StringRef ref = segment_.entry(row).*field;
    if (ref.is_string()) groups_.emplace_back(ref, row);
  }
  std::ranges::sort(groups_, [](const auto& a, const auto& b) {
    return std::pair(a.first.word(), a.second) < std::pair(b.first.word(), b.second);
  });
}

}  // namespace syncdex::inline v0
