// The values of a record by path.
#include "json/json_text.h"
#include "query/filter_path.h"
#include "store/ordered_value.h"
#include "syncdex/record.h"

namespace syncdex::inline v0 {

std::optional<std::string_view> Record::find(std::string_view path) const {
  ParsedPath parsed = parse_path(path);
  if (!parsed.fault.empty()) return std::nullopt;
  if (parsed.steps.empty()) return json();
  std::vector<std::string> keys;
  for (FilterStep& step : parsed.steps) {
    if (step.element) return std::nullopt;
    keys.push_back(std::move(step.key));
  }
  std::int64_t read = 0;
  const char* const value = find_value(*segment_, row_, OrderedPath(std::move(keys), false), read);
  if (value == nullptr) return std::nullopt;
  return std::string_view(value, static_cast<std::size_t>(skip_value(value) - value));
}

std::optional<std::string> Record::text(std::string_view path) const {
  const auto value = find(path);
  if (!value || value->front() != '"') return std::nullopt;
  std::string text;
  append_decoded(value->substr(1, value->size() - 2), text);
  return text;
}

}  // namespace syncdex::inline v0
