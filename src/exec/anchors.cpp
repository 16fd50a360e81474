// Finds the values under which a standing query is indexed.
#include <algorithm>

#include "exec/evaluate.h"
#include "exec/filter_plan.h"

namespace syncdex::inline v0 {
namespace {

using Shape = FilterNode::Shape;

// The rarest term of a pattern.
std::optional<Anchors> anchors_of(const Pattern& pattern, const Snapshot& snapshot) {
  const PatternPlan plan(pattern, snapshot);
  std::optional<Anchors> rarest;
  for (const QueryTerm& term : pattern.terms) {
    const std::size_t records = plan.count(term);
    if (rarest && rarest->records <= records) continue;
    const ValueKey key{
        {std::uint64_t{term.hash} << 32, kNoPath, term.kind, term.text}, term.role, term.short_hash};
    rarest = Anchors{{key.hash()}, records};
  }
  return rarest;
}

// The anchors of a filter. Within an element: of the records that have an element which meets the node.
class Finder {
 public:
  Finder(const CompiledFilter& filter, const Snapshot& snapshot)
      : snapshot_(snapshot), plan_(filter, snapshot) {}

  std::optional<Anchors> find(const FilterNode& node) {
    switch (node.shape) {
      case Shape::all: {
        std::optional<Anchors> rarest;
        for (const FilterNode& member : node.members) {
          auto anchors = find(member);
          if (anchors && (!rarest || anchors->records < rarest->records)) rarest = std::move(anchors);
        }
        return rarest;
      }
      case Shape::any: {
        Anchors all;
        for (const FilterNode& member : node.members) {
          const auto anchors = find(member);
          if (!anchors) return std::nullopt;
          all.hashes.insert(all.hashes.end(), anchors->hashes.begin(), anchors->hashes.end());
          all.records += anchors->records;
        }
        return all;
      }
      case Shape::some: return find(node.members.front());
      case Shape::contains: {
        const Pattern* const pattern =
            node.scope == Scope::record ? node.pattern.get() : node.from_record_pattern.get();
        return pattern != nullptr ? anchors_of(*pattern, snapshot_) : std::nullopt;
      }
      case Shape::condition: {
        const std::vector<ValueKey>& keys = plan_.plain_keys(node);
        if (keys.empty()) return std::nullopt;
        Anchors anchors;
        for (const ValueKey& key : keys) anchors.hashes.push_back(key.hash());
        anchors.records = plan_.count_keys(node);
        return anchors;
      }
      case Shape::none: break;
    }
    return std::nullopt;
  }

 private:
  const Snapshot& snapshot_;
  FilterPlan plan_;
};

}  // namespace

std::optional<Anchors> find_anchors(const Query::Impl& query, const Snapshot& snapshot) {
  if (query.filter == nullptr) return anchors_of(query.pattern, snapshot);
  return Finder(*query.filter, snapshot).find(query.filter->root);
}

}  // namespace syncdex::inline v0
