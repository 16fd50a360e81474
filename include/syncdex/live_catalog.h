// A catalog that changes: the one mutable thing. It holds the current version, applies changes, hands out
// snapshots, and tells subscribers what changed in their answers.
//
//   syncdex::LiveCatalog live(*std::move(loaded));           // or empty
//   auto diff = live.apply({.upserts = R"({"id":"1","provider":"stripe"})", .erases = {"2"}});
//   syncdex::Catalog now = live.snapshot();                  // readers: find, count, list, without a lock
//
// A version never changes. A change makes the next one, which shares all but a little with it, and then
// publishes that by one pointer. So an answer belongs to exactly one version, a change is seen whole or
// not at all, and a reader never waits for a writer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "syncdex/catalog.h"
#include "syncdex/config.h"
#include "syncdex/matches.h"
#include "syncdex/query.h"
#include "syncdex/result.h"
#include "syncdex/subscription.h"

namespace syncdex::inline v0 {

// What apply() is to do, all of it or nothing. An id that is upserted and erased is upserted; of several
// upserts of one id, the last one counts.
struct Changes {
  std::string upserts = {};              // JSON text of records, in any framing; empty: none
  std::vector<std::string> erases = {};  // ids
};

// What a change did. Keeps the bytes of both versions for as long as it is held.
struct Diff {
  std::uint64_t version = 0;         // the one that is current now
  Matches added;                     // records of this version
  Matches changed;                   // records of this version, whose bytes were others before
  Matches removed;                   // records of the version before
  Matches unchanged;                 // records of this version that the change gave with equal bytes
  std::vector<std::string> unknown;  // erased ids that no record bears
  std::vector<BadRecord> bad;        // where LoadOptions::skip_bad left records out
};

struct LiveOptions {
  // Of the texts that changes bring: framing, limits (each text by itself), skip_bad, threads; progress is
  // for replace_all() alone.
  LoadOptions load = {};
  // Merge segments in the calls that make changes. Otherwise maintain() has to be called, now and then.
  bool merge_on_change = true;
  // Let replace_all() take a list whose envelope says that more follows (LoadReport::more_follows).
  bool allow_incomplete = false;
  // Told of what a subscriber's callback threw, on the thread that made the change. What it throws itself
  // is dropped.
  std::function<void(std::exception_ptr)> on_callback_error = {};
};

// Threads: every member may be called from any thread. One change is made at a time; a second one waits.
// Readers do not wait: a snapshot is had by the copy of a pointer, and what it answers takes no lock.
// Out of memory: std::bad_alloc out of the call, and everything is as before it; but where it was merging
// that ran out, the change is made and the merge is left to a later one.
class SYNCDEX_API LiveCatalog {
 public:
  LiveCatalog();
  // Goes on from this catalog, as version 1.
  explicit LiveCatalog(Catalog initial, LiveOptions options = {});
  LiveCatalog(const LiveCatalog&) = delete;
  LiveCatalog& operator=(const LiveCatalog&) = delete;
  // REQUIRES: no call is under way, on any thread. Snapshots, answers and subscriptions may live on.
  ~LiveCatalog();

  // The current version. Cost: one small allocation.
  Catalog snapshot() const;
  std::uint64_t version() const noexcept;

  // Upserted records come last in load order; one whose bytes are equal stays where it is. A change that
  // changes nothing makes no version.
  // Errors: those of Catalog::load(), about the text of the upserts; limit_exceeded (records) where the
  // catalog would hold more rows than it can number. On error nothing has changed.
  // Cost: that of a load of the upserted records, with subscriptions also of those that go, a copy of a bit a
  // row in the segments where something goes, and a share of merges: O(log n) rewritings a record.
  Result<Diff> apply(Changes changes);

  // Makes the catalog hold the records of this text and no others, in its order. If these are the current
  // records already, byte for byte and in this order, there is no new version, and cursors stay valid;
  // otherwise older cursors are stale_cursor from now on.
  // The text is loaded before the change begins; writers do not wait for that.
  // Errors: those of Catalog::load(); incomplete_list.
  Result<Diff> replace_all(std::string json);
  // The same with what has been loaded already, complete or not.
  Diff replace_all(const Catalog& fresh);

  // Calls `callback` after each change that changes the query's answer: once, in the order of the
  // versions, on the thread that makes the change, before its call returns, and after the version is
  // published. Other writers wait meanwhile, readers do not.
  // A callback may use all of this object: a change that it makes is published at once, and told to the
  // subscribers after all have heard of the one before. What it throws is caught and reported, and
  // neither undoes the change nor keeps it from other subscribers.
  // Waits for a change that is under way. Cost of a change: a look-up for each indexed value of the records
  // that it touches, and a search among these records for each subscription that one of them could concern.
  Subscription subscribe(Query query, std::function<void(const Delta&)> callback);
  // `since` becomes the version that the deltas follow on: its answer, and then each delta, is the current
  // answer.
  Subscription subscribe(Query query, std::function<void(const Delta&)> callback, Catalog& since);

  // Merges what is due, on this thread and beside writers, which wait only while what was merged is put in
  // place (and while all records are read anew, once most paths of the catalog belong to none); true if
  // anything was. May return at once where another thread is at it. Needed only without
  // LiveOptions::merge_on_change.
  bool maintain();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace syncdex::inline v0
