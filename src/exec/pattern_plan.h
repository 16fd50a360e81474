// The plan for answering a pattern on one snapshot. A plan can be run and printed.
//
//   terms      each is looked up in each segment: a posting list with its exact count
//   driver     the shortest list enumerates candidates; the other lists are intersected with it
//   recheck    the residual, which the terms do not prove, is checked on each candidate's bytes
//              (containment.h)
//   scan       without terms, every record is a candidate
//
// The driver is chosen per segment, because counts differ between segments.
//
// A record with duplicate keys also has terms for values that lost to the last one. Such a record is always
// rechecked against the whole pattern.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "exec/containment.h"
#include "exec/row_set.h"
#include "pattern/pattern.h"
#include "store/snapshot.h"

namespace syncdex::inline v0 {

// The matches to return: those in rows >= `first`, at most `most` of them.
struct Window {
  Row first = 0;
  std::size_t limit = SIZE_MAX;
};

struct RowList {
  std::unique_ptr<Row[]> rows;
  std::size_t size = 0;
};

// Rows that are collected; how many there will be is not known before.
class Collected {
 public:
  // Makes room for `more` rows.
  void reserve(std::size_t more, std::size_t most) {
    if (rows_.size + more <= room_) return;
    room_ = std::max(rows_.size + more, std::min(room_ * 2, most));
    auto rows = std::make_unique_for_overwrite<Row[]>(room_);
    std::copy_n(rows_.rows.get(), rows_.size, rows.get());
    rows_.rows = std::move(rows);
  }
  // REQUIRES (both): room for them
  void push(Row row) noexcept { rows_.rows[rows_.size++] = row; }
  // Appends the rows that write(to) writes; it returns their number.
  template <class Write>
  void append(Write write) {
    rows_.size += write(rows_.rows.get() + rows_.size);
  }
  std::size_t size() const noexcept { return rows_.size; }
  RowList take() noexcept { return std::move(rows_); }

 private:
  RowList rows_;
  std::size_t room_ = 0;
};

class PatternPlan {
 public:
  // Resolves the pattern's paths. `work` is the budget for matching; once it is spent, answers are
  // incomplete. Cost: O(paths of the pattern); allocates if there are more than 32. REQUIRES: `pattern` and
  // `snapshot` outlive the plan.
  PatternPlan(const Pattern& pattern, const Snapshot& snapshot, Work work = {});

  // Returns the matching rows in increasing order. With a window, candidates are checked only until enough
  // matches are found.
  RowList run(Window window = {}) const;
  std::size_t count() const;
  // What is left of the budget.
  const Work& work() const noexcept { return work_; }
  Work& work() noexcept { return work_; }
  // The number of live records that hold this term of the pattern.
  std::size_t count(const QueryTerm& term) const;

  // Like run(), by definition: matches the whole pattern against every record and uses no index.
  RowList scan() const;

  // The rows of a part, dead ones included, that hold all terms; all rows without terms. Candidates, which
  // match if is_exact() and they have no duplicate keys.
  RowSet rows_of_terms(const Part& part, RowSpace& space) const;
  bool is_exact() const noexcept { return !pattern_.residual; }
  // Whether some of them may not match; and whether one does.
  bool needs_recheck(const Part& part) const noexcept;
  bool matches(const Part& part, Row row) const { return !needs_recheck(part) || recheck(part, row); }

  // Describes the plan, one step per line. Values at or below credential.properties are hidden.
  std::string explain() const;

 private:
  static constexpr std::size_t kFew = 32;

  struct Lists;  // the posting lists of one segment

  ValueKey key(const QueryTerm& term) const noexcept;
  void prefetch() const;
  bool lookup(const Part& part, Lists& lists) const;
  RowList run_all() const;
  RowList run_window(Window window) const;
  std::size_t candidates(const Part& part, const Lists& lists, Row* out) const;
  bool recheck(const Part& part, Row row) const;
  bool recheck(const Part& part, std::span<const Row> rows, std::size_t i) const;
  bool recheck_whole(const Part& part, Row row) const;
  std::size_t count_listed(const Part& part, const Lists& lists) const;
  std::size_t count_checked(const Part& part, Lists& lists) const;
  static std::size_t max_candidates(const Part& part, const Lists& lists);

  const Pattern& pattern_;
  const Snapshot& snapshot_;
  mutable Work work_;
  // Created for the first record that needs them.
  mutable std::optional<Matcher> whole_;
  mutable std::optional<Matcher> residual_;
  PathId few_paths_[kFew];
  std::vector<PathId> many_paths_;
  const PathId* paths_;
  bool never_matches_ = false;  // the pattern contradicts itself, or one of its paths is in no record
};

}  // namespace syncdex::inline v0
