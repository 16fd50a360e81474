// Standing queries, and an index of them that finds those a change may affect.
//
// A record matches a pattern only if it holds all the pattern's terms. So a query is indexed under ONE of its
// terms, the anchor: the one that the fewest records hold. A filter that asks for one of several values is
// indexed under each of them. A change looks up each term of the records that it touches, before and after,
// and runs the queries found on those few records only.
//
//   anchors   32 bits of the term's hash -> queries; ids and names by the hash that segments store
//   always    queries without anchors, such as ranges: every change may affect them
//
// A hash collision only makes a query run unnecessarily. Queries that can never match are not indexed.
//
// Guarded by the writer's lock, except for cancellation.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <variant>
#include <vector>

#include "live/touched.h"
#include "store/snapshot.h"
#include "syncdex/query.h"
#include "syncdex/subscription.h"

namespace syncdex::inline v0 {

// What a subscriber is told: of a window, or of a whole answer.
using News = std::variant<Delta, WindowDelta>;

struct Subscription::State {
  // What is asked for, and the subscriber.
  struct Standing {
    Query query;
    std::optional<Order> order;  // of a window
    std::size_t limit = 0;
    std::function<void(const News&)> callback;
  };

  State(Standing s, std::shared_ptr<std::atomic<std::size_t>> c)
      : query(std::move(s.query)),
        order(std::move(s.order)),
        limit(s.limit),
        cancelled(std::move(c)),
        callback(std::move(s.callback)) {}

  // Calls the callback unless the subscription was cancelled. Exceptions of the callback go to `report`.
  void call(const News& news, const std::function<void(std::exception_ptr)>& report) noexcept;
  void cancel() noexcept;

  const Query query;
  const std::optional<Order> order;
  const std::size_t limit;
  const std::shared_ptr<std::atomic<std::size_t>> cancelled;  // a counter, shared within a catalog
  std::atomic<bool> active = true;
  std::uint64_t last_round = 0;  // the last round in which it was a candidate
  bool filed = false;
  std::vector<std::uint32_t> anchors;
  std::uint32_t misses = 0;      // rounds as a candidate without a match, since it was last filed
  std::uint32_t max_misses = 8;  // `misses` at which it is filed again; doubles each time

 private:
  // Held while the callback runs. Recursive, because a callback may cancel its own subscription.
  std::recursive_mutex calling;
  bool in_call = false;
  std::function<void(const News&)> callback;
};

// News to be delivered.
struct Delivery {
  std::shared_ptr<Subscription::State> to;
  News news;
};

class Subscriptions {
 public:
  bool empty() const noexcept { return all_.empty(); }

  // Adds a query and indexes it under its rarest anchors in `current`.
  std::shared_ptr<Subscription::State> add(Subscription::State::Standing standing, const Snapshot& current);
  // Drops cancelled subscriptions once they are at least 1/8 of all.
  void sweep();

  // Returns the non-empty deltas that a change causes. `reordered`: records that it does not touch may have
  // got another place in load order.
  std::list<Delivery> deliveries(const Touched& before, const Touched& after,
                                 const std::shared_ptr<const Snapshot>& old_version,
                                 const std::shared_ptr<const Snapshot>& new_version, bool reordered);

 private:
  using Group = std::vector<std::shared_ptr<Subscription::State>>;

  void file(const std::shared_ptr<Subscription::State>& state, const Snapshot& current);
  void drop(std::uint32_t anchor, const std::shared_ptr<Subscription::State>& state) noexcept;
  void collect(const Snapshot& records, Group& candidates);
  void collect(std::uint32_t key, Group& candidates);
  Group candidates(const Touched& before, const Touched& after, bool reordered);

  Group all_;
  std::shared_ptr<std::atomic<std::size_t>> cancelled_ = std::make_shared<std::atomic<std::size_t>>(0);
  std::unordered_map<std::uint32_t, Group> anchors_;
  Group always_;
  std::uint64_t round_ = 0;
};

}  // namespace syncdex::inline v0
