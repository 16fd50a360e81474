// How it works: the text becomes a list of JSON values, each before those that it contains. Patterns are not
// parsed there, but kept as text. Then each value that should be a filter becomes a node, the innermost
// first.
#include "query/filter_reader.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cassert>
#include <forward_list>
#include <limits>
#include <utility>

#include "base/errors.h"
#include "pattern/pattern_scanner.h"
#include "query/filter_ops.h"
#include "query/json_values.h"

namespace syncdex::inline v0 {
namespace {

constexpr std::string_view kShapes[] = {"contains", "and", "or", "not", "path", "some"};
enum ShapeKey : std::uint8_t { contains, all, any, none, condition, some, no_shape };

ShapeKey shape_key(std::string_view key) noexcept {
  return static_cast<ShapeKey>(std::ranges::find(kShapes, key) - std::begin(kShapes));
}

class FilterReader {
 public:
  FilterReader(std::string_view json, const Limits& limits, FilterUse& use)
      : json_(json), limits_(limits), use_(use), values_(json, limits) {}

  Result<FilterNode> read() {
    if (json_.size() > limits_.filter_bytes) {
      return exceeded(json_.data(), "filter_bytes", "the filter is too large");
    }
    if (auto error = values_.parse("contains", std::size_t{2} * limits_.filter_depth + 2)) {
      if (error->limit == "depth") return exceeded(json_.data() + error->offset, "filter_depth", kTooDeep);
      return as_filter_error(*std::move(error));
    }
    FilterNode node;
    if (auto error = filter(0, 1, node)) return *std::move(error);
    if (const auto limit = exceeded_limit(node, limits_)) {
      return exceeded(json_.data(), limit->name, limit->message);
    }
    return node;
  }

 private:
  using Fault = std::optional<Error>;
  static constexpr const char* kTooDeep = "the filter is nested too deep";

  Error error(const char* at, std::string message) const {
    return error_at(ErrorCode::invalid_filter, json_, at, std::move(message));
  }
  Error exceeded(const char* at, const char* limit, const char* message) const {
    Error e = error_at(ErrorCode::limit_exceeded, json_, at, message);
    name_limit(e, limits_, limit);
    return e;
  }
  // Whatever is wrong within a filter is invalid_filter.
  static Error as_filter_error(Error e) {
    if (e.code == ErrorCode::invalid_pattern) e.code = ErrorCode::invalid_filter;
    return e;
  }

  // Where the paths of a filter begin.
  Scope scope() const noexcept { return within_.empty() ? Scope::record : Scope::element; }

  Fault filter(std::uint32_t at, std::uint32_t depth, FilterNode& out) {
    const JsonValue& v = values_[at];
    if (v.kind != Kind::object) return error(v.at, "a filter is expected: an object");
    if (++use_.nodes > limits_.filter_nodes) {
      return exceeded(v.at, "filter_nodes", "the filter has too many nodes");
    }
    if (depth > limits_.filter_depth) return exceeded(v.at, "filter_depth", kTooDeep);
    ShapeKey shape = no_shape;
    std::uint32_t operand = 0;
    for (const std::uint32_t m : values_.members(at)) {
      const ShapeKey key = shape_key(values_[m].key);
      if (key == no_shape) continue;
      if (shape == key) return error(values_[m].key_at, "the key is given twice");
      if (shape != no_shape) {
        return error(values_[m].key_at, fmt::format("a filter has only one of {}", fmt::join(kShapes, ", ")));
      }
      shape = key;
      operand = m;
    }
    if (shape == no_shape) {
      return error(v.at, fmt::format("a filter needs one of {}", fmt::join(kShapes, ", ")));
    }
    if (shape == condition) return read_condition(at, operand, depth, out);
    if (shape == some) return read_some(at, operand, depth, out);
    for (const std::uint32_t m : values_.members(at)) {
      if (m != operand) return unknown_key(m, fmt::format("\"{}\" is the only key", kShapes[shape]));
    }
    switch (shape) {
      case contains: return read_pattern(operand, out);
      case none: {
        FilterNode member;
        if (auto e = filter(operand, depth + 1, member)) return e;
        out = make_none(std::move(member));
        return std::nullopt;
      }
      default: break;
    }
    if (values_[operand].kind != Kind::array) {
      return error(values_[operand].at, fmt::format("\"{}\" needs an array of filters", kShapes[shape]));
    }
    std::vector<FilterNode> members;
    for (const std::uint32_t m : values_.members(operand)) {
      if (auto e = filter(m, depth + 1, members.emplace_back())) return e;
    }
    out = shape == all ? make_all(scope(), std::move(members)) : make_any(scope(), std::move(members));
    return std::nullopt;
  }

  Error unknown_key(std::uint32_t m, std::string_view allowed) const {
    return error(values_[m].key_at, fmt::format("unexpected key; {}", allowed));
  }

  Fault read_pattern(std::uint32_t at, FilterNode& out) {
    const JsonValue& v = values_[at];
    PatternTree tree(limits_);
    auto root = tree.parse(v.text);
    Pattern pattern;
    Fault fault;
    if (!root) {
      fault = std::move(root).error();
    } else {
      fault = tree.require(*root);
      if (!fault) fault = compile(tree, limits_, Scope::element, pattern);
    }
    if (fault) {
      Error e = as_filter_error(*std::move(fault));
      set_place(e, json_, v.at + e.offset);
      return e;
    }
    out = make_contains(scope(), pattern);
    return within_.empty() ? std::nullopt : count_path(v.at, {});
  }

  // Reads a path, and looks up what it means from here.
  Fault read_path(std::uint32_t at, std::uint32_t depth, bool of_some, std::vector<FilterStep>& steps) {
    const JsonValue& v = values_[at];
    if (v.kind != Kind::string) return error(v.at, "a path is expected: a string");
    ParsedPath path = parse_path(v.text);
    if (!path.fault.empty() && !path.too_long) return error(v.at, std::string(path.fault));
    const std::size_t longest = std::min<std::size_t>(limits_.depth, kMostSteps);
    if (within_.size() + path.steps.size() >= longest) {
      return exceeded(v.at, "depth", "the path is too long");
    }
    // Each [] is a node. Of `some`, the last of them has been counted.
    const auto elements =
        static_cast<std::uint32_t>(std::ranges::count(path.steps, true, &FilterStep::element));
    const std::uint32_t more = of_some && elements > 0 ? elements - 1 : elements;
    use_.nodes += more;
    if (use_.nodes > limits_.filter_nodes) {
      return exceeded(v.at, "filter_nodes", "the filter has too many nodes");
    }
    if (depth + more > limits_.filter_depth) return exceeded(v.at, "filter_depth", kTooDeep);
    steps = std::move(path.steps);
    return count_path(v.at, steps);
  }

  // Counts the bytes of the path from the record to a node. exceeded_limit() has the bound for the canonical
  // form. This one is wider, so that what passes there can be read again, and ends the reading of other
  // filters early.
  Fault count_path(const char* at, const std::vector<FilterStep>& steps) {
    path_bytes_ += bytes_of(within_) + bytes_of(steps);
    if (path_bytes_ <= 2 * most_path_bytes(json_.size())) return std::nullopt;
    return exceeded(at, "filter_bytes", kLongPaths);
  }

  // Wraps a node in one `some` for each element step of the path that leads to it.
  FilterNode wrap(std::vector<FilterStep> steps, FilterNode node) {
    for (std::size_t i = steps.size(); i > 0; --i) {
      if (!steps[i - 1].element) continue;
      std::size_t first = i - 1;
      while (first > 0 && !steps[first - 1].element) --first;
      const bool outermost = first == 0;
      node = make_some(outermost ? scope() : Scope::element,
                       {std::make_move_iterator(steps.begin() + static_cast<std::ptrdiff_t>(first)),
                        std::make_move_iterator(steps.begin() + static_cast<std::ptrdiff_t>(i - 1))},
                       std::move(node));
      i = first + 1;
    }
    return node;
  }

  Fault read_some(std::uint32_t at, std::uint32_t operand, std::uint32_t depth, FilterNode& out) {
    std::uint32_t is = 0;
    for (const std::uint32_t m : values_.members(at)) {
      if (m == operand) continue;
      if (values_[m].key != "is") return unknown_key(m, "\"some\" takes only \"is\"");
      if (is != 0) return error(values_[m].key_at, "the key is given twice");
      is = m;
    }
    if (is == 0) return error(values_[at].at, "\"some\" needs \"is\": the filter that an element must meet");
    std::vector<FilterStep> steps;
    if (auto e = read_path(operand, depth, true, steps)) return e;
    if (steps.empty() || !steps.back().element) {
      return error(values_[operand].at, "the path of \"some\" must end in []");
    }
    const std::size_t before = within_.size();
    within_.insert(within_.end(), steps.begin(), steps.end());
    const auto levels = static_cast<std::uint32_t>(std::ranges::count(steps, true, &FilterStep::element));
    FilterNode member;
    auto e = filter(is, depth + levels, member);
    within_.resize(before);
    if (e) return e;
    out = wrap(std::move(steps), std::move(member));
    return std::nullopt;
  }

  Fault read_condition(std::uint32_t at, std::uint32_t operand, std::uint32_t depth, FilterNode& out) {
    std::vector<FilterStep> steps;
    if (auto e = read_path(operand, depth, false, steps)) return e;
    ConditionReader reader(json_, values_, limits_, use_.values);
    std::vector<FilterStep> from_record = within_;
    from_record.insert(from_record.end(), steps.begin(), steps.end());
    if (auto e = reader.read(at, operand, from_record)) return e;
    const bool nested = std::ranges::count(steps, true, &FilterStep::element) > 0;
    const auto last = std::ranges::find(steps.rbegin(), steps.rend(), true, &FilterStep::element).base();
    std::vector<FilterStep> in_element(std::make_move_iterator(last), std::make_move_iterator(steps.end()));
    steps.erase(last, steps.end());
    FilterNode node = make_condition(nested ? Scope::element : scope(), std::move(in_element),
                                     std::move(reader.condition()));
    node = wrap(std::move(steps), std::move(node));
    out = reader.negated() ? make_none(std::move(node)) : std::move(node);
    return std::nullopt;
  }

  std::string_view json_;
  Limits limits_;
  FilterUse& use_;
  std::uint64_t path_bytes_ = 0;  // of the paths from the record to each node
  JsonValues values_;
  std::vector<FilterStep> within_;  // from the record to the element that paths begin at
};

}  // namespace

Result<FilterNode> read_filter(std::string_view json, const Limits& limits, FilterUse& use) {
  Limits bounded = limits;
  // Functions that walk a filter recurse.
  bounded.filter_depth = std::min<std::uint32_t>(limits.filter_depth, kDeepestFilter);
  return FilterReader(json, bounded, use).read();
}

}  // namespace syncdex::inline v0
