#include "live/subscriptions.h"

#include <algorithm>

#include "base/access.h"
#include "exec/evaluate.h"
#include "live/edit.h"
#include "query/query_impl.h"

namespace syncdex::inline v0 {
namespace {

bool holds(const RowList& list, Row row) noexcept {
  return row != kNoRow && std::binary_search(list.rows.get(), list.rows.get() + list.size, row);
}

}  // namespace

void Subscription::State::call(const Delta& delta,
                               const std::function<void(std::exception_ptr)>& report) noexcept {
  std::function<void(const Delta&)> gone;  // destroyed after unlocking: its captures may cancel
  const std::lock_guard lock(calling);
  if (!active) return;
  in_call = true;
  try {
    callback(delta);
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
  std::function<void(const Delta&)> gone;
  const std::lock_guard lock(calling);
  if (!in_call) gone.swap(callback);  // otherwise call() frees it afterwards
}

std::shared_ptr<Subscription::State> Subscriptions::add(Query query,
                                                        std::function<void(const Delta&)> callback,
                                                        const Snapshot& current) {
  auto state = std::make_shared<Subscription::State>(std::move(query), std::move(callback), cancelled_);
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

std::list<Delivery> Subscriptions::deliveries(const Touched& before, const Touched& after,
                                              const std::shared_ptr<const Snapshot>& old_version,
                                              const std::shared_ptr<const Snapshot>& new_version) {
  ++round_;
  Group candidates = always_;
  if (!anchors_.empty()) {
    collect(*before.records, candidates);
    collect(*after.records, candidates);
  }
  std::list<Delivery> deliveries;
  std::vector<Row> entered;
  std::vector<Row> changed;
  std::vector<Row> left;
  for (const auto& state : candidates) {
    if (!state->active) continue;
    const RowList was = find_rows(Access::impl(state->query), *before.records);
    const RowList is = find_rows(Access::impl(state->query), *after.records);
    if (was.size == 0 && is.size == 0) {
      // After many unnecessary runs: the anchor may have become common since it was chosen.
      if (++state->misses == state->max_misses) {
        state->misses = 0;
        state->max_misses *= 2;
        file(state, *new_version);
      }
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
    Delivery& delivery = deliveries.emplace_back();
    delivery.to = state;
    delivery.delta.version = new_version->origin().version;
    delivery.delta.entered = matches_of(new_version, entered);
    delivery.delta.changed = matches_of(new_version, changed);
    delivery.delta.left = matches_of(old_version, left);
  }
  return deliveries;
}

}  // namespace syncdex::inline v0
