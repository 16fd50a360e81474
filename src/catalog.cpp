// The facade: connects loading (bytes to a snapshot) and querying (a query to matches).
#include "syncdex/catalog.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/access.h"
#include "base/all_or_nothing.h"
#include "base/errors.h"
#include "base/hash.h"
#include "base/input.h"
#include "exec/evaluate.h"
#include "exec/hint.h"
#include "exec/ordered_rows.h"
#include "exec/segment_views.h"
#include "exec/survey.h"
#include "exec/why.h"
#include "json/framing.h"
#include "load/loader.h"
#include "query/cursor.h"
#include "query/order_impl.h"
#include "store/snapshot.h"

namespace syncdex::inline v0 {

// One per Catalog object. Its Matches share it instead of the snapshot, so that catalogs used on different
// threads do not contend for one reference count.
struct Catalog::Handle {
  std::shared_ptr<const Snapshot> snapshot;
};

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Never destroyed, because static destructors of the host may still use the library.
const std::shared_ptr<const Snapshot>& empty_snapshot() {
  static const auto& empty = *new const std::shared_ptr<const Snapshot>(std::make_shared<const Snapshot>());
  return empty;
}

Result<std::shared_ptr<const Snapshot>> load_snapshot(const Input& input, const LoadOptions& options,
                                                      double read_seconds) {
  const Clock::time_point start = Clock::now();
  auto loaded = load_records(input, options);
  if (!loaded) return std::move(loaded).error();
  if (input.ours) {
    for (const auto& segment : loaded->segments) segment->own_text();
  }
  loaded->report.seconds = seconds_since(start);
  loaded->report.read_seconds = read_seconds;
  return std::make_shared<const Snapshot>(*std::move(loaded), fingerprint(input.text), options.limits);
}

Result<Catalog> load_catalog(const Input& input, const LoadOptions& options, double read_seconds) {
  auto snapshot = load_snapshot(input, options, read_seconds);
  if (!snapshot) return std::move(snapshot).error();
  auto catalog = Access::make<Catalog>(*std::move(snapshot));
  if (!options.ordered.empty()) {
    const auto prepared = catalog.prepare(options.ordered);
    if (!prepared) return prepared.error();
  }
  return catalog;
}

}  // namespace

Catalog::Catalog() : Catalog(empty_snapshot()) {}
Catalog::Catalog(std::shared_ptr<const Snapshot> snapshot)
    : handle_(std::make_shared<const Handle>(Handle{std::move(snapshot)})) {
  empty_snapshot();  // created now, so that members of a moved-from catalog cannot fail
}
Catalog::Catalog(const Catalog& other)
    : Catalog(other.handle_ != nullptr ? other.handle_->snapshot : empty_snapshot()) {}
Catalog::Catalog(Catalog&&) noexcept = default;
Catalog& Catalog::operator=(const Catalog& other) { return *this = Catalog(other); }
Catalog& Catalog::operator=(Catalog&&) noexcept = default;
Catalog::~Catalog() = default;

const Snapshot& Catalog::snapshot() const noexcept {
  return handle_ != nullptr ? *handle_->snapshot : *empty_snapshot();
}

std::shared_ptr<const Snapshot> Catalog::lease() const noexcept {
  if (handle_ == nullptr) return empty_snapshot();
  return {handle_, handle_->snapshot.get()};
}

Result<Catalog> Catalog::load(std::string json, const LoadOptions& options) {
  return load_catalog(own_text(std::move(json)), options, 0);
}

// The pages are joined by line feeds and loaded as one text. So that a page that was cut off is not completed
// by the next one, each must begin and end with a bracket: then the joined text is not valid, because a list
// needs a comma between its elements and a string cannot contain a line feed.
Result<Catalog> Catalog::load_pages(std::vector<std::string> pages, const LoadOptions& options) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  struct Place {
    std::size_t begin;  // in the joined text
    std::size_t size;   // there
    std::size_t mark;   // of the byte order mark
  };
  std::vector<Place> places;
  std::size_t bytes = load_padding;
  for (const std::string& page : pages) bytes += page.size() + 1;
  std::string text;
  text.reserve(bytes);
  const auto error_at_page = [&](Error error, std::size_t page, std::size_t offset) {
    const Place& place = places[page];
    offset = std::min(offset, place.size);
    const std::string_view read(text.data() + place.begin, offset);
    error.line = 1 + static_cast<std::uint64_t>(std::ranges::count(read, '\n'));
    error.offset = offset + place.mark;
    error.message = fmt::format("page {}: {}", page + 1, error.message);
    return error;
  };
  for (std::string& page : pages) {
    const std::size_t mark = page.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
    places.push_back({text.size(), page.size() - mark, mark});
    text.append(page, mark).append(1, '\n');
    std::string().swap(page);
    const std::string_view read(text.data() + places.back().begin, places.back().size);
    const std::size_t first = read.find_first_not_of(" \t\r\n");
    const std::size_t last = read.find_last_not_of(" \t\r\n");
    if (first == read.npos || (read[first] != '{' && read[first] != '[')) {
      const char* const what = first == read.npos ? "the page is empty" : "an array or an object is expected";
      return error_at_page(make_error(ErrorCode::malformed_json, what), places.size() - 1,
                           std::min(first, read.size()));
    }
    if (read[last] != '}' && read[last] != ']') {
      return error_at_page(make_error(ErrorCode::malformed_json, "the page is not complete"),
                           places.size() - 1, read.size());
    }
  }
  text.reserve(text.size() + load_padding);
  const Input input = own_text(std::move(text));
  auto catalog = load_catalog(input, options, 0);
  if (catalog || places.empty()) return catalog;
  Error error = std::move(catalog).error();
  const bool of_text = error.code != ErrorCode::cancelled && error.code != ErrorCode::invalid_value &&
                       error.code != ErrorCode::invalid_filter && error.limit != "input_bytes";
  if (!of_text) return error;
  text = input.text;
  std::size_t page = places.size();
  while (page > 1 && places[page - 1].begin > error.offset) --page;
  --page;
  std::size_t offset = error.offset - places[page].begin;
  const std::string_view before(text.data() + places[page].begin, std::min(offset, places[page].size));
  // An error at the first byte of a page means that the page before it is not complete.
  if (error.code == ErrorCode::malformed_json && page > 0 &&
      before.find_first_not_of(" \t\r\n") == before.npos) {
    error.message = "the page is not complete";
    offset = places[--page].size;
  }
  return error_at_page(std::move(error), page, offset);
}

Result<Catalog> Catalog::load(std::span<const char> text, std::shared_ptr<const void> owner,
                              const LoadOptions& options) {
  return load_catalog({std::move(owner), {text.data(), text.size()}}, options, 0);
}

Result<Catalog> Catalog::load_file(const std::filesystem::path& path, const LoadOptions& options) {
  const Clock::time_point start = Clock::now();
  // With skip_bad, the file may begin with something that is not a record, so it must be read to the end.
  const auto input = read_file(path, options.limits.input_bytes, !options.skip_bad);
  if (!input) return input.error();
  return load_catalog(*input, options, seconds_since(start));
}

std::size_t Catalog::size() const noexcept { return snapshot().size(); }
const LoadReport& Catalog::report() const& noexcept { return snapshot().report(); }
std::uint64_t Catalog::version() const noexcept { return snapshot().origin().version; }

std::uint64_t Catalog::fingerprint() const noexcept { return snapshot().fingerprint(); }

std::string Catalog::etag(const Request& request, const ListOptions& options) const {
  std::uint64_t asked = request.fingerprint();
  for (const std::string& field : options.without) asked = add_to_stable_hash(asked, stable_hash(field));
  if (options.total) asked = add_to_stable_hash(asked, 1);
  return fmt::format("\"{:016x}-{:016x}\"", fingerprint(), asked);
}

Stats Catalog::stats() const { return stats_of(snapshot()); }

Matches Catalog::find(const Query& query) const {
  RowList list = find_rows(Access::impl(query), snapshot());
  return Access::make<Matches>(lease(), std::move(list.rows), list.size);
}

Matches Catalog::find(const Query& query, const Order& order) const {
  if (order.is_load_order()) return find(query);
  Work unlimited;
  RowList list = find_rows(Access::impl(query), Access::impl(order), snapshot(), unlimited);
  return Access::make<Matches>(lease(), std::move(list.rows), list.size, false);
}

Result<Matches> Catalog::find_within(const Query& query, const Limits& limits) const {
  Work work = allowed_work(snapshot(), limits);
  RowList list = find_rows(Access::impl(query), snapshot(), work);
  if (work.spent()) return too_much_work(limits);
  return Access::make<Matches>(lease(), std::move(list.rows), list.size);
}

Result<Matches> Catalog::find_within(const Query& query, const Order& order, const Limits& limits) const {
  if (order.is_load_order()) return find_within(query, limits);
  Work work = allowed_work(snapshot(), limits);
  RowList list = find_rows(Access::impl(query), Access::impl(order), snapshot(), work);
  if (work.spent()) return too_much_work(limits);
  return Access::make<Matches>(lease(), std::move(list.rows), list.size, false);
}

Result<std::size_t> Catalog::prepare(const std::vector<std::string>& paths) const {
  std::vector<OrderedPath> parsed;
  for (const std::string_view path : paths) {
    auto one = parse_ordered_path(path);
    if (!one) return std::move(one).error();
    parsed.push_back(*std::move(one));
  }
  std::size_t kept = 0;
  for (const Part& part : snapshot().parts()) {
    SegmentViews views(*part.segment, snapshot().origin().limits.ordered_views);
    for (const OrderedPath& path : parsed) views.prepare(path);
    kept = std::max(kept, part.segment->views().size());
  }
  return kept;
}

Result<std::size_t> Catalog::count_within(const Query& query, const Limits& limits) const {
  Work work = allowed_work(snapshot(), limits);
  const std::size_t count = count_rows(Access::impl(query), snapshot(), work);
  if (work.spent()) return too_much_work(limits);
  return count;
}

std::size_t Catalog::count(const Query& query) const { return count_rows(Access::impl(query), snapshot()); }

Matches Catalog::scan(const Query& query) const {
  RowList list = scan_rows(Access::impl(query), snapshot());
  return Access::make<Matches>(lease(), std::move(list.rows), list.size);
}

std::string Catalog::explain(const Query& query) const {
  return syncdex::explain(Access::impl(query), snapshot());
}

std::string Catalog::explain(const Query& query, const Order& order) const {
  std::string out = explain(query);
  if (order.is_load_order()) return out;
  for (const OrderKey& key : Access::impl(order).keys) {
    out += explain_order(key, snapshot());
  }
  return out;
}

Facets Catalog::facets(const Query& query) const {
  const RowList list = find_rows(Access::impl(query), snapshot());
  return facets_of(snapshot(), {list.rows.get(), list.size});
}

std::vector<PathSummary> Catalog::paths(const Query& query, Fields fields) const {
  if (fields == Fields::indexed && Access::impl(query).everything())
    return paths_of(snapshot(), std::nullopt);
  const RowList list = find_rows(Access::impl(query), snapshot());
  const std::span<const Row> rows(list.rows.get(), list.size);
  return fields == Fields::all ? all_paths_of(snapshot(), rows) : paths_of(snapshot(), rows);
}

std::optional<Mismatch> Catalog::why_not(std::string_view id, const Query& query) const {
  return syncdex::why_not(snapshot(), id, Access::impl(query));
}

std::string Catalog::hint(const Query& query) const { return syncdex::hint(snapshot(), query); }

std::optional<Record> Catalog::find_id(std::string_view id) const& noexcept {
  const std::optional<Row> row = snapshot().find_row(id);
  return row ? std::optional(snapshot().record(*row)) : std::nullopt;
}

namespace {

// Calls take(lines) with about 1 MiB of JSON Lines at a time, until it returns false.
template <class Take>
void for_each_lines(const Snapshot& snapshot, Take take) {
  constexpr std::size_t kPiece = std::size_t{1} << 20;
  std::string lines;
  for (const Part& part : snapshot.parts()) {
    for (Row row = 0; row < part.size(); ++row) {
      if (!part.live.contains(row)) continue;
      const std::string_view json = part.segment->json(row);
      const std::size_t at = lines.size();
      // A record that looks like an envelope must be wrapped in one.
      const bool wrap = find_record_array(json.data(), json.data() + json.size(), "data") != nullptr;
      lines.append(wrap ? "{\"data\":[" : "").append(json).append(wrap ? "]}\n" : "\n");
      if (json.find('\n') != json.npos) {
        std::replace(lines.begin() + static_cast<std::ptrdiff_t>(at), lines.end() - 1, '\n', ' ');
      }
      if (lines.size() < kPiece) continue;
      if (!take(lines)) return;
      lines.clear();
    }
  }
  if (snapshot.size() == 0) lines = "{\"data\":[]}\n";  // an empty text cannot be loaded
  take(lines);
}

}  // namespace

void Catalog::append_ndjson_to(std::string& out) const {
  all_or_nothing(out, [&] {
    for_each_lines(snapshot(), [&](const std::string& lines) {
      out += lines;
      return true;
    });
  });
}

Result<std::uint64_t> Catalog::write_ndjson(const std::filesystem::path& path) const {
  ReplacedFile file(path);
  for_each_lines(snapshot(), [&](const std::string& lines) { return file.write(lines); });
  return file.commit();
}

Result<Listing> Catalog::list(const Request& request, const Limits& limits,
                              const ListOptions& options) const {
  const auto cursor = check_page(request);
  if (!cursor) return cursor.error();
  const Snapshot::Origin& origin = snapshot().origin();
  if (*cursor) {
    if ((*cursor)->text != origin.text) {
      return parameter_error(
          ErrorCode::stale_cursor, "after",
          "the list has been replaced since the cursor's page: start again from the first page");
    }
    // In a live catalog the cursor may come from a later version; then no rows follow it here.
    if ((*cursor)->position >= origin.writes && origin.version == 0) {
      return invalid_cursor();
    }
  }
  const bool paged = request.page.limit.has_value();
  const bool ordered = !request.order.is_load_order();
  const std::size_t limit = paged ? std::size_t{*request.page.limit} + 1 : SIZE_MAX;
  Work work = allowed_work(snapshot(), limits);
  RowList list;
  if (ordered) {
    list = find_rows(Access::impl(request.query), Access::impl(request.order), snapshot(), work,
                     *cursor ? &**cursor : nullptr, limit);
  } else {
    const Row first = *cursor ? snapshot().first_after((*cursor)->position) : 0;
    list = find_rows(Access::impl(request.query), snapshot(), work, {first, limit});
  }
  if (work.spent()) return too_much_work(limits);
  const bool has_more = list.size >= limit;
  std::string next;
  if (has_more) {
    list.size = *request.page.limit;
    const Row last = list.rows[list.size - 1];
    Cursor here{origin.text, cursor_fingerprint(request), snapshot().part_of(last).position(last), {}};
    if (ordered) here.values = values_of(Access::impl(request.order), snapshot(), last);
    next = to_text(here);
  }
  std::optional<std::uint64_t> total;
  if (options.total) {
    total = paged || *cursor ? count_rows(Access::impl(request.query), snapshot(), work) : list.size;
    if (work.spent()) return too_much_work(limits);
  }
  return Listing(Access::make<Matches>(lease(), std::move(list.rows), list.size, !ordered), paged, has_more,
                 std::move(next), options.without, total);
}

}  // namespace syncdex::inline v0
