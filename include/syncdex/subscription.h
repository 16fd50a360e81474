// Standing queries: subscribers are notified when the results of their queries change.
#pragma once

#include <cstdint>
#include <memory>

#include "syncdex/config.h"
#include "syncdex/matches.h"

namespace syncdex::inline v0 {

// What one change did to a query's answer. A record that was in it and is in it with other bytes is
// `changed`. Records are in load order; `left` holds them as they were before.
struct Delta {
  std::uint64_t version = 0;
  Matches entered;
  Matches changed;
  Matches left;
};

// A standing query, for as long as this object lives. Safe to use from any thread.
class SYNCDEX_API Subscription {
 public:
  Subscription() noexcept;  // of nothing
  Subscription(Subscription&&) noexcept;
  Subscription& operator=(Subscription&&) noexcept;
  ~Subscription();  // cancels

  // No call begins after this, and none is under way when it returns; but from within the callback itself
  // it only says that this call is the last. May be called again.
  // REQUIRES: no lock is held that the callback takes.
  void cancel() noexcept;

  struct State;
  explicit Subscription(std::shared_ptr<State> state) noexcept;

 private:
  std::shared_ptr<State> state_;
};

}  // namespace syncdex::inline v0
