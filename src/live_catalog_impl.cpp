#include "live_catalog_impl.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cassert>
#include <cstdint>
#include <functional>
#include <numeric>
#include <utility>

#include "base/access.h"
#include "base/errors.h"
#include "base/hash.h"
#include "base/input.h"
#include "live/change.h"
#include "live/touched.h"
#include "load/loader.h"
#include "terms/posting_list.h"

namespace syncdex::inline v0 {
namespace {

// The number of past texts that are remembered. If an older text is loaded again, its cursors are accepted.
constexpr std::size_t kTextsKept = 4096;

// The rows of one side of the pairs, sorted. No row occurs twice.
std::vector<Row> rows_of(std::span<const Edit::Pair> pairs, Row Edit::Pair::*row) {
  std::vector<Row> rows(pairs.size());
  std::ranges::transform(pairs, rows.begin(), row);
  if (std::ranges::is_sorted(rows)) return rows;
  // A list that has been reordered: for 1M rows, bits take 5 ms and sorting 70.
  const Row last = *std::ranges::max_element(rows);
  if (last / 64 > rows.size()) {
    std::ranges::sort(rows);
    return rows;
  }
  std::vector<std::uint64_t> bits(words_for(std::size_t{last} + 1));
  for (const Row r : rows) set_bit(bits.data(), r);
  auto out = rows.begin();
  for (std::size_t word = 0; word < bits.size(); ++word) {
    for (std::uint64_t left = bits[word]; left != 0; left &= left - 1) {
      *out++ = static_cast<Row>(word * 64 + static_cast<std::size_t>(std::countr_zero(left)));
    }
  }
  assert(out == rows.end());
  return rows;
}

// A copy that own_text() takes as it is.
std::string padded(std::string_view text) {
  std::string copy;
  copy.reserve(text.size() + load_padding);
  return copy += text;
}

Diff diff_of(const Version& before, const Version& after, const Edit& edit) {
  std::vector<Row> removed = edit.removed;
  std::ranges::sort(removed);
  Diff diff;
  diff.version = after->origin().version;
  diff.added = matches_of(after, edit.added);
  diff.changed = matches_of(after, rows_of(edit.changed, &Edit::Pair::after));
  diff.unchanged = matches_of(after, rows_of(edit.unchanged, &Edit::Pair::after));
  std::vector<Row> replaced(edit.changed.size());
  std::ranges::transform(edit.changed, replaced.begin(), &Edit::Pair::before);
  diff.before = matches_of(before, replaced, false);
  diff.removed = matches_of(before, removed);
  return diff;
}

// Derives the fingerprint of a version from that of the one before, if that is known; otherwise 0. The
// records that are gone are named by their positions.
std::uint64_t fingerprint_after(const Snapshot& before, std::span<const Edit::Pair> gone,
                                std::span<const Part> added, std::uint64_t writes) noexcept {
  std::uint64_t hash = before.known_fingerprint();
  if (hash == 0) return 0;
  hash = add_to_stable_hash(hash, gone.size());
  for (const Edit::Pair& pair : gone) {
    hash = add_to_stable_hash(hash, before.part_of(pair.before).position(pair.before));
  }
  for (const Part& part : added) {
    for (Row row = 0; row < part.size(); ++row) {
      if (!part.live.contains(row)) continue;
      hash = add_to_stable_hash(hash ^ content_hash(part.segment->json(row)), part.positions.of(row));
    }
  }
  return add_to_stable_hash(hash, writes) | 1;
}

}  // namespace

Error incomplete_list() {
  return make_error(ErrorCode::incomplete_list,
                    "the list says that more follows: fetch all its pages, or set allow_incomplete");
}

Diff unchanged_diff(const Version& current, const Edit& edit) {
  Diff diff;
  diff.version = current->origin().version;
  diff.unchanged = matches_of(current, rows_of(edit.unchanged, &Edit::Pair::before));
  return diff;
}

LiveCatalog::Impl::Impl(const Catalog& initial, LiveOptions o) : options(std::move(o)) {
  const Snapshot& s = Access::snapshot(initial);
  Snapshot::Origin origin = s.origin();
  origin.version = 1;
  if (s.rows() == 0) origin.limits = options.load.limits;
  origin.limits.ordered_views = options.load.limits.ordered_views;
  versions.publish(std::make_shared<const Snapshot>(s.parts(), s.paths(), std::move(origin)),
                   Versions::Previous::free);
  upkeep.start_from(s.paths());
  texts.push_back(s.origin().loaded);
}

Result<LiveCatalog::Impl::Batch> LiveCatalog::Impl::load_batch(const Version& before, std::string text,
                                                               bool last_wins) {
  LoadTools& tools = upkeep.tools_for(*before);
  LoadOptions load = options.load;
  load.progress = {};  // it could call back into this catalog
  tools.last_wins = last_wins;
  auto loaded = load_records(own_text(std::move(text)), load, tools);
  if (!loaded) {
    upkeep.reset_tools_if_grown(*before);
    return std::move(loaded).error();
  }
  LoadReport report = std::move(loaded->report);
  loaded->report = {};
  loaded->paths = tools.reader.paths();
  Snapshot records(*std::move(loaded), 0, options.load.limits);
  if (std::uint64_t{before->rows()} + records.rows() > kMostRows) {
    upkeep.reset_tools_if_grown(*before);
    return limit_error(options.load.limits, "records", "the catalog would hold too many records");
  }
  return Batch{std::move(records), std::move(report)};
}

Result<Diff> LiveCatalog::Impl::apply_to(const Version& before, Changes& changes) {
  auto batch = changes.upserts.empty() ? Batch() : load_batch(before, std::move(changes.upserts), true);
  if (!batch) return std::move(batch).error();
  Edit edit = match(*before, batch->records);
  std::vector<std::string> unknown = erase(std::move(changes.erases), *before, batch->records, edit);
  Diff diff = commit(before, batch->records, std::move(edit), {});
  diff.unknown = std::move(unknown);
  diff.bad = std::move(batch->report.bad);
  return diff;
}

std::optional<Repeated> LiveCatalog::Impl::search(const Version& version, std::string_view json) const {
  const LoadOptions& load = options.load;
  // Recovery by line leaves out whole lines, and the search does not know where lines end.
  const bool by_line = load.skip_bad && load.framing != Framing::json;
  const bool may_keep =
      !by_line && json.size() <= load.limits.input_bytes && is_within(version->origin().limits, load.limits);
  return may_keep ? find_repeated(*version, json, load.records_key) : std::nullopt;
}

Result<Diff> LiveCatalog::Impl::reconcile_with(const Version& before, std::string_view json, std::string* own,
                                               std::optional<Repeated> repeated,
                                               const ReconcileOptions& how) {
  std::optional<Batch> batch;
  std::optional<Edit> edit;
  if (repeated) {
    // If the text is a sequence of documents and all are repeated, only line feeds are left.
    const bool nothing = repeated->rest.find_first_not_of('\n') == std::string::npos;
    auto rest = nothing ? Batch() : load_batch(before, std::move(repeated->rest), false);
    if (rest && rest->report.bad.empty() &&
        rest->records.size() + repeated->rows.size() <= options.load.limits.records) {
      edit = compare(*before, rest->records, repeated->rows);
      if (edit) batch = *std::move(rest);
    }
  }
  if (!batch) {
    // This also finds the error of a text that is not valid.
    repeated.reset();
    auto all = load_batch(before, own != nullptr ? std::move(*own) : padded(json), false);
    if (!all) return std::move(all).error();
    batch = *std::move(all);
    edit = compare(*before, batch->records);
  }
  if (batch->report.more_follows && !options.allow_incomplete) {
    upkeep.reset_tools_if_grown(*before);
    return incomplete_list();
  }
  if (how.compare == ReconcileOptions::Compare::value) {
    const auto same = [&](const Edit::Pair& pair) {
      return is_same_value(before->record(pair.before).json(), batch->records.record(pair.after).json(),
                           before->origin().limits);
    };
    const auto differ = std::stable_partition(edit->changed.begin(), edit->changed.end(), std::not_fn(same));
    edit->unchanged.insert(edit->unchanged.end(), differ, edit->changed.end());
    edit->changed.erase(differ, edit->changed.end());
    std::ranges::sort(edit->unchanged, {}, &Edit::Pair::after);
  }
  const std::vector<Row> none;
  Diff diff = commit(before, batch->records, *std::move(edit), repeated ? repeated->rows : none);
  diff.bad = std::move(batch->report.bad);
  return diff;
}

Diff LiveCatalog::Impl::commit(const Version& before, const Snapshot& batch, Edit edit,
                               std::span<const Row> repeated) {
  const auto add_repeated = [&] {
    for (const Row row : repeated) edit.unchanged.push_back({row, row});
  };
  if (has_no_effect(edit)) {
    upkeep.reset_tools_if_grown(*before);
    add_repeated();
    return unchanged_diff(before, edit);
  }
  LoadTools& tools = upkeep.tools_for(*before);
  const std::vector<Edit::Pair> gone = removed_or_changed(edit);
  std::vector<Part> parts = before->parts();
  mask(parts, gone, &Edit::Pair::before);

  // Append the batch, with its unchanged records masked.
  Snapshot::Origin origin = before->origin();
  ++origin.version;
  raise_limits(origin.limits, options.load.limits);
  std::vector<Part> fresh = batch.parts();
  mask(fresh, edit.unchanged, &Edit::Pair::after);
  for (Part& part : fresh) {
    part.positions = Positions(origin.writes);
    origin.writes += part.size();
  }
  origin.content =
      std::make_shared<std::atomic<std::uint64_t>>(fingerprint_after(*before, gone, fresh, origin.writes));
  parts.insert(parts.end(), fresh.begin(), fresh.end());
  const PathTable& paths = tools.reader.paths();
  const auto after = std::make_shared<const Snapshot>(std::move(parts), paths, std::move(origin));

  // In the new version, the rows of the batch follow all others.
  const Row base = before->rows();
  for (Row& row : edit.added) row += base;
  for (Edit::Pair& pair : edit.changed) pair.after += base;
  for (Edit::Pair& pair : edit.unchanged) pair.after = pair.before;  // they keep their rows
  std::list<Delivery> news;
  if (!subscriptions.empty()) {
    Touched was = load_touched(*before, gone, &Edit::Pair::before, tools);
    Touched is;  // the batch is already loaded separately
    is.records = std::make_shared<const Snapshot>(std::move(fresh), paths, Snapshot::Origin{});
    is.rows.resize(batch.rows());
    std::iota(is.rows.begin(), is.rows.end(), base);
    link_sides(was, is, edit.changed);
    news = subscriptions.deliveries(was, is, before, after, false);
  }
  add_repeated();
  return publish(before, after, edit, std::move(news));
}

Diff LiveCatalog::Impl::replace(const Version& before, const Snapshot& fresh) {
  const Edit edit = &fresh == before.get() ? identity_edit(fresh) : compare(*before, fresh);
  if (is_same(edit)) return unchanged_diff(before, edit);
  Snapshot::Origin origin = fresh.origin();
  origin.version = before->origin().version + 1;
  origin.limits.ordered_views = options.load.limits.ordered_views;
  const std::uint32_t text = origin.text;
  // A cursor is valid in every catalog loaded from the same text. But if a text returns here, its old cursors
  // must become invalid, because changes in between may have moved the records that they refer to.
  if (std::ranges::find(texts, origin.loaded) != texts.end()) {
    origin.text = fingerprint(origin.loaded, origin.version);
  } else {
    origin.text = origin.loaded;
    if (texts.size() == kTextsKept) texts.erase(texts.begin());
    texts.push_back(origin.loaded);
  }
  // The fingerprint of the content covers the text.
  if (origin.text != text) origin.content = std::make_shared<std::atomic<std::uint64_t>>(0);
  const auto after = std::make_shared<const Snapshot>(fresh.parts(), fresh.paths(), std::move(origin));
  std::list<Delivery> news;
  if (!subscriptions.empty()) {
    LoadTools own;
    Touched was = load_touched(*before, removed_or_changed(edit), &Edit::Pair::before, own);
    Touched is = load_touched(*after, added_or_changed(edit), &Edit::Pair::after, own);
    link_sides(was, is, edit.changed);
    news = subscriptions.deliveries(was, is, before, after, true);
  }
  Diff diff = publish(before, after, edit, std::move(news));
  upkeep.start_from(fresh.paths());
  return diff;
}

// Builds the diff, publishes the version and queues the deltas. Nothing fails after the version is published.
Diff LiveCatalog::Impl::publish(const Version& before, const Version& after, const Edit& edit,
                                std::list<Delivery> news) {
  Diff diff = diff_of(before, after, edit);
  const bool same_text = after->origin().text == before->origin().text;
  versions.publish(after, same_text ? Versions::Previous::keep : Versions::Previous::free);
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
    next.front().to->call(next.front().news, options.on_callback_error);
  }
  delivering = false;
}

// Tells subscribers, then merges what a change has made due.
void LiveCatalog::Impl::finish_change(bool changed) noexcept {
  deliver();
  if (changed && options.merge_on_change) upkeep.merge_due();
  versions.free_unused();
}

// Runs make() under the writer's lock, then tells subscribers.
template <class Make>
Result<Diff> LiveCatalog::Impl::change(Make make) {
  const std::lock_guard lock(writing);
  subscriptions.sweep();
  Result<Diff> diff = [&] {
    try {
      return make();
    } catch (...) {
      upkeep.reset_tools();
      throw;
    }
  }();
  finish_change(diff.has_value());
  return diff;
}

Result<Diff> LiveCatalog::Impl::apply(Changes changes) {
  return change([&] { return apply_to(versions.current(), changes); });
}

Result<Diff> LiveCatalog::Impl::reconcile(std::string_view json, std::string* own,
                                          const ReconcileOptions& how) {
  // The search is most of the work, so it is done before other writers have to wait.
  const Version searched = versions.current();
  auto repeated = search(searched, json);
  return change([&] {
    const Version before = versions.current();
    if (before != searched) repeated = search(before, json);
    return reconcile_with(before, json, own, std::move(repeated), how);
  });
}

Diff LiveCatalog::Impl::replace(const Snapshot& fresh) {
  return *change([&] { return Result<Diff>(replace(versions.current(), fresh)); });
}

Subscription LiveCatalog::Impl::subscribe(Subscription::State::Standing standing, Catalog* since) {
  const std::lock_guard lock(writing);
  subscriptions.sweep();
  const Version current = versions.current();
  std::optional<Catalog> now;
  if (since != nullptr) now = Access::make<Catalog>(current);
  auto subscription = Access::make<Subscription>(subscriptions.add(std::move(standing), *current));
  if (now) *since = *std::move(now);
  return subscription;
}

}  // namespace syncdex::inline v0
