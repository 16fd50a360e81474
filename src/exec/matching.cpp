#include "exec/matching.h"

namespace syncdex::inline v0 {

Matching::Matching(const Query::Impl& query, const Snapshot& snapshot, const Work& work) {
  if (query.filter != nullptr) {
    filter_.emplace(*query.filter, snapshot, work);
  } else {
    pattern_.emplace(query.pattern, snapshot, work);
  }
}

RowSet Matching::start(const Part& part) {
  part_ = &part;
  space_.begin(part.size());
  RowSet rows;
  if (filter_) {
    rows = filter_->begin(part);
    certain_ = filter_->certain();
  } else {
    rows = pattern_->rows_of_terms(part, space_);
    certain_ = !pattern_->needs_recheck(part);
  }
  if (part.live.bits() != nullptr) {
    rows = space_.intersect(
        rows, RowSet(PostingList(static_cast<std::uint32_t>(part.live_size()), part.live.bits())));
  }
  // To go through it, the rows that are in it are needed.
  return rows.complemented() && !rows.is_all() ? space_.of_bits(space_.bits(rows).data()) : rows;
}

bool Matching::check(Row row) { return filter_ ? filter_->matches(row) : pattern_->matches(*part_, row); }

}  // namespace syncdex::inline v0
