#include "exec/filter_plan.h"

#include <algorithm>
#include <bit>

namespace syncdex::inline v0 {
namespace {

using Shape = FilterNode::Shape;

constexpr std::uint8_t kAllKinds = (1U << kKindNames) - 1;

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

FilterPlan::Cost FilterPlan::cost(const FilterNode& node) const {
  if (node.shape == Shape::condition) {
    const NodePlan& plan = nodes_[node.number];
    return plan.indexed && plan.path != kNoPath && !plan.by_values && node.condition->compares()
               ? Cost::values
               : Cost::look_up;
  }
  Cost most = Cost::look_up;
  for (const FilterNode& member : node.members) most = std::max(most, cost(member));
  return most;
}

FilterPlan::Bounds FilterPlan::evaluate(const FilterNode& node, std::size_t candidates) {
  const Bounds bounds = evaluate_shape(node, candidates);
  if (counts_ != nullptr) {
    Counts& counts = (*counts_)[node.number];
    const RowSet live =
        part_->live.bits() == nullptr
            ? RowSet::all()
            : RowSet(PostingList(static_cast<std::uint32_t>(part_->live_size()), part_->live.bits()));
    counts.certain += space_.intersect(bounds.lower, live).count(part_->size());
    counts.possible += space_.intersect(bounds.upper, live).count(part_->size());
    ++counts.parts;
  }
  return bounds;
}

FilterPlan::Bounds FilterPlan::evaluate_shape(const FilterNode& node, std::size_t candidates) {
  switch (node.shape) {
    case Shape::all: return evaluate_all(node, candidates);
    case Shape::any: return evaluate_any(node, candidates);
    case Shape::none: {
      // That some element does not meet something does not follow from what elements do.
      if (node.scope == Scope::element) return unknown();
      const Bounds b = evaluate(node.members.front(), candidates);
      return {b.upper.complement(), b.lower.complement(), b.exact};
    }
    case Shape::some: return evaluate_some(node, candidates);
    case Shape::contains: {
      const PatternPlan* const plan = nodes_[node.number].pattern.get();
      if (plan == nullptr) return unknown();
      const RowSet rows = plan->rows_of_terms(*part_, space_);
      return plan->is_exact() || rows.empty() ? exactly(rows) : Bounds{{}, rows, false};
    }
    case Shape::condition: break;
  }
  return evaluate_condition(node, candidates);
}

FilterPlan::Bounds FilterPlan::evaluate_all(const FilterNode& node, std::size_t candidates) {
  Bounds out = exactly(RowSet::all());
  for (const Cost cost_now : {Cost::look_up, Cost::values}) {
    for (const FilterNode& member : node.members) {
      if (cost(member) != cost_now) continue;
      const Bounds b = evaluate(member, std::min(candidates, out.upper.count(part_->size())));
      if (b.exact && out.exact) {
        out = exactly(space_.intersect(out.lower, b.lower));
      } else {
        out = {space_.intersect(out.lower, b.lower), space_.intersect(out.upper, b.upper), false};
      }
      if (out.upper.empty()) return exactly({});
    }
  }
  // Inside an element, members may hold in different elements.
  if (node.scope == Scope::element && node.members.size() > 1) return {{}, out.upper, false};
  return out;
}

FilterPlan::Bounds FilterPlan::evaluate_any(const FilterNode& node, std::size_t candidates) {
  Bounds out = exactly({});
  for (const FilterNode& member : node.members) {
    const Bounds b = evaluate(member, candidates);
    if (b.exact && out.exact) {
      out = exactly(space_.unite(out.lower, b.lower));
    } else {
      out = {space_.unite(out.lower, b.lower), space_.unite(out.upper, b.upper), false};
    }
    if (out.lower.is_all()) return exactly(RowSet::all());
  }
  return out;
}

FilterPlan::Bounds FilterPlan::evaluate_some(const FilterNode& node, std::size_t candidates) {
  const NodePlan& plan = nodes_[node.number];
  if (!plan.indexed) return unknown();
  if (plan.path == kNoPath) return exactly({});
  const FilterNode& member = node.members.front();
  if (member.always()) return exactly(rows_of_kinds(plan, node, kAllKinds));
  return evaluate(member, candidates);
}

FilterPlan::Bounds FilterPlan::evaluate_condition(const FilterNode& node, std::size_t candidates) {
  const NodePlan& plan = nodes_[node.number];
  const Condition& c = *node.condition;
  if (!plan.indexed) return unknown();
  if (plan.path == kNoPath) return exactly({});
  if (plan.by_values) return exactly(rows_of_keys(plan));
  const std::uint8_t kinds = (c.kinds != 0 ? c.kinds : kAllKinds) &
                             static_cast<std::uint8_t>(c.set ? ~bit_of(KindName::null) : kAllKinds);
  if (c.size) {
    if (c.compares() || (kinds & bit_of(KindName::array)) == 0) return exactly({});
    return {{}, rows_of_kinds(plan, node, bit_of(KindName::array)), false};
  }
  if (!c.compares()) return exactly(rows_of_kinds(plan, node, kinds));
  if (!is_worth_testing(plan, node, candidates)) return unknown();
  return exactly(rows_of_tested(plan, node));
}

// The rows that hold one of the values.
RowSet FilterPlan::rows_of_keys(const NodePlan& plan) {
  lists_.clear();
  for (const ValueKey& key : plan.keys) {
    buffer_.clear();
    TermId term = kNoTerm;
    PostingList list = part_->segment->list(key, buffer_, term);
    if (list.count == 0) continue;
    // What the record table found is in the buffer, which the next look-up overwrites.
    if (term == kNoTerm) list = space_.copy({list.rows(), list.count}).list();
    lists_.push_back(list);
  }
  return space_.unite(lists_);
}

const PathValues& FilterPlan::values_at(const NodePlan& plan, const FilterNode& node) {
  std::unique_ptr<const PathValues> own;
  if (!part_->segment->has_values_at(plan.path)) {
    work_.left -= static_cast<std::int64_t>(part_->segment->terms().size());
  }
  const PathValues& values = part_->segment->values_at(plan.path, node.traits.role, own);
  if (own != nullptr) own_values_.push_back(std::move(own));
  return values;
}

RowSet FilterPlan::rows_of_kinds(const NodePlan& plan, const FilterNode& node, std::uint8_t kinds) {
  const PathValues& values = values_at(plan, node);
  lists_.clear();
  for (std::size_t i = 0; i < values.rows_by_kind.size(); ++i) {
    const bool wanted = (kinds & bit_of(name_of(static_cast<Kind>(i)))) != 0;
    if (wanted && values.rows_by_kind[i].count > 0) lists_.push_back(values.rows_by_kind[i]);
  }
  return space_.unite(lists_);
}

// Whether to test all values at the path, or to read the candidates instead.
bool FilterPlan::is_worth_testing(const NodePlan& plan, const FilterNode& node,
                                  std::size_t candidates) const {
  // About how many values are tested, and how many terms are passed over to collect them, while one record is
  // read.
  constexpr std::size_t kValuesPerRecord = 16;
  constexpr std::size_t kTermsPerRecord = 256;
  const Segment& segment = *part_->segment;
  if (!segment.has_values_at(plan.path)) return segment.terms().size() / kTermsPerRecord < candidates;
  std::unique_ptr<const PathValues> none;
  const PathValues& values = segment.values_at(plan.path, node.traits.role, none);
  return values.terms.size() / kValuesPerRecord <= candidates;
}

RowSet FilterPlan::rows_of_tested(const NodePlan& plan, const FilterNode& node) {
  const PathValues& values = values_at(plan, node);
  const std::span<std::uint64_t> bits = space_.bits({});
  part_->segment->for_each_scalar(values, node.traits.role,
                                  [&](Kind kind, std::string_view text, const PostingList& rows) {
                                    work_.left -= static_cast<std::int64_t>(text.size()) + 1;
                                    if (work_.spent() || !test_.meets(*node.condition, kind, text)) return;
                                    if (rows.dense()) {
                                      for (std::size_t i = 0; i < bits.size(); ++i) bits[i] |= rows.bits()[i];
                                    } else {
                                      for_each_row(rows, [&](Row row) { set_bit(bits.data(), row); });
                                    }
                                  });
  return space_.of_bits(bits.data());
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
    const Bounds bounds = begin(part);
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

std::size_t FilterPlan::count() {
  std::size_t total = 0;
  for (const Part& part : snapshot_.parts()) {
    const Bounds bounds = begin(part);
    const PostingList rows = candidates(part, bounds);
    if (bounds.exact && part.segment->rows_with_duplicate_keys().empty()) {
      total += rows.count;
      continue;
    }
    for_each_row(rows, [&](Row row) {
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

// Evaluates the filter on a part.
FilterPlan::Bounds FilterPlan::begin(const Part& part) {
  part_ = &part;
  own_values_.clear();
  space_.begin(part.size());
  return evaluate(filter_.root, part.size());
}

std::size_t FilterPlan::count_keys(const FilterNode& node) {
  std::size_t total = 0;
  for (const Part& part : snapshot_.parts()) {
    part_ = &part;
    space_.begin(part.size());
    total += rows_of_keys(nodes_[node.number]).count(part.size());
  }
  return total;
}

std::vector<FilterPlan::Counts> FilterPlan::count_nodes() {
  std::vector<Counts> counts(filter_.nodes);
  counts_ = &counts;
  for (const Part& part : snapshot_.parts()) begin(part);
  counts_ = nullptr;
  return counts;
}

}  // namespace syncdex::inline v0
