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

void SegmentViews::drop_own(std::size_t most) noexcept {
  if (own_.size() > most) own_.erase(own_.begin(), own_.end() - static_cast<std::ptrdiff_t>(most));
}

const OrderedView* SegmentViews::make(const OrderedPath& path, std::uint32_t asked_before, Work& work) {
  const auto cost = static_cast<std::int64_t>(segment_->text_bytes());
  if (!work.take(cost)) return nullptr;
  auto made = make_view(*segment_, path);
  if (const OrderedView* const kept = reader_.keep(made, most_, asked_before, replaced_)) return kept;
  return own(std::move(made));
}

void SegmentViews::prepare(const OrderedPath& path) {
  if (find(path) != nullptr || is_empty(path)) return;
  auto made = make_view(*segment_, path);
  bool replaced = false;
  reader_.keep(made, most_, UINT32_MAX, replaced);
}

const OrderedView* SegmentViews::get(const OrderedPath& path, Work& work) {
  if (const OrderedView* const found = find(path)) return found;
  if (is_empty(path)) return own(make_empty_view(*segment_, path));
  return make(path, reader_.note_asked(path), work);
}

const OrderedView* SegmentViews::get(const OrderedPath& path, const RowSet& rows, Work& work) {
  constexpr std::size_t kFewOneIn = 16;
  const std::size_t n = rows.count(segment_->size());
  if (n * kFewOneIn > segment_->size() || rows.complemented()) return get(path, work);
  if (const OrderedView* const found = find(path)) return found;
  if (is_empty(path)) return own(make_empty_view(*segment_, path));
  const std::uint32_t asked_before = reader_.note_asked(path);
  if (asked_before != 0 && reader_.would_keep(most_, asked_before)) return make(path, asked_before, work);
  std::int64_t cost = 0;
  for_each_row(rows.list(), [&](Row row) { cost += static_cast<std::int64_t>(segment_->json(row).size()); });
  if (!work.take(cost)) return nullptr;
  return own(make_view(*segment_, path, rows.list()));
}

}  // namespace syncdex::inline v0
