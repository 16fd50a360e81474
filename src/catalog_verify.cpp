// verify(): answers that indexes give are compared with what a scan of the records finds.
#include <algorithm>
#include <functional>
#include <limits>
#include <map>
#include <string>
#include <utility>

#include "base/access.h"
#include "json/json_text.h"
#include "store/snapshot.h"
#include "syncdex/catalog.h"

namespace syncdex::inline v0 {

namespace {

// The values of a field among these records, read from their bytes, as facets() lists them.
std::vector<ValueCount> read_values(const Matches& records, std::string_view path) {
  std::map<std::string, std::uint64_t> counts;
  for (const Record record : records) {
    if (auto text = record.text(path)) ++counts[*std::move(text)];
  }
  std::vector<ValueCount> values;
  for (const auto& [value, n] : counts) values.push_back({value, n});
  std::ranges::stable_sort(values, std::ranges::greater(), &ValueCount::records);
  return values;
}

bool same_values(const std::vector<ValueCount>& a, const std::vector<ValueCount>& b) {
  return std::ranges::equal(a, b, [](const ValueCount& x, const ValueCount& y) {
    return x.value == y.value && x.records == y.records;
  });
}

// The strings among the values of figures, in the order of facets().
std::vector<ValueCount> strings_of(const std::vector<JsonCount>& values) {
  std::vector<ValueCount> strings;
  for (const JsonCount& value : values) {
    if (!value.json.starts_with('"')) continue;
    strings.push_back({{}, value.records});
    append_decoded(std::string_view(value.json).substr(1, value.json.size() - 2), strings.back().value);
  }
  return strings;
}

}  // namespace

std::optional<Difference> Catalog::verify(const Query& query) const {
  const Matches found = find(query);
  const Matches scanned = scan(query);
  const auto [a, b] = std::mismatch(found.rows(), found.rows() + found.size(), scanned.rows(),
                                    scanned.rows() + scanned.size());
  const bool found_ends = a == found.rows() + found.size();
  const bool scan_ends = b == scanned.rows() + scanned.size();
  Difference d;
  if (!found_ends || !scan_ends) {
    d.call = "find";
    d.only_in_scan = found_ends || (!scan_ends && *b < *a);
    d.row = d.only_in_scan ? *b : *a;
    d.id = snapshot().record(d.row).id();
    return d;
  }
  if (count(query) != scanned.size()) {
    d.call = "count";
    return d;
  }
  const Facets counted = facets(query);
  Limits unlimited;
  unlimited.work = std::numeric_limits<std::uint64_t>::max();
  for (const auto& [path, facet] :
       {std::pair("provider", &counted.provider), std::pair("status", &counted.status),
        std::pair("health.status", &counted.health_status)}) {
    const std::vector<ValueCount> read = read_values(scanned, path);
    if (counted.records != scanned.size() || !same_values(*facet, read)) {
      d.call = "facets";
      return d;
    }
    const auto listed = values(path, query, {.limit = SIZE_MAX}, unlimited);
    if (!listed || !same_values(strings_of(*listed), read)) {
      d.call = "values";
      return d;
    }
  }
  return std::nullopt;
}

}  // namespace syncdex::inline v0
