// Creates versions of a catalog and publishes them.
//
//   apply         load the upserts, match them with the current version by id, mask the records they replace
//   replace_all   load the new list, compare it with the current version
//   both          compute deltas for subscribers, swap one pointer, run callbacks, merge segments
//
// Everything that can fail happens before the swap. Nothing after the swap can undo it.
//
// A change knows the rows of the records that it replaces. If there are subscribers, those records are loaded
// again from their bytes to compute the deltas.
#include "syncdex/live_catalog.h"

#include <algorithm>
#include <array>
#include <list>
#include <mutex>
#include <numeric>
#include <optional>
#include <utility>

#include "base/errors.h"
#include "base/input.h"
#include "live/edit.h"
#include "live/merge.h"
#include "live/subscriptions.h"
#include "live/touched.h"
#include "query/cursor.h"
#include "store/snapshot.h"

namespace syncdex::inline v0 {
namespace {

using Version = std::shared_ptr<const Snapshot>;

// A version may be kept for a while if a merge replaced at most this many bytes of its text.
constexpr std::size_t kLittle = std::size_t{4} << 20;
// The path table is reset after a refused change once it exceeds twice the current paths plus this number.
constexpr std::size_t kSomePaths = 1024;
// The number of past texts that are remembered. If an older text is loaded again, its cursors are accepted.
constexpr std::size_t kTextsKept = 4096;
// A path table smaller than this is never rebuilt.
constexpr std::size_t kFewPathBytes = std::size_t{1} << 20;

// The rows of one side of the pairs, sorted.
std::vector<Row> rows_of(std::span<const Edit::Pair> pairs, Row Edit::Pair::*row) {
  std::vector<Row> rows(pairs.size());
  std::ranges::transform(pairs, rows.begin(), row);
  std::ranges::sort(rows);
  return rows;
}

bool has_no_effect(const Edit& edit) {
  return edit.added.empty() && edit.changed.empty() && edit.removed.empty();
}

// Whether the edit leads to an identical version: no record differs, and the order is the same.
bool is_same(const Edit& edit) {
  return has_no_effect(edit) && std::ranges::is_sorted(edit.unchanged, {}, &Edit::Pair::before);
}

// Adds the erased records to the edit. Ids that the batch upserts are ignored. Returns the unknown ids.
std::vector<std::string> erase(std::vector<std::string> ids, const Snapshot& before, const Snapshot& batch,
                               Edit& edit) {
  std::ranges::sort(ids);
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  std::erase_if(ids, [&](const std::string& id) {
    if (batch.find_row(id)) return true;
    const std::optional<Row> row = before.find_row(id);
    if (row) edit.removed.push_back(*row);
    return row.has_value();
  });
  return ids;
}

// Marks the rows on one side of the pairs as dead. REQUIRES: the pairs are sorted by that side.
void mask(std::vector<Part>& parts, std::span<const Edit::Pair> pairs, Row Edit::Pair::*row) {
  auto at = pairs.begin();
  std::vector<Row> dying;
  for (Part& part : parts) {
    dying.clear();
    for (; at != pairs.end() && (*at).*row < part.base + part.size(); ++at) {
      dying.push_back((*at).*row - part.base);
    }
    part.live = part.live.without(*part.segment, dying);
  }
}

// Raises each limit on a record to at least that of `by`.
void widen(Limits& limits, const Limits& by) {
  const auto raise = [](auto& limit, auto other) { limit = std::max(limit, other); };
  raise(limits.record_bytes, by.record_bytes);
  raise(limits.string_bytes, by.string_bytes);
  raise(limits.depth, by.depth);
  raise(limits.number_digits, by.number_digits);
  raise(limits.exponent, by.exponent);
}

// Whether every record within `limits` is also within `wider`.
bool within(const Limits& limits, const Limits& wider) {
  return limits.record_bytes <= wider.record_bytes && limits.string_bytes <= wider.string_bytes &&
         limits.depth <= wider.depth && limits.number_digits <= wider.number_digits &&
         limits.exponent <= wider.exponent;
}

// Whether loading the text is known to give this version's records again.
bool is_loaded(const Snapshot& version, std::string_view text, const LoadOptions& options) {
  return options.records_key == "data" && text.size() <= options.limits.input_bytes &&
         version.size() <= options.limits.records && within(version.origin().limits, options.limits) &&
         is_text_of(version, text, options.framing);
}

}  // namespace

struct LiveCatalog::Impl {
  Impl(const Catalog& initial, LiveOptions o);

  Version current() const {
    const std::lock_guard lock(publishing);
    return published;
  }

  Result<Diff> apply(Changes& changes);
  Diff replace(const Snapshot& fresh);
  static Diff unchanged(const Version& current, const Edit& edit);
  Diff advance(const Version& before, const Version& after, const Edit& edit, std::list<Delivery> news);
  enum class Old : bool { goes, may_wait };
  void publish(Version next, Old old) noexcept;
  void free_old() noexcept;
  static Old old_of(std::span<const Part> merged) noexcept;
  void deliver() noexcept;
  void merge_due() noexcept;
  void renew_paths();
  bool merge_beside();
  LoadTools& tools_for(const Snapshot& version);

  const LiveOptions options;

  mutable std::mutex publishing;  // held only to copy or swap a pointer
  Version published;

  // Held while a change is made. Recursive, because a callback may make another change.
  std::recursive_mutex writing;
  std::unique_ptr<LoadTools> tools;  // their path table includes the current version's; may be null
  std::size_t lean_paths = 0;        // the number of paths when the table was last built
  Subscriptions subscriptions;
  std::list<Delivery> waiting;
  bool delivering = false;

  // Recent versions that readers may still use, kept so that no reader has to free them.
  std::array<Version, 8> old_versions;
  std::size_t next_old = 0;

  std::vector<std::uint32_t> texts;  // fingerprints of the last texts loaded
  std::mutex merging;                // held by maintain()
};

LiveCatalog::Impl::Impl(const Catalog& initial, LiveOptions o) : options(std::move(o)) {
  const Snapshot& s = initial.snapshot();
  Snapshot::Origin origin = s.origin();
  origin.version = 1;
  published = std::make_shared<const Snapshot>(s.parts(), s.paths(), std::move(origin));
  lean_paths = s.paths().size();
  texts.push_back(s.origin().loaded);
}

// Returns tools whose path table starts as a copy of the version's, with the same path ids, and may grow.
LoadTools& LiveCatalog::Impl::tools_for(const Snapshot& version) {
  if (tools == nullptr) tools = std::make_unique<LoadTools>(version.paths().fork());
  return *tools;
}

// Publishes a version. With Old::may_wait, which is for versions with little memory to free, the previous
// version is kept in old_versions, so that no reader has to free it. Otherwise it is freed here or by its
// last reader, and the versions kept so far are released too.
void LiveCatalog::Impl::publish(Version next, Old old) noexcept {
  {
    const std::lock_guard lock(publishing);
    published.swap(next);
  }
  if (old == Old::may_wait) {
    next_old = (next_old + 1) % old_versions.size();
    old_versions[next_old] = std::move(next);
  } else {
    old_versions = {};
  }
}

LiveCatalog::Impl::Old LiveCatalog::Impl::old_of(std::span<const Part> merged) noexcept {
  std::size_t bytes = 0;
  for (const Part& part : merged) bytes += part.segment->text_bytes();
  return bytes <= kLittle ? Old::may_wait : Old::goes;
}

// Frees old versions that no reader uses. No reader can acquire a version that is not current, so a use count
// of 1 is final.
void LiveCatalog::Impl::free_old() noexcept {
  for (Version& version : old_versions) {
    if (version.use_count() == 1) version.reset();
  }
}

Result<Diff> LiveCatalog::Impl::apply(Changes& changes) {
  const Version before = published;
  LoadTools& load_tools = tools_for(*before);
  Loaded loaded;
  if (!changes.upserts.empty()) {
    LoadOptions load = options.load;
    load.progress = {};           // it could call back into this catalog
    load_tools.last_wins = true;  // if an id is upserted twice
    auto result = load_records(own_text(std::move(changes.upserts)), load, load_tools);
    if (!result) {
      // Paths of refused changes must not accumulate.
      if (load_tools.reader.paths().size() > 2 * before->paths().size() + kSomePaths) tools.reset();
      return std::move(result).error();
    }
    loaded = *std::move(result);
  }
  std::vector<BadRecord> bad = std::move(loaded.report.bad);
  loaded.paths = load_tools.reader.paths();
  const Snapshot batch(std::move(loaded), std::string_view(), options.load.limits);
  if (std::uint64_t{before->rows()} + batch.rows() > kMostRows) {
    return limit_error(options.load.limits, "records", "the catalog would hold too many records");
  }

  Edit edit = match(*before, batch);
  std::vector<std::string> unknown = erase(std::move(changes.erases), *before, batch, edit);
  Diff diff;
  if (has_no_effect(edit)) {
    diff = unchanged(before, edit);
  } else {
    const std::vector<Edit::Pair> gone = going(edit);
    std::vector<Part> parts = before->parts();
    mask(parts, gone, &Edit::Pair::before);

    // Append the batch, with its unchanged records masked.
    Snapshot::Origin origin = before->origin();
    ++origin.version;
    widen(origin.limits, options.load.limits);
    std::vector<Part> fresh = batch.parts();
    mask(fresh, edit.unchanged, &Edit::Pair::after);
    for (Part& part : fresh) {
      part.positions = Positions(origin.writes);
      origin.writes += part.size();
    }
    parts.insert(parts.end(), fresh.begin(), fresh.end());
    const PathTable& paths = load_tools.reader.paths();
    const auto after = std::make_shared<const Snapshot>(std::move(parts), paths, std::move(origin));

    // In the new version, the rows of the batch follow all others.
    const Row base = before->rows();
    for (Row& row : edit.added) row += base;
    for (Edit::Pair& pair : edit.changed) pair.after += base;
    for (Edit::Pair& pair : edit.unchanged) pair.after = pair.before;  // they keep their rows
    std::list<Delivery> news;
    if (!subscriptions.empty()) {
      Touched was = touch(*before, gone, &Edit::Pair::before, load_tools);
      Touched is;  // the batch is already loaded separately
      is.records = std::make_shared<const Snapshot>(std::move(fresh), paths, Snapshot::Origin{});
      is.rows.resize(batch.rows());
      std::iota(is.rows.begin(), is.rows.end(), base);
      link(was, is, edit.changed);
      news = subscriptions.deliveries(was, is, before, after);
    }
    diff = advance(before, after, edit, std::move(news));
  }
  diff.unknown = std::move(unknown);
  diff.bad = std::move(bad);
  return diff;
}

Diff LiveCatalog::Impl::unchanged(const Version& current, const Edit& edit) {
  Diff diff;
  diff.version = current->origin().version;
  diff.unchanged = matches_of(current, rows_of(edit.unchanged, &Edit::Pair::before));
  return diff;
}

Diff LiveCatalog::Impl::replace(const Snapshot& fresh) {
  const Version before = published;
  const Edit edit = &fresh == before.get() ? nothing(fresh) : compare(*before, fresh);
  if (is_same(edit)) return unchanged(before, edit);
  Snapshot::Origin origin = fresh.origin();
  origin.version = before->origin().version + 1;
  // A cursor is valid in every catalog loaded from the same text. But if a text returns here, its old cursors
  // must become invalid, because changes in between may have moved the records that they refer to.
  if (std::ranges::find(texts, origin.loaded) != texts.end()) {
    origin.text = fingerprint(origin.loaded, origin.version);
  } else {
    origin.text = origin.loaded;
    if (texts.size() == kTextsKept) texts.erase(texts.begin());
    texts.push_back(origin.loaded);
  }
  const auto after = std::make_shared<const Snapshot>(fresh.parts(), fresh.paths(), std::move(origin));
  std::list<Delivery> news;
  if (!subscriptions.empty()) {
    LoadTools own;
    Touched was = touch(*before, going(edit), &Edit::Pair::before, own);
    Touched is = touch(*after, coming(edit), &Edit::Pair::after, own);
    link(was, is, edit.changed);
    news = subscriptions.deliveries(was, is, before, after);
  }
  Diff diff = advance(before, after, edit, std::move(news));
  tools.reset();  // their path table is that of the replaced version
  lean_paths = fresh.paths().size();
  return diff;
}

// Builds the diff, publishes the version and queues the deltas. Nothing fails after the version is published.
Diff LiveCatalog::Impl::advance(const Version& before, const Version& after, const Edit& edit,
                                std::list<Delivery> news) {
  std::vector<Row> removed = edit.removed;
  std::ranges::sort(removed);
  Diff diff;
  diff.version = after->origin().version;
  diff.added = matches_of(after, edit.added);
  diff.changed = matches_of(after, rows_of(edit.changed, &Edit::Pair::after));
  diff.unchanged = matches_of(after, rows_of(edit.unchanged, &Edit::Pair::after));
  diff.removed = matches_of(before, removed);
  publish(after, after->origin().text == before->origin().text ? Old::may_wait : Old::goes);
  waiting.splice(waiting.end(), news);
  return diff;
}

// Delivers the queued deltas in order. If a callback makes a change, its deltas are appended to the queue.
void LiveCatalog::Impl::deliver() noexcept {
  if (delivering) return;
  delivering = true;
  while (!waiting.empty()) {
    std::list<Delivery> next;
    next.splice(next.begin(), waiting, waiting.begin());
    next.front().to->call(next.front().delta, options.on_callback_error);
  }
  delivering = false;
}

// Runs all due merges. A merge does not change the content, so a failed one is left to the next change.
void LiveCatalog::Impl::merge_due() noexcept {
  try {
    for (;;) {
      const Version before = published;
      const std::optional<PartRange> due = due_merge(before->parts());
      if (!due) return renew_paths();
      const auto source = std::span(before->parts()).subspan(due->first, due->count);
      std::vector<Part> parts = before->parts();
      if (!install(parts, source, merge(source, before->paths()))) return;
      publish(std::make_shared<const Snapshot>(std::move(parts), before->paths(), before->origin()),
              old_of(source));
    }
  } catch (...) {
    tools.reset();
  }
}

// Rebuilds the path table once it has doubled since the last build and is large compared with the text. Paths
// are never removed from a table, because segments refer to them by id. So all records are loaded again with
// a new table.
void LiveCatalog::Impl::renew_paths() {
  const Version before = published;
  std::size_t text = 0;
  for (const Part& part : before->parts()) text += part.segment->text_bytes();
  const PathTable& paths = before->paths();
  if (paths.size() < 2 * lean_paths || paths.bytes() < std::max<std::size_t>(text / 8, kFewPathBytes)) return;
  auto fresh = std::make_unique<LoadTools>();
  std::vector<Part> parts;
  for (const Part& part : before->parts()) {
    for (Part& rewritten : rewrite(part, *fresh)) parts.push_back(std::move(rewritten));
  }
  publish(std::make_shared<const Snapshot>(std::move(parts), fresh->reader.paths(), before->origin()),
          Old::goes);
  tools = std::move(fresh);
  lean_paths = tools->reader.paths().size();
}

// Like merge_due(), but merges without the writer's lock and takes it only to install each result. Rebuilding
// the path table takes the lock for the whole rebuild. Returns whether anything was merged.
bool LiveCatalog::Impl::merge_beside() {
  bool any = false;
  for (;;) {
    const Version before = current();
    const std::optional<PartRange> due = due_merge(before->parts());
    if (!due) {
      const std::lock_guard lock(writing);
      renew_paths();
      free_old();
      return any;
    }
    const auto source = std::span(before->parts()).subspan(due->first, due->count);
    std::optional<Part> merged = merge(source, before->paths());
    const std::lock_guard lock(writing);
    std::vector<Part> parts = published->parts();
    if (!install(parts, source, std::move(merged))) continue;  // a change replaced the parts meanwhile
    publish(std::make_shared<const Snapshot>(std::move(parts), published->paths(), published->origin()),
            old_of(source));
    any = true;
  }
}

LiveCatalog::LiveCatalog() : LiveCatalog(Catalog()) {}
LiveCatalog::LiveCatalog(Catalog initial, LiveOptions options)
    : impl_(std::make_unique<Impl>(initial, std::move(options))) {}
LiveCatalog::~LiveCatalog() = default;

Catalog LiveCatalog::snapshot() const { return Catalog(impl_->current()); }
std::uint64_t LiveCatalog::version() const noexcept { return impl_->current()->origin().version; }

Result<Diff> LiveCatalog::apply(Changes changes) {
  const std::lock_guard lock(impl_->writing);
  impl_->subscriptions.sweep();
  Result<Diff> diff = [&] {
    try {
      return impl_->apply(changes);
    } catch (...) {
      impl_->tools.reset();
      throw;
    }
  }();
  impl_->deliver();
  if (diff && impl_->options.merge_on_change) impl_->merge_due();
  impl_->free_old();
  return diff;
}

Result<Diff> LiveCatalog::replace_all(std::string json) {
  const LoadOptions& load = impl_->options.load;
  // A polled list has usually not changed.
  const Version now = impl_->current();
  if (is_loaded(*now, json, load)) {
    if (load.progress && !load.progress(json.size(), json.size(), now->size())) {
      return make_error(ErrorCode::cancelled, "the load was cancelled");
    }
    const std::lock_guard lock(impl_->writing);
    if (impl_->published == now) return Impl::unchanged(now, nothing(*now));
  }
  auto fresh = Catalog::load(std::move(json), load);
  if (!fresh) return std::move(fresh).error();
  if (fresh->report().more_follows && !impl_->options.allow_incomplete) {
    return make_error(ErrorCode::incomplete_list,
                      "the list says that more follows: fetch all its pages, or set allow_incomplete");
  }
  std::vector<BadRecord> bad = fresh->report().bad;  // copied before anything is published
  Diff diff = replace_all(*fresh);
  diff.bad = std::move(bad);
  return diff;
}

Diff LiveCatalog::replace_all(const Catalog& fresh) {
  const std::lock_guard lock(impl_->writing);
  impl_->subscriptions.sweep();
  Diff diff = impl_->replace(fresh.snapshot());
  impl_->deliver();
  if (impl_->options.merge_on_change) impl_->merge_due();
  impl_->free_old();
  return diff;
}

Subscription LiveCatalog::subscribe(Query query, std::function<void(const Delta&)> callback) {
  const std::lock_guard lock(impl_->writing);
  impl_->subscriptions.sweep();
  return Subscription(impl_->subscriptions.add(std::move(query), std::move(callback), *impl_->published));
}

Subscription LiveCatalog::subscribe(Query query, std::function<void(const Delta&)> callback, Catalog& since) {
  const std::lock_guard lock(impl_->writing);
  Catalog now(impl_->published);
  Subscription subscription = subscribe(std::move(query), std::move(callback));
  since = std::move(now);
  return subscription;
}

bool LiveCatalog::maintain() {
  const std::unique_lock only(impl_->merging, std::try_to_lock);
  return only.owns_lock() && impl_->merge_beside();
}

Subscription::Subscription() noexcept = default;
Subscription::Subscription(std::shared_ptr<State> state) noexcept : state_(std::move(state)) {}
Subscription::Subscription(Subscription&&) noexcept = default;
Subscription& Subscription::operator=(Subscription&& other) noexcept {
  if (this == &other) return *this;
  cancel();
  state_ = std::move(other.state_);
  return *this;
}
Subscription::~Subscription() { cancel(); }

void Subscription::cancel() noexcept {
  // Keeps the state alive: cancelling frees the callback, which may own this object.
  const std::shared_ptr<State> state = state_;
  if (state != nullptr) state->cancel();
}

}  // namespace syncdex::inline v0
