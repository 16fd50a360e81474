// A filter: the tree of patterns and conditions that a query evaluates, in canonical form.
//
//   all        every member holds; without members it holds for every record
//   any        some member holds; without members it holds for none
//   none       the one member does not hold
//   some       some element of the array at the path meets the one member
//   contains   the record, or the element, contains the pattern
//   condition  ONE value at the path meets all that is asked of it
//
// Every node is true or false for every record, so `none` is the complement and De Morgan's laws hold.
//
// How canonical form is kept: the functions make_*() below are the only way to make nodes. Each is given
// canonical members and returns a canonical node, and its text with it. Equal texts mean equal filters. The
// spellings of a filter (JSON, parameters, C++) all end in these functions. finish() then compiles the whole
// tree for evaluation.
//
// Trees are no deeper than Limits::filter_depth, so functions that walk them may recurse.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "json/instant.h"
#include "json/scalar.h"
#include "pattern/pattern.h"
#include "query/filter_path.h"

namespace syncdex::inline v0 {

// A value that a condition compares with.
struct Operand {
  Kind kind = Kind::null;
  std::string text;  // a string decoded, a number in canonical form; empty if it is an instant
  Instant instant;   // if the condition compares times
  Decimal number;    // of a number, once finish() has run: digits in `text`
};

bool equal(const Operand& a, const Operand& b, bool ignore_case) noexcept;

struct Bound {
  Operand value;
  bool inclusive = false;
};

// The kinds that a user can tell apart.
enum class KindName : std::uint8_t { null, boolean, number, string, array, object };
constexpr std::size_t kKindNames = 6;
std::string_view to_string(KindName name) noexcept;
KindName name_of(Kind kind) noexcept;
constexpr std::uint8_t bit_of(KindName name) noexcept {
  return static_cast<std::uint8_t>(1U << static_cast<unsigned>(name));
}

// What is asked of one value. A default-constructed condition asks for nothing but that there is a value.
struct Condition {
  std::optional<std::vector<Operand>> values;  // eq, in: it equals one of them. In order, each once
  std::optional<Bound> low, high;              // both numbers, both strings, or both instants
  bool times = false;                          // `values` and bounds are instants, or null
  bool as_text = false;                        // "as":"text" must be said: the path is a time by default
  bool ignore_case = false;                    // of ASCII letters; the operands are in lower case
  std::optional<std::string> prefix, suffix, substring;
  bool exists = false;
  bool set = false;
  std::uint8_t kinds = 0;  // bit_of() each; 0: not asked
  struct Size {
    std::uint64_t least = 0;
    std::uint64_t most = UINT64_MAX;
  };
  std::optional<Size> size;  // it is an array of so many elements

  bool compares() const noexcept { return values || low || high || prefix || suffix || substring; }
  // Whether a value meets it if it is one of `values` as they are, as in a pattern.
  bool asks_for_values_alone() const noexcept {
    return values && !times && !ignore_case && !low && !high && !prefix && !suffix && !substring && !set &&
           kinds == 0 && !size;
  }
};

struct FilterNode {
  enum class Shape : std::uint8_t { all, any, none, some, contains, condition };

  Shape shape = Shape::all;
  Scope scope = Scope::record;  // where its paths begin
  std::vector<FilterNode> members;
  std::vector<FilterStep> path;  // of a condition, and of the array of `some`
  std::unique_ptr<Condition> condition;
  std::string pattern_text;  // of `contains`
  std::uint64_t leaves = 0;  // of its pattern: scalars and empty containers
  // The canonical text; dropped where no parent needs it any more.
  std::string text;

  // --- set by finish() ---
  std::uint32_t number = 0;  // in the order of a walk
  // Of `contains`: compiled for its scope. At record scope its terms can be looked up.
  std::unique_ptr<const Pattern> pattern;
  // Where this node looks, from the record on, with a step for the elements of each enclosing `some`, and of
  // this one. Of a condition and `some`.
  std::vector<FilterStep> from_record;
  PathTraits traits;  // of the value there; of `contains`, of what it is compared with
  // Of `contains` in an element: what records contain that have such an element. Null if it is too deep.
  std::unique_ptr<const Pattern> from_record_pattern;

  bool always() const noexcept { return shape == Shape::all && members.empty(); }
  bool never() const noexcept { return shape == Shape::any && members.empty(); }
};

FilterNode make_all(Scope scope, std::vector<FilterNode> members);
FilterNode make_any(Scope scope, std::vector<FilterNode> members);
FilterNode make_none(FilterNode member);
// REQUIRES: `path` leads to an array by keys. Null path: the element itself is the array.
FilterNode make_some(Scope scope, std::vector<FilterStep> path, FilterNode member);
FilterNode make_contains(Scope scope, const Pattern& pattern);
// REQUIRES: the path has no elements
FilterNode make_condition(Scope scope, std::vector<FilterStep> path, Condition condition);

// A copy of a canonical tree, which may be compiled already. The copy is not.
FilterNode copy_of(const FilterNode& node);

// A limit that a tree exceeds.
struct ExceededLimit {
  const char* name;
  const char* message;
};
constexpr const char* kLongPaths = "the paths of the filter are too long together";
// How many bytes the paths from the record to each node may have together, in a filter of so many bytes: each
// node keeps its whole path, so one long key above many nodes would need far more memory than the text.
constexpr std::uint64_t most_path_bytes(std::uint64_t text_bytes) noexcept {
  return 16 * text_bytes + (std::uint64_t{256} << 10);
}
std::uint64_t bytes_of(const std::vector<FilterStep>& path) noexcept;

// Returns the limit that the canonical form exceeds, if any. What was read may be within the limits when its
// canonical form is not: patterns joined by AND become one, `ne` becomes two nodes, and steps in quotes get
// escapes. Then its text could not be read again. REQUIRES: `root` has its text.
std::optional<ExceededLimit> exceeded_limit(const FilterNode& root, const Limits& limits) noexcept;

// The canonical JSON of a condition.
std::string condition_text(const std::vector<FilterStep>& path, const Condition& condition);

// A tree that is compiled for evaluation.
struct CompiledFilter {
  FilterNode root;
  std::uint32_t nodes = 0;
};
CompiledFilter finish(FilterNode root);

}  // namespace syncdex::inline v0
