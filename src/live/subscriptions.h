// Standing queries, and which of them a change could concern.
//
// A record is in a query's answer only if it holds all the query's terms. So each query is filed under ONE
// of them, its anchor: the one that the fewest records hold. A change asks for each term of the records that
// it touches, as they were and as they are, whether a query is filed there, and runs those queries on these
// few records alone.
//
//   anchors   32 bits of the term's hash -> queries; ids and names by the hash that segments keep of them
//   always    queries without a term: each change could concern them
//
// Two things with one hash only make a query run in vain.
//
// Guarded by the writer's lock, but for cancelling.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "live/touched.h"
#include "store/snapshot.h"
#include "syncdex/query.h"
#include "syncdex/subscription.h"

namespace syncdex::inline v0 {

struct Subscription::State {
  State(Query q, std::function<void(const Delta&)> f, std::shared_ptr<std::atomic<std::size_t>> c)
      : query(std::move(q)), cancelled(std::move(c)), callback(std::move(f)) {}

  // Calls back, unless it was cancelled. What the callback throws, goes to `report`.
  void call(const Delta& delta, const std::function<void(std::exception_ptr)>& report) noexcept;
  void cancel() noexcept;

  const Query query;
  const std::shared_ptr<std::atomic<std::size_t>> cancelled;  // counts, for all of a catalog
  std::atomic<bool> active = true;
  std::uint64_t asked = 0;  // the last round that it was a candidate in
  bool filed = false;
  std::uint32_t anchor = 0;
  std::uint32_t in_vain = 0;  // rounds that it was a candidate in and nothing matched
  std::uint32_t patience = 8;

 private:
  // Held while the callback runs; taken again by a callback that cancels itself.
  std::recursive_mutex calling;
  bool in_call = false;
  std::function<void(const Delta&)> callback;
};

// A delta on its way.
struct Delivery {
  std::shared_ptr<Subscription::State> to;
  Delta delta;
};

class Subscriptions {
 public:
  bool empty() const noexcept { return all_.empty(); }

  // Files the query under its rarest term in `current`.
  std::shared_ptr<Subscription::State> add(Query query, std::function<void(const Delta&)> callback,
                                           const Snapshot& current);
  // Drops those that were cancelled, once they are a good part of all.
  void sweep();

  // What a change does to the answers: the deltas that are not empty.
  std::list<Delivery> deliveries(const Touched& before, const Touched& after,
                                 const std::shared_ptr<const Snapshot>& old_version,
                                 const std::shared_ptr<const Snapshot>& new_version);

 private:
  using Group = std::vector<std::shared_ptr<Subscription::State>>;

  void file(const std::shared_ptr<Subscription::State>& state, const Snapshot& current);
  void collect(const Snapshot& records, Group& candidates);
  void collect(std::uint32_t key, Group& candidates);

  Group all_;
  std::shared_ptr<std::atomic<std::size_t>> cancelled_ = std::make_shared<std::atomic<std::size_t>>(0);
  std::unordered_map<std::uint32_t, Group> anchors_;
  Group always_;
  std::uint64_t round_ = 0;
};

}  // namespace syncdex::inline v0
