// The C++ spelling of filters writes their JSON, so that there is one reader and one set of rules.
#include <charconv>

#include "json/strings.h"
#include "query/json_values.h"
#include "syncdex/filter.h"

namespace syncdex::inline v0 {
namespace {

// The shortest text. NaN and infinity are written as words that JSON does not have.
template <class T>
std::string number_text(T value) {
  char text[40];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

}  // namespace

FilterValue::FilterValue(std::string_view text) { append_quoted(text, json_); }
FilterValue::FilterValue(std::nullptr_t) : FilterValue(Json{"null"}) {}

FilterValue FilterValue::of_bool(bool value) { return Json{value ? "true" : "false"}; }
FilterValue FilterValue::of_number(float value) { return Json{number_text(value)}; }
FilterValue FilterValue::of_number(double value) { return Json{number_text(value)}; }
FilterValue FilterValue::of_integer(std::int64_t value) { return Json{number_text(value)}; }
FilterValue FilterValue::of_integer(std::uint64_t value) { return Json{number_text(value)}; }

std::string Filter::json() const {
  switch (join_) {
    case Join::all: return R"({"and":[)" + members_ + "]}";
    case Join::any: return R"({"or":[)" + members_ + "]}";
    case Join::single: break;
  }
  return members_;
}

Filter Filter::single(std::string json) {
  Filter out;
  out.join_ = Join::single;
  out.members_ = std::move(json);
  return out;
}

// A chain of one operator is one list, so that its depth does not grow.
Filter Filter::joined(Join join, const Filter& a, const Filter& b) {
  Filter out;
  out.join_ = join;
  for (const Filter* part : {&a, &b}) {
    const bool same = part->join_ == join;
    if (same && part->members_.empty()) continue;
    if (!out.members_.empty()) out.members_ += ',';
    out.members_ += same ? part->members_ : part->json();
  }
  return out;
}

Filter operator&&(const Filter& a, const Filter& b) { return Filter::joined(Filter::Join::all, a, b); }
Filter operator||(const Filter& a, const Filter& b) { return Filter::joined(Filter::Join::any, a, b); }
Filter operator!(const Filter& a) { return Filter::single(R"({"not":)" + a.json() + '}'); }

Filter contains(std::string_view json_object) {
  // What is not exactly one JSON value could close the object that it becomes a part of.
  const Limits limits;
  if (JsonValues(json_object, limits).parse(std::nullopt, limits.depth + 1)) json_object = "null";
  std::string json = R"({"contains":)";
  return Filter::single(json.append(json_object).append(1, '}'));
}

Filter some(std::string_view array_path, const Filter& is) {
  std::string json = R"({"some":)";
  append_quoted(array_path, json);
  return Filter::single(json.append(R"(,"is":)").append(is.json()).append(1, '}'));
}

Field::Field(std::string_view path) : json_(R"({"path":)") { append_quoted(path, json_); }

Field::operator Filter() const { return Filter::single(json_ + '}'); }

Field& Field::add(std::string_view op, std::string_view json) {
  json_ += ',';
  append_quoted(op, json_);
  json_.append(1, ':').append(json);
  return *this;
}

Field& Field::add_list(std::string_view op, std::span<const FilterValue> values) {
  std::string list = "[";
  for (const FilterValue& value : values) {
    if (list.size() > 1) list += ',';
    list += value.json();
  }
  return add(op, list += ']');
}

Field& Field::as(std::string_view what) {
  if (has_as_) return *this;
  has_as_ = true;
  return add("as", FilterValue(what).json());
}

Field& Field::since(std::string_view time) { return gte(time).as_time(); }
Field& Field::before(std::string_view time) { return lt(time).as_time(); }

Field& Field::kind(std::initializer_list<std::string_view> names) {
  std::string list = "[";
  for (const std::string_view name : names) {
    if (list.size() > 1) list += ',';
    append_quoted(name, list);
  }
  return add("kind", list += ']');
}

Field& Field::size(std::uint64_t least, std::uint64_t most) {
  return add("size", R"({"gte":)" + std::to_string(least) + R"(,"lte":)" + std::to_string(most) + '}');
}

}  // namespace syncdex::inline v0
