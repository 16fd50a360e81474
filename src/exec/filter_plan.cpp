#include "exec/filter_plan.h"

#include <algorithm>
#include <array>

#include "exec/row_blocks.h"

namespace syncdex::inline v0 {
namespace {

using Shape = FilterNode::Shape;

}  // namespace

FilterPlan::FilterPlan(const CompiledFilter& filter, const Snapshot& snapshot, Work work)
    : filter_(filter), snapshot_(snapshot), work_(work), nodes_(filter.nodes) {
  resolve(filter.root);
}

PathId find_path(const Snapshot& snapshot, const FilterNode& node) noexcept {
  PathId path = node.traits.indexed ? kRootPath : kNoPath;
  for (const FilterStep& step : node.from_record) {
    if (path == kNoPath) break;
    path = snapshot.paths().find(path, step.step(), step.hash);
  }
  return path;
}

void FilterPlan::resolve(const FilterNode& node) {
  NodePlan& plan = nodes_[node.number];
  if (node.shape == Shape::contains) {
    const Pattern* const pattern =
        node.scope == Scope::record ? node.pattern.get() : node.from_record_pattern.get();
    if (pattern != nullptr) plan.pattern = std::make_unique<PatternPlan>(*pattern, snapshot_);
  }
  if (node.shape == Shape::condition || node.shape == Shape::some) resolve_path(node);
  for (const FilterNode& member : node.members) {
    resolve(member);
    plan.tests_values |= nodes_[member.number].tests_values;
  }
}

void FilterPlan::resolve_path(const FilterNode& node) {
  NodePlan& plan = nodes_[node.number];
  plan.indexed = node.traits.indexed;
  plan.path = find_path(snapshot_, node);
  if (node.shape == Shape::some) return;
  if (node.scope == Scope::record) plan.view = ViewCondition::of(node.from_record, *node.condition);
  plan.tests_values = plan.view.has_value();
  if (!plan.indexed) return;
  plan.by_values = node.condition->asks_for_values_alone();
  plan.tests_values |= !plan.by_values && node.condition->compares();
  if (!plan.by_values) return;
  const std::uint64_t path_hash = node.from_record.back().hash;  // the record itself is not indexed
  for (const Operand& value : *node.condition->values) {
    plan.keys.push_back(
        {{hash_term(hash_seed(), path_hash, value.kind, value.text), plan.path, value.kind, value.text},
         node.traits.role,
         value.kind == Kind::string ? short_hash(value.text) : 0});
  }
}

void FilterPlan::start(const Part& part) {
  part_ = &part;
  own_values_.clear();
  views_.reset();
  space_.begin(part.size());
}

bool FilterPlan::recheck(Row row) {
  if (matcher_ == nullptr) matcher_ = std::make_unique<FilterMatcher>(filter_, work_);
  return matcher_->matches(part_->segment->begin(row), part_->segment->has_duplicate_keys(row));
}

RowSet FilterPlan::begin(const Part& part) {
  start(part);
  evaluate_root();
  return candidates();
}

void FilterPlan::evaluate_root() {
  bounds_ = evaluate(filter_.root, part_->size());
  certain_ = bounds_.exact && part_->segment->rows_with_duplicate_keys().empty();
}

bool FilterPlan::matches(Row row) {
  if (certain_) return true;
  const bool known =
      (bounds_.exact || bounds_.lower.contains(row)) && !part_->segment->has_duplicate_keys(row);
  return known || recheck(row);
}

RowSet FilterPlan::candidates() {
  const std::vector<Row>& duplicates = part_->segment->rows_with_duplicate_keys();
  RowSet rows = bounds_.upper;
  if (!duplicates.empty()) rows = space_.unite(rows, space_.copy(duplicates));
  // To go through it, the rows that are in it are needed.
  return rows.complemented() && !rows.is_all() ? space_.of_bits(space_.bits(rows).data()) : rows;
}

template <class Visit>
void FilterPlan::for_each_match(const RowSet& candidates, Row first, Visit visit) {
  if (candidates.empty()) return;
  PostingList list = candidates.list();
  const std::span<PostingList> lists(&list, candidates.is_all() ? 0 : 1);
  RowBlocks blocks(lists, part_->live.bits(), part_->size(), first);
  for (auto block = blocks.next(); !block.empty(); block = blocks.next()) {
    for (std::size_t i = 0; i < block.size(); ++i) {
      const Row row = block[i];
      if (!bounds_.exact && i + kRecordsAhead < block.size()) {
        part_->segment->prefetch_text(block[i + kRecordsAhead], false);
      }
      if (matches(row) && !visit(row)) return;
      if (work_.spent()) return;
    }
  }
}

RowList FilterPlan::run(Window window) {
  if (window.limit == 0) return {};
  Collected out;
  for (const Part& part : snapshot_.parts()) {
    if (part.base + part.size() <= window.first) continue;
    wanted_ = window.limit - out.size();
    const RowSet rows = begin(part);
    const std::size_t most = std::min(rows.count(part.size()), part.live_size());
    out.reserve(std::min<std::size_t>(most, window.limit - out.size()), snapshot_.size());
    if (certain_ && !rows.is_all() && !rows.empty() && window.first <= part.base && most <= wanted_) {
      const PostingList& list = rows.list();
      out.append([&](Row* to) {
        return intersect({&list, 1}, part.live.bits(), space_.words(), part.base, to);
      });
    } else {
      for_each_match(rows, std::max(window.first, part.base) - part.base, [&](Row row) {
        out.push(part.base + row);
        return out.size() < window.limit;
      });
    }
    if (out.size() == window.limit || work_.spent()) break;
  }
  return out.take();
}

// How many live records of the part are in both lists.
std::size_t FilterPlan::count_live(const PostingList& a, const PostingList& b) const {
  std::array lists = {a, b};
  if (lists[0].count == 0 || lists[1].count == 0) return 0;
  std::ranges::sort(lists, is_cheaper);
  return intersect_count(lists, part_->live.bits(), space_.words());
}

std::size_t FilterPlan::count_live(const RowSet& rows) const {
  const PostingList& list = rows.list();
  const std::size_t listed =
      list.count == 0 ? 0 : intersect_count({&list, 1}, part_->live.bits(), space_.words());
  return rows.complemented() ? part_->live_size() - listed : listed;
}

// The count where no set has to be made for it: of one of several values, and of one of two sets.
std::optional<std::size_t> FilterPlan::count_lists() {
  const FilterNode& root = filter_.root;
  const NodePlan& plan = nodes_[root.number];
  if (plan.by_values && std::ranges::count(root.from_record, true, &FilterStep::element) == 0) {
    // A record has one value at the path.
    std::size_t total = 0;
    for (const ValueKey& key : plan.keys) {
      buffer_.clear();
      TermId term = kNoTerm;
      const PostingList list = part_->segment->list(key, buffer_, term);
      if (list.count == 0) continue;
      if (term == kNoTerm || part_->live.dead() > 0) work_.left -= cost_of(list, space_.words());
      total += term != kNoTerm ? part_->live.count(term, list) : count_live(RowSet(list));
    }
    return total;
  }
  if (plan.view && part_->live.dead() == 0) {
    const OrderedView* const view = view_for(root, part_->size());
    if (view == nullptr) {
      const bool none = work_.spent() || views_->is_empty(plan.view->path());
      return none ? std::optional<std::size_t>(0) : std::nullopt;
    }
    std::size_t total = 0;
    for (const Places& places : places_in(*view, plan)) total += places.size();
    return total;
  }
  if (root.shape != Shape::any || root.members.size() != 2 || plan.tests_values) return std::nullopt;
  const Bounds a = evaluate(root.members[0], part_->size());
  const Bounds b = evaluate(root.members[1], part_->size());
  if (!a.exact || !b.exact || a.upper.complemented() || b.upper.complemented()) return std::nullopt;
  return count_live(a.upper) + count_live(b.upper) - count_live(a.upper.list(), b.upper.list());
}

std::size_t FilterPlan::count() {
  std::size_t total = 0;
  for (const Part& part : snapshot_.parts()) {
    start(part);
    const bool duplicates = !part.segment->rows_with_duplicate_keys().empty();
    if (const auto counted = duplicates ? std::nullopt : count_lists()) {
      total += *counted;
      continue;
    }
    evaluate_root();
    if (certain_) {
      total += count_live(bounds_.upper);
      continue;
    }
    for_each_match(candidates(), 0, [&](Row) {
      ++total;
      return true;
    });
  }
  return total;
}

RowList FilterPlan::scan() {
  Collected out;
  for (const Part& part : snapshot_.parts()) {
    start(part);
    bounds_ = unknown();
    certain_ = false;
    out.reserve(part.live_size(), snapshot_.size());
    for_each_match(RowSet::all(), 0, [&](Row row) {
      out.push(part.base + row);
      return true;
    });
  }
  return out.take();
}

std::size_t FilterPlan::count_keys(const FilterNode& node) {
  std::size_t total = 0;
  for (const Part& part : snapshot_.parts()) {
    start(part);
    total += count_live(rows_of_keys(nodes_[node.number]));
  }
  return total;
}

std::vector<FilterPlan::Counts> FilterPlan::count_nodes() {
  std::vector<Counts> counts(filter_.nodes);
  counts_ = &counts;
  for (const Part& part : snapshot_.parts()) {
    start(part);
    static_cast<void>(evaluate(filter_.root, part.size()));
  }
  counts_ = nullptr;
  return counts;
}

}  // namespace syncdex::inline v0
