// The plan for answering a filter on one snapshot.
//
// Each node is evaluated, segment by segment, to two sets of rows: those that certainly meet it (`lower`) and
// those that may (`upper`). Where an index answers exactly, the two are equal. Then:
//
//   all     intersects both sets; expensive members come last, and are not evaluated at all if so few rows
//           are left that reading these is cheaper
//   any     unites both
//   none    swaps them and takes the complements, so that nothing has to be rechecked to negate it
//   some    an element meets a pattern or a condition: what the index knows of the array's elements. If an
//           element must meet several, the rows that meet each of them in any element are the upper set
//
//   contains    posting lists of its terms (PatternPlan)
//   condition   equality: posting lists. Presence and kinds: rows by kind (store/path_values.h). Ranges and
//               prefixes: a slice of the ordered view of the path (view_condition.h). Other parts of strings:
//               tested on each distinct value at the path, instead of each record. Where none of these is
//               there, or is worth it for so few rows: no row is certain, every row is possible
//
// Rows that are possible but not certain are rechecked on the record's bytes, by the whole filter. Records
// with duplicate keys have terms that do not count, so they are always rechecked.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "exec/condition.h"
#include "exec/filter_matcher.h"
#include "exec/pattern_plan.h"
#include "exec/row_set.h"
#include "exec/segment_views.h"
#include "exec/view_condition.h"
#include "query/filter.h"
#include "store/snapshot.h"

namespace syncdex::inline v0 {

class FilterPlan {
 public:
  // Resolves the filter's paths. `work` is the budget; once it is spent, answers are incomplete.
  // O(nodes, steps and values). REQUIRES: `filter` and `snapshot` outlive the plan.
  FilterPlan(const CompiledFilter& filter, const Snapshot& snapshot, Work work = {});
  FilterPlan(const FilterPlan&) = delete;
  FilterPlan& operator=(const FilterPlan&) = delete;

  // As in PatternPlan.
  RowList run(Window window = {});
  std::size_t count();
  RowList scan();
  const Work& work() const noexcept { return work_; }
  Work& work() noexcept { return work_; }

  // Begins with a part. Returns the rows of it that may match, dead ones included; valid until the next call.
  RowSet begin(const Part& part);
  // Whether all of them match, and whether one does.
  bool certain() const noexcept { return certain_; }
  bool matches(Row row);

  // What a node is evaluated to, in records of the whole snapshot.
  struct Counts {
    std::size_t certain = 0;
    std::size_t possible = 0;  // certain ones included
    std::size_t parts = 0;     // in which it was evaluated
    std::size_t views = 0;     // parts in which an ordered view answered it
    double view_seconds = 0;   // for making those views that were missing
  };
  // By the number of the node. Within an element: of the records that have such an element.
  std::vector<Counts> count_nodes();
  // The live records that hold one of a condition's values. REQUIRES: plain_keys(node) has some
  std::size_t count_keys(const FilterNode& node);
  // The values that answer a condition by look-ups alone; empty for other conditions.
  const std::vector<ValueKey>& plain_keys(const FilterNode& node) const { return nodes_[node.number].keys; }

 private:
  struct Bounds {
    RowSet lower;
    RowSet upper;
    bool exact = true;
  };
  // What is known of a node before any segment is looked at.
  struct NodePlan {
    std::unique_ptr<PatternPlan> pattern;  // of `contains`
    PathId path = kNoPath;                 // of a condition or `some`
    bool indexed = false;                  // its path is; with kNoPath no record has it
    bool by_values = false;                // look-ups of single values answer it
    std::vector<ValueKey> keys;            // these
    bool tests_values = false;             // it, or a node below, tests all values at a path
    std::optional<ViewCondition> view;     // of a condition that an ordered view answers
  };

  static Bounds exactly(const RowSet& rows) { return {rows, rows, true}; }
  static Bounds unknown() { return {{}, RowSet::all(), false}; }

  void resolve(const FilterNode& node);
  void resolve_path(const FilterNode& node);
  // Begins with the next part.
  void start(const Part& part);
  // `candidates`: how many rows are left for the node to decide about.
  Bounds evaluate(const FilterNode& node, std::size_t candidates);
  Bounds evaluate_shape(const FilterNode& node, std::size_t candidates);
  Bounds evaluate_all(const FilterNode& node, std::size_t candidates);
  Bounds evaluate_any(const FilterNode& node, std::size_t candidates);
  Bounds evaluate_some(const FilterNode& node, std::size_t candidates);
  Bounds evaluate_condition(const FilterNode& node, std::size_t candidates);
  RowSet rows_of_keys(const NodePlan& plan);
  RowSet rows_of_kinds(const NodePlan& plan, const FilterNode& node, std::uint8_t kinds);
  bool is_worth_testing(const NodePlan& plan, const FilterNode& node, std::size_t candidates) const;
  RowSet rows_of_tested(const NodePlan& plan, const FilterNode& node);
  // The view that answers a condition, if there is one or it is worth to make it.
  const OrderedView* view_for(const FilterNode& node, std::size_t candidates);
  std::span<const Places> places_in(const OrderedView& view, const NodePlan& plan);
  bool is_worth_collecting(std::span<const Places> places) const;
  RowSet rows_of_places(const OrderedView& view, std::span<const Places> places);
  const PathValues& values_at(const NodePlan& plan, const FilterNode& node);

  std::size_t count_live(const PostingList& a, const PostingList& b) const;
  std::size_t count_live(const RowSet& rows) const;
  std::optional<std::size_t> count_lists();
  // The rows of the current part that may match, dead ones included.
  RowSet candidates();
  void evaluate_root();
  // Calls visit(row) for the live candidates >= `first` of the current part that match, until it returns
  // false.
  template <class Visit>
  void for_each_match(const RowSet& candidates, Row first, Visit visit);
  bool recheck(Row row);

  const CompiledFilter& filter_;
  const Snapshot& snapshot_;
  Work work_;
  std::vector<NodePlan> nodes_;
  std::unique_ptr<FilterMatcher> matcher_;  // created for the first record that needs it
  ConditionTest test_;
  // Of the part that is being evaluated:
  const Part* part_ = nullptr;
  RowSpace space_;
  Bounds bounds_;                      // of the whole filter
  bool certain_ = true;                // no row needs to be rechecked
  std::size_t wanted_ = SIZE_MAX;      // matches that are still wanted
  std::optional<SegmentViews> views_;  // once a node asks for one
  RowBuffer buffer_;
  std::vector<PostingList> lists_;
  std::vector<std::unique_ptr<const PathValues>> own_values_;
  std::vector<Places> places_;
  std::vector<Row> few_rows_;
  std::vector<Counts>* counts_ = nullptr;  // if wanted
};

// The path of a condition or `some`, from the record on; kNoPath if no record has it, or it is not indexed.
PathId find_path(const Snapshot& snapshot, const FilterNode& node) noexcept;

}  // namespace syncdex::inline v0
