// The distinct values that a segment's records have at each indexed path, wherever the segment keeps them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store/segment.h"

namespace syncdex::inline v0 {

class SegmentValues {
 public:
  // Orders the segment's terms by path. O(terms + paths of the table). `most` limits the visits: to that many
  // values at each path and, for the four fields named below, to the values of that many records.
  SegmentValues(const Segment& segment, const PathTable& paths, std::size_t most = SIZE_MAX);

  // Whether not all values at the path are visited.
  bool is_cut(PathId path) const noexcept {
    const Role role = paths_.traits(path).role;
    return first_[path + 1] - first_[path] > most_ ||
           (rows_to_visit_ < segment_.size() &&
            (role == Role::id || role == Role::name ||
             (segment_.short_groups_ && (role == Role::provider || role == Role::status))));
  }
  // Calls visit(kind, text, rows) for each distinct value at the path. `text` is a decoded string, the text
  // of a number, or empty, and is valid only during the call. `rows` are those of Segment::list(). They are
  // valid as long as the segment if the index has them, but only during the call at id, name, provider and
  // status. Each id is visited separately. O(values at the path), and O(records) at those four.
  template <class Visit>
  void for_each(PathId path, Visit visit);
  // The same without ids and names, which are not terms.
  template <class Visit>
  void for_each_term(PathId path, Visit visit);

 private:
  std::string_view text_at(const char* value);
  void group_by_reference(StringRef Entry::*field);
  void group_by_name();
  template <class Visit>
  void visit_groups(Visit visit);

  const Segment& segment_;
  const PathTable& paths_;
  const std::size_t most_;
  const Row rows_to_visit_;
  std::vector<std::uint32_t> first_;  // by path, its first place in order_
  std::vector<TermId> order_;         // all terms, by path
  std::string decoded_;
  // Rows by value: equal keys are adjacent, with increasing rows. A key is a place in values_.
  std::vector<std::pair<std::uint32_t, Row>> groups_;
  std::vector<StringRef> values_;
  std::vector<Row> rows_;
};

template <class Visit>
void SegmentValues::for_each(PathId path, Visit visit) {
  for_each_term(path, visit);
  const Role role = paths_.traits(path).role;
  if (role == Role::id) {
    for (Row row = 0; row < rows_to_visit_; ++row) {
      const StringRef ref = segment_.entry(row).id;
      if (ref.is_string()) visit(Kind::string, segment_.text_.view(ref), PostingList(1, &row));
    }
  } else if (role == Role::name) {
    group_by_name();
    visit_groups(visit);
  }
}

template <class Visit>
void SegmentValues::for_each_term(PathId path, Visit visit) {
  const Role role = paths_.traits(path).role;
  const bool by_text = role == Role::id || role == Role::name;
  const std::size_t end = first_[path] + std::min<std::size_t>(first_[path + 1] - first_[path], most_);
  for (std::size_t i = first_[path]; i < end; ++i) {
    const TermId term = order_[i];
    const char* const value = segment_.text_.text + segment_.terms_.terms()[term].offset;
    const Kind kind = kind_of(*value);
    // Names of many records have a list as well.
    if (!by_text || kind != Kind::string) visit(kind, text_at(value), segment_.terms_.list(term));
  }
  if (segment_.short_groups_ && (role == Role::provider || role == Role::status)) {
    group_by_reference(role == Role::provider ? &Entry::provider : &Entry::status);
    visit_groups(visit);
  }
}

template <class Visit>
void SegmentValues::visit_groups(Visit visit) {
  for (auto at = groups_.begin(); at != groups_.end();) {
    const std::uint32_t key = at->first;
    rows_.clear();
    for (; at != groups_.end() && at->first == key; ++at) rows_.push_back(at->second);
    visit(Kind::string, segment_.text_.view(values_[key]),
          PostingList(static_cast<std::uint32_t>(rows_.size()), rows_.data()));
  }
}

}  // namespace syncdex::inline v0
