#include "query/order_sql.h"

#include <fmt/format.h>

#include "query/filter_path.h"
#include "query/filter_sql.h"

namespace syncdex::inline v0 {
namespace {

std::string rank_of(const std::string& v) { return "syncdex_rank(" + v + ')'; }
std::string number_of(const std::string& v) {
  return fmt::format("CASE jsonb_typeof({0}) WHEN 'number' THEN ({0})::numeric END", v);
}
std::string text_of(const std::string& v) {
  return fmt::format("CASE jsonb_typeof({0}) WHEN 'string' THEN left({0} #>> '{{}}', {1}) END COLLATE \"C\"",
                     v, kOrderedCodePoints);
}

// As syncdex_rank() has it.
int sql_rank(Kind kind) noexcept {
  switch (kind) {
    case Kind::boolean_false: return 0;
    case Kind::boolean_true: return 1;
    case Kind::number: return 2;
    case Kind::string: return 3;
    case Kind::array: return 4;
    default: return 5;
  }
}

}  // namespace

OrderSql::OrderSql(const Order::Impl& order, std::vector<std::string>& parameters)
    : order_(order), parameters_(parameters) {
  for (const OrderKey& key : order.keys) {
    std::string& v = values_.emplace_back();
    if (key.path.times && key.path.keys.size() == 1) v = time_column(key.path.keys.front());
    if (v.empty()) {
      v = "doc";
      for (const std::string& step : key.path.keys) {
        const std::string_view field =
            &step == key.path.keys.data() ? record_field(step) : std::string_view();
        if (field.empty()) parameters.push_back(step);
        v += field.empty() ? fmt::format(" -> ${}::text", parameters.size()) : fmt::format(" -> '{}'", field);
      }
      if (key.path.times) v = "syncdex_time(" + v + ')';
    }
    const auto add = [&](const std::string& expression) {
      if (!list_.empty()) list_ += ", ";
      list_ += expression + (key.descending ? " DESC NULLS LAST" : " NULLS LAST");
    };
    if (key.path.times) {
      add(v);
    } else {
      add(rank_of(v));
      add(number_of(v));
      add(text_of(v));
    }
  }
}

std::string OrderSql::is_behind(const Cursor& cursor) const {
  std::string out = fmt::format("position > {}", cursor.position);
  for (std::size_t i = order_.keys.size(); i > 0; --i) {
    const OrderKey& key = order_.keys[i - 1];
    const SortValue& value = cursor.values[i - 1];
    const std::string& v = values_[i - 1];
    const std::string first = key.path.times ? v : rank_of(v);
    const char* const behind = key.descending ? "<" : ">";
    if (value.kind == Kind::null) {
      out = fmt::format("{} IS NULL AND ({})", first, out);
      continue;
    }
    const auto parameter = [&](std::string text, const char* type) {
      parameters_.push_back(std::move(text));
      return fmt::format("${}::{}", parameters_.size(), type);
    };
    // Behind are greater values, none, and of equal ones those that are behind by what follows.
    std::string bound;
    if (value.is_time) {
      bound = parameter(numeric_of(value.instant), "numeric");
    } else {
      bound = std::to_string(sql_rank(value.kind));
      const bool number = value.kind == Kind::number;
      if (number || value.kind == Kind::string) {
        const std::string content = number ? number_of(v) : '(' + text_of(v) + ')';
        const std::string wanted = parameter(value.text, number ? "numeric" : "text");
        out = fmt::format("{0} {1} {2} OR {0} = {2} AND ({3})", content, behind, wanted, out);
      }
    }
    out = fmt::format("{0} {1} {2} OR {0} IS NULL OR {0} = {2} AND ({3})", first, behind, bound, out);
  }
  return '(' + out + ')';
}

}  // namespace syncdex::inline v0
