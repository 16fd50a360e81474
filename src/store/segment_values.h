// The distinct values that a segment's records have at each indexed path, wherever the segment keeps them.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store/segment.h"

namespace syncdex::inline v0 {

class SegmentValues {
 public:
  // Orders the segment's terms by path. O(terms + paths of the table).
  SegmentValues(const Segment& segment, const PathTable& paths);

  // Calls visit(kind, text, rows) for each distinct value at the path: `text` is a decoded string, the text
  // of a number, or empty; `rows` are those of Segment::list(). Both are valid during the call alone, but
  // rows of paths that are not fields of the record as long as the segment. Of ids and names, each record is
  // visited by itself. O(values at the path), and of its rows where the record table has them.
  template <class Visit>
  void for_each(PathId path, Visit visit);

 private:
  std::string_view text_at(const char* value);
  void group_table_rows(StringRef Entry::*field);

  const Segment& segment_;
  const PathTable& paths_;
  std::vector<std::uint32_t> first_;  // by path, its first place in order_
  std::vector<TermId> order_;         // all terms, by path
  std::string decoded_;
  std::vector<std::pair<StringRef, Row>> groups_;
  std::vector<Row> rows_;
};

template <class Visit>
void SegmentValues::for_each(PathId path, Visit visit) {
  const Role role = paths_.traits(path).role;
  const bool by_text = role == Role::id || role == Role::name;
  for (std::uint32_t i = first_[path]; i < first_[path + 1]; ++i) {
    const TermId term = order_[i];
    const char* const value = segment_.text_.text + segment_.terms_.terms()[term].offset;
    const Kind kind = kind_of(*value);
    // Crowded names have a list as well.
    if (!by_text || kind != Kind::string) visit(kind, text_at(value), segment_.terms_.list(term));
  }
  if (by_text) {
    for (Row row = 0; row < segment_.size(); ++row) {
      const StringRef ref = role == Role::id ? segment_.entry(row).id : segment_.entry(row).name;
      if (ref.is_string()) visit(Kind::string, segment_.text_.view(ref), PostingList(1, &row));
    }
  } else if (segment_.short_groups_ && (role == Role::provider || role == Role::status)) {
    group_table_rows(role == Role::provider ? &Entry::provider : &Entry::status);
    for (auto at = groups_.begin(); at != groups_.end();) {
      const StringRef ref = at->first;
      rows_.clear();
      for (; at != groups_.end() && at->first == ref; ++at) rows_.push_back(at->second);
      visit(Kind::string, segment_.text_.view(ref),
            PostingList(static_cast<std::uint32_t>(rows_.size()), rows_.data()));
    }
  }
}

}  // namespace syncdex::inline v0
