// The reference implementation of filters: first validity over the whole tree, then the truth of one record.
#include "support/filter_oracle.h"

#include <algorithm>
#include <array>
#include <compare>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace syncdex::oracle {
namespace {

// ---- Paths

// One step of a path: the value of a key, or any element of an array.
struct Step {
  bool element = false;
  std::string key;
};
using Path = std::vector<Step>;

// path := "" | first { "." step | "[]" }, where first is a step or "[]".
std::optional<Path> parse_path(std::string_view text) {
  Path path;
  std::size_t at = 0;
  while (at < text.size()) {
    if (text.substr(at, 2) == "[]") {
      path.push_back({true, ""});
      at += 2;
      continue;
    }
    if (!path.empty() && text[at++] != '.') return std::nullopt;
    const std::size_t from = at;
    if (at < text.size() && text[at] == '"') {
      for (++at; at < text.size() && text[at] != '"'; ++at) {
        if (text[at] == '\\') ++at;
      }
      if (at >= text.size()) return std::nullopt;
      ++at;
      const auto key = parse(text.substr(from, at - from));
      if (!key || key->kind != Value::string) return std::nullopt;
      path.push_back({false, key->text});
      continue;
    }
    constexpr std::string_view kReserved = ".[]\",";
    while (at < text.size() && static_cast<unsigned char>(text[at]) > 0x20 &&
           kReserved.find(text[at]) == std::string_view::npos)
      ++at;
    if (at == from || text[from] == '-') return std::nullopt;
    path.push_back({false, std::string(text.substr(from, at - from))});
  }
  return path;
}

Path joined(Path left, const Path& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

// Paths that are times without "as". The argument is the absolute path.
bool is_time_by_default(const Path& path) {
  if (path.empty() || path.size() > 2) return false;
  for (const Step& step : path) {
    if (step.element) return false;
  }
  if (path.size() == 2 && path.front().key != "credential") return false;
  const std::string& last = path.back().key;
  return last == "created_at" || last == "updated_at" || last == "initial_backfill_completed_at";
}

// Whether the absolute path is at or below credential.properties. "[]" does not count.
bool is_secret(const Path& path) {
  std::vector<std::string> keys;
  for (const Step& step : path) {
    if (!step.element) keys.push_back(step.key);
  }
  return keys.size() >= 2 && keys[0] == "credential" && keys[1] == "properties";
}

// ---- Times

struct Instant {
  long long seconds = 0;  // since 0000-01-01
  long long nanoseconds = 0;
  auto operator<=>(const Instant&) const = default;
};

class TimeReader {
 public:
  explicit TimeReader(std::string_view text) : text_(text) {}

  std::optional<Instant> instant() {
    long long year, month, day;
    if (!number(4, year) || !take('-') || !number(2, month) || !take('-') || !number(2, day))
      return std::nullopt;
    if (month < 1 || month > 12 || day < 1 || day > days_of(year, month)) return std::nullopt;
    long long days = day - 1;
    for (long long m = 1; m < month; ++m) days += days_of(year, m);
    for (long long y = 0; y < year; ++y) days += is_leap(y) ? 366 : 365;
    Instant t{days * 86400, 0};
    if (done()) return t;

    if (!take('T') && !take('t') && !take(' ')) return std::nullopt;
    long long hour, minute, second = 0;
    if (!number(2, hour) || !take(':') || !number(2, minute)) return std::nullopt;
    if (take(':')) {
      if (!number(2, second)) return std::nullopt;
      if (take('.')) {
        int digits = 0;
        for (long long digit; digits < 9 && number(1, digit); ++digits)
          t.nanoseconds = t.nanoseconds * 10 + digit;
        if (digits == 0) return std::nullopt;
        for (; digits < 9; ++digits) t.nanoseconds *= 10;
      }
    }
    if (hour > 23 || minute > 59 || second > 59) return std::nullopt;
    t.seconds += hour * 3600 + minute * 60 + second;
    if (done()) return t;
    if (take('Z') || take('z')) return done() ? std::optional(t) : std::nullopt;

    const bool plus = take('+');
    if (!plus && !take('-')) return std::nullopt;
    long long offset_hour, offset_minute = 0;
    if (!number(2, offset_hour)) return std::nullopt;
    if (!done()) {
      take(':');
      if (!number(2, offset_minute)) return std::nullopt;
    }
    if (!done() || offset_hour > 23 || offset_minute > 59) return std::nullopt;
    const long long offset = offset_hour * 3600 + offset_minute * 60;
    t.seconds += plus ? -offset : offset;
    return t;
  }

 private:
  static bool is_leap(long long year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }
  static long long days_of(long long year, long long month) {
    constexpr std::array<long long, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return kDays[static_cast<std::size_t>(month - 1)] + (month == 2 && is_leap(year) ? 1 : 0);
  }

  bool done() const { return at_ == text_.size(); }
  bool take(char c) {
    if (done() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  // Exactly this many ASCII digits.
  bool number(std::size_t digits, long long& n) {
    if (text_.size() - at_ < digits) return false;
    long long read = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      const char c = text_[at_ + i];
      if (c < '0' || c > '9') return false;
      read = read * 10 + (c - '0');
    }
    n = read;
    at_ += digits;
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

std::optional<Instant> time_of(const Value& v) {
  if (v.kind != Value::string) return std::nullopt;
  return TimeReader(v.text).instant();
}

// ---- Numbers and strings

std::strong_ordering compare(const Number& a, const Number& b) {
  const auto sign = [](const Number& n) { return n.digits.empty() ? 0 : n.negative ? -1 : 1; };
  if (sign(a) != sign(b)) return sign(a) <=> sign(b);
  if (sign(a) == 0) return std::strong_ordering::equal;
  // The power of ten in front of the first digit, then the digits like letters: without trailing zeros, a
  // longer number with the same beginning is greater.
  const auto top = [](const Number& n) { return static_cast<long long>(n.digits.size()) + n.exponent; };
  std::strong_ordering order = top(a) <=> top(b);
  if (order == std::strong_ordering::equal) order = a.digits <=> b.digits;
  return a.negative ? 0 <=> order : order;
}

std::strong_ordering by_code_point(std::string_view a, std::string_view b) {
  // The order of UTF-8 bytes, without sign, is the order of code points.
  return std::lexicographical_compare_three_way(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    return static_cast<unsigned char>(x) <=> static_cast<unsigned char>(y);
  });
}

std::string folded(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

// ---- Conditions

constexpr std::array<std::string_view, 4> kBounds = {"gt", "gte", "lt", "lte"};
constexpr std::array<std::string_view, 3> kAffixes = {"prefix", "suffix", "substring"};
constexpr std::array<std::string_view, 6> kKinds = {"null", "boolean", "number", "string", "array", "object"};

template <std::size_t N>
bool is_one_of(std::string_view word, const std::array<std::string_view, N>& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

const Value* member(const Value& object, std::string_view key) {
  const auto at = object.members.find(std::string(key));
  return at == object.members.end() ? nullptr : &at->second;
}

bool is_scalar(const Value& v) { return v.kind != Value::array && v.kind != Value::object; }

// Whether the values at the path are compared as instants. REQUIRES: `as`, if any, is valid.
bool compares_times(const Value& condition, const Path& absolute) {
  const Value* as = member(condition, "as");
  return as != nullptr ? as->text == "time" : is_time_by_default(absolute);
}

bool is_count(const Value& v) {
  return v.kind == Value::number && !v.decimal.negative && v.decimal.exponent >= 0;
}

bool has_both(const Value& object, std::string_view one, std::string_view other) {
  return member(object, one) != nullptr && member(object, other) != nullptr;
}

bool is_valid_size(const Value& v) {
  if (v.kind != Value::object) return is_count(v);
  for (const auto& [key, bound] : v.members) {
    if (!is_one_of(key, kBounds) || !is_count(bound)) return false;
  }
  return !v.members.empty() && !has_both(v, "gt", "gte") && !has_both(v, "lt", "lte");
}

bool is_valid_kind(const Value& v) {
  const auto is_name = [](const Value& name) {
    return name.kind == Value::string && is_one_of(name.text, kKinds);
  };
  if (v.kind != Value::array) return is_name(v);
  return !v.elements.empty() && std::all_of(v.elements.begin(), v.elements.end(), is_name);
}

bool is_valid_condition(const Value& condition, const Path& enclosing) {
  const Value& path_text = condition.members.at("path");
  if (path_text.kind != Value::string) return false;
  const auto path = parse_path(path_text.text);
  if (!path) return false;
  const Path absolute = joined(enclosing, *path);

  const Value* as = member(condition, "as");
  if (as != nullptr && (as->kind != Value::string || (as->text != "time" && as->text != "text")))
    return false;
  const Value* ignore_case = member(condition, "ignore_case");
  if (ignore_case != nullptr && (ignore_case->kind != Value::boolean || !ignore_case->truth)) return false;
  const bool times = compares_times(condition, absolute);
  const bool secret = is_secret(absolute);
  if (secret && (ignore_case != nullptr || (as != nullptr && as->text == "time"))) return false;

  const auto is_comparable = [&](const Value& v) {
    return times ? v.kind == Value::null || time_of(v).has_value() : is_scalar(v);
  };
  int ops = 0;
  bool negates = false, uses_as = false, uses_case = false;
  std::optional<Value::Kind> bounds;
  for (const auto& [key, operand] : condition.members) {
    if (key == "path" || key == "as" || key == "ignore_case") continue;
    ++ops;
    if (key == "eq" || key == "ne") {
      if (!is_comparable(operand)) return false;
      uses_as = uses_case = true;
    } else if (key == "in" || key == "nin") {
      if (operand.kind != Value::array) return false;
      if (!std::all_of(operand.elements.begin(), operand.elements.end(), is_comparable)) return false;
      uses_as = uses_case = true;
    } else if (is_one_of(key, kBounds)) {
      if (secret) return false;
      if (times ? !time_of(operand) : operand.kind != Value::number && operand.kind != Value::string)
        return false;
      if (bounds && *bounds != operand.kind) return false;
      bounds = operand.kind;
      uses_as = true;
    } else if (is_one_of(key, kAffixes)) {
      if (secret || times || operand.kind != Value::string) return false;
      uses_as = uses_case = true;
    } else if (key == "exists" || key == "set") {
      if (operand.kind != Value::boolean) return false;
      if (!operand.truth) negates = true;
    } else if (key == "kind") {
      if (!is_valid_kind(operand)) return false;
    } else if (key == "size") {
      if (secret || !is_valid_size(operand)) return false;
    } else {
      return false;
    }
    if (key == "ne" || key == "nin") negates = true;
  }
  if (ops == 0 || (negates && ops > 1)) return false;
  if (has_both(condition, "gt", "gte") || has_both(condition, "lt", "lte")) return false;
  return (as == nullptr || uses_as) && (ignore_case == nullptr || uses_case);
}

bool is_valid(const Value& filter, const Path& enclosing) {
  if (filter.kind != Value::object) return false;
  if (member(filter, "path") != nullptr) return is_valid_condition(filter, enclosing);
  if (const Value* path_text = member(filter, "some")) {
    const Value* is = member(filter, "is");
    if (is == nullptr || filter.members.size() != 2 || path_text->kind != Value::string) return false;
    const auto path = parse_path(path_text->text);
    if (!path || path->empty() || !path->back().element) return false;
    return is_valid(*is, joined(enclosing, *path));
  }
  if (filter.members.size() != 1) return false;
  const auto& [key, operand] = *filter.members.begin();
  if (key == "contains") return operand.kind == Value::object;
  if (key == "not") return is_valid(operand, enclosing);
  if (key != "and" && key != "or") return false;
  if (operand.kind != Value::array) return false;
  for (const Value& child : operand.elements) {
    if (!is_valid(child, enclosing)) return false;
  }
  return true;
}

// ---- Truth

// Whether some value at the path meets the test.
template <typename Test>
bool some_at(const Value& v, const Path& path, std::size_t from, const Test& test) {
  if (from == path.size()) return test(v);
  if (path[from].element) {
    if (v.kind != Value::array) return false;
    for (const Value& element : v.elements) {
      if (some_at(element, path, from + 1, test)) return true;
    }
    return false;
  }
  if (v.kind != Value::object) return false;
  const Value* child = member(v, path[from].key);
  return child != nullptr && some_at(*child, path, from + 1, test);
}

bool equals(const Value& v, const Value& operand, bool times, bool fold) {
  if (v.kind != operand.kind || !is_scalar(operand)) return false;
  if (v.kind == Value::string) {
    if (times) {
      const auto left = time_of(v), right = time_of(operand);
      return left && right && *left == *right;
    }
    if (fold) return folded(v.text) == folded(operand.text);
  }
  return contains(v, operand);
}

bool meets_bound(std::strong_ordering order, std::string_view op) {
  if (op == "gt") return order > 0;
  if (op == "gte") return order >= 0;
  if (op == "lt") return order < 0;
  return order <= 0;
}

bool in_bound(const Value& v, std::string_view op, const Value& operand, bool times) {
  if (v.kind != operand.kind) return false;
  if (v.kind == Value::number) return meets_bound(compare(v.decimal, operand.decimal), op);
  if (!times) return meets_bound(by_code_point(v.text, operand.text), op);
  const auto left = time_of(v), right = time_of(operand);
  return left && right && meets_bound(*left <=> *right, op);
}

bool has_affix(const Value& v, std::string_view op, const Value& operand, bool fold) {
  if (v.kind != Value::string) return false;
  const std::string whole = fold ? folded(v.text) : v.text;
  const std::string part = fold ? folded(operand.text) : operand.text;
  if (op == "prefix") return whole.starts_with(part);
  if (op == "suffix") return whole.ends_with(part);
  return whole.find(part) != std::string::npos;
}

bool has_kind(const Value& v, const Value& operand) {
  if (operand.kind == Value::string) return operand.text == kKinds[static_cast<std::size_t>(v.kind)];
  for (const Value& name : operand.elements) {
    if (has_kind(v, name)) return true;
  }
  return false;
}

bool has_size(const Value& v, const Value& operand) {
  if (v.kind != Value::array) return false;
  const Number size = parse(std::to_string(v.elements.size()))->decimal;
  if (operand.kind == Value::number) return size == operand.decimal;
  for (const auto& [op, bound] : operand.members) {
    if (!meets_bound(compare(size, bound.decimal), op)) return false;
  }
  return true;
}

// Whether this one value meets every op of the condition, negations read as what they negate.
bool meets_all(const Value& v, const Value& condition, bool times) {
  const bool fold = member(condition, "ignore_case") != nullptr;
  for (const auto& [op, operand] : condition.members) {
    bool meets = true;
    if (op == "eq" || op == "ne") {
      meets = equals(v, operand, times, fold);
    } else if (op == "in" || op == "nin") {
      meets = false;
      for (const Value& one : operand.elements) meets = meets || equals(v, one, times, fold);
    } else if (is_one_of(op, kBounds)) {
      meets = in_bound(v, op, operand, times);
    } else if (is_one_of(op, kAffixes)) {
      meets = has_affix(v, op, operand, fold);
    } else if (op == "set") {
      meets = v.kind != Value::null;
    } else if (op == "kind") {
      meets = has_kind(v, operand);
    } else if (op == "size") {
      meets = has_size(v, operand);
    }
    if (!meets) return false;
  }
  return true;
}

bool condition_holds(const Value& condition, const Value& v, const Path& enclosing) {
  const Path path = *parse_path(condition.members.at("path").text);
  const bool times = compares_times(condition, joined(enclosing, path));
  const bool found = some_at(v, path, 0, [&](const Value& one) { return meets_all(one, condition, times); });
  const auto is_false = [&](std::string_view op) {
    const Value* operand = member(condition, op);
    return operand != nullptr && !operand->truth;
  };
  const bool negates = member(condition, "ne") != nullptr || member(condition, "nin") != nullptr ||
                       is_false("exists") || is_false("set");
  return found != negates;
}

// REQUIRES: the filter is valid.
bool holds(const Value& filter, const Value& v, const Path& enclosing) {
  if (member(filter, "path") != nullptr) return condition_holds(filter, v, enclosing);
  if (const Value* path_text = member(filter, "some")) {
    const Path path = *parse_path(path_text->text);
    const Path inside = joined(enclosing, path);
    const Value& is = filter.members.at("is");
    return some_at(v, path, 0, [&](const Value& element) { return holds(is, element, inside); });
  }
  const auto& [key, operand] = *filter.members.begin();
  if (key == "contains") return contains(v, operand);
  if (key == "not") return !holds(operand, v, enclosing);
  for (const Value& child : operand.elements) {
    if (holds(child, v, enclosing) != (key == "and")) return key == "or";
  }
  return key == "and";
}

// ---- Orders

struct OrderTerm {
  Path path;
  bool descending = false;
};

std::optional<std::vector<OrderTerm>> parse_order(std::string_view text) {
  std::vector<OrderTerm> terms;
  while (true) {
    OrderTerm term;
    if (text.substr(0, 1) == "-") {
      term.descending = true;
      text.remove_prefix(1);
    }
    std::size_t end = 0;
    for (bool quoted = false; end < text.size() && (quoted || text[end] != ','); ++end) {
      if (text[end] == '"') quoted = !quoted;
      if (text[end] == '\\' && quoted) ++end;
    }
    end = std::min(end, text.size());
    const auto path = parse_path(text.substr(0, end));
    if (!path || path->empty() || is_secret(*path) || terms.size() == 4) return std::nullopt;
    if (path->size() == 1 && path->front().key == "credential") return std::nullopt;  // may be a plain string
    term.path = *path;
    for (const Step& step : term.path) {
      if (step.element) return std::nullopt;
    }
    for (const OrderTerm& other : terms) {
      bool same = other.path.size() == term.path.size();
      for (std::size_t i = 0; same && i < term.path.size(); ++i) same = other.path[i].key == term.path[i].key;
      if (same) return std::nullopt;
    }
    terms.push_back(term);
    if (end == text.size()) return terms;
    text.remove_prefix(end + 1);
  }
}

const Value* value_at(const Value& record, const Path& path) {
  const Value* at = &record;
  for (const Step& step : path) {
    if (at->kind != Value::object) return nullptr;
    at = member(*at, step.key);
    if (at == nullptr) return nullptr;
  }
  return at;
}

std::string first_code_points(const std::string& text) {
  std::size_t code_points = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80 && ++code_points > 256) return text.substr(0, i);
  }
  return text;
}

// The first 500 significant digits. The digits of a Number are whole: its exponent is that of the last one.
Number first_digits(Number n) {
  if (n.digits.size() <= 500) return n;
  n.exponent += static_cast<long long>(n.digits.size()) - 500;
  n.digits.resize(500);
  while (n.digits.back() == '0') {
    n.digits.pop_back();
    ++n.exponent;
  }
  return n;
}

// Null: the value counts as none.
const Value* counted(const Value* v, bool times) {
  if (v == nullptr || v->kind == Value::null) return nullptr;
  return times && !time_of(*v) ? nullptr : v;
}

std::strong_ordering compare_values(const Value& a, const Value& b, bool times) {
  if (times) return *time_of(a) <=> *time_of(b);
  if (a.kind != b.kind) return a.kind <=> b.kind;
  switch (a.kind) {
    case Value::boolean: return a.truth <=> b.truth;
    case Value::number: return compare(first_digits(a.decimal), first_digits(b.decimal));
    case Value::string: return by_code_point(first_code_points(a.text), first_code_points(b.text));
    default: return std::strong_ordering::equal;
  }
}

}  // namespace

std::optional<std::vector<std::size_t>> ordered(std::string_view order, const std::vector<Value>& records) {
  const auto terms = parse_order(order);
  if (!terms) return std::nullopt;
  std::vector<std::size_t> places(records.size());
  for (std::size_t i = 0; i < places.size(); ++i) places[i] = i;
  std::stable_sort(places.begin(), places.end(), [&](std::size_t x, std::size_t y) {
    for (const OrderTerm& term : *terms) {
      const bool times = is_time_by_default(term.path);
      const Value* a = counted(value_at(records[x], term.path), times);
      const Value* b = counted(value_at(records[y], term.path), times);
      if (a == nullptr || b == nullptr) {
        if (a != b) return a != nullptr;
        continue;
      }
      const std::strong_ordering by_value = compare_values(*a, *b, times);
      if (by_value != std::strong_ordering::equal) return term.descending ? by_value > 0 : by_value < 0;
    }
    return false;
  });
  return places;
}

bool is_valid_filter(const Value& filter) { return is_valid(filter, {}); }

std::optional<bool> filter_holds(const Value& filter, const Value& record) {
  if (!is_valid_filter(filter)) return std::nullopt;
  return holds(filter, record, {});
}

}  // namespace syncdex::oracle
