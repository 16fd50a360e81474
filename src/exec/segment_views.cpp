#include "exec/segment_views.h"

#include "store/view_builder.h"

namespace syncdex::inline v0 {
const OrderedView* SegmentViews::find(const OrderedPath& path) const noexcept {
  for (const auto& own : own_) {
    if (own->path == path) return &own->view;
  }
  return reader_.find(path);
}

const OrderedView* SegmentViews::own(std::unique_ptr<const PathView> view) {
  return &own_.emplace_back(std::move(view))->view;
}

const OrderedView* SegmentViews::make(const OrderedPath& path, OrderedViews::Asked asked, Work& work) {
  const auto cost = static_cast<std::int64_t>(segment_->text_bytes());
  if (!work.take(cost)) return nullptr;
  auto made = make_view(*segment_, path);
  if (const OrderedView* const kept = reader_.keep(made, most_, asked)) return kept;
  return own(std::move(made));
}

void SegmentViews::prepare(const OrderedPath& path) {
  if (find(path) != nullptr || is_empty(path)) return;
  auto made = make_view(*segment_, path);
  reader_.keep(made, most_, {UINT32_MAX, 0});
}

const OrderedView* SegmentViews::get(const OrderedPath& path, Work& work) {
  if (const OrderedView* const found = find(path)) return found;
  if (is_empty(path)) return &empty_;
  return make(path, reader_.note_asked(path, work.request), work);
}

const OrderedView* SegmentViews::get(const OrderedPath& path, const RowSet& rows, Work& work) {
  constexpr std::size_t kFewOneIn = 16;
  const std::size_t n = rows.count(segment_->size());
  if (n * kFewOneIn > segment_->size() || rows.complemented()) return get(path, work);
  if (const OrderedView* const found = find(path)) return found;
  if (is_empty(path)) return &empty_;
  const OrderedViews::Asked asked = reader_.note_asked(path, work.request);
  if (asked.before != 0 && reader_.would_keep(most_, asked)) return make(path, asked, work);
  std::int64_t cost = 0;
  for_each_row(rows.list(), [&](Row row) { cost += static_cast<std::int64_t>(segment_->json(row).size()); });
  if (!work.take(cost)) return nullptr;
  return own(make_view(*segment_, path, rows.list()));
}

}  // namespace syncdex::inline v0
