// How a query is answered on one snapshot: the choice as data, which can be run and printed.
//
//   terms      looked up in each segment: a posting list each, exact counts
//   driver     the shortest list enumerates candidates; the others are intersected with it
//   residual   what the terms do not prove is checked on each candidate's bytes (containment.h)
//   scan       without a term, every record is a candidate
//
// A record in which a key stands twice has terms for values that do not count, so it is checked
// whole, whatever the plan. In each segment the lists are ordered anew, by their counts there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "exec/containment.h"
#include "query/query_impl.h"
#include "store/snapshot.h"

namespace syncdex::inline v0 {

// Which matches are wanted: those in rows from `first` on, at most `most` of them.
struct Window {
  Row first = 0;
  std::size_t most = SIZE_MAX;
};

struct RowList {
  std::unique_ptr<Row[]> rows;
  std::size_t size = 0;
};

class Plan {
 public:
  // Resolves the query's paths. Cost: O(paths of the query); allocates for more than 32 of them.
  // REQUIRES: both outlive the plan.
  // `work` is what matching may take; once it is spent, answers are short.
  Plan(const Query::Impl& query, const Snapshot& snapshot, Work work = {});

  // The rows that match, increasing. Allocates the list of rows. With a window, candidates are checked one
  // after another and only until there are enough.
  RowList run(Window window = {}) const;
  std::size_t count() const;
  bool work_spent() const noexcept { return work_.spent(); }
  // Records that hold one of the query's terms.
  std::size_t count(const QueryTerm& term) const;

  // The same by the definition: the whole pattern on every record.
  RowList scan() const;

  // One step a line. No value at or below credential.properties is printed.
  std::string explain() const;

 private:
  static constexpr std::size_t kFew = 32;

  struct Lists;  // the posting lists of one segment

  ValueKey key(const QueryTerm& term) const noexcept;
  void prefetch() const;
  bool lookup(const Part& part, Lists& lists) const;
  RowList run_all() const;
  RowList run_window(Window window) const;
  bool needs_check(const Part& part) const noexcept;
  std::size_t candidates(const Part& part, const Lists& lists, Row* out) const;
  bool check(const Part& part, Row row) const;
  bool check_whole(const Part& part, Row row) const;
  std::size_t count_listed(const Part& part, const Lists& lists) const;
  std::size_t count_checked(const Part& part, Lists& lists) const;
  static std::size_t most(const Part& part, const Lists& lists);

  const Query::Impl& query_;
  const Snapshot& snapshot_;
  mutable Work work_;
  // Made for the first record that needs them.
  mutable std::optional<Matcher> whole_;
  mutable std::optional<Matcher> residual_;
  PathId few_paths_[kFew];
  std::vector<PathId> many_paths_;
  const PathId* paths_;
  bool nothing_ = false;  // no record has one of the paths, or the query is a contradiction
};

}  // namespace syncdex::inline v0
