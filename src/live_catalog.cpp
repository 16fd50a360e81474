// The facade of live catalogs. See live_catalog_impl.h.
#include "syncdex/live_catalog.h"

#include <utility>

#include "base/access.h"
#include "base/errors.h"
#include "live/change.h"
#include "live_catalog_impl.h"

namespace syncdex::inline v0 {

LiveCatalog::LiveCatalog() : LiveCatalog(Catalog()) {}
LiveCatalog::LiveCatalog(Catalog initial, LiveOptions options)
    : impl_(std::make_unique<Impl>(initial, std::move(options))) {}
LiveCatalog::~LiveCatalog() = default;

Catalog LiveCatalog::snapshot() const { return Access::make<Catalog>(impl_->versions.current()); }
std::uint64_t LiveCatalog::version() const noexcept { return impl_->versions.current()->origin().version; }

Result<Diff> LiveCatalog::apply(Changes changes) { return impl_->apply(std::move(changes)); }

Result<Diff> LiveCatalog::reconcile(std::string_view json, const ReconcileOptions& options) {
  return impl_->reconcile(json, nullptr, options);
}

Result<Diff> LiveCatalog::reconcile(std::string&& json, const ReconcileOptions& options) {
  return impl_->reconcile(json, &json, options);
}

Result<Diff> LiveCatalog::replace_all(std::string json) {
  const LoadOptions& load = impl_->options.load;
  // A polled list has usually not changed.
  const Version now = impl_->versions.current();
  if (is_loaded(*now, json, load)) {
    if (load.progress && !load.progress(json.size(), json.size(), now->size())) {
      return make_error(ErrorCode::cancelled, "the load was cancelled");
    }
    const std::lock_guard lock(impl_->writing);
    if (impl_->versions.current() == now) return unchanged_diff(now, identity_edit(*now));
  }
  auto fresh = Catalog::load(std::move(json), load);
  if (!fresh) return std::move(fresh).error();
  if (fresh->report().more_follows && !impl_->options.allow_incomplete) {
    return incomplete_list();
  }
  std::vector<BadRecord> bad = fresh->report().bad;  // copied before anything is published
  Diff diff = replace_all(*fresh);
  diff.bad = std::move(bad);
  return diff;
}

Diff LiveCatalog::replace_all(const Catalog& fresh) { return impl_->replace(Access::snapshot(fresh)); }

namespace {

// A subscriber to news of one type.
template <class Told>
std::function<void(const News&)> subscriber(std::function<void(const Told&)> callback) {
  return [callback = std::move(callback)](const News& news) { callback(std::get<Told>(news)); };
}

}  // namespace

Subscription LiveCatalog::subscribe(Query query, std::function<void(const Delta&)> callback) {
  return impl_->subscribe({std::move(query), std::nullopt, 0, subscriber(std::move(callback))}, nullptr);
}

Subscription LiveCatalog::subscribe(Query query, std::function<void(const Delta&)> callback, Catalog& since) {
  return impl_->subscribe({std::move(query), std::nullopt, 0, subscriber(std::move(callback))}, &since);
}

Subscription LiveCatalog::subscribe(Query query, Order order, std::size_t limit,
                                    std::function<void(const WindowDelta&)> callback) {
  return impl_->subscribe({std::move(query), std::move(order), limit, subscriber(std::move(callback))},
                          nullptr);
}

Subscription LiveCatalog::subscribe(Query query, Order order, std::size_t limit,
                                    std::function<void(const WindowDelta&)> callback, Catalog& since) {
  return impl_->subscribe({std::move(query), std::move(order), limit, subscriber(std::move(callback))},
                          &since);
}

bool LiveCatalog::maintain() {
  const std::unique_lock only(impl_->merging, std::try_to_lock);
  return only.owns_lock() && impl_->upkeep.merge_concurrently(impl_->writing);
}

Subscription::Subscription() noexcept = default;
Subscription::Subscription(std::shared_ptr<State> state) noexcept : state_(std::move(state)) {}
Subscription::Subscription(Subscription&&) noexcept = default;
Subscription& Subscription::operator=(Subscription&& other) noexcept {
  if (this == &other) return *this;
  cancel();
  state_ = std::move(other.state_);
  return *this;
}
Subscription::~Subscription() { cancel(); }

void Subscription::cancel() noexcept {
  // Keeps the state alive: cancelling frees the callback, which may own this object.
  const std::shared_ptr<State> state = state_;
  if (state != nullptr) state->cancel();
}

}  // namespace syncdex::inline v0
