#include "live/subscriptions.h"

#include <algorithm>
#include <utility>

#include "base/access.h"
#include "exec/evaluate.h"
#include "exec/ordered_rows.h"
#include "live/edit.h"
#include "query/order_impl.h"
#include "query/query_impl.h"

namespace syncdex::inline v0 {
namespace {

bool holds(const RowList& list, Row row) noexcept {
  return row != kNoRow && std::binary_search(list.rows.get(), list.rows.get() + list.size, row);
}

}  // namespace

void Subscription::State::call(const News& news,
                               const std::function<void(std::exception_ptr)>& report) noexcept {
  std::function<void(const News&)> gone;  // destroyed after unlocking: its captures may cancel
  const std::lock_guard lock(calling);
  if (!active) return;
  in_call = true;
  try {
    callback(news);
  } catch (...) {
    try {
      if (report) report(std::current_exception());
    } catch (...) {  // what `report` throws is dropped
    }
  }
  in_call = false;
  if (!active) gone.swap(callback);
}

void Subscription::State::cancel() noexcept {
  if (active.exchange(false)) ++*cancelled;
  std::function<void(const News&)> gone;
  const std::lock_guard lock(calling);
  if (!in_call) gone.swap(callback);  // otherwise call() frees it afterwards
}

std::shared_ptr<Subscription::State> Subscriptions::add(Subscription::State::Standing standing,
                                                        const Snapshot& current) {
  auto state = std::make_shared<Subscription::State>(std::move(standing), cancelled_);
  all_.push_back(state);
  try {
    file(state, current);
  } catch (...) {
    all_.pop_back();
    throw;
  }
  return state;
}

// Indexes the query under its anchors, and removes it from its previous place.
void Subscriptions::file(const std::shared_ptr<Subscription::State>& state, const Snapshot& current) {
  const Query::Impl& impl = Access::impl(state->query);
  if (impl.never()) return;
  auto anchors = find_anchors(impl, current);
  if (!anchors) {
    if (!state->filed) always_.push_back(state);
    state->filed = true;
    return;
  }
  std::vector<std::uint32_t>& hashes = anchors->hashes;
  std::ranges::sort(hashes);
  hashes.erase(std::unique(hashes.begin(), hashes.end()), hashes.end());
  if (state->filed && state->anchors == hashes) return;
  std::size_t added = 0;
  try {
    for (; added < hashes.size(); ++added) anchors_[hashes[added]].push_back(state);
  } catch (...) {
    for (std::size_t i = 0; i < added; ++i) drop(hashes[i], state);
    throw;
  }
  // Places that it had and has again are in the list twice, and stay once.
  for (const std::uint32_t old : state->anchors) drop(old, state);
  state->filed = true;
  state->anchors.swap(hashes);
}

// Removes one mention of the query from a place.
void Subscriptions::drop(std::uint32_t anchor, const std::shared_ptr<Subscription::State>& state) noexcept {
  const auto place = anchors_.find(anchor);
  const auto mention = std::ranges::find(place->second, state);
  place->second.erase(mention);
  if (place->second.empty()) anchors_.erase(place);
}

void Subscriptions::sweep() {
  if (*cancelled_ == 0 || *cancelled_ < all_.size() / 8) return;
  *cancelled_ = 0;
  const auto cancelled = [](const auto& state) { return !state->active; };
  std::erase_if(all_, cancelled);
  std::erase_if(always_, cancelled);
  for (auto filed = anchors_.begin(); filed != anchors_.end();) {
    std::erase_if(filed->second, cancelled);
    filed = filed->second.empty() ? anchors_.erase(filed) : std::next(filed);
  }
}

void Subscriptions::collect(std::uint32_t key, Group& candidates) {
  const auto filed = anchors_.find(key);
  if (filed == anchors_.end()) return;
  for (const auto& state : filed->second) {
    if (state->last_round == round_) continue;
    state->last_round = round_;
    candidates.push_back(state);
  }
}

void Subscriptions::collect(const Snapshot& records, Group& candidates) {
  const std::uint64_t root = records.paths().hash(kRootPath);
  for (const Part& part : records.parts()) {
    part.segment->for_each_hash(
        root, [&](Row row) { return part.live.contains(row); },
        [&](std::uint32_t hash) { collect(hash, candidates); });
  }
}

// The queries that a change may affect.
Subscriptions::Group Subscriptions::candidates(const Touched& before, const Touched& after, bool reordered) {
  ++round_;
  Group found;
  const auto add = [&](const std::shared_ptr<Subscription::State>& state) {
    if (std::exchange(state->last_round, round_) != round_) found.push_back(state);
  };
  std::ranges::for_each(always_, add);
  if (!anchors_.empty()) {
    collect(*before.records, found);
    collect(*after.records, found);
  }
  for (const auto& state : all_) {
    if (reordered && state->order) add(state);
  }
  return found;
}

namespace {

std::vector<Row> window_of(const Subscription::State& state, const Snapshot& version) {
  const Query::Impl& query = Access::impl(state.query);
  Work unlimited;
  const RowList rows =
      state.order->is_load_order()
          ? find_rows(query, version, unlimited, {.first = 0, .limit = state.limit})
          : find_rows(query, Access::impl(*state.order), version, unlimited, nullptr, state.limit);
  return {rows.rows.get(), rows.rows.get() + rows.size};
}

// Nothing if the window is the same.
std::optional<WindowDelta> window_delta(const Subscription::State& state,
                                        const std::shared_ptr<const Snapshot>& old_version,
                                        const std::shared_ptr<const Snapshot>& new_version) {
  const std::vector<Row> was = window_of(state, *old_version);
  const std::vector<Row> is = window_of(state, *new_version);
  // The old places by id.
  std::vector<std::pair<std::string_view, std::size_t>> places;
  places.reserve(was.size());
  for (std::size_t i = 0; i < was.size(); ++i) places.emplace_back(old_version->record(was[i]).id(), i);
  std::ranges::sort(places);
  std::vector<Row> entered;
  std::vector<Row> changed;
  std::vector<Row> moved;
  std::vector<bool> stays(was.size());
  for (std::size_t i = 0; i < is.size(); ++i) {
    const Record record = new_version->record(is[i]);
    const auto old = std::ranges::lower_bound(places, record.id(), {}, [](const auto& p) { return p.first; });
    if (old == places.end() || old->first != record.id()) {
      entered.push_back(is[i]);
      continue;
    }
    stays[old->second] = true;
    if (old_version->record(was[old->second]).json() != record.json()) changed.push_back(is[i]);
    if (old->second != i) moved.push_back(is[i]);
  }
  std::vector<Row> left;
  for (std::size_t i = 0; i < was.size(); ++i) {
    if (!stays[i]) left.push_back(was[i]);
  }
  if (entered.empty() && changed.empty() && moved.empty() && left.empty()) return std::nullopt;
  WindowDelta delta;
  delta.version = new_version->origin().version;
  delta.window = matches_of(new_version, is, false);
  delta.entered = matches_of(new_version, entered, false);
  delta.changed = matches_of(new_version, changed, false);
  delta.moved = matches_of(new_version, moved, false);
  delta.left = matches_of(old_version, left, false);
  return delta;
}

}  // namespace

std::list<Delivery> Subscriptions::deliveries(const Touched& before, const Touched& after,
                                              const std::shared_ptr<const Snapshot>& old_version,
                                              const std::shared_ptr<const Snapshot>& new_version,
                                              bool reordered) {
  std::list<Delivery> deliveries;
  std::vector<Row> entered;
  std::vector<Row> changed;
  std::vector<Row> left;
  for (const auto& state : candidates(before, after, reordered)) {
    if (!state->active) continue;
    const RowList was = find_rows(Access::impl(state->query), *before.records);
    const RowList is = find_rows(Access::impl(state->query), *after.records);
    if (was.size == 0 && is.size == 0 && !(reordered && state->order)) {
      // After many unnecessary runs: the anchor may have become common since it was chosen.
      if (++state->misses == state->max_misses) {
        state->misses = 0;
        state->max_misses *= 2;
        file(state, *new_version);
      }
      continue;
    }
    if (state->order) {
      auto delta = window_delta(*state, old_version, new_version);
      if (delta) deliveries.push_back({state, *std::move(delta)});
      continue;
    }
    entered.clear();
    changed.clear();
    left.clear();
    for (std::size_t i = 0; i < is.size; ++i) {
      const Row row = is.rows[i];
      (holds(was, after.other[row]) ? changed : entered).push_back(after.rows[row]);
    }
    for (std::size_t i = 0; i < was.size; ++i) {
      const Row row = was.rows[i];
      if (!holds(is, before.other[row])) left.push_back(before.rows[row]);
    }
    Delta delta;
    delta.version = new_version->origin().version;
    delta.entered = matches_of(new_version, entered);
    delta.changed = matches_of(new_version, changed);
    delta.left = matches_of(old_version, left);
    deliveries.push_back({state, std::move(delta)});
  }
  return deliveries;
}

}  // namespace syncdex::inline v0
