#include "store/ordered_views.h"

#include <algorithm>

namespace syncdex::inline v0 {

struct OrderedViews::Kept {
  struct Place {
    std::atomic<const PathView*> view{nullptr};
    std::atomic<std::uint64_t> hash{0};  // of its path
    std::atomic<std::uint32_t> used{0};  // the time of the last use
  };
  struct Retired {
    std::unique_ptr<const PathView> view;
    bool seen_unread[2] = {false, false};
  };

  std::array<Place, kMost> places;
  std::atomic<std::size_t> size{0};                    // places that have a view
  std::atomic<std::uint32_t> time{1};                  // counts the views that were kept
  std::array<std::atomic<std::uint64_t>, 16> asked{};  // hashes of paths
  std::atomic<std::uint32_t> phase{0};
  std::atomic<std::uint32_t> readers[2] = {0, 0};
  std::mutex mutex;  // of those who change the views
  std::vector<Retired> retired;
  std::atomic<bool> has_retired{false};

  ~Kept() {
    for (const Place& place : places) delete place.view.load(std::memory_order_relaxed);
  }

  const OrderedView* find(const OrderedPath& path) noexcept {
    const std::size_t n = size.load(std::memory_order_acquire);
    for (std::size_t i = 0; i < n; ++i) {
      Place& place = places[i];
      if (place.hash.load(std::memory_order_relaxed) != path.hash) continue;
      const PathView* const found = place.view.load(std::memory_order_seq_cst);
      if (found == nullptr || !(found->path == path)) continue;
      const std::uint32_t now = time.load(std::memory_order_relaxed);
      if (place.used.load(std::memory_order_relaxed) != now) place.used.store(now, std::memory_order_relaxed);
      return &found->view;
    }
    return nullptr;
  }

  // REQUIRES: the mutex is held; `retired` has room.
  void put(Place& place, const PathView* view) noexcept {
    if (view != nullptr) place.hash.store(view->path.hash, std::memory_order_relaxed);
    place.used.store(time.fetch_add(1, std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    const PathView* const old = place.view.exchange(view, std::memory_order_seq_cst);
    if (old == nullptr) return;
    retired.push_back({std::unique_ptr<const PathView>(old), {false, false}});
    has_retired.store(true, std::memory_order_seq_cst);
  }

  // REQUIRES: the mutex is held.
  void free_unread() noexcept {
    for (std::size_t i = 0; i < 2; ++i) {
      if (readers[i].load(std::memory_order_seq_cst) != 0) continue;
      for (Retired& old : retired) old.seen_unread[i] = true;
    }
    std::erase_if(retired, [](const Retired& old) { return old.seen_unread[0] && old.seen_unread[1]; });
    has_retired.store(!retired.empty(), std::memory_order_seq_cst);
    // New readers use the other count once it is zero, so that this one can reach zero too.
    const std::uint32_t now = phase.load(std::memory_order_relaxed);
    if (!retired.empty() && readers[1 - now].load(std::memory_order_seq_cst) == 0) {
      phase.store(1 - now, std::memory_order_relaxed);
    }
  }
};

OrderedViews::~OrderedViews() { delete kept_.load(std::memory_order_relaxed); }

OrderedViews::Reader::Reader(const OrderedViews& views) : kept_(views.kept_.load(std::memory_order_acquire)) {
  if (kept_ == nullptr) {
    auto made = std::make_unique<Kept>();
    if (views.kept_.compare_exchange_strong(kept_, made.get(), std::memory_order_acq_rel,
                                            std::memory_order_acquire)) {
      kept_ = made.release();
    }
  }
  readers_ = &kept_->readers[kept_->phase.load(std::memory_order_relaxed)];
  readers_->fetch_add(1, std::memory_order_seq_cst);
}

OrderedViews::Reader::~Reader() {
  if (readers_ == nullptr) return;
  readers_->fetch_sub(1, std::memory_order_seq_cst);
  // The last reader that may use a replaced view frees it.
  if (!kept_->has_retired.load(std::memory_order_seq_cst)) return;
  const std::unique_lock lock(kept_->mutex, std::try_to_lock);
  if (lock.owns_lock()) kept_->free_unread();
}

const OrderedView* OrderedViews::Reader::find(const OrderedPath& path) const noexcept {
  return kept_->find(path);
}

bool OrderedViews::Reader::was_asked_before(const OrderedPath& path) noexcept {
  auto& place = kept_->asked[path.hash % kept_->asked.size()];
  return place.exchange(path.hash, std::memory_order_relaxed) == path.hash;
}

const OrderedView* OrderedViews::Reader::keep(std::unique_ptr<const PathView>& view, std::size_t most) {
  most = std::min(most, kMost);
  if (most == 0) return nullptr;
  Kept& kept = *kept_;
  const std::lock_guard lock(kept.mutex);
  if (const OrderedView* const there = kept.find(view->path)) return there;
  kept.free_unread();
  const std::size_t n = kept.size.load(std::memory_order_relaxed);
  // Too many replaced views are still in use: replace no further one.
  if (n >= most && kept.retired.size() >= most) return nullptr;
  kept.retired.reserve(kept.retired.size() + 1);
  const PathView* const added = view.release();
  if (n < most) {
    kept.put(kept.places[n], added);
    kept.size.store(n + 1, std::memory_order_release);
    return &added->view;
  }
  const auto used = [](const Kept::Place& place) {
    return place.view.load(std::memory_order_relaxed) == nullptr ? 0
                                                                 : place.used.load(std::memory_order_relaxed);
  };
  kept.put(*std::ranges::min_element(kept.places.begin(),
                                     kept.places.begin() + static_cast<std::ptrdiff_t>(n), {}, used),
           added);
  return &added->view;
}

std::size_t OrderedViews::size() const noexcept {
  std::size_t views = 0;
  if (const Kept* const kept = kept_.load(std::memory_order_acquire)) {
    for (const Kept::Place& place : kept->places)
      views += place.view.load(std::memory_order_relaxed) != nullptr;
  }
  return views;
}

std::vector<OrderedPath> OrderedViews::paths() const {
  std::vector<OrderedPath> paths;
  if (Kept* const kept = kept_.load(std::memory_order_acquire)) {
    const std::lock_guard lock(kept->mutex);  // nothing is retired meanwhile
    for (const Kept::Place& place : kept->places) {
      const PathView* const view = place.view.load(std::memory_order_relaxed);
      if (view != nullptr) paths.push_back(view->path);
    }
  }
  return paths;
}

std::size_t OrderedViews::bytes() const noexcept {
  std::size_t bytes = 0;
  if (Kept* const kept = kept_.load(std::memory_order_acquire)) {
    const std::lock_guard lock(kept->mutex);
    bytes += sizeof *kept;
    for (const Kept::Place& place : kept->places) {
      const PathView* const view = place.view.load(std::memory_order_relaxed);
      if (view != nullptr) bytes += view->view.bytes();
    }
    for (const Kept::Retired& old : kept->retired) bytes += old.view->view.bytes();
  }
  return bytes;
}

void OrderedViews::clear() const {
  Kept* const kept = kept_.load(std::memory_order_acquire);
  if (kept == nullptr) return;
  const std::lock_guard lock(kept->mutex);
  kept->retired.reserve(kept->retired.size() + kMost);
  for (Kept::Place& place : kept->places) kept->put(place, nullptr);
  kept->free_unread();
}

}  // namespace syncdex::inline v0
