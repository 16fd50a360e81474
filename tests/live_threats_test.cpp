// Threats to live catalogs: merges during rollbacks, and calls that fail midway.
#include <atomic>
#include <chrono>
#include <map>
#include <string>
#include <thread>

#include "base/access.h"
#include "live/merge.h"
#include "live/reconcile.h"
#include "store/snapshot.h"
#include "support/allocations.h"
#include "support/hostile.h"
#include "syncdex/syncdex.h"

namespace syncdex {
namespace {

std::string numbered_records(int from, int to) {
  std::string text;
  for (int i = from; i < to; ++i) {
    text += R"({"id":")" + std::to_string(i) + R"(","provider":"stripe","metadata":{"n":)" +
            std::to_string(i) + "}}\n";
  }
  return text;
}

std::vector<std::string> ids(int from, int to) {
  std::vector<std::string> all;
  for (int i = from; i < to; ++i) all.push_back(std::to_string(i));
  return all;
}

// A merge reads a version in which some records are dead. Before it is installed, a rollback revives them.
TEST(Threats, T26_MergeIsNotInstalledOverARollback) {
  LiveOptions options;
  options.merge_on_change = false;
  LiveCatalog live(*Catalog::load(numbered_records(0, 100)), options);
  const Catalog held = live.snapshot();
  ASSERT_TRUE(live.apply({.erases = ids(0, 40)}));
  const Catalog shrunk = live.snapshot();
  const auto source = std::span(Access::snapshot(shrunk).parts());
  auto merged = merge(source, Access::snapshot(shrunk).paths());
  ASSERT_TRUE(merged);

  std::vector<Part> rolled_back = Access::snapshot(held).parts();
  EXPECT_FALSE(install(rolled_back, source, merged));
  ASSERT_EQ(rolled_back.size(), Access::snapshot(held).parts().size());
  EXPECT_EQ(rolled_back[0].live_size(), 100u);

  // If no record came back, the merge is installed, and records that died meanwhile stay dead.
  ASSERT_TRUE(live.apply({.erases = {"50"}}));
  const Catalog later = live.snapshot();
  std::vector<Part> parts = Access::snapshot(later).parts();
  ASSERT_TRUE(install(parts, source, std::move(merged)));
  EXPECT_EQ(parts[0].live_size(), 59u);

  // A merge of dead records only leaves no segment. It is not installed over a rollback either.
  ASSERT_TRUE(live.apply({.erases = ids(0, 100)}));
  const Catalog none = live.snapshot();
  std::vector<Part> all = Access::snapshot(held).parts();
  EXPECT_FALSE(install(all, std::span(Access::snapshot(none).parts()), std::nullopt));
  EXPECT_EQ(all.size(), Access::snapshot(held).parts().size());
}

// maintain() runs on another thread during rollbacks, erases and inserts. A mirror is updated from deltas.
TEST(ConcurrencyThreats, T26_MaintainDuringRollbacksLosesNothing) {
  constexpr int kRecords = 3000;
  LiveOptions options;
  options.merge_on_change = false;
  LiveCatalog live(*Catalog::load(numbered_records(0, kRecords)), options);
  const Catalog held = live.snapshot();
  std::map<std::string, std::string> mirror;
  for (const Record r : held.find(Query())) mirror.emplace(r.id(), r.json());
  const Subscription subscription = live.subscribe(Query(), [&](const Delta& delta) {
    for (const Record r : delta.left) mirror.erase(std::string(r.id()));
    for (const Record r : delta.entered) mirror[std::string(r.id())] = r.json();
    for (const Record r : delta.changed) mirror[std::string(r.id())] = r.json();
  });
  std::atomic<bool> stop = false;
  std::thread maintenance([&] {
    while (!stop) live.maintain();
  });
  std::string difference;
  for (int round = 0; round < 60 && difference.empty(); ++round) {
    const int from = round * 37 % 1000;
    ASSERT_TRUE(live.apply({.erases = ids(from, from + 1200)}));
    ASSERT_TRUE(
        live.apply({.upserts = numbered_records(kRecords, kRecords + round % 50 + 1), .erases = {"2999"}}));
    live.replace_all(held);
    const Catalog now = live.snapshot();
    if (now.size() != kRecords) difference = "size " + std::to_string(now.size());
    std::map<std::string, std::string> expected;
    for (const Record r : now.find(Query())) expected.emplace(r.id(), r.json());
    if (mirror != expected) difference += " mirror of " + std::to_string(mirror.size());
    for (const std::string& id : ids(from, from + 3)) {
      if (!now.find_id(id)) difference += " no " + id;
    }
  }
  stop = true;
  maintenance.join();
  EXPECT_EQ(difference, "");
}

// Whichever allocation fails, the call either throws and changes nothing, or succeeds.
TEST(Threats, T19_ReplaceAllPublishesNothingIfItThrows) {
  const std::string text =
      "{\"id\":\"new\",\"provider\":\"stripe\"}\n{\"id\":5}\n{\"id\":\"bad\",\"provider\":7}\n{\"id\":\"x\","
      "\"name\":1}\n";
  LiveOptions options;
  options.load.skip_bad = true;
  int thrown = 0;
  for (std::size_t good = 0;; ++good) {
    LiveCatalog live(*Catalog::load("{\"id\":\"old\"}\n{\"id\":\"old2\"}\n"), options);
    int heard = 0;
    const Subscription subscription = live.subscribe(Query(), [&](const Delta&) { ++heard; });
    std::string copy = text;
    bool failed = false;
    {
      const test::FailingAllocations fail(good, false);
      try {
        const auto diff = live.replace_all(std::move(copy));
        ASSERT_TRUE(diff);
        EXPECT_EQ(diff->bad.size(), 3u);
      } catch (const std::bad_alloc&) {
        failed = true;
      }
    }
    if (!failed) {
      EXPECT_EQ(live.version(), 2u);
      EXPECT_EQ(heard, 1);
      if (!test::FailingAllocations::any_failed()) break;
      continue;
    }
    ++thrown;
    ASSERT_EQ(live.version(), 1u) << "after allocation " << good;
    ASSERT_EQ(live.snapshot().size(), 2u) << "after allocation " << good;
    ASSERT_EQ(heard, 0) << "after allocation " << good;
  }
  EXPECT_GT(thrown, 20);
}

// A list that repeats a short record under the id of a long one: what is looked at ahead must not depend on
// lengths that no byte has confirmed yet.
TEST(Threats, T35_ReconcileLooksAtFewBytesAhead) {
  const std::string spaces(2'000'000, ' ');
  const auto long_record = [](std::size_t bytes) {
    std::string record = R"({"id":"X","provider":"p","a":")";
    return record.append(bytes - record.size() - 2, 'x') + "\"}";
  };
  const auto require_fast = [](const std::string& record, const std::string& text) {
    const Catalog catalog = *Catalog::load(record);
    std::uint64_t looked_at = 0;
    RepeatedSizes sizes;
    sizes.looked_at = &looked_at;
    const std::string padded = text + std::string(64, ' ');
    static_cast<void>(find_repeated(Access::snapshot(catalog),
                                    std::string_view(padded).substr(0, text.size()), "data", sizes));
    EXPECT_LT(looked_at, 300 * static_cast<std::uint64_t>(std::ranges::count(text, ':')));
    LiveCatalog live(catalog);
    const auto diff = live.reconcile(text);
    ASSERT_FALSE(diff);
    EXPECT_EQ(diff.error().code, ErrorCode::duplicate_id);
  };
  const std::string unit = R"({"id":"X"},)";
  std::string many;
  for (int i = 0; i < 20'000; ++i) many += unit;
  // White space where the next record would be.
  const std::string record = long_record(300'000);
  require_fast(record, "[" + spaces + many + spaces + record + "]");
  // A text that is fetched again and again.
  const std::string longer = long_record(2'000'000);
  require_fast(longer, "[" + many + spaces + longer + "]");
  // A first member that is long to skip.
  const std::size_t n = 5'000;
  const std::string nested = long_record(n * unit.size());
  std::string text = "[" + spaces;
  for (std::size_t i = 0; i < n; ++i) text += unit;
  for (std::size_t i = 0; i < 500; ++i) text += R"({"abcdef":  )";
  text += '"' + std::string(1'000'000, 'y') + '"' + std::string(500, '}');
  require_fast(nested, text + "," + nested + "]");
}

}  // namespace
}  // namespace syncdex
