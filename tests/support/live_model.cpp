#include "support/live_model.h"

#include <algorithm>
#include <map>
#include <memory>
#include <new>
#include <optional>
#include <stdexcept>
#include <vector>

#include "support/allocations.h"
#include "support/oracle.h"
#include "support/random_json.h"
#include "syncdex/syncdex.h"

namespace syncdex::test {
namespace {

struct ModelRecord {
  std::string id;
  std::string json;
  std::shared_ptr<const oracle::Value> value;
  std::uint64_t written = 0;
};
using Model = std::vector<ModelRecord>;

void require(bool holds, const std::string& what) {
  if (!holds) throw std::logic_error(what);
}

// Compares records by their bytes, in order.
void require_records(const Matches& got, const std::vector<std::string>& expected, const std::string& what) {
  const auto slices = got.slices();
  std::string line = what + ": got";
  if (std::ranges::equal(slices, expected)) return;
  for (const std::string_view s : slices) line.append(" ").append(s);
  line += ", expected";
  for (const std::string& s : expected) line.append(" ").append(s);
  throw std::logic_error(line);
}

class Bytes {
 public:
  explicit Bytes(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
  bool done() const { return at_ >= bytes_.size(); }
  std::size_t below(std::size_t n) { return done() ? 0 : bytes_[at_++] % n; }

 private:
  std::span<const std::uint8_t> bytes_;
  std::size_t at_ = 0;
};

// A delta as a callback received it, as texts.
struct News {
  std::uint64_t version = 0;
  std::vector<std::string> entered;
  std::vector<std::string> changed;
  std::vector<std::string> left;
  bool operator==(const News&) const = default;
};

std::vector<std::string> strings(const Matches& matches) {
  std::vector<std::string> all;
  for (const Record record : matches) all.emplace_back(record.json());
  return all;
}

struct Watcher {
  oracle::Value pattern;
  std::size_t lives = SIZE_MAX;  // calls, before it cancels itself
  bool throws = false;
  std::vector<News> received;
  Subscription subscription;  // the last member: destroyed first

  void take(const Delta& delta) {
    const PausedFailures pause;
    received.push_back({delta.version, strings(delta.entered), strings(delta.changed), strings(delta.left)});
    if (--lives == 0) subscription.cancel();
    if (throws) throw std::runtime_error("a callback's own trouble");
  }
};

class Comparison {
 public:
  Comparison(std::span<const std::uint8_t> steps, std::size_t few, std::size_t many)
      : steps_(steps),
        // Few records often repeat their ids. Many give long posting lists, and segments of all sizes.
        ids_(steps_.below(16) == 0 ? many : few),
        live_(Catalog(), options(steps_.below(2) == 0)) {
    mirror_subscription_ = live_.subscribe(Query(), [this](const Delta& delta) { mirror(delta); });
  }

  void run() {
    while (!steps_.done()) {
      switch (steps_.below(20)) {
        case 0:
        case 1:
        case 2:
        case 3:
        case 4: {
          // With many records, a third of the changes are too large for small segments.
          const bool large = ids_ > 100 && steps_.below(3) == 0;
          change(large ? 60 + steps_.below(100) : 1 + steps_.below(3), steps_.below(3));
          break;
        }
        case 5: change(steps_.below(256) * ids_ / 256, steps_.below(6)); break;
        case 6: replace(); break;
        case 7: live_.maintain(); break;
        case 8: ask(); break;
        case 9: refuse(); break;
        case 10:
        case 11: watch(); break;
        case 12: forget(); break;
        case 13: held_.push_back({live_.snapshot(), model_}); break;
        case 14: turn_page(); break;
        case 15: write_out(); break;
        case 16: shrink(); break;
        case 17: roll_back(); break;
        default: reconcile();
      }
      require_same();
    }
    for (const auto& [catalog, records] : held_) {
      require_records(catalog.find(Query()), texts(records), "a snapshot held since");
    }
  }

 private:
  LiveOptions options(bool merge) {
    LiveOptions o;
    o.merge_on_change = merge;
    o.on_callback_error = [this](std::exception_ptr) { ++reports_; };
    return o;
  }

  static std::vector<std::string> texts(const Model& records) {
    std::vector<std::string> all;
    for (const ModelRecord& r : records) all.push_back(r.json);
    return all;
  }

  const ModelRecord& make(const std::string& id) { return make(id, steps_.below(5)); }
  // Few variants of a record, so that it often comes back with the same bytes.
  static const ModelRecord& make(const std::string& id, std::size_t variant) {
    // Kept, since making records took a third of the time.
    thread_local std::map<std::pair<std::string, std::size_t>, ModelRecord> made;
    const auto [at, is_new] = made.try_emplace({id, variant});
    if (is_new) {
      RandomJson random(variant * 7919 + std::hash<std::string>{}(id));
      ModelRecord& record = at->second;
      record.id = id;
      record.json = random.record(id, true);
      record.value = std::make_shared<const oracle::Value>(*oracle::parse(record.json));
    }
    return at->second;
  }
  std::string id() { return "id-" + std::to_string(steps_.below(ids_)); }

  Model some(std::size_t n) {
    Model records;
    if (n > 8) {  // two steps seed all of them
      RandomJson random(steps_.below(256) * 256 + steps_.below(256));
      for (std::size_t i = 0; i < ids_; ++i) {
        if (random.below(ids_) < n) records.push_back(make("id-" + std::to_string(i), random.below(5)));
      }
      return records;
    }
    for (std::size_t i = 0; i < n; ++i) {
      ModelRecord record = make(id());
      if (find(records, record.id) == records.end()) records.push_back(std::move(record));
    }
    return records;
  }

  std::string text_of(const Model& records) {
    const bool lines = std::ranges::none_of(
        records, [](const ModelRecord& r) { return r.json.find('\n') != std::string::npos; });
    const std::size_t framing = steps_.below(lines ? 3 : 2);
    std::string text = framing == 0 ? "[" : framing == 1 ? "{\"data\": [" : "";
    for (const ModelRecord& r : records) {
      if (&r != &records.front() && framing < 2) text += ",\n";
      text += r.json;
      if (framing == 2) text += '\n';
    }
    return text + (framing == 0 ? "]" : framing == 1 ? "]}" : "");
  }

  static Model::iterator find(Model& records, const std::string& id) {
    return std::ranges::find(records, id, &ModelRecord::id);
  }

  // --- changes ---

  // One time in four, makes the change while an allocation fails. Either that throws and nothing has changed,
  // or it succeeds and this returns its result.
  template <class Change>
  std::optional<Result<Diff>> try_without_memory(Change change) {
    if (steps_.below(4) != 0) return std::nullopt;
    const std::size_t good = steps_.below(256);
    const bool for_ever = steps_.below(2) == 0;
    try {
      const FailingAllocations failing(good, for_ever);
      return change();
    } catch (const std::bad_alloc&) {
    }
    require_same();
    for (const auto& w : watchers_) require(w->received.empty(), "news of a change that failed");
    return std::nullopt;
  }

  void change(std::size_t upserts, std::size_t erases) {
    const Model batch = some(upserts);
    std::vector<std::string> ids;
    for (std::size_t i = 0; i < erases; ++i) ids.push_back(steps_.below(8) == 0 ? "no such id" : id());
    if (steps_.below(8) == 0) {
      for (const ModelRecord& r : batch) ids.push_back(r.id);
    }
    change(batch, std::move(ids));
  }
  void change(const Model& batch, std::vector<std::string> erases) {
    Changes changes;
    // Some ids occur twice; the last upsert wins.
    Model written = batch;
    if (!batch.empty() && steps_.below(4) == 0) {
      for (std::size_t i = 0; i < 1 + batch.size() / 4; ++i) {
        written.insert(written.begin(), make(batch[steps_.below(batch.size())].id));
      }
    }
    if (!batch.empty()) changes.upserts = text_of(written);
    changes.erases = std::move(erases);
    require_effect(batch, changes.erases, [&] { return live_.apply(Changes(changes)); });
  }

  // Makes a change that upserts `batch` and erases ids, here and in the catalog.
  template <class Change>
  void require_effect(const Model& batch, std::vector<std::string> erased, Change make_change) {
    anew_ = erased;
    auto diff = try_without_memory(make_change);
    const Model before = model_;
    Model added;
    Model changed;
    Model removed;
    std::vector<std::string> unchanged;
    std::vector<std::string> unknown;
    for (const ModelRecord& record : batch) {
      const auto old = find(model_, record.id);
      if (old == model_.end()) {
        added.push_back(record);
      } else if (old->json == record.json && std::ranges::find(erased, record.id) == erased.end()) {
        unchanged.push_back(record.id);
      } else {
        changed.push_back(record);
        model_.erase(old);
      }
    }
    std::ranges::sort(erased);
    erased.erase(std::unique(erased.begin(), erased.end()), erased.end());
    for (const std::string& gone : erased) {
      if (std::ranges::find(batch, gone, &ModelRecord::id) != batch.end()) continue;
      const auto old = find(model_, gone);
      if (old == model_.end()) {
        unknown.push_back(gone);
      } else {
        removed.push_back(*old);
        model_.erase(old);
      }
    }
    for (const ModelRecord& record : batch) {
      if (std::ranges::find(unchanged, record.id) != unchanged.end()) continue;
      model_.push_back(record);
      model_.back().written = ++writes_;
    }
    std::ranges::sort(removed, {}, &ModelRecord::written);
    const bool any = !added.empty() || !changed.empty() || !removed.empty();
    if (any) ++version_;
    std::vector<std::string> same;
    for (const ModelRecord& r : model_) {
      if (std::ranges::find(unchanged, r.id) != unchanged.end()) same.push_back(r.json);
    }
    if (!diff) diff = make_change();
    require(diff->has_value(), "a change: " + (*diff ? "" : diff->error().message));
    const Diff& got = diff->value();
    require_records(got.added, texts(added), "added");
    require_records(got.changed, texts(changed), "changed");
    std::vector<std::string> were;
    for (const ModelRecord& r : changed)
      were.push_back(std::ranges::find(before, r.id, &ModelRecord::id)->json);
    require_records(got.before, were, "before");
    require_records(got.removed, texts(removed), "removed");
    require_records(got.unchanged, same, "unchanged");
    require(got.unknown == unknown, "unknown ids");
    require(got.version == version_, "the version of a diff");
    require_news(before);
    anew_.clear();
  }

  // Erases most records in one change.
  void shrink() {
    RandomJson random(steps_.below(256));
    std::vector<std::string> erases;
    for (const ModelRecord& r : model_) {
      if (random.below(8) != 0) erases.push_back(r.id);
    }
    change({}, std::move(erases));
  }

  void replace() {
    Model next;
    switch (steps_.below(4)) {
      case 0: next = model_; break;  // unchanged
      case 1: next = some(steps_.below(256) * ids_ / 256); break;
      case 2:
        next = model_;
        for (ModelRecord& r : next) {
          if (steps_.below(4) == 0) r = make(r.id);
        }
        break;
      default:
        next = model_;
        if (next.size() > 1) std::swap(next.front(), next.back());
    }
    const std::string text = next.empty() ? "[]" : text_of(next);
    replace_with(std::move(next), [&] { return live_.replace_all(text); });
  }

  // A list that was fetched again: most of it as it was, in this order or another.
  void reconcile() {
    Model next = model_;
    RandomJson random(steps_.below(256) * 256 + steps_.below(256));
    const std::size_t few = 1 + random.below(20);  // one record in so many differs
    for (ModelRecord& r : next) {
      if (random.below(few) == 0) r = make(r.id, random.below(5));
    }
    std::erase_if(next, [&](const ModelRecord&) { return random.below(2 * few) == 0; });
    for (ModelRecord& r : some(random.below(3))) {
      if (find(next, r.id) != next.end()) continue;
      next.insert(next.begin() + static_cast<std::ptrdiff_t>(random.below(next.size() + 1)), std::move(r));
    }
    if (random.below(3) == 0) {
      for (std::size_t i = next.size(); i > 1; --i) std::swap(next[i - 1], next[random.below(i)]);
    }
    std::string text = next.empty() ? "[]" : text_of(next);
    if (random.below(6) == 0) return reconcile_damaged(std::move(text), next, random);
    std::vector<std::string> erased;
    for (const ModelRecord& r : model_) {
      if (find(next, r.id) == next.end()) erased.push_back(r.id);
    }
    require_effect(next, std::move(erased), [&] { return live_.reconcile(text); });
  }

  // A damaged list is judged as Catalog::load() judges it. What is refused changes nothing.
  void reconcile_damaged(std::string text, const Model& records, RandomJson& random) {
    if (random.below(2) == 0 && !records.empty()) {
      text += records[random.below(records.size())].json;  // two records of one id
    } else {
      text[random.below(text.size())] = "{}[],:\"x"[random.below(8)];
    }
    const auto loaded = Catalog::load(text);
    LiveCatalog own(live_.snapshot());  // the model knows nothing of what a damaged list may hold
    const auto diff = own.reconcile(text);
    require(loaded.has_value() == diff.has_value(), "load and reconcile differ on " + text);
    if (!diff) {
      require(to_string(loaded.error()) == to_string(diff.error()), "errors of reconcile on " + text);
      require_records(own.snapshot().find(Query()), texts(model_), "after a list that was refused");
      return;
    }
    const Catalog now = own.snapshot();
    require(now.size() == loaded->size(), "the number of records of " + text);
    for (const Record r : loaded->find(Query())) {
      const auto there = now.find_id(r.id());
      require(there && there->json() == r.json(), "a record of " + text);
    }
  }

  // Rolls back to an earlier snapshot.
  void roll_back() {
    if (held_.empty()) return;
    const auto& [catalog, records] = held_[steps_.below(held_.size())];
    replace_with(records, [&, &old = catalog] { return Result<Diff>(live_.replace_all(old)); });
  }

  template <class Replace>
  void replace_with(Model next, Replace replace_all) {
    auto diff = try_without_memory(replace_all);
    const Model before = model_;
    Model added;
    Model changed;
    Model removed;
    Model unchanged;
    const bool same = std::ranges::equal(model_, next, {}, &ModelRecord::json, &ModelRecord::json);
    for (ModelRecord& r : next) {
      if (!same) r.written = ++writes_;
      const auto old = find(model_, r.id);
      (old == model_.end() ? added : old->json == r.json ? unchanged : changed).push_back(r);
    }
    for (const ModelRecord& r : model_) {
      if (find(next, r.id) == next.end()) removed.push_back(r);
    }
    if (!same) {
      model_ = next;
      ++version_;
      pages_stale_ = true;
    }
    if (!diff) diff = replace_all();
    require(diff->has_value(), "replace_all: " + (*diff ? "" : diff->error().message));
    const Diff& got = diff->value();
    require_records(got.added, texts(added), "added by replace_all");
    require_records(got.changed, texts(changed), "changed by replace_all");
    require_records(got.removed, texts(removed), "removed by replace_all");
    require_records(got.unchanged, texts(unchanged), "unchanged by replace_all");
    require(got.version == version_, "the version of a replaced text");
    require_news(before);
  }

  // A change that must fail changes nothing.
  void refuse() {
    const Model batch = some(2);
    Changes changes;
    for (const ModelRecord& r : batch) changes.upserts += r.json + ",";
    switch (steps_.below(3)) {
      case 0: changes.upserts = "[" + changes.upserts + "{\"id\":7}]"; break;
      case 1: changes.upserts = "[" + changes.upserts; break;
      default: changes.upserts = "[" + changes.upserts + make(batch.empty() ? "x" : batch[0].id).json + "x]";
    }
    for (const ModelRecord& r : model_) changes.erases.push_back(r.id);
    require(!live_.apply(std::move(changes)), "bad text was applied");
    require_news(model_);
  }

  // Applies a delta of the query that matches every record.
  void mirror(const Delta& delta) {
    const PausedFailures pause;
    for (const Record r : delta.left) {
      require_in_mirror(mirror_.erase(std::string(r.id())) == 1, "a record left that was not there");
    }
    for (const Record r : delta.entered) {
      require_in_mirror(mirror_.emplace(r.id(), r.json()).second, "a record entered that was there");
    }
    for (const Record r : delta.changed) {
      const auto old = mirror_.find(std::string(r.id()));
      require_in_mirror(old != mirror_.end() && (old->second != r.json() || is_anew(r.id())),
                        "a record changed that did not");
      if (old != mirror_.end()) old->second = r.json();
    }
  }
  bool is_anew(std::string_view id) const { return std::ranges::find(anew_, id) != anew_.end(); }
  // Callbacks must not throw into the catalog. A violation makes the next comparison fail instead.
  void require_in_mirror(bool holds, const char* what) {
    if (!holds) mirror_[what] = what;
  }

  // --- questions ---

  Query random_query(oracle::Value& pattern) {
    RandomJson random(steps_.below(256) * 31 + steps_.below(256));
    const std::string source = model_.empty() || steps_.below(4) == 0
                                   ? RandomJson(steps_.below(256)).record("id-1", false)
                                   : model_[steps_.below(model_.size())].json;
    const std::string text = steps_.below(10) == 0 ? "{}" : random.pattern(source);
    const auto query = Query::from_pattern(text);
    require(query.has_value(), "a pattern was refused: " + text);
    pattern = *oracle::parse(text);
    return *query;
  }

  static Model matching(const Model& records, const oracle::Value& pattern) {
    Model found;
    for (const ModelRecord& r : records) {
      if (oracle::contains(*r.value, pattern)) found.push_back(r);
    }
    return found;
  }

  void ask() {
    oracle::Value pattern;
    const Query query = random_query(pattern);
    const std::vector<std::string> expected = texts(matching(model_, pattern));
    const Catalog now = live_.snapshot();
    require_records(now.find(query), expected, "find " + std::string(query.pattern()));
    require_records(now.scan(query), expected, "scan " + std::string(query.pattern()));
    require(now.count(query) == expected.size(), "count " + std::string(query.pattern()));
    require(!now.verify(query), "verify " + std::string(query.pattern()));
    // A single term is counted without looking at its records.
    for (const char* field : {"provider", "status", "name", "org_id"}) {
      if (model_.empty()) break;
      const auto& members = model_[steps_.below(model_.size())].value->members;
      const auto member = members.find(field);
      if (member == members.end() || member->second.kind != oracle::Value::string) continue;
      std::size_t n = 0;
      for (const ModelRecord& r : model_) {
        const auto other = r.value->members.find(field);
        n += other != r.value->members.end() && other->second == member->second;
      }
      const std::string name = field;
      const Query one = *(name == "provider" ? QueryBuilder().provider(member->second.text)
                          : name == "status" ? QueryBuilder().status(member->second.text)
                          : name == "name"   ? QueryBuilder().name(member->second.text)
                                             : QueryBuilder().org_id(member->second.text))
                             .build();
      require(now.count(one) == n, "count of one " + name);
    }
    for (std::size_t i = 0; i < ids_; ++i) {
      const std::string wanted = "id-" + std::to_string(i);
      const auto record = now.find_id(wanted);
      const auto expected_record = find(model_, wanted);
      require(record.has_value() == (expected_record != model_.end()), "find_id " + wanted);
      if (record) require(record->json() == expected_record->json, "the record of " + wanted);
    }
  }

  void require_same() {
    const Catalog now = live_.snapshot();
    require(now.size() == model_.size(), "size");
    require(now.version() == version_, "version");
    require_records(now.find(Query()), texts(model_), "all records");
    // The fingerprint changes with the version, and with nothing else, such as a merge.
    if (last_fingerprint_) {
      require((now.fingerprint() == last_fingerprint_->second) == (version_ == last_fingerprint_->first),
              "fingerprint");
    }
    if (model_.size() % 4 != 0) last_fingerprint_ = {version_, now.fingerprint()};
    std::map<std::string, std::string> expected;
    for (const ModelRecord& r : model_) expected.emplace(r.id, r.json);
    require(mirror_ == expected, "a mirror kept from deltas alone");
    if (model_.empty()) return;
    for (const char* field : {"provider", "status"}) {
      const auto& members = model_.back().value->members;
      const auto member = members.find(field);
      if (member == members.end() || member->second.kind != oracle::Value::string) continue;
      const Query one = *(field[0] == 'p' ? QueryBuilder().provider(member->second.text)
                                          : QueryBuilder().status(member->second.text))
                             .build();
      require(!now.verify(one), "verify " + std::string(one.pattern()));
    }
  }

  // Fetches one more page of a listing that continues while the catalog changes.
  void turn_page() {
    if (page_query_ == nullptr) {
      page_query_ = std::make_unique<Query>(random_query(page_pattern_));
      cursor_.clear();
      cursor_written_ = 0;
      pages_stale_ = false;
    }
    Request request{*page_query_, {}};
    const auto limit = static_cast<std::uint32_t>(1 + steps_.below(5));
    request.page.limit = limit;
    request.page.after = cursor_;
    const auto page = live_.snapshot().list(request);
    if (pages_stale_ && !cursor_.empty()) {
      require(!page && page.error().code == ErrorCode::stale_cursor, "a cursor of a replaced text");
      page_query_.reset();
      return;
    }
    pages_stale_ = false;
    require(page.has_value(), "a page was refused");
    Model rest = matching(model_, page_pattern_);
    std::erase_if(rest,
                  [&](const ModelRecord& r) { return !cursor_.empty() && r.written <= cursor_written_; });
    const bool more = rest.size() > limit;
    if (more) rest.resize(limit);
    require_records(page->matches(), texts(rest), "a page");
    require(page->has_more() == more, "has_more");
    if (more) {
      cursor_ = page->next();
      cursor_written_ = rest.back().written;
    } else {
      page_query_.reset();
    }
  }

  void write_out() {
    std::string lines;
    live_.snapshot().append_ndjson_to(lines);
    const auto again = Catalog::load(lines, {.framing = Framing::ndjson});
    require(again.has_value(), "what was written out cannot be loaded");
    std::vector<std::string> expected = texts(model_);
    for (std::string& text : expected) std::ranges::replace(text, '\n', ' ');
    require_records(again->find(Query()), expected, "written out and loaded");
  }

  // --- standing queries ---

  void watch() {
    if (watchers_.size() > 6) return;
    auto watcher = std::make_unique<Watcher>();
    Watcher* const w = watcher.get();
    const Query query = random_query(w->pattern);
    if (steps_.below(4) == 0) w->lives = 1 + steps_.below(2);
    w->throws = steps_.below(4) == 0;
    Catalog since;
    w->subscription = live_.subscribe(
        query, [w](const Delta& delta) { w->take(delta); }, since);
    require_records(since.find(query), texts(matching(model_, w->pattern)),
                    "the answer that deltas follow on");
    watchers_.push_back(std::move(watcher));
  }
  void forget() {
    if (watchers_.empty()) return;
    watchers_.erase(watchers_.begin() + static_cast<std::ptrdiff_t>(steps_.below(watchers_.size())));
  }

  // Each watcher has received exactly the changes of its matches since the model was `before`.
  void require_news(Model before) {
    for (const auto& w : watchers_) {
      News news;
      news.version = version_;
      Model was = matching(before, w->pattern);
      Model is = matching(model_, w->pattern);
      for (const ModelRecord& r : is) {
        const auto old = find(was, r.id);
        if (old == was.end()) {
          news.entered.push_back(r.json);
        } else if (old->json != r.json || is_anew(r.id)) {
          news.changed.push_back(r.json);
        }
      }
      for (const ModelRecord& r : was) {
        if (find(is, r.id) == is.end()) news.left.push_back(r.json);
      }
      std::vector<News> expected;
      const bool any = !news.entered.empty() || !news.changed.empty() || !news.left.empty();
      if (any && (w->lives > 0 || !w->received.empty())) expected.push_back(news);
      if (w->received.empty() && w->lives == 0) expected.clear();
      reports_expected_ += w->throws ? w->received.size() : 0;
      require(w->received == expected, "news of version " + std::to_string(version_));
      w->received.clear();
    }
    require(reports_ == reports_expected_, "what callbacks threw is reported");
  }

  std::optional<std::pair<std::uint64_t, std::uint64_t>> last_fingerprint_;  // and its version
  Bytes steps_;
  const std::size_t ids_;
  std::size_t reports_ = 0;
  std::size_t reports_expected_ = 0;
  LiveCatalog live_;
  Model model_;
  std::uint64_t version_ = 1;
  std::uint64_t writes_ = 0;
  std::vector<std::pair<Catalog, Model>> held_;
  std::map<std::string, std::string> mirror_;  // by id
  std::vector<std::string> anew_;              // what the change in progress erases, and perhaps upserts
  std::vector<std::unique_ptr<Watcher>> watchers_;

  std::unique_ptr<Query> page_query_;
  oracle::Value page_pattern_;
  std::string cursor_;
  std::uint64_t cursor_written_ = 0;
  bool pages_stale_ = false;
  Subscription mirror_subscription_;  // destroyed first
};

}  // namespace

std::string compare_with_model(std::span<const std::uint8_t> steps, std::size_t few, std::size_t many) {
  try {
    Comparison(steps, few, many).run();
  } catch (const std::logic_error& difference) {
    return difference.what();
  }
  return "";
}

}  // namespace syncdex::test
