#include "store/ordered_views.h"

#include <algorithm>
#include <span>

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
  std::atomic<std::size_t> size{0};    // places that have a view
  std::atomic<std::uint32_t> time{1};  // counts the views that were kept, and asked for and not found
  // By a part of the path's hash. Two threads may mix what they write, which may keep a view too early.
  struct AskedPath {
    std::atomic<std::uint64_t> path{0};  // the upper half of its hash, and the time it was asked for
    std::atomic<std::uint32_t> request{0};
  };
  std::array<AskedPath, 64> asked;
  struct EmptyPath {
    std::atomic<std::uint64_t> hash{0};
    std::atomic<std::uint32_t> used{0};
  };
  std::array<EmptyPath, kMostEmpty> empty;
  std::atomic<std::uint32_t> replacer{0};  // the last request that replaced something
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
      note_use(place.used);
      return &found->view;
    }
    return nullptr;
  }

  // The places in `empty` of a path, by its hash.
  std::span<EmptyPath, 4> empty_set(std::uint64_t path) noexcept {
    return std::span<EmptyPath, 4>(empty.data() + path % (kMostEmpty / 4) * 4, 4);
  }
  void note_use(std::atomic<std::uint32_t>& used) noexcept {
    const std::uint32_t now = time.load(std::memory_order_relaxed);
    if (used.load(std::memory_order_relaxed) != now) used.store(now, std::memory_order_relaxed);
  }
  bool has_replaced(std::uint32_t request) const noexcept {
    return request != 0 && replacer.load(std::memory_order_relaxed) == request;
  }

  // Returns the place for a view of a path that was asked for before at this time: a free one, or that of the
  // view that was used least recently, if that was earlier. Null if there is none.
  Place* place_for(std::size_t most, std::uint32_t asked_before) noexcept;

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

bool OrderedViews::Reader::is_empty(std::uint64_t path) const noexcept {
  for (Kept::EmptyPath& place : kept_->empty_set(path)) {
    if (place.hash.load(std::memory_order_relaxed) != path) continue;
    kept_->note_use(place.used);
    return true;
  }
  return false;
}

void OrderedViews::Reader::note_empty(std::uint64_t path, Asked asked) noexcept {
  if (is_empty(path)) return;
  const auto last_use = [](const Kept::EmptyPath& place) {
    return place.hash.load(std::memory_order_relaxed) == 0 ? 0 : place.used.load(std::memory_order_relaxed);
  };
  Kept::EmptyPath& place = *std::ranges::min_element(kept_->empty_set(path), {}, last_use);
  const std::uint32_t used = last_use(place);
  if (used != 0) {
    if (used >= asked.before || kept_->has_replaced(asked.request)) return;
    kept_->replacer.store(asked.request, std::memory_order_relaxed);
  }
  place.used.store(kept_->time.load(std::memory_order_relaxed), std::memory_order_relaxed);
  place.hash.store(path, std::memory_order_relaxed);
}

std::vector<std::uint64_t> OrderedViews::Reader::empty_paths() const {
  std::vector<std::uint64_t> paths;
  for (const Kept::EmptyPath& path : kept_->empty) {
    if (const std::uint64_t hash = path.hash.load(std::memory_order_relaxed); hash != 0)
      paths.push_back(hash);
  }
  return paths;
}

OrderedViews::Asked OrderedViews::Reader::note_asked(const OrderedPath& path,
                                                     std::uint32_t& request) noexcept {
  constexpr std::uint64_t kPathBits = 0xFFFF'FFFF'0000'0000;
  const std::uint32_t now = kept_->time.fetch_add(1, std::memory_order_relaxed) + 1;
  if (request == 0) request = now;
  Kept::AskedPath& place = kept_->asked[path.hash % kept_->asked.size()];
  const std::uint64_t before = place.path.load(std::memory_order_relaxed);
  const bool same = ((before ^ path.hash) & kPathBits) == 0;
  if (same && place.request.load(std::memory_order_relaxed) == request) return {0, request};
  place.request.store(request, std::memory_order_relaxed);
  place.path.store((path.hash & kPathBits) | now, std::memory_order_relaxed);
  return {same ? static_cast<std::uint32_t>(before) : 0, request};
}

OrderedViews::Kept::Place* OrderedViews::Kept::place_for(std::size_t most,
                                                         std::uint32_t asked_before) noexcept {
  const std::size_t n = size.load(std::memory_order_relaxed);
  if (n < most) return &places[n];
  const auto last_use = [](const Place& place) {
    return place.view.load(std::memory_order_relaxed) == nullptr ? 0
                                                                 : place.used.load(std::memory_order_relaxed);
  };
  Place* const oldest = &*std::ranges::min_element(
      places.begin(), places.begin() + static_cast<std::ptrdiff_t>(n), {}, last_use);
  const std::uint32_t used = last_use(*oldest);
  return used == 0 || used < asked_before ? oldest : nullptr;
}

bool OrderedViews::Reader::would_keep(std::size_t most, Asked asked) const noexcept {
  most = std::min(most, kMost);
  return most > 0 && kept_->place_for(most, asked.before) != nullptr;
}

const OrderedView* OrderedViews::Reader::keep(std::unique_ptr<const PathView>& view, std::size_t most,
                                              Asked asked) {
  most = std::min(most, kMost);
  if (most == 0) return nullptr;
  Kept& kept = *kept_;
  if (view->view.rows().empty()) {
    note_empty(view->path.hash, asked);
    return nullptr;
  }
  const std::lock_guard lock(kept.mutex);
  if (const OrderedView* const there = kept.find(view->path)) return there;
  kept.free_unread();
  const std::size_t n = kept.size.load(std::memory_order_relaxed);
  const bool full = n >= most;
  // Replaces no further view if too many replaced ones are still in use.
  if (full && (kept.has_replaced(asked.request) || kept.retired.size() >= most)) return nullptr;
  Kept::Place* const place = kept.place_for(most, asked.before);
  if (place == nullptr) return nullptr;
  kept.retired.reserve(kept.retired.size() + 1);
  const PathView* const added = view.release();
  kept.put(*place, added);
  if (!full) kept.size.store(n + 1, std::memory_order_release);
  if (full) kept.replacer.store(asked.request, std::memory_order_relaxed);
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
  for (Kept::EmptyPath& path : kept->empty) path.hash.store(0, std::memory_order_relaxed);
  kept->free_unread();
}

}  // namespace syncdex::inline v0
