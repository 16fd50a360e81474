// What the nodes of a filter evaluate to on one segment. See filter_plan.h.
#include <algorithm>
#include <chrono>

#include "exec/filter_plan.h"

namespace syncdex::inline v0 {
namespace {

using Shape = FilterNode::Shape;

constexpr std::uint8_t kAllKinds = (1U << kKindNames) - 1;

}  // namespace

FilterPlan::Bounds FilterPlan::evaluate(const FilterNode& node, std::size_t candidates) {
  // An operation on sets reads and writes about as many words.
  work_.left -= static_cast<std::int64_t>(space_.words());
  if (work_.spent()) return exactly({});
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
  for (const bool tests_values : {false, true}) {
    for (const FilterNode& member : node.members) {
      if (nodes_[member.number].tests_values != tests_values) continue;
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
  if (plan.indexed && plan.path == kNoPath) return exactly({});
  if (plan.view) {
    if (const OrderedView* const view = view_for(node, candidates)) {
      const std::span<const Places> places = places_in(*view, plan);
      return is_worth_collecting(places) ? exactly(rows_of_places(*view, places)) : unknown();
    }
    if (views_->is_empty(plan.view->path())) return exactly({});
  }
  if (!plan.indexed) return unknown();
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
    work_.left -= cost_of(list, space_.words());
  }
  return space_.unite(lists_);
}

const PathValues& FilterPlan::values_at(const NodePlan& plan, const FilterNode& node) {
  for (const auto& values : own_values_) {
    if (values->path == plan.path) return *values;
  }
  std::unique_ptr<const PathValues> own;
  if (part_->segment->kept_values_at(plan.path) == nullptr) {
    work_.left -= static_cast<std::int64_t>(part_->segment->terms().size() * sizeof(Term));
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

const OrderedView* FilterPlan::view_for(const FilterNode& node, std::size_t candidates) {
  // To make a view costs about as much as to read all records; to read some of them, that much less.
  constexpr std::size_t kWorthOneIn = 4;
  const OrderedPath& path = nodes_[node.number].view->path();
  if (!views_) views_.emplace(*part_->segment, snapshot_.origin().limits.ordered_views);
  // One query may name many paths. If so many of their views are not kept, records are read instead.
  constexpr std::size_t kMostOwn = 16;
  const OrderedView* view = views_->find(path);
  if (view == nullptr &&
      (candidates < part_->size() / kWorthOneIn || views_->is_empty(path) || views_->own() >= kMostOwn)) {
    return nullptr;
  }
  using Clock = std::chrono::steady_clock;
  const Clock::time_point start = counts_ != nullptr ? Clock::now() : Clock::time_point();
  const bool made = view == nullptr;
  if (made) view = views_->get(path, work_);
  if (view == nullptr || !nodes_[node.number].view->is_answered_by(*view)) return nullptr;
  if (counts_ != nullptr) {
    Counts& counts = (*counts_)[node.number];
    ++counts.views;
    if (made) counts.view_seconds += std::chrono::duration<double>(Clock::now() - start).count();
  }
  return view;
}

std::span<const Places> FilterPlan::places_in(const OrderedView& view, const NodePlan& plan) {
  places_.clear();
  ViewSearch search(*part_->segment, plan.view->path(), view);
  plan.view->find(search, places_);
  work_.left -= search.take_read();
  return places_;
}

// Whether to make a set of the rows, or to read records until enough of them are found.
bool FilterPlan::is_worth_collecting(std::span<const Places> places) const {
  // About how many rows are added to a set while one record is read.
  constexpr double kRowsPerRecord = 256;
  double rows = 0;
  for (const Places& some : places) rows += static_cast<double>(some.size());
  const double records = static_cast<double>(wanted_) * static_cast<double>(part_->size()) / (rows + 1);
  return rows <= records * kRowsPerRecord;
}

RowSet FilterPlan::rows_of_places(const OrderedView& view, std::span<const Places> places) {
  std::size_t count = 0;
  for (const Places& some : places) count += some.size();
  work_.left -= static_cast<std::int64_t>(count);
  const std::span<const Row> rows = view.rows();
  // To sort rows takes longer than to go through the bits of all, unless they are very few.
  constexpr std::size_t kRowsPerSorted = 512;
  if (count * kRowsPerSorted < part_->size()) {
    std::vector<Row>& found = few_rows_;
    found.clear();
    for (const Places& some : places) {
      found.insert(found.end(), rows.begin() + static_cast<std::ptrdiff_t>(some.first),
                   rows.begin() + static_cast<std::ptrdiff_t>(std::max(some.first, some.last)));
    }
    std::ranges::sort(found);
    return space_.copy(found);
  }
  const std::span<std::uint64_t> bits = space_.bits({});
  for (const Places& some : places) {
    for (const Row row : rows.subspan(some.first, some.size())) set_bit(bits.data(), row);
  }
  return RowSet(PostingList(static_cast<std::uint32_t>(count), bits.data()));
}

// Whether to test all values at the path, or to read the candidates instead.
bool FilterPlan::is_worth_testing(const NodePlan& plan, const FilterNode& node,
                                  std::size_t candidates) const {
  // About how many values are tested, and how many terms are passed over to collect them, while one record is
  // read.
  constexpr std::size_t kValuesPerRecord = 16;
  constexpr std::size_t kTermsPerRecord = 256;
  const Segment& segment = *part_->segment;
  const PathValues* const values = segment.kept_values_at(plan.path);
  if (values == nullptr) return segment.terms().size() / kTermsPerRecord < candidates;
  return segment.count_scalars(*values, node.traits.role) / kValuesPerRecord <= candidates;
}

RowSet FilterPlan::rows_of_tested(const NodePlan& plan, const FilterNode& node) {
  constexpr std::int64_t kTestOverhead = 16;  // to find a value costs about as much as to read so many bytes
  const PathValues& values = values_at(plan, node);
  const std::span<std::uint64_t> bits = space_.bits({});
  const auto test = [&](Kind kind, std::string_view text, const PostingList& rows) {
    work_.left -= static_cast<std::int64_t>(text.size()) + kTestOverhead;
    if (test_.meets(*node.condition, kind, text)) {
      work_.left -= cost_of(rows, space_.words());
      add_bits(rows, bits);
    }
    return !work_.spent();
  };
  part_->segment->for_each_scalar(values, node.traits.role, test);
  return space_.of_bits(bits.data());
}

}  // namespace syncdex::inline v0
