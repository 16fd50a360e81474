#include "exec/figures.h"

#include <algorithm>
#include <bit>
#include <compare>
#include <deque>
#include <iterator>
#include <optional>
#include <span>
#include <string>

#include "base/access.h"
#include "base/errors.h"
#include "json/decimal_sum.h"
#include "query/filter_ops.h"
#include "query/json_values.h"
#include "terms/sort_key.h"

namespace syncdex::inline v0 {
namespace {

// A value in the order of values, null last. Numbers are in canonical form.
struct Value {
  Kind kind = Kind::null;
  std::string text;
  std::uint64_t records = 0;
  bool selected = false;
  Decimal number = {};  // within `text`; set to sort

  std::strong_ordering order(const Value& other) const {
    const auto rank = [](Kind k) { return k == Kind::null ? Kind::object : k; };
    if (kind != other.kind) return rank(kind) <=> rank(other.kind);
    return kind == Kind::number ? compare(number, other.number) : text <=> other.text;
  }
  std::string json() const {
    std::string out;
    append_scalar(kind, text, out);
    return out;
  }
};

std::string canonical(std::string_view number) {
  std::string out;
  append_canonical(parse_decimal(number), UINT32_MAX, out);
  return out;
}

// Nothing if the text is not a JSON scalar.
std::optional<Value> scalar_of(std::string_view json) {
  const Limits limits;
  JsonValues all(json, limits);
  if (all.parse(std::nullopt, 1) || all[0].kind >= Kind::array) return std::nullopt;
  return Value{all[0].kind, all[0].kind == Kind::number ? canonical(all[0].text) : std::string(all[0].text)};
}

// Values and their counts.
class Values {
 public:
  void add(Kind kind, std::string_view text, std::uint64_t records) {
    if (kind >= Kind::array) return;
    all_.push_back({kind, kind == Kind::number ? canonical(text) : std::string(text), records});
  }

  // A value to be listed whatever the options are.
  void select(Value value) {
    value.selected = true;
    all_.push_back(std::move(value));
  }

  // As the options ask for; then those that are selected and not among these. To be ignored if the work is
  // spent.
  std::vector<JsonCount> take(const ValuesOptions& options, Work& work) {
    join(work);
    if (!options.by_value) {
      // Values with equal counts stay in order.
      std::ranges::stable_sort(all_, std::ranges::greater(), &Value::records);
    }
    const auto has_prefix = [&](const Value& v) {
      return options.prefix.empty() || (v.kind == Kind::string && v.text.starts_with(options.prefix));
    };
    std::vector<JsonCount> out;
    std::vector<JsonCount> rest;
    for (const Value& v : all_) {
      if (v.records > 0 && out.size() < options.limit && has_prefix(v)) {
        out.push_back({v.json(), v.records});
      } else if (v.selected) {
        rest.push_back({v.json(), v.records});
      }
    }
    std::ranges::move(rest, std::back_inserter(out));
    return out;
  }

 private:
  // Joins equal values. Afterwards they are in order.
  void join(Work& work) {
    // To compare two long numbers takes as long as to read them.
    constexpr std::size_t kLong = 32;
    const auto comparisons = static_cast<std::int64_t>(std::bit_width(all_.size()));
    std::vector<Value*> sorted;
    sorted.reserve(all_.size());
    for (Value& value : all_) {
      sorted.push_back(&value);
      if (value.kind != Kind::number) continue;
      value.number = parse_decimal(value.text);
      if (value.text.size() > kLong) work.left -= static_cast<std::int64_t>(value.text.size()) * comparisons;
    }
    if (work.spent()) return;
    std::ranges::sort(sorted, [](const Value* a, const Value* b) { return std::is_lt(a->order(*b)); });
    std::size_t kept = 0;
    for (Value* const value : sorted) {
      if (kept > 0 && std::is_eq(sorted[kept - 1]->order(*value))) {
        sorted[kept - 1]->records += value->records;
        sorted[kept - 1]->selected |= value->selected;
      } else {
        sorted[kept++] = value;
      }
    }
    std::vector<Value> joined;
    joined.reserve(kept);
    for (Value* const value : std::span(sorted).first(kept)) joined.push_back(std::move(*value));
    all_ = std::move(joined);
  }

  std::vector<Value> all_;
};

// The least or the greatest value.
class Extreme {
 public:
  explicit Extreme(bool greatest) : greatest_(greatest) {}

  void add(const SortValue& value) {
    if (value_) {
      const std::strong_ordering order = compare_values(value, *value_);
      if (greatest_ ? !std::is_gt(order) : !std::is_lt(order)) return;
    }
    value_ = value;
  }
  std::string json() const { return value_ ? to_json(*value_) : std::string(); }

 private:
  bool greatest_;
  std::optional<SortValue> value_;
};

}  // namespace

std::vector<JsonCount> values_of(const Query::Impl& query, const Snapshot& snapshot, const FigurePath& path,
                                 const ValuesOptions& options, Work& work) {
  Values values;
  for_each_value(query, snapshot, path, work, [&](Kind kind, std::string_view text, std::uint64_t records) {
    values.add(kind, text, records);
  });
  return values.take(options, work);
}

std::vector<SelectionFacet> facets_of(const Query::Impl& query, const Snapshot& snapshot,
                                      const std::vector<Selection>& selections,
                                      const std::vector<FigurePath>& paths,
                                      const std::vector<Query>& selected, const ValuesOptions& options,
                                      Work& work) {
  const std::size_t n = selections.size();
  Matching all(query, snapshot, work);
  std::deque<Matching> matching;  // their elements stay where they are
  std::deque<VisitValue> visits;
  std::deque<ValueCounter> counters;
  std::vector<Values> values(n);
  for (std::size_t i = 0; i < n; ++i) {
    matching.emplace_back(Access::impl(selected[i]), snapshot, Work());
    visits.emplace_back([&values, i](Kind kind, std::string_view text, std::uint64_t records) {
      values[i].add(kind, text, records);
    });
    counters.emplace_back(snapshot.paths(), paths[i], visits.back());
    for (const std::string& json : selections[i].selected) values[i].select(*scalar_of(json));
  }
  Work& budget = all.work();
  for (const Part& part : snapshot.parts()) {
    // Of the rows so far, those that all selections from the last to the i-th one leave.
    const auto both = [](RowBits rows, const RowBits& others) {
      for (std::size_t w = 0; w < rows.size(); ++w) rows[w] &= others[w];
      return rows;
    };
    std::vector<RowBits> rows;
    for (std::size_t i = 0; i < n && !budget.spent(); ++i) {
      matching[i].work() = budget;
      rows.push_back(exact_rows(matching[i], part));
      budget = matching[i].work();
    }
    if (budget.spent()) break;
    // Each selection's values are counted under all others: three operations on sets of rows for each.
    budget.left -= static_cast<std::int64_t>(3 * n * words_for(part.size()));
    if (budget.spent()) break;
    std::vector<RowBits> behind(n);
    for (std::size_t i = n; i-- > 1;) behind[i - 1] = i == n - 1 ? rows[i] : both(rows[i], behind[i]);
    RowBits before = exact_rows(all, part);
    for (std::size_t i = 0; i < n && !budget.spent(); ++i) {
      counters[i].count(part, i + 1 < n ? both(before, behind[i]) : before, budget);
      before = both(std::move(before), rows[i]);
    }
    if (budget.spent()) break;
  }
  work = budget;
  std::vector<SelectionFacet> out;
  for (std::size_t i = 0; i < n; ++i) {
    out.push_back({selections[i].path, values[i].take(options, work)});
  }
  return out;
}

Summary summary_of(const Query::Impl& query, const Snapshot& snapshot, const FigurePath& path, Work& work) {
  Summary out;
  Extreme min(false);
  Extreme max(true);
  DecimalSum sum;
  std::uint64_t with_value = 0;
  out.records = for_each_value(
      query, snapshot, path, work, [&](Kind kind, std::string_view text, std::uint64_t records) {
        with_value += records;
        std::optional<SortValue> value;
        switch (kind) {
          case Kind::null: out.nulls += records; break;
          case Kind::boolean_false:
          case Kind::boolean_true: out.booleans += records; break;
          case Kind::number:
            out.numbers += records;
            sum.add(parse_decimal(text), records);
            break;
          case Kind::string: out.strings += records; break;
          case Kind::array: out.arrays += records; break;
          case Kind::object: out.objects += records; break;
        }
        if (kind == Kind::null) return;
        if (!path.times) {
          value = SortValue::of(kind, text);
        } else if (const auto instant = kind == Kind::string ? parse_instant(text) : std::nullopt) {
          value = SortValue::of(*instant);
        }
        if (!value) return;
        min.add(*value);
        max.add(*value);
      });
  out.none = out.records - with_value;
  out.min = min.json();
  out.max = max.json();
  out.sum = sum.text();
  return out;
}

Result<Query> query_of(const Selection& selection, const Limits& limits) {
  if (selection.selected.empty()) return Query();
  std::string filter = R"({"path":)";
  append_quoted(selection.path, filter);
  filter += R"(,"in":[)";
  for (const std::string& value : selection.selected) {
    if (!scalar_of(value)) {
      return make_error(ErrorCode::invalid_filter, "a selected value is not a JSON scalar");
    }
    if (filter.back() != '[') filter += ',';
    filter += value;
  }
  // Of a path of times, the text is compared: it is what was shown.
  if (is_time_path(parse_path(selection.path).steps))
    return Query::from_filter(filter + R"(],"as":"text"})", limits);
  return Query::from_filter(filter + "]}", limits);
}

}  // namespace syncdex::inline v0
