// Standing queries: subscribers are notified when the results of their queries change.
#pragma once

#include <cstdint>
#include <memory>

#include "syncdex/config.h"
#include "syncdex/matches.h"

namespace syncdex::inline v0 {

// The effect of one change on a query's answer. Records are in load order.
struct Delta {
  std::uint64_t version = 0;  // the version after the change
  Matches entered;            // records that are new in the answer
  Matches changed;            // records that stay in the answer, with different bytes or written anew
  Matches left;               // records that are no longer in the answer, as they were before the change
};

// The effect of one change on a standing window: the first records of a query's answer in an order.
struct WindowDelta {
  std::uint64_t version = 0;  // the version after the change
  Matches window;             // all of the window after the change, in order
  Matches entered;            // of these, the records that are new in the window
  Matches changed;            // those that stay, with different bytes
  Matches moved;              // those that stay, at another place
  Matches left;               // records that are no longer in the window, as they were before the change
};

// A standing query. It is active until this object is destroyed or cancelled. Safe to use from any thread.
class SYNCDEX_API Subscription {
 public:
  Subscription() noexcept;  // no query
  Subscription(Subscription&&) noexcept;
  Subscription& operator=(Subscription&&) noexcept;
  ~Subscription();  // cancels

  // Stops the notifications. Waits for a running callback, so that none is running when cancel() returns.
  // When it is called from the callback itself, it does not wait: the current call is the last one. May be
  // called repeatedly.
  // REQUIRES: the caller holds no lock that the callback takes.
  void cancel() noexcept;

  struct State;

 private:
  friend class Access;
  explicit Subscription(std::shared_ptr<State> state) noexcept;
  std::shared_ptr<State> state_;
};

}  // namespace syncdex::inline v0
