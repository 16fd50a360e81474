#include "exec/why.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "exec/containment.h"
#include "json/json_text.h"

namespace syncdex::inline v0 {
namespace {

// --- one record ---

// Compares the pattern with a record's text, in the pattern's order. Uses an explicit stack, no recursion.
class PatternComparison {
 public:
  explicit PatternComparison(const Pattern& pattern) : pattern_(pattern) {}

  std::optional<Mismatch> run(const char* record) {
    pending_.push_back({0, record, 0, root_traits(), kRootPath});
    while (!pending_.empty()) {
      const Place place = pending_.back();
      pending_.pop_back();
      if (auto mismatch = compare_node(place)) return mismatch;
    }
    return std::nullopt;
  }

 private:
  struct Place {
    std::uint32_t node;
    const char* value;  // nullptr if absent
    std::size_t path;   // index in paths_
    PathTraits traits;
    PathId id;  // only whether it is kRootPath matters
  };

  std::optional<Mismatch> compare_node(const Place& place) {
    const QueryNode& node = pattern_.nodes[place.node];
    if (place.value == nullptr) return mismatch(Mismatch::Reason::absent, place, place.node);
    const TermKey wanted{.kind = node.kind,
                         .text = node.kind < Kind::array ? pattern_.text(node) : std::string_view()};
    if (node.kind >= Kind::array ? kind_of(*place.value) != node.kind : !same_value(place.value, wanted)) {
      return mismatch(Mismatch::Reason::different, place, place.node);
    }
    if (node.kind == Kind::object) push_members(place);
    if (node.kind != Kind::array) return std::nullopt;
    if (holds_elements(place.value, node.at, node.count())) return std::nullopt;
    // Find the first element that is missing: binary search for the longest prefix that the array contains.
    std::uint32_t held = 0;
    for (std::uint32_t most = node.count() - 1; held < most;) {
      const std::uint32_t half = held + (most - held + 1) / 2;
      if (holds_elements(place.value, node.at, half)) {
        held = half;
      } else {
        most = half - 1;
      }
    }
    return mismatch(Mismatch::Reason::no_element, place, node.at + held);
  }

  void push_members(const Place& place) {
    const QueryNode& node = pattern_.nodes[place.node];
    const auto members = pattern_.children(node);
    std::vector<const char*> values(members.size());  // the last value of a duplicate key wins
    for (ObjectWalk walk(place.value); walk.next();) {
      const std::string_view key = walk.member().key;
      const auto child = std::ranges::partition_point(
          members, [&](const QueryNode& n) { return compare_string(key, pattern_.key(n)) > 0; });
      if (child != members.end() && same_string(key, pattern_.key(*child))) {
        values[static_cast<std::size_t>(child - members.begin())] = walk.member().value;
      }
    }
    for (std::uint32_t i = node.count(); i > 0;) {
      --i;
      const PathStep step{pattern_.key(members[i]), false};
      paths_.push_back({place.path, step});
      pending_.push_back(
          {node.at + i, values[i], paths_.size() - 1, child_traits(place.id, place.traits, step), kNoPath});
    }
  }

  // Whether the array contains these elements. Runs the matcher on them as the only member of an object.
  bool holds_elements(const char* array, std::uint32_t first, std::uint32_t count) const {
    std::string pattern = R"({"":[)";
    for (std::uint32_t i = 0; i < count; ++i) {
      if (i > 0) pattern += ',';
      append_hidden(pattern_, pattern_.nodes[first + i], PathTraits{}, kNoPath, pattern);
    }
    const auto compiled = compile_again(pattern + "]}");
    Work work;
    return compiled && Matcher(*compiled, false, work).matches_only_member(array, true);
  }

  Mismatch mismatch(Mismatch::Reason reason, const Place& place, std::uint32_t wanted) const {
    Mismatch m{reason, text_of_path(place.path), {}, {}};
    const bool element = wanted != place.node;
    append_hidden(pattern_, pattern_.nodes[wanted],
                  element ? child_traits(place.id, place.traits, {{}, true}) : place.traits,
                  element ? kNoPath : place.id, m.wanted);
    if (place.value == nullptr) return m;
    m.found = found_text(place.value, place.traits);
    return m;
  }

  std::string text_of_path(std::size_t path) const {
    if (path == 0) return "record";
    std::vector<PathStep> steps;
    for (; path != 0; path = paths_[path].parent) steps.push_back(paths_[path].step);
    return path_text(steps);
  }

  struct Path {
    std::size_t parent;
    PathStep step;
  };

  const Pattern& pattern_;
  std::vector<Place> pending_;        // a stack
  std::vector<Path> paths_{{0, {}}};  // the first is the record itself
};

}  // namespace

std::string found_text(const char* value, const PathTraits& traits) {
  const Kind kind = kind_of(*value);
  if (traits.secret || hides_scalar(traits, kind)) return "<hidden>";
  const bool open = traits.indexes_subtree || traits.role == Role::collection_ids;
  if (kind >= Kind::array && !open) return std::string(with_article(kind));
  return {value, skip_value(value)};
}

std::optional<Mismatch> compare(const Pattern& pattern, const char* record) {
  return PatternComparison(pattern).run(record);
}

std::optional<Mismatch> why_not(const Snapshot& snapshot, std::string_view id, const Query::Impl& query) {
  const std::optional<Row> row = snapshot.find_row(id);
  if (!row) return Mismatch{Mismatch::Reason::no_record, {}, {}, {}};
  if (query.never()) return Mismatch{Mismatch::Reason::contradiction, {}, {}, {}};
  const char* const record = snapshot.record(*row).json().data();
  return query.filter != nullptr ? compare(*query.filter, record) : compare(query.pattern, record);
}

std::string to_string(const Mismatch& m) {
  const std::string path = brief(m.path);
  const std::string wanted = brief(m.wanted);
  const std::string found = brief(m.found);
  switch (m.reason) {
    case Mismatch::Reason::no_record: return "no record has this id";
    case Mismatch::Reason::contradiction: return "the conditions contradict each other";
    case Mismatch::Reason::absent: return fmt::format("{}: wanted {}, but it is absent", path, wanted);
    case Mismatch::Reason::different: return fmt::format("{}: wanted {}, found {}", path, wanted, found);
    case Mismatch::Reason::excluded: return fmt::format("{}: {} is excluded, found {}", path, wanted, found);
    case Mismatch::Reason::no_element: break;
  }
  return fmt::format("{}: no element contains {}; found {}", path, wanted, found);
}

}  // namespace syncdex::inline v0
