#include "exec/path_scan.h"

#include <algorithm>
#include <utility>

#include "json/json_text.h"
#include "query/typo.h"

namespace syncdex::inline v0 {
namespace {

// Calls visit(value, depth) for each value of the record that the first `depth` keys lead to. Arrays on the
// way are entered.
template <class Visit>
void walk_along(const char* record, std::span<const std::string_view> keys, Visit visit) {
  std::vector<std::pair<const char*, std::size_t>> pending(1, {record, 0});
  while (!pending.empty()) {
    const auto [value, depth] = pending.back();
    pending.pop_back();
    if (*value == '[') {
      for (ArrayWalk walk(value); walk.next();) {
        if (depth < keys.size() ? *walk.value() == '{' : *walk.value() != '[') {
          pending.emplace_back(walk.value(), depth);
        }
      }
      continue;
    }
    visit(value, depth);
    if (*value != '{' || depth == keys.size()) continue;
    const char* last = nullptr;  // the last value of a duplicate key wins
    for (ObjectWalk walk(value); walk.next();) {
      if (same_string(walk.member().key, keys[depth])) last = walk.member().value;
    }
    if (last != nullptr) pending.emplace_back(last, depth + 1);
  }
}

template <class Visit>
Walked for_each_record(const Snapshot& snapshot, std::size_t most_bytes, Visit visit) {
  Walked walked;
  std::size_t bytes = 0;
  for (const Part& part : snapshot.parts()) {
    for (Row row = 0; row < part.size(); ++row) {
      if (!part.live.contains(row)) continue;
      if (bytes >= most_bytes) {
        walked.all = false;
        return walked;
      }
      bytes += part.segment->json(row).size();
      ++walked.records;
      visit(part.segment->begin(row));
    }
  }
  return walked;
}

}  // namespace

Reached count_reached(const Snapshot& snapshot, std::span<const std::string_view> keys,
                      std::size_t most_bytes) {
  Reached reached;
  reached.counts.resize(keys.size());
  reached.walked = for_each_record(snapshot, most_bytes, [&](const char* record) {
    std::size_t deepest = 0;
    walk_along(record, keys, [&](const char*, std::size_t depth) { deepest = std::max(deepest, depth); });
    for (std::size_t i = 0; i < deepest; ++i) ++reached.counts[i];
  });
  return reached;
}

FoundAlong find_along(const Snapshot& snapshot, std::span<const std::string_view> keys,
                      std::size_t most_bytes) {
  constexpr std::size_t kMostKinds = 1000;  // distinct values, and distinct keys, that are counted
  FoundAlong found;
  std::map<std::string, std::size_t> values;
  const auto count = [](std::map<std::string, std::size_t>& counts, std::string_view text) {
    const auto known = counts.find(std::string(text.substr(0, 201)));
    if (known != counts.end()) {
      ++known->second;
    } else if (counts.size() < kMostKinds && text.size() <= 200) {
      counts.emplace(text, 1);
    } else {
      return false;
    }
    return true;
  };
  found.walked = for_each_record(snapshot, most_bytes, [&](const char* record) {
    walk_along(record, keys, [&](const char* value, std::size_t depth) {
      if (depth == keys.size() && *value != '{') {
        found.all_values &= count(values, {value, static_cast<std::size_t>(skip_value(value) - value)});
      }
      if (depth + 1 != keys.size() || *value != '{') return;
      for (ObjectWalk walk(value); walk.next();) {
        if (walk.member().key.size() <= kLongestTyped) count(found.siblings, walk.member().key);
      }
    });
  });
  for (const auto& [value, n] : values) found.values.push_back({value, n});
  std::ranges::stable_sort(found.values, std::ranges::greater(), &ValueCount::records);
  return found;
}

}  // namespace syncdex::inline v0
