#include "exec/segment_views.h"

#include "store/view_builder.h"

namespace syncdex::inline v0 {

const OrderedView* SegmentViews::find(const OrderedPath& path) const noexcept {
  for (const auto& own : own_) {
    if (own->path == path) return &own->view;
  }
  return reader_.find(path);
}

const OrderedView& SegmentViews::get(const OrderedPath& path, Work& work) {
  if (const OrderedView* const found = find(path)) return *found;
  work.left -= static_cast<std::int64_t>(segment_->text_bytes());
  auto made = make_view(*segment_, path);
  if (const OrderedView* const kept = reader_.keep(made, most_)) return *kept;
  return own_.emplace_back(std::move(made))->view;
}

const OrderedView& SegmentViews::get(const OrderedPath& path, const RowSet& rows, Work& work) {
  constexpr std::size_t kFewOneIn = 16;
  const std::size_t n = rows.count(segment_->size());
  if (n * kFewOneIn > segment_->size() || rows.complemented()) return get(path, work);
  if (const OrderedView* const found = find(path)) return *found;
  if (most_ > 0 && reader_.was_asked_before(path)) return get(path, work);
  for_each_row(rows.list(),
               [&](Row row) { work.left -= static_cast<std::int64_t>(segment_->json(row).size()); });
  return own_.emplace_back(make_view(*segment_, path, rows.list()))->view;
}

}  // namespace syncdex::inline v0
