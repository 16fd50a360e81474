#include "why.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "containment.h"
#include "json_text.h"
#include "plan.h"
#include "survey.h"

namespace syncdex::inline v0 {
namespace {

// What is compiled here has been accepted once, within other limits.
constexpr Limits without_limits() {
  Limits limits;
  limits.depth = 1000;
  limits.pattern_bytes = limits.pattern_leaves = std::numeric_limits<std::uint64_t>::max();
  limits.number_digits = limits.exponent = std::numeric_limits<std::uint32_t>::max();
  return limits;
}

// For one line of a message.
std::string brief(std::string_view text) { return shortened(text, 200); }

// --- one record ---

// Goes through the pattern in its order, beside the record's text, with a stack of its own.
class Comparison {
 public:
  explicit Comparison(const Query::Impl& query) : query_(query) {}

  std::optional<Mismatch> run(const char* record) {
    pending_.push_back({0, record, 0, root_traits(), kRootPath});
    while (!pending_.empty()) {
      const Place place = pending_.back();
      pending_.pop_back();
      if (auto mismatch = look_at(place)) return mismatch;
    }
    return std::nullopt;
  }

 private:
  struct Place {
    std::uint32_t node;
    const char* value;  // nullptr: there is none
    std::size_t path;   // in paths_
    PathTraits traits;
    PathId id;  // kRootPath, or any other
  };

  std::optional<Mismatch> look_at(const Place& place) {
    const QueryNode& node = query_.nodes[place.node];
    if (place.value == nullptr) return mismatch(Mismatch::Reason::absent, place, place.node);
    const TermKey wanted{.kind = node.kind,
                         .text = node.kind < Kind::array ? query_.text(node) : std::string_view()};
    if (node.kind >= Kind::array ? kind_of(*place.value) != node.kind : !same_value(place.value, wanted)) {
      return mismatch(Mismatch::Reason::different, place, place.node);
    }
    if (node.kind == Kind::object) push_members(place);
    if (node.kind != Kind::array) return std::nullopt;
    if (holds_elements(place.value, node.at, node.count())) return std::nullopt;
    // The first that is not held: all before it are, so it is found by halving.
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
    const QueryNode& node = query_.nodes[place.node];
    const auto members = query_.children(node);
    std::vector<const char*> values(members.size());  // of a duplicate key, the last
    for (ObjectWalk walk(place.value); walk.next();) {
      const std::string_view key = walk.member().key;
      const auto child = std::ranges::partition_point(
          members, [&](const QueryNode& n) { return compare_string(key, query_.key(n)) > 0; });
      if (child != members.end() && same_string(key, query_.key(*child))) {
        values[static_cast<std::size_t>(child - members.begin())] = walk.member().value;
      }
    }
    for (std::uint32_t i = node.count(); i > 0;) {
      --i;
      const PathStep step{query_.key(members[i]), false};
      paths_.push_back({place.path, step});
      pending_.push_back(
          {node.at + i, values[i], paths_.size() - 1, child_traits(place.id, place.traits, step), kNoPath});
    }
  }

  // By the matcher, as the only member of an object.
  bool holds_elements(const char* array, std::uint32_t first, std::uint32_t count) const {
    std::string pattern = R"({"":[)";
    for (std::uint32_t i = 0; i < count; ++i) {
      if (i > 0) pattern += ',';
      append_hidden(query_, query_.nodes[first + i], PathTraits{}, kNoPath, pattern);
    }
    const auto query = Query::from_pattern(pattern + "]}", without_limits());
    Work work;
    return query && Matcher(query->impl(), false, work).matches_only_member(array, true);
  }

  Mismatch mismatch(Mismatch::Reason reason, const Place& place, std::uint32_t wanted) const {
    Mismatch m{reason, text_of_path(place.path), {}, {}};
    const bool element = wanted != place.node;
    append_hidden(query_, query_.nodes[wanted],
                  element ? child_traits(place.id, place.traits, {{}, true}) : place.traits,
                  element ? kNoPath : place.id, m.wanted);
    if (place.value == nullptr) return m;
    const Kind kind = kind_of(*place.value);
    const bool open = place.traits.opens_index || place.traits.role == Role::collection_ids;
    if (place.traits.secret || hides_scalar(place.traits, kind)) {
      m.found = "<hidden>";
    } else if (kind >= Kind::array && !open) {
      m.found = with_article(kind);  // a secret may be in it
    } else {
      m.found.assign(place.value, skip_value(place.value));
    }
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

  const Query::Impl& query_;
  std::vector<Place> pending_;        // the last is next
  std::vector<Path> paths_{{0, {}}};  // the first is the record
};

}  // namespace

std::optional<Mismatch> why_not(const Snapshot& snapshot, std::string_view id, const Query::Impl& query) {
  const std::optional<Row> row = snapshot.find_row(id);
  if (!row) return Mismatch{Mismatch::Reason::no_record, {}, {}, {}};
  if (query.never) return Mismatch{Mismatch::Reason::contradiction, {}, {}, {}};
  return Comparison(query).run(snapshot.record(*row).json().data());
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
    case Mismatch::Reason::no_element: break;
  }
  return fmt::format("{}: no element contains {}; found {}", path, wanted, found);
}

// --- no record at all ---

namespace {

// Nobody types longer texts.
constexpr std::size_t kLongestTyped = 64;

// How many single-byte edits turn one text into the other: first with letter case ignored, then exactly.
// Ordered by nearness.
struct Distance {
  std::size_t folded;
  std::size_t exact;
  friend auto operator<=>(const Distance&, const Distance&) = default;
};

std::size_t edits(std::string_view a, std::string_view b, bool fold) {
  const auto letter = [fold](char c) {
    return fold && c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  };
  std::size_t row[kLongestTyped + 1];
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (letter(a[i - 1]) == letter(b[j - 1]) ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, diagonal + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

// The distance from what was typed, if it is small enough for a typo.
std::optional<Distance> typo_distance(std::string_view text, std::string_view typed) {
  if (text.size() > kLongestTyped || typed.size() > kLongestTyped || text == typed) return std::nullopt;
  const std::size_t too_many = std::min<std::size_t>(3, (typed.size() + 4) / 3);
  const std::size_t folded = edits(text, typed, true);
  if (folded >= too_many) return std::nullopt;
  return Distance{folded, edits(text, typed, false)};
}

std::string with_kind(Kind kind, std::string_view text) {
  std::string out = kind == Kind::number   ? "the number "
                    : kind == Kind::string ? "the string "
                    : kind == Kind::null   ? ""
                                           : "the boolean ";
  append_scalar(kind, text, out);
  return out;
}

class Hint {
 public:
  Hint(const Snapshot& snapshot, const Query::Impl& query) : snapshot_(snapshot), query_(query) {}

  // About a term that no record holds.
  std::string about(const QueryTerm& term) const {
    const PathId path = resolve(term.path);
    const std::size_t there = path == kNoPath ? 0 : records_at(snapshot_, path);
    if (there == 0) return about_path(path_text(query_, term.path));
    std::string out = "no record has " + brief(term_text(query_, term));
    if (term.kind < Kind::array && term.kind != Kind::null)
      out += fmt::format(" ({})", with_article(term.kind));
    std::string others;
    const auto add = [&](std::size_t n, std::string_view what) {
      if (n > 0)
        others +=
            fmt::format("{}{} {} {}", others.empty() ? "" : ", ", n, n == 1 ? "has" : "have", brief(what));
    };
    if (term.kind < Kind::array) {
      add_other_kind(term, add);
      add_other_nesting(term, add);
    }
    if (term.kind == Kind::string) add_similar(path, term.text, add);
    if (others.empty()) add(there, "something else there");
    return others.empty() ? out : out + "; " + others;
  }

 private:
  std::string about_path(const std::string& path) const {
    std::string out = fmt::format("no record has {}", brief(path));
    for (const auto& [distance, near, id] : similar_paths(path)) {
      const std::size_t n = records_at(snapshot_, id);
      if (n == 0) continue;  // only dead records have it
      return out + fmt::format("; {} {} {}", n, n == 1 ? "has" : "have", near);
    }
    return out;
  }

  struct SimilarPath {
    Distance distance;
    std::string text;
    PathId id;
    friend auto operator<=>(const SimilarPath&, const SimilarPath&) = default;
  };

  // The nearest first, and few: each may have to be counted.
  std::vector<SimilarPath> similar_paths(const std::string& typed) const {
    constexpr std::size_t kMost = 8;
    std::vector<SimilarPath> found;
    for (PathId id = 1; id < snapshot_.paths().size(); ++id) {
      if (!snapshot_.paths().traits(id).indexed) continue;
      const std::string text = text_if_short(id);
      const auto distance = text.empty() ? std::nullopt : typo_distance(text, typed);
      if (!distance) continue;
      found.push_back({*distance, text, id});
      if (found.size() < 2 * kMost) continue;
      std::ranges::sort(found);
      found.resize(kMost);
    }
    std::ranges::sort(found);
    if (found.size() > kMost) found.resize(kMost);
    return found;
  }

  // Empty for a path longer than anybody types. Cost: O(kLongestTyped), however long its keys are.
  std::string text_if_short(PathId path) const {
    const PathTable& paths = snapshot_.paths();
    std::vector<PathStep> steps;
    for (std::size_t bytes = 0; path != kRootPath; path = paths.parent(path)) {
      steps.push_back(paths.step(path));
      bytes += steps.back().element ? 2 : steps.back().key.size() + 1;
      if (bytes > kLongestTyped + 1) return {};
    }
    return path_text(steps);
  }

  // How many records have this scalar at the term's path, in or out of arrays.
  std::size_t count(const QueryTerm& term, Kind kind, std::string_view text,
                    bool other_nesting = false) const {
    std::vector<PathStep> steps;
    for (std::uint32_t path = term.path; path != 0; path = query_.paths[path].parent) {
      steps.push_back(query_.step(query_.paths[path]));
    }
    if (other_nesting && steps.front().element) {
      steps.erase(steps.begin());
    } else if (other_nesting) {
      steps.insert(steps.begin(), PathStep{{}, true});
    }
    std::string pattern;
    std::string end;
    for (std::size_t i = steps.size(); i > 0; --i) {  // the last is the outermost
      const PathStep& step = steps[i - 1];
      pattern += step.element ? '[' : '{';
      if (!step.element) {
        append_quoted(step.key, pattern);
        pattern += ':';
      }
      end += step.element ? ']' : '}';
    }
    append_scalar(kind, text, pattern);
    pattern.append(end.rbegin(), end.rend());
    const auto query = Query::from_pattern(pattern, without_limits());
    return query ? Plan(query->impl(), snapshot_).count() : 0;
  }

  // "42" for 42, and the reverse.
  template <class Add>
  void add_other_kind(const QueryTerm& term, Add add) const {
    if (term.kind != Kind::string) {
      std::string text;
      append_scalar(term.kind, term.text, text);
      add(count(term, Kind::string, text), with_kind(Kind::string, text));
      return;
    }
    const std::string_view text = term.text;
    for (const auto& [literal, kind] : {std::pair(std::string_view("null"), Kind::null),
                                        {"true", Kind::boolean_true},
                                        {"false", Kind::boolean_false}}) {
      if (text == literal) add(count(term, kind, {}), with_kind(kind, {}));
    }
    const Limits limits;
    const NumberScan scan =
        scan_number(text.data(), text.data() + text.size(), limits.number_digits, limits.exponent);
    if (!text.empty() && scan.fault == NumberFault::none && scan.end == text.data() + text.size()) {
      add(count(term, Kind::number, text), with_kind(Kind::number, text));
    }
  }

  template <class Add>
  void add_other_nesting(const QueryTerm& term, Add add) const {
    const bool in_array = query_.paths[term.path].element != 0;
    add(count(term, term.kind, term.text, true), in_array ? "it, but in no array" : "it in an array");
  }

  template <class Add>
  void add_similar(PathId path, std::string_view typed, Add add) const {
    const std::vector<ValueCount> values = strings_at(snapshot_, path);
    const ValueCount* near = nullptr;  // of several, the most frequent
    std::optional<Distance> least;
    for (const ValueCount& value : values) {
      const auto distance = typo_distance(value.value, typed);
      if (!distance || (least && *least <= *distance)) continue;
      near = &value;
      least = distance;
    }
    if (near == nullptr) return;
    std::string text;
    append_quoted(near->value, text);
    add(near->records, text);
  }

  PathId resolve(std::uint32_t path) const {
    PathId found = kRootPath;
    std::vector<std::uint32_t> steps;
    for (; path != 0; path = query_.paths[path].parent) steps.push_back(path);
    for (std::size_t i = steps.size(); i > 0 && found != kNoPath;) {
      --i;
      found = snapshot_.paths().find(found, query_.step(query_.paths[steps[i]]), query_.paths[steps[i]].hash);
    }
    return found;
  }

  const Snapshot& snapshot_;
  const Query::Impl& query_;
};

}  // namespace

std::string hint(const Snapshot& snapshot, const Query::Impl& query) {
  if (snapshot.size() == 0) return "there are no records";
  if (query.never) return "the conditions contradict each other";
  const Plan plan(query, snapshot);
  if (plan.count() > 0) return {};
  std::vector<std::pair<std::size_t, const QueryTerm*>> counts;
  for (const QueryTerm& term : query.terms) {
    const std::size_t n = plan.count(term);
    if (n == 0) return Hint(snapshot, query).about(term);
    counts.emplace_back(n, &term);
  }
  std::vector<std::pair<std::size_t, std::string>> conditions;
  for (const auto& [n, term] : counts) conditions.emplace_back(n, term_text(query, *term));
  if (query.residual) {
    // What no index answers, by itself.
    std::string pattern;
    append_residual(query, pattern);
    const auto residual = Query::from_pattern(pattern, without_limits());
    const std::size_t n = residual ? Plan(residual->impl(), snapshot).count() : 0;
    std::string text;
    append_hidden(query, true, text);
    if (n == 0) return "no record contains " + brief(text);
    conditions.emplace_back(n, std::move(text));
  }
  std::ranges::stable_sort(conditions, {}, [](const auto& c) { return c.first; });
  std::string out = "no record meets all conditions at once:";
  constexpr std::size_t kShown = 5;
  for (std::size_t i = 0; i < std::min(kShown, conditions.size()); ++i) {
    auto& [n, text] = conditions[i];
    out += fmt::format("{} {} {} {}", i == 0 ? "" : ",", n, n == 1 ? "has" : "have", brief(text));
  }
  return out + (conditions.size() > kShown ? ", ..." : "");
}

}  // namespace syncdex::inline v0
