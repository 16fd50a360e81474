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

}  // namespace syncdex::inline v0
