// A catalog: an immutable, indexed set of records. Start here.
//
//   auto catalog = syncdex::Catalog::load_file("syncs.json");
//   if (!catalog) { complain(catalog.error().message); return; }
//   auto request = syncdex::parse_request("provider=stripe");
//   for (syncdex::Record sync : catalog->find(request->query)) use(sync.json());
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "syncdex/config.h"
#include "syncdex/load.h"
#include "syncdex/matches.h"
#include "syncdex/query.h"
#include "syncdex/record.h"
#include "syncdex/result.h"
#include "syncdex/survey.h"

namespace syncdex::inline v0 {

// Where the index and the scan disagree: a bug in syncdex, to be reported.
struct Difference {
  std::uint32_t row = 0;      // first row that only one of the two gives
  bool only_in_scan = false;  // else only in the index's answer
  std::string id;
};

// What the endpoint answers.
class SYNCDEX_API Listing {
 public:
  // An empty answer without paging, {"data":[]}. A moved-from Listing equals it.
  Listing() noexcept = default;
  Listing(Listing&& other) noexcept;
  Listing& operator=(Listing&& other) noexcept;

  const Matches& matches() const& noexcept SYNCDEX_LIFETIME_BOUND { return matches_; }
  const Matches& matches() const&& = delete;
  bool paged() const noexcept { return paged_; }
  bool has_more() const noexcept { return has_more_; }
  // The cursor for Page::after; empty unless has_more().
  const std::string& next() const& noexcept SYNCDEX_LIFETIME_BOUND { return next_; }
  const std::string& next() const&& = delete;

  // {"data":[...]}, and with a limit "has_more" and, where true, "next". Cost: O(bytes).
  void append_json_to(std::string& out) const;
  std::string json() const;

  // The same body as pieces that point into the catalog's bytes and into this object. Cost: O(matches).
  std::vector<std::string_view> slices() const& SYNCDEX_LIFETIME_BOUND;
  std::vector<std::string_view> slices() const&& = delete;

  Listing(Matches matches, bool paged, bool has_more, std::string next);

 private:
  std::string_view tail() const noexcept { return tail_.empty() ? std::string_view("]}") : tail_; }

  Matches matches_;
  std::string next_;
  std::string tail_;  // what follows the last record; empty without paging
  bool paged_ = false;
  bool has_more_ = false;
};

// Threads: a Catalog is immutable; any number of threads may use one handle. A thread that asks often
// should copy the handle: copies do not share a reference count in the query path.
// Lifetime: handles, Matches and Listings share the records; the last one frees them.
// Cost of a copy: one small allocation.
class SYNCDEX_API Catalog {
 public:
  // How many readable bytes must follow the text of an adopted buffer; their content is free.
  static constexpr std::size_t padding = load_padding;

  // An empty catalog.
  Catalog();
  Catalog(const Catalog& other);
  Catalog(Catalog&& other) noexcept;  // what is moved from is empty
  Catalog& operator=(const Catalog& other);
  Catalog& operator=(Catalog&& other) noexcept;
  ~Catalog();

  // Takes the bytes over; copies them once, where the capacity leaves less than `padding` behind the
  // text. Errors: malformed_json, invalid_utf8, wrong_type, missing_id, duplicate_id,
  // ambiguous_framing, limit_exceeded, cancelled. On error nothing is kept. Cost: O(bytes).
  static Result<Catalog> load(std::string json, const LoadOptions& options = {});

  // Adopts a host's buffer without a copy. `owner` keeps it alive and unchanged.
  // REQUIRES: `padding` readable bytes after the last of `text`.
  static Result<Catalog> load(std::span<const char> text, std::shared_ptr<const void> owner,
                              const LoadOptions& options = {});

  // Reads the file once, into padded memory. Errors: io_error, and those of load().
  static Result<Catalog> load_file(const std::filesystem::path& path, const LoadOptions& options = {});

  // Cost of these four: O(1).
  std::size_t size() const noexcept;
  bool empty() const noexcept { return size() == 0; }
  const LoadReport& report() const noexcept SYNCDEX_LIFETIME_BOUND;
  // The number of a live catalog's version; 0 where it is no live catalog's.
  std::uint64_t version() const noexcept;
  // Cost: O(n log n) for n records and terms: for people, not for every request.
  Stats stats() const;

  // The records that contain the query's pattern, in load order. Cannot fail.
  // Allocates the list of matches. Cost: README, "Numbers".
  Matches find(const Query& query) const;
  // The same for a query that a stranger has written. Errors: budget_exceeded where matching takes more than
  // limits.work; nothing is answered by half. Cost: as find(), and no more than the budget.
  Result<Matches> find_within(const Query& query, const Limits& limits = {}) const;
  // How many that are. Cannot fail. Cost: that of find() without the list; of one condition a look-up.
  std::size_t count(const Query& query) const;

  // The same by the definition: every record is looked at, no index. Cost: O(bytes).
  Matches scan(const Query& query) const;
  // Runs both and gives the first difference: there is none, or it is a bug. Cost: that of scan() and find().
  std::optional<Difference> verify(const Query& query) const;

  // How find() would answer, one step a line. A value at or below credential.properties is <hidden>.
  // Cost: a count for each term of the query, and one for all.
  std::string explain(const Query& query) const;

  // How often each provider, status and health status occurs among the records that match. Cost: that of
  // find(), and O(matches), or less.
  Facets facets(const Query& query = {}) const;
  // The paths that an index answers, by their text, and what the records that match have there. Cost: that of
  // find(), O(terms log terms), and the length of all posting lists.
  std::vector<PathSummary> paths(const Query& query = {}) const;

  // Why the record is no match; nothing where it is one. Cost: O(length of the record), and for an array in
  // the pattern that of as many matches as its length has bits. No budget ends it.
  std::optional<Mismatch> why_not(std::string_view id, const Query& query) const;
  // One line for a person whose answer was empty, e.g. no record has metadata.custom_property = "42" (a
  // string); 91 have the number 42. Empty where records match. Cost: that of a few counts, and O(paths +
  // terms).
  std::string hint(const Query& query) const;

  // The record with this id. Cost: O(segments), one of them looked into.
  // REQUIRES, for the view's use: a handle of this snapshot outlives the record.
  std::optional<Record> find_id(std::string_view id) const noexcept SYNCDEX_LIFETIME_BOUND;

  // What GET /v1/syncs answers. Errors: invalid_value and stale_cursor, of Page::after; budget_exceeded where
  // matching takes more than limits.work. Cost: that of find(), of a page in the segments that it needs.
  Result<Listing> list(const Request& request, const Limits& limits = {}) const;

  // Appends the records' bytes as JSON Lines, in load order, which load() reads. A line feed within a record
  // is white space: it becomes a space; a record with an array "data" before its id stands in an envelope;
  // none at all are {"data":[]}. Cost: O(bytes).
  void append_ndjson_to(std::string& out) const;
  // The same into a file, which appears there whole or not at all: it is written beside, and renamed; it has
  // the permissions of the one that it replaces. Gives the bytes written. Errors: io_error.
  Result<std::uint64_t> write_ndjson(const std::filesystem::path& path) const;

  struct Handle;
  explicit Catalog(std::shared_ptr<const Snapshot> snapshot);
  const Snapshot& snapshot() const noexcept;

 private:
  std::shared_ptr<const Snapshot> lease() const noexcept;

  // One reference count a handle, so that threads with a handle each share none.
  std::shared_ptr<const Handle> handle_;
};

}  // namespace syncdex::inline v0
