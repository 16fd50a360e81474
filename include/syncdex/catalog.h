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
#include <utility>
#include <vector>

#include "syncdex/config.h"
#include "syncdex/figures.h"
#include "syncdex/load.h"
#include "syncdex/matches.h"
#include "syncdex/query.h"
#include "syncdex/record.h"
#include "syncdex/result.h"
#include "syncdex/survey.h"

namespace syncdex::inline v0 {

// A disagreement between the indexes and the scan. It is always a bug in syncdex: please report it.
struct Difference {
  std::string
      call;  // the call that returned something else than the scan: "find", "count", "facets", "values"
  std::uint32_t row = 0;      // of find: the first row that only one of the two returned
  bool only_in_scan = false;  // of find: true if only the scan returned it, false if only the index did
  std::string id;             // of find: the id of that record
};

// What a response leaves out or adds.
struct ListOptions {
  // Top-level fields to leave out of the records in the response, such as "credential". The other bytes are
  // as they were loaded.
  std::vector<std::string> without = {};
  // Adds the number of all matches, whatever the page: {"data":[...],"total":1234}.
  bool total = false;
};

// The response of GET /v1/syncs: the records, and with a limit the paging members.
class SYNCDEX_API Listing {
 public:
  // An empty response without paging: {"data":[]}. A moved-from Listing equals it.
  Listing() noexcept = default;
  Listing(Listing&& other) noexcept;
  Listing& operator=(Listing&& other) noexcept;

  // A temporary Listing returns its matches and its cursor by value.
  const Matches& matches() const& noexcept SYNCDEX_LIFETIME_BOUND { return matches_; }
  Matches matches() && noexcept { return std::move(matches_); }
  const Matches& matches() const&& = delete;
  bool paged() const noexcept { return paged_; }
  bool has_more() const noexcept { return has_more_; }
  // The cursor for Page::after; empty unless has_more().
  const std::string& next() const& noexcept SYNCDEX_LIFETIME_BOUND { return next_; }
  std::string next() && noexcept { return std::move(next_); }
  const std::string& next() const&& = delete;
  // The number of all matches, if ListOptions::total asked for it.
  std::optional<std::uint64_t> total() const noexcept { return total_; }

  // Appends {"data":[...]}. The object also has "total" if ListOptions asked for it and, with a limit,
  // "has_more" and, if that is true, "next". On std::bad_alloc nothing is appended. Cost: O(bytes).
  void append_json_to(std::string& out) const;
  std::string json() const;

  // Returns the same body as a list of slices, which point into the catalog's bytes and into this object.
  // Cost: O(matches); O(bytes) if fields are left out.
  std::vector<std::string_view> slices() const& SYNCDEX_LIFETIME_BOUND;
  std::vector<std::string_view> slices() const&& = delete;

  Listing(Matches matches, bool paged, bool has_more, std::string next, std::vector<std::string> without = {},
          std::optional<std::uint64_t> total = std::nullopt);

 private:
  template <class Take>
  void for_each_slice(Take take) const;
  std::string_view tail() const noexcept { return tail_.empty() ? std::string_view("]}") : tail_; }

  Matches matches_;
  std::string next_;
  std::string tail_;  // the text after the last record; empty if moved from
  std::vector<std::string> without_;
  std::optional<std::uint64_t> total_;
  bool paged_ = false;
  bool has_more_ = false;
};

// A handle to an immutable, indexed set of records.
//
// Threads: any number of threads may use one handle. A thread that runs many queries should copy the handle,
// because queries on different copies do not contend for a reference count.
// Lifetime: handles, Matches and Listings share ownership of the records. The last of them frees the records.
// Cost of a copy: one small allocation.
class SYNCDEX_API Catalog {
 public:
  // How many readable bytes must follow the text of an adopted buffer. Their content does not matter.
  static constexpr std::size_t padding = load_padding;

  // An empty catalog.
  Catalog();
  Catalog(const Catalog& other);
  Catalog(Catalog&& other) noexcept;  // a moved-from catalog is empty
  Catalog& operator=(const Catalog& other);
  Catalog& operator=(Catalog&& other) noexcept;
  ~Catalog();

  // Loads JSON text and takes ownership of it. The bytes are copied once if the string's capacity leaves
  // fewer than `padding` bytes after the text, and otherwise not at all.
  // Errors: malformed_json, invalid_utf8, wrong_type, missing_id, duplicate_id, ambiguous_framing,
  // limit_exceeded, cancelled. After an error nothing is kept. Cost: O(bytes).
  static Result<Catalog> load(std::string json, const LoadOptions& options = {});

  // Loads the pages of one list, each a complete answer of the endpoint. Errors: as above; the message names
  // the page, and line and offset count from its beginning. In the report, they count in the text of all
  // pages, joined by line feeds, without byte order marks. Cost: as above, and one copy.
  static Result<Catalog> load_pages(std::vector<std::string> pages, const LoadOptions& options = {});

  // Loads JSON text from the caller's buffer without copying it. `owner` keeps the buffer alive and
  // unchanged. Errors and cost: as above.
  // REQUIRES: at least `padding` readable bytes after the end of `text`.
  static Result<Catalog> load(std::span<const char> text, std::shared_ptr<const void> owner,
                              const LoadOptions& options = {});

  // Reads the file once, into padded memory, and loads it. Errors: io_error, and those of load().
  static Result<Catalog> load_file(const std::filesystem::path& path, const LoadOptions& options = {});

  // The number of records. size(), empty(), report() and version() are O(1).
  std::size_t size() const noexcept;
  bool empty() const noexcept { return size() == 0; }
  const LoadReport& report() const& noexcept SYNCDEX_LIFETIME_BOUND;
  LoadReport report() && { return std::as_const(*this).report(); }
  // The version number if this is a snapshot of a live catalog; otherwise 0.
  std::uint64_t version() const noexcept;
  // Returns a hash of the records, their order and what cursors refer to. The same in every process that has
  // loaded the same text, and different for other data, also after a restart, when version() begins again.
  // Not cryptographic: whoever chooses the records can choose two catalogs with one fingerprint. Cost:
  // O(bytes) for the first call, about 0.1 s per GB; then O(1), and in a live catalog O(bytes that changed).
  std::uint64_t fingerprint() const noexcept;
  // Returns the entity tag of the response to a request: "5f2c90b1a7e3d4c8-91ab...", with its quotes. Equal
  // tags mean equal bodies. Cost: that of fingerprint() and Request::fingerprint().
  std::string etag(const Request& request, const ListOptions& options = {}) const;
  // Returns sizes and counts. Cost: O(n log n) for n records and terms. Meant for diagnostics, not for every
  // request.
  Stats stats() const;

  // Returns the records that match the query, in load order. Cannot fail, except by std::bad_alloc: the
  // list of matches is allocated. For measured costs see bench/README.md.
  Matches find(const Query& query) const;
  // The same in an order (order.h). The first answer that is ordered by a path takes about as long as a scan:
  // it makes an ordered view of it, which is kept (see prepare()). From then on the cost is that of find()
  // plus O(n log segments) for n matches.
  Matches find(const Query& query, const Order& order) const;
  // Like find(), but with a bound on the work: use it for untrusted queries. Answers are never partial.
  // Errors: budget_exceeded if matching needs more than limits.work. Cost: that of find(), but at most the
  // budget.
  Result<Matches> find_within(const Query& query, const Limits& limits = {}) const;
  Result<Matches> find_within(const Query& query, const Order& order, const Limits& limits = {}) const;
  // Returns the number of matches. Cannot fail. Cost: that of find() without building the list. For a single
  // condition it is a lookup.
  std::size_t count(const Query& query) const;
  // Like count(), but returns budget_exceeded once more than limits.work would be needed.
  Result<std::size_t> count_within(const Query& query, const Limits& limits = {}) const;

  // Like find(), but examines every record and uses no index. The scan defines what a query matches. Cost:
  // O(bytes).
  Matches scan(const Query& query) const;

  // Compares find(), count(), and facets() and values() of provider, status and health.status with scan() and
  // what its records hold. Returns the first difference, if any, which is a bug in syncdex. Cost: that of all
  // of them.
  std::optional<Difference> verify(const Query& query) const;

  // Makes the ordered views of these paths now, as orders name them: "created_at", "metadata.plan.tier". A
  // query makes those that it needs itself: for an order, and for ranges and prefixes on a path. A view takes
  // 12.1 bytes a record; a catalog keeps Limits::ordered_views of them, those that were used last. Returns
  // how many are kept now. Errors: as of Order::parse(). Cost: a scan and O(n log n), for each view.
  Result<std::size_t> prepare(const std::vector<std::string>& paths) const;

  // Describes how find() would run the query, one step per line. Values at or below credential.properties are
  // shown as <hidden>. Cost: one count per term of the query, and one for the whole query.
  std::string explain(const Query& query) const;
  // The same, and for each path of the order, whether its ordered view is there already.
  std::string explain(const Query& query, const Order& order) const;

  // Counts each provider, status and health status among the matching records. Cost: that of find() plus at
  // most O(matches).
  Facets facets(const Query& query = {}) const;
  // Lists the indexed paths, sorted by their text, with counts of the values that the matching records have
  // there. Cost: that of find(), O(terms log terms), and the total length of all posting lists.
  // With Fields::all, the paths of all fields. Cost: O(bytes of the matches).
  std::vector<PathSummary> paths(const Query& query = {}, Fields fields = Fields::indexed) const;

  // Figures of the matches (figures.h). Errors: invalid_value if a path or an option is not valid;
  // invalid_filter if a path is secret, or a selected value is no scalar; limit_exceeded; budget_exceeded.
  Result<std::vector<JsonCount>> values(std::string_view path, const Query& query = {},
                                        const ValuesOptions& options = {}, const Limits& limits = {}) const;
  // For each selection, the values at its path among the records that meet the query and all other
  // selections: what a list of check boxes shows. Cost: that of values(), for each selection.
  Result<std::vector<SelectionFacet>> facets(const Query& query, const std::vector<Selection>& selections,
                                             const ValuesOptions& options = {},
                                             const Limits& limits = {}) const;
  Result<Summary> summary(std::string_view path, const Query& query = {}, const Limits& limits = {}) const;
  Result<Histogram> histogram(std::string_view path, const HistogramOptions& options, const Query& query = {},
                              const Limits& limits = {}) const;

  // Explains why the record with this id does not match; returns nullopt if it matches. Cost: O(length of the
  // record). For an array of n elements in the pattern, add O(log n) containment checks. Not bounded by
  // Limits::work.
  std::optional<Mismatch> why_not(std::string_view id, const Query& query) const;
  // Explains in one line, for a person, why nothing matched. Returns an empty line if it finds a record that
  // matches. For conditions that no index answers, it reads only the first megabyte of records, and the line
  // says so. Cost: a few counts, and O(paths + terms): 1 to 5 ms with 100 000 records. Example:
  //
  //   no record has metadata.custom_property = "42" (a string); 91 have the number 42
  std::string hint(const Query& query) const;

  // Returns the record with this id, if any. Cost: O(segments); normally only one of them is searched.
  // REQUIRES: while the record is in use, some handle or Matches of this snapshot exists.
  std::optional<Record> find_id(std::string_view id) const& noexcept SYNCDEX_LIFETIME_BOUND;
  std::optional<Record> find_id(std::string_view id) const&& = delete;

  // Returns the response to GET /v1/syncs.
  // Errors: invalid_value if Page::limit is out of range, or if Page::after is not a valid cursor of this
  // query; stale_cursor if the list has been replaced since Page::after was returned; budget_exceeded if
  // matching needs more than limits.work.
  // Cost: that of find(). With a limit, only the segments that the page needs are searched; in an order,
  // O(limit * segments) more, for a query that many records match. With ListOptions::total, that of count().
  Result<Listing> list(const Request& request, const Limits& limits = {},
                       const ListOptions& options = {}) const;

  // Appends the records as JSON Lines, in load order. load() reads this text back. The bytes are those that
  // were loaded, with three exceptions:
  //
  //   - a line feed within a record becomes a space (it can only be white space);
  //   - a record with an array "data" before its id is written inside an envelope;
  //   - an empty catalog is written as {"data":[]}.
  //
  // On std::bad_alloc nothing is appended. Cost: O(bytes).
  void append_ndjson_to(std::string& out) const;
  // Writes the same text to a file and returns the number of bytes written. The file is replaced atomically:
  // a temporary file in the same directory is written and then renamed. It keeps the permissions of the file
  // that it replaces.
  // Errors: io_error.
  Result<std::uint64_t> write_ndjson(const std::filesystem::path& path) const;

 private:
  friend class Access;
  struct Handle;
  explicit Catalog(std::shared_ptr<const Snapshot> snapshot);
  const Snapshot& snapshot() const noexcept;
  std::shared_ptr<const Snapshot> lease() const noexcept;

  // Each handle has its own reference count, so threads that use separate handles do not contend.
  std::shared_ptr<const Handle> handle_;
};

}  // namespace syncdex::inline v0
