// A catalog that changes: the only mutable object of syncdex. It holds the current version, applies changes,
// hands out snapshots, and notifies subscribers when the results of their queries change.
//
//   syncdex::LiveCatalog live(*std::move(loaded));           // or start empty
//   auto diff = live.apply({.upserts = R"({"id":"1","provider":"stripe"})", .erases = {"2"}});
//   syncdex::Catalog now = live.snapshot();                  // readers: find, count, list on a fixed version
//
// A version never changes. A change builds the next version, which shares most of its data with the current
// one, and publishes it by swapping one pointer. So an answer belongs to exactly one version, a change
// becomes visible as a whole, and a reader never waits for a writer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "syncdex/catalog.h"
#include "syncdex/config.h"
#include "syncdex/matches.h"
#include "syncdex/query.h"
#include "syncdex/result.h"
#include "syncdex/subscription.h"

namespace syncdex::inline v0 {

// A batch of changes for apply(), which makes all of them or none. If one id is upserted several times, the
// last upsert wins. An id that is both upserted and erased is written anew: the record moves to the end of
// load order and counts as changed, even if its bytes are equal.
struct Changes {
  std::string upserts = {};              // records as JSON text, in any framing; empty for none
  std::vector<std::string> erases = {};  // ids of the records to erase
};

// The effect of a change. Keeps the bytes of both versions alive.
struct Diff {
  std::uint64_t version = 0;  // the version after the change
  Matches added;              // new records, from this version
  Matches changed;            // records whose bytes differ, or that were written anew, from this version
  Matches before;             // the same in the same order, as they were in the previous version
  Matches removed;            // records that are gone, from the previous version
  Matches unchanged;          // records that the change supplied with equal bytes, from this version
  std::vector<std::string> unknown;  // ids in Changes::erases that no record has
  std::vector<BadRecord> bad;        // records that were left out because of LoadOptions::skip_bad
};

// How a live catalog loads texts, merges and reports.
struct LiveOptions {
  // How the text of a change is loaded: framing, skip_bad, threads, and limits, which apply to each text
  // separately. `progress` is used by replace_all() only.
  LoadOptions load = {};
  // Run pending merges in the calls that make changes. If false, call maintain() from time to time.
  bool merge_on_change = true;
  // Let replace_all() and reconcile() accept a list whose envelope says that more records follow
  // (LoadReport::more_follows).
  bool allow_incomplete = false;
  // Receives exceptions that a subscriber's callback threw. Runs on the thread that made the change.
  // Exceptions that this function throws are ignored.
  std::function<void(std::exception_ptr)> on_callback_error = {};
};

// When reconcile() considers a record unchanged.
struct ReconcileOptions {
  enum class Compare : std::uint8_t {
    bytes,  // its bytes are equal
    // Its value is equal: white space, the order of keys, and how strings and numbers are spelled do not
    // count. The bytes that were there first stay. Such a record is parsed, unless its bytes are equal.
    value,
  };
  Compare compare = Compare::bytes;
};

// The current version of a changing set of records.
//
// Threads: every member may be called from any thread. Changes are made one at a time; a second one waits.
// Queries on a snapshot take no lock. snapshot() and version() take one for as long as it takes to copy or
// swap a pointer, which neither loading nor merging holds up; a thread that answers many queries keeps its
// snapshot.
// Out of memory: the call throws std::bad_alloc and changes nothing. If memory runs out during a merge that
// follows a change, the call succeeds and a later change retries the merge.
class SYNCDEX_API LiveCatalog {
 public:
  LiveCatalog();
  // Starts with the records of `initial`, as version 1.
  explicit LiveCatalog(Catalog initial, LiveOptions options = {});
  LiveCatalog(const LiveCatalog&) = delete;
  LiveCatalog& operator=(const LiveCatalog&) = delete;
  // REQUIRES: no call is in progress on any thread. Snapshots, answers and subscriptions may outlive the
  // object.
  ~LiveCatalog();

  // Returns the current version. Cost: one small allocation.
  Catalog snapshot() const;
  std::uint64_t version() const noexcept;

  // Applies the changes and returns their effect. Upserted records move to the end of load order; a record
  // whose bytes are equal keeps its place. A change with no effect creates no new version.
  // Errors: those of Catalog::load() for the text of the upserts; limit_exceeded (`records`) if the catalog
  // would hold more rows than it can number. After an error nothing has changed.
  // Cost: loading the upserted records and, if there are subscriptions, the records that they replace or that
  // are erased; copying one bit per row of the segments that lose records; and a share of the merges, which
  // rewrite each record O(log n) times.
  Result<Diff> apply(Changes changes);

  // Makes the catalog hold exactly the records of this text, the whole list: for hosts that poll. A record
  // whose bytes are unchanged keeps its place and is not parsed again; changed and new ones move to the end
  // of load order, in the order of the text; those that are missing are erased. All of it is one version.
  // Cursors stay valid. A text with no effect creates no version. Where the text's order matters, use
  // replace_all().
  // Errors: those of Catalog::load(), duplicate_id among them; incomplete_list, unless
  // LiveOptions::allow_incomplete is set. After an error nothing has changed.
  // Cost: comparing the bytes of the unchanged records, and one look-up for each that has moved within the
  // list. New and changed records cost what they cost in apply(). The whole text is loaded if more than about
  // a quarter of it has changed, and if LoadOptions::skip_bad is set, unless the framing is json.
  // Memory besides the catalog: 12 bytes for each record, 32 to 64 more if the list has been reordered, and a
  // copy of the new and changed records. The text itself is not kept. Other writers wait only while the new
  // and changed records are loaded.
  Result<Diff> reconcile(std::string_view json, const ReconcileOptions& options = {});
  // The same. If the whole text must be loaded, it is taken from `json` instead of copied.
  Result<Diff> reconcile(std::string&& json, const ReconcileOptions& options = {});
  Result<Diff> reconcile(const char* json, const ReconcileOptions& options = {}) {
    return reconcile(std::string_view(json), options);
  }

  // Replaces all records with those of this text, in its order. If they equal the current records, byte for
  // byte and in the same order, no new version is created and cursors stay valid. Otherwise older cursors
  // become stale_cursor. The text is loaded before the change begins: other writers do not wait for that.
  // Errors: those of Catalog::load(); incomplete_list, unless LiveOptions::allow_incomplete is set.
  Result<Diff> replace_all(std::string json);
  // The same with records that are already loaded, from a complete list or not.
  Diff replace_all(const Catalog& fresh);

  // Calls `callback` once for each change that changes the query's answer, in the order of the versions. The
  // callback runs on the thread that makes the change, after the new version is published and before the
  // changing call returns. Other writers wait meanwhile; readers do not.
  //
  // A callback may call any member of this object. A change that it makes is published at once; subscribers
  // are notified of it after all of them have been notified of the previous change. Exceptions from a
  // callback are caught and passed to LiveOptions::on_callback_error. They neither undo the change nor keep
  // other subscribers from being notified.
  //
  // Waits for a change in progress. Cost added to each change: one lookup per indexed value of the records
  // that it touches, and a search among these records for each subscription that one of them may concern.
  Subscription subscribe(Query query, std::function<void(const Delta&)> callback);
  // The same, and sets `since` to the version that the deltas start from: the answer of `since` plus all
  // deltas is the current answer.
  Subscription subscribe(Query query, std::function<void(const Delta&)> callback, Catalog& since);

  // The same for a window, which is empty if `limit` is 0: the first `limit` records of the query's answer in
  // an order. The callback is called when one enters or leaves the window, changes, or gets another place in
  // it. Cost added to each change that touches a match of the query, and to each replace_all() that changes
  // something: the window before and after it, as Catalog::list() finds them.
  Subscription subscribe(Query query, Order order, std::size_t limit,
                         std::function<void(const WindowDelta&)> callback);
  Subscription subscribe(Query query, Order order, std::size_t limit,
                         std::function<void(const WindowDelta&)> callback, Catalog& since);

  // Runs pending merges on the calling thread and returns whether there were any. Writers are blocked only
  // while a result is installed, and while all records are read again, which happens once most paths of the
  // catalog are no longer used by any record. Returns false at once if another thread is already merging.
  // Needed only without LiveOptions::merge_on_change.
  bool maintain();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace syncdex::inline v0
