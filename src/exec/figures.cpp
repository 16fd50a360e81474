#include "exec/figures.h"

#include <algorithm>
#include <compare>
#include <optional>
#include <string>

#include "base/errors.h"
#include "json/decimal_sum.h"
#include "query/filter_reader.h"
#include "terms/sort_key.h"

namespace syncdex::inline v0 {
namespace {

// A value in the order of values, null last. Numbers are in canonical form.
struct Value {
  Kind kind;
  std::string text;
  std::uint64_t records = 0;

  std::strong_ordering order(const Value& other) const {
    const auto rank = [](Kind k) { return k == Kind::null ? Kind::object : k; };
    if (kind != other.kind) return rank(kind) <=> rank(other.kind);
    if (kind == Kind::number) return compare(parse_decimal(text), parse_decimal(other.text));
    return text <=> other.text;
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

// Joins equal values. Afterwards they are in order.
void join(std::vector<Value>& values) {
  std::ranges::sort(values, [](const Value& a, const Value& b) { return std::is_lt(a.order(b)); });
  std::size_t kept = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (kept > 0 && std::is_eq(values[kept - 1].order(values[i]))) {
      values[kept - 1].records += values[i].records;
    } else if (kept++ != i) {
      values[kept - 1] = std::move(values[i]);
    }
  }
  values.resize(kept);
}

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
  std::vector<Value> values;
  for_each_value(query, snapshot, path, work, [&](Kind kind, std::string_view text, std::uint64_t records) {
    if (kind >= Kind::array) return;
    if (!options.prefix.empty() && (kind != Kind::string || !text.starts_with(options.prefix))) return;
    values.push_back({kind, kind == Kind::number ? canonical(text) : std::string(text), records});
  });
  join(values);
  const std::size_t n = std::min(values.size(), options.limit);
  if (!options.by_value) {
    // Also by place, so that values with equal counts stay in order.
    std::ranges::stable_sort(values, std::ranges::greater(), &Value::records);
  }
  std::vector<JsonCount> out;
  out.reserve(n);
  for (std::size_t i = 0; i < n; ++i) out.push_back({values[i].json(), values[i].records});
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

Result<Query> without_selection(const Query& query, const std::vector<Selection>& selections,
                                std::size_t left_out, const Limits& limits) {
  std::string filter = R"({"and":[)" + query.text();
  for (std::size_t i = 0; i < selections.size(); ++i) {
    if (i == left_out || selections[i].selected.empty()) continue;
    filter += R"(,{"path":)";
    append_quoted(selections[i].path, filter);
    filter += R"(,"in":[)";
    for (const std::string& value : selections[i].selected) {
      if (filter.back() != '[') filter += ',';
      filter += value;
    }
    filter += "]}";
  }
  return Query::from_filter(filter + "]}", limits);
}

}  // namespace syncdex::inline v0
