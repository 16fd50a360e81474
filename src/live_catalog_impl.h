// What a LiveCatalog is made of: creates versions of a catalog and publishes them.
//
//   apply         load the upserts and match them with the current version by id
//   reconcile     find the records that the new list repeats, load the others and match them by id
//   both          mask the records that are replaced or gone, and append the others
//   replace       compare a list that is already loaded with the current version
//   all           compute deltas for subscribers, swap one pointer, run callbacks, merge segments
//
// Everything that can fail happens before the swap. Nothing after the swap can undo it.
//
// A change knows the rows of the records that it replaces. If there are subscribers, those records are loaded
// again from their bytes to compute the deltas.
#pragma once

#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "live/edit.h"
#include "live/reconcile.h"
#include "live/subscriptions.h"
#include "live/upkeep.h"
#include "live/versions.h"
#include "syncdex/live_catalog.h"

namespace syncdex::inline v0 {

struct LiveCatalog::Impl {
  Impl(const Catalog& initial, LiveOptions o);

  // Each makes one change: takes the writer's lock, publishes the next version and tells subscribers.
  Result<Diff> apply(Changes changes);
  // `own` is the string that holds the text, if the text may be taken from it, or null.
  Result<Diff> reconcile(std::string_view json, std::string* own, const ReconcileOptions& how);
  Diff replace(const Snapshot& fresh);
  // `since`, if it is not null, is set to the version that the news starts from.
  Subscription subscribe(Subscription::State::Standing standing, Catalog* since);

  const LiveOptions options;

  Versions versions;

  // Held while a change is made. Recursive, because a callback may make another change.
  std::recursive_mutex writing;
  Upkeep upkeep{versions};
  std::mutex merging;  // held by maintain()

 private:
  // The records of a text that a change supplies, and the report of loading them.
  struct Batch {
    Snapshot records;
    LoadReport report;
  };

  template <class Make>
  Result<Diff> change(Make make);
  Result<Diff> apply_to(const Version& before, Changes& changes);
  Result<Diff> reconcile_with(const Version& before, std::string_view json, std::string* own,
                              std::optional<Repeated> repeated, const ReconcileOptions& how);
  Diff replace(const Version& before, const Snapshot& fresh);

  Result<Batch> load_batch(const Version& before, std::string text, bool last_wins);
  // Finds the records that the text repeats. Nothing if the text must be loaded to know them.
  std::optional<Repeated> search(const Version& version, std::string_view json) const;
  // Applies an edit from `before` to the records of the batch. The rows in `repeated` are unchanged too.
  Diff commit(const Version& before, const Snapshot& batch, Edit edit, std::span<const Row> repeated);
  Diff publish(const Version& before, const Version& after, const Edit& edit, std::list<Delivery> news);
  void finish_change(bool changed) noexcept;
  void deliver() noexcept;

  Subscriptions subscriptions;
  std::list<Delivery> waiting;
  bool delivering = false;
  std::vector<std::uint32_t> texts;  // fingerprints of the last texts loaded
};

// An envelope says that the list goes on.
Error incomplete_list();
// The diff of an edit that has no effect.
Diff unchanged_diff(const Version& current, const Edit& edit);

}  // namespace syncdex::inline v0
