#include "exec/filter_plan.h"

#include <algorithm>
#include <array>
#include <bit>

namespace syncdex::inline v0 {
namespace {

using Shape = FilterNode::Shape;

// Whether the condition asks for equality alone, of values that the index knows as they are.
bool is_plain_equality(const Condition& c) noexcept {
  return c.values && !c.times && !c.ignore_case && !c.low && !c.high && !c.prefix && !c.suffix &&
         !c.substring && c.kinds == 0 && !c.size && !c.set;
}

// Calls visit(row) for the rows >= `first`, in increasing order, until it returns false.
template <class Visit>
void for_each_from(const PostingList& list, std::size_t words, Row first, Visit visit) {
  if (!list.dense()) {
    const Row* const end = list.rows() + list.count;
    for (const Row* row = std::lower_bound(list.rows(), end, first); row != end; ++row) {
      if (!visit(*row)) return;
    }
    return;
  }
  for (std::size_t i = first / 64; i < words; ++i) {
    std::uint64_t word = list.bits()[i];
    if (i == first / 64) word &= ~std::uint64_t{0} << (first & 63);
    for (; word != 0; word &= word - 1) {
      if (!visit(static_cast<Row>(i * 64 + static_cast<std::size_t>(std::countr_zero(word))))) return;
    }
  }
}

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
  void push(Row row) noexcept { rows_.rows[rows_.size++] = row; }
  std::size_t size() const noexcept { return rows_.size; }
  RowList take() noexcept { return std::move(rows_); }

 private:
  RowList rows_;
  std::size_t room_ = 0;
};

}  // namespace

FilterPlan::FilterPlan(const CompiledFilter& filter, const Snapshot& snapshot, Work work)
    : filter_(filter), snapshot_(snapshot), work_(work), nodes_(filter.nodes) {
  resolve(filter.root);
}

void FilterPlan::resolve(const FilterNode& node) {
  NodePlan& plan = nodes_[node.number];
  if (node.shape == Shape::contains) {
    const Pattern* const pattern =
        node.scope == Scope::record ? node.pattern.get() : node.from_record_pattern.get();
    if (pattern != nullptr) plan.pattern = std::make_unique<PatternPlan>(*pattern, snapshot_);
  }
  if (node.shape == Shape::condition || node.shape == Shape::some) {
    plan.indexed = node.traits.indexed;
    PathId path = plan.indexed ? kRootPath : kNoPath;
    for (const FilterStep& step : node.from_record) {
      if (path != kNoPath) path = snapshot_.paths().find(path, step.step(), step.hash);
    }
    plan.path = path;
  }
  if (node.shape == Shape::condition && plan.indexed && is_plain_equality(*node.condition)) {
    plan.by_values = true;
    const std::uint64_t path_hash = node.from_record.empty() ? 0 : node.from_record.back().hash;
    for (const Operand& value : *node.condition->values) {
      plan.keys.push_back(
          {{hash_term(hash_seed(), path_hash, value.kind, value.text), plan.path, value.kind, value.text},
           node.traits.role,
           value.kind == Kind::string ? short_hash(value.text) : 0});
    }
  }
  for (const FilterNode& member : node.members) resolve(member);
}

bool FilterPlan::recheck(const Part& part, Row row) {
  if (matcher_ == nullptr) matcher_ = std::make_unique<FilterMatcher>(filter_, work_);
  return matcher_->matches(part.segment->begin(row), part.segment->has_duplicate_keys(row));
}

// The live rows that may match, those with duplicate keys among them.
PostingList FilterPlan::candidates(const Part& part, const Bounds& bounds) {
  RowSet rows = bounds.upper;
  const std::vector<Row>& duplicates = part.segment->rows_with_duplicate_keys();
  if (!duplicates.empty()) rows = space_.unite(rows, space_.copy(duplicates));
  if (part.live.bits() != nullptr) {
    rows = space_.intersect(
        rows, RowSet(PostingList(static_cast<std::uint32_t>(part.live_size()), part.live.bits())));
  }
  if (!rows.complemented()) return rows.list();
  return {static_cast<std::uint32_t>(rows.count(part.size())),
          static_cast<const std::uint64_t*>(space_.bits(rows).data())};
}

RowList FilterPlan::run(Window window) {
  Collected out;
  for (const Part& part : snapshot_.parts()) {
    if (part.base + part.size() <= window.first) continue;
    start(part);
    const Bounds bounds = evaluate(filter_.root, part.size());
    const PostingList rows = candidates(part, bounds);
    const Row first = std::max(window.first, part.base) - part.base;
    out.reserve(std::min<std::size_t>(rows.count, window.limit - out.size()), snapshot_.size());
    const bool duplicates = !part.segment->rows_with_duplicate_keys().empty();
    for_each_from(rows, words_for(part.size()), first, [&](Row row) {
      const bool certain = (bounds.exact || bounds.lower.contains(row)) &&
                           !(duplicates && part.segment->has_duplicate_keys(row));
      if (certain || recheck(part, row)) out.push(part.base + row);
      return out.size() < window.limit && !work_.spent();
    });
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
      total += term != kNoTerm ? part_->live.count(term, list) : count_live(RowSet(list));
    }
    return total;
  }
  if (root.shape != Shape::any || root.members.size() != 2 || cost(root) != Cost::look_up)
    return std::nullopt;
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
    const Bounds bounds = evaluate(filter_.root, part.size());
    if (bounds.exact && !duplicates) {
      total += count_live(bounds.upper);
      continue;
    }
    for_each_row(candidates(part, bounds), [&](Row row) {
      const bool certain =
          (bounds.exact || bounds.lower.contains(row)) && !part.segment->has_duplicate_keys(row);
      total += certain || recheck(part, row);
    });
  }
  return total;
}

RowList FilterPlan::scan() {
  Collected out;
  for (const Part& part : snapshot_.parts()) {
    out.reserve(part.live_size(), snapshot_.size());
    for (Row row = 0; row < part.size(); ++row) {
      if (part.live.contains(row) && recheck(part, row)) out.push(part.base + row);
    }
  }
  return out.take();
}

void FilterPlan::start(const Part& part) {
  part_ = &part;
  own_values_.clear();
  space_.begin(part.size());
}

std::size_t FilterPlan::count_keys(const FilterNode& node) {
  std::size_t total = 0;
  for (const Part& part : snapshot_.parts()) {
    start(part);
    total += rows_of_keys(nodes_[node.number]).count(part.size());
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
