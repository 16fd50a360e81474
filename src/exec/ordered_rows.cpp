#include "exec/ordered_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>

#include "exec/part_rows.h"
#include "store/ordered_value.h"

namespace syncdex::inline v0 {

RowList find_rows(const Query::Impl& query, const Order::Impl& order, const Snapshot& snapshot, Work& work,
                  const Cursor* after, std::size_t limit) {
  if (limit == 0) return {};
  std::deque<PartRows> parts;  // their elements stay where they are
  std::vector<PartRows*> heap;
  for (const Part& part : snapshot.parts()) {
    PartRows& rows = parts.emplace_back(query, order, snapshot, part, work, after, limit);
    if (work.spent()) return {};
    if (!rows.done()) heap.push_back(&rows);
  }
  const auto comes_later = [](PartRows* a, PartRows* b) { return a->is_behind(*b); };
  std::ranges::make_heap(heap, comes_later);
  Collected out;
  while (!heap.empty() && out.size() < limit && !work.spent()) {
    std::ranges::pop_heap(heap, comes_later);
    PartRows& first = *heap.back();
    out.reserve(1, snapshot.size());
    out.push(first.part().base + first.row());
    first.pop();
    if (first.done()) {
      heap.pop_back();
    } else {
      std::ranges::push_heap(heap, comes_later);
    }
  }
  return out.take();
}

std::vector<SortValue> values_of(const Order::Impl& order, const Snapshot& snapshot, Row row) {
  const Part& part = snapshot.part_of(row);
  std::vector<SortValue> values;
  std::string buffer;
  for (const OrderKey& key : order.keys) {
    std::int64_t read = 0;
    const char* const value = find_value(*part.segment, row - part.base, key.path, read);
    SortValue& out = values.emplace_back();
    if (value == nullptr) continue;
    const std::string_view text = ordered_text(value, buffer);
    if (!key.path.times) {
      out = SortValue::of(kind_of(*value), text);
    } else if (const auto instant = kind_of(*value) == Kind::string ? parse_instant(text) : std::nullopt) {
      out = SortValue::of(*instant);
    }
  }
  return values;
}

std::string explain_order(const OrderKey& key, const Snapshot& snapshot) {
  std::size_t kept = 0;
  for (const Part& part : snapshot.parts()) {
    const OrderedViews::Reader reader(part.segment->views());
    kept += reader.find(key.path) != nullptr || reader.is_empty(key.path);
  }
  return fmt::format("order      {} {}{}: ordered views, kept in {} of {} {}\n", brief(key.path_text),
                     key.descending ? "descending" : "ascending", key.path.times ? " in time" : "", kept,
                     snapshot.parts().size(), snapshot.parts().size() == 1 ? "segment" : "segments");
}

}  // namespace syncdex::inline v0
