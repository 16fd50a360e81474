#include "live/change.h"

#include <algorithm>
#include <optional>

namespace syncdex::inline v0 {

bool is_within(const Limits& limits, const Limits& wider) {
  return limits.record_bytes <= wider.record_bytes && limits.string_bytes <= wider.string_bytes &&
         limits.depth <= wider.depth && limits.number_digits <= wider.number_digits &&
         limits.exponent <= wider.exponent;
}

bool has_no_effect(const Edit& edit) {
  return edit.added.empty() && edit.changed.empty() && edit.removed.empty();
}

bool is_same(const Edit& edit) {
  return has_no_effect(edit) && std::ranges::is_sorted(edit.unchanged, {}, &Edit::Pair::before);
}

std::vector<std::string> erase(std::vector<std::string> ids, const Snapshot& before, const Snapshot& batch,
                               Edit& edit) {
  std::ranges::sort(ids);
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  std::vector<Row> anew;
  std::erase_if(ids, [&](const std::string& id) {
    if (const std::optional<Row> row = batch.find_row(id)) {
      anew.push_back(*row);
      return true;
    }
    const std::optional<Row> row = before.find_row(id);
    if (row) edit.removed.push_back(*row);
    return row.has_value();
  });
  if (!anew.empty() && !edit.unchanged.empty()) {
    std::ranges::sort(anew);
    const auto moved = std::stable_partition(
        edit.unchanged.begin(), edit.unchanged.end(),
        [&](const Edit::Pair& pair) { return !std::ranges::binary_search(anew, pair.after); });
    edit.changed.insert(edit.changed.end(), moved, edit.unchanged.end());
    edit.unchanged.erase(moved, edit.unchanged.end());
    std::ranges::sort(edit.changed, {}, &Edit::Pair::after);
  }
  return ids;
}

void mask(std::vector<Part>& parts, std::span<const Edit::Pair> pairs, Row Edit::Pair::*row) {
  auto at = pairs.begin();
  std::vector<Row> removed;
  for (Part& part : parts) {
    removed.clear();
    for (; at != pairs.end() && (*at).*row < part.base + part.size(); ++at) {
      removed.push_back((*at).*row - part.base);
    }
    part.live = part.live.without(*part.segment, removed);
  }
}

void raise_limits(Limits& limits, const Limits& by) {
  const auto raise = [](auto& limit, auto other) { limit = std::max(limit, other); };
  raise(limits.record_bytes, by.record_bytes);
  raise(limits.string_bytes, by.string_bytes);
  raise(limits.depth, by.depth);
  raise(limits.number_digits, by.number_digits);
  raise(limits.exponent, by.exponent);
}

bool is_loaded(const Snapshot& version, std::string_view text, const LoadOptions& options) {
  return options.records_key == "data" && text.size() <= options.limits.input_bytes &&
         version.size() <= options.limits.records && is_within(version.origin().limits, options.limits) &&
         is_text_of(version, text, options.framing);
}

}  // namespace syncdex::inline v0
