#include "store/segment_values.h"

#include <algorithm>

#include "json/json_text.h"

namespace syncdex::inline v0 {

SegmentValues::SegmentValues(const Segment& segment, const PathTable& paths, std::size_t most)
    : segment_(segment),
      paths_(paths),
      most_(most),
      rows_to_visit_(static_cast<Row>(std::min(segment.size(), most))),
      first_(paths.size() + 1),
      order_(segment.terms_.size()) {
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
void SegmentValues::group_by_reference(StringRef Entry::*field) {
  values_.clear();
  groups_.clear();
  std::vector<std::pair<std::uint32_t, Row>> words;
  for (Row row = 0; row < rows_to_visit_; ++row) {
    const StringRef ref = segment_.entry(row).*field;
    if (ref.is_string()) words.emplace_back(ref.word(), row);
  }
  std::ranges::sort(words);
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i == 0 || words[i].first != words[i - 1].first) {
      values_.push_back(segment_.entry(words[i].second).*field);
    }
    groups_.emplace_back(static_cast<std::uint32_t>(values_.size() - 1), words[i].second);
  }
}

// By the hash of the name; the few names that share one are compared.
void SegmentValues::group_by_name() {
  values_.clear();
  groups_.clear();
  std::vector<std::pair<std::uint32_t, Row>> hashes;
  hashes.reserve(rows_to_visit_);
  for (Row row = 0; row < rows_to_visit_; ++row) {
    if (segment_.entry(row).name.is_string()) hashes.emplace_back(segment_.entry(row).name_hash, row);
  }
  std::ranges::sort(hashes);
  std::size_t first = 0;  // in values_, of the names with this hash
  for (std::size_t i = 0; i < hashes.size(); ++i) {
    if (i == 0 || hashes[i].first != hashes[i - 1].first) first = values_.size();
    const StringRef name = segment_.entry(hashes[i].second).name;
    const std::string_view text = segment_.text_.view(name);
    std::size_t key = first;
    while (key < values_.size() && !segment_.text_.equals(values_[key], text)) ++key;
    if (key == values_.size()) values_.push_back(name);
    groups_.emplace_back(static_cast<std::uint32_t>(key), hashes[i].second);
  }
  // Names that share a hash may be mixed.
  if (!std::ranges::is_sorted(groups_)) std::ranges::sort(groups_);
}

}  // namespace syncdex::inline v0
