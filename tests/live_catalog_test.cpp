// Tests versions, changes, diffs and standing queries: first each call, then random sequences against a
// model, then threads, then failing allocations.
#include "syncdex/live_catalog.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <random>
#include <thread>

#include "allocations.h"
#include "live_model.h"
#include "syncdex/syncdex.h"

namespace syncdex {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> ids(const Matches& matches) {
  std::vector<std::string> all;
  for (const Record record : matches) all.emplace_back(record.id());
  return all;
}
std::vector<std::string> ids(const Catalog& catalog) { return ids(catalog.find(Query())); }

std::vector<std::string> texts(const Matches& matches) {
  std::vector<std::string> all;
  for (const Record record : matches) all.emplace_back(record.json());
  return all;
}

std::string record(std::string_view id, std::string_view status = "active") {
  return R"({"id":")" + std::string(id) + R"(","provider":"stripe","status":")" + std::string(status) +
         R"("})";
}

Catalog load(std::string text) {
  auto catalog = Catalog::load(std::move(text));
  EXPECT_TRUE(catalog) << catalog.error().message;
  return *std::move(catalog);
}

Query status(std::string_view value) { return *QueryBuilder().status(value).build(); }

// --- changes ---

TEST(LiveCatalog, ApplyReportsTheDiff) {
  LiveCatalog live(load("[" + record("1") + "," + record("2") + "," + record("3") + "]"));
  EXPECT_EQ(live.version(), 1u);
  const auto diff =
      live.apply({.upserts = "[" + record("2", "paused") + "," + record("3") + "," + record("4") + "]",
                  .erases = {"1", "x", "x"}});
  ASSERT_TRUE(diff);
  EXPECT_EQ(diff->version, 2u);
  EXPECT_THAT(ids(diff->added), ElementsAre("4"));
  EXPECT_THAT(ids(diff->changed), ElementsAre("2"));
  EXPECT_EQ(diff->changed[0].status(), "paused");
  EXPECT_THAT(ids(diff->removed), ElementsAre("1"));
  EXPECT_THAT(ids(diff->unchanged), ElementsAre("3"));
  EXPECT_THAT(diff->unknown, ElementsAre("x"));
  // Written records move to the end of the load order. A record with the same bytes is not written.
  EXPECT_THAT(ids(live.snapshot()), ElementsAre("3", "2", "4"));
  EXPECT_EQ(live.snapshot().version(), 2u);
}

TEST(LiveCatalog, AcceptsEveryFraming) {
  LiveCatalog live;
  EXPECT_TRUE(live.apply({.upserts = record("1")}));
  EXPECT_TRUE(live.apply({.upserts = record("2") + "\n" + record("3")}));
  EXPECT_TRUE(live.apply({.upserts = R"({"data":[)" + record("4") + "]}"}));
  EXPECT_TRUE(live.apply({.upserts = "[" + record("5") + "]"}));
  EXPECT_TRUE(live.apply({.upserts = "{\n \"id\": \"6\"\n}"}));
  EXPECT_THAT(ids(live.snapshot()), ElementsAre("1", "2", "3", "4", "5", "6"));
}

TEST(LiveCatalog, SkipsAVersionWhenNothingChanged) {
  LiveCatalog live(load(record("1")));
  EXPECT_EQ(live.apply({})->version, 1u);
  EXPECT_EQ(live.apply({.erases = {"2"}})->version, 1u);
  const auto same = live.apply({.upserts = record("1")});
  EXPECT_EQ(same->version, 1u);
  EXPECT_THAT(ids(same->unchanged), ElementsAre("1"));
}

TEST(LiveCatalog, UpsertWinsOverEraseOfTheSameId) {
  LiveCatalog live(load(record("1")));
  const auto diff = live.apply({.upserts = record("1", "paused"), .erases = {"1"}});
  EXPECT_THAT(ids(diff->changed), ElementsAre("1"));
  EXPECT_THAT(ids(diff->removed), IsEmpty());
  EXPECT_EQ(live.snapshot().size(), 1u);
}

TEST(LiveCatalog, RejectsTheWholeChangeOnError) {
  LiveCatalog live(load(record("1")));
  const auto bad = live.apply({.upserts = "[" + record("2") + ",{\"id\":3}]", .erases = {"1"}});
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().code, ErrorCode::wrong_type);
  EXPECT_EQ(bad.error().record, 1u);
  EXPECT_EQ(live.replace_all("[{}]").error().code, ErrorCode::missing_id);
  EXPECT_EQ(live.version(), 1u);
  EXPECT_THAT(ids(live.snapshot()), ElementsAre("1"));
}

TEST(LiveCatalog, TheLastUpsertOfAnIdWins) {
  for (const unsigned threads : {1u, 3u}) {
    LiveCatalog live({}, {.load = {.threads = threads}});
    const auto diff =
        live.apply({.upserts = record("1") + "\n" + record("2") + "\n" + record("1", "paused") + "\n"});
    ASSERT_TRUE(diff);
    EXPECT_THAT(texts(diff->added), ElementsAre(record("2"), record("1", "paused")));
    EXPECT_TRUE(diff->bad.empty());
    // The last upsert equals the stored record, so the change has no effect.
    EXPECT_EQ(live.apply({.upserts = record("1") + "\n" + record("1", "paused")})->version, diff->version);
  }
}

TEST(LiveCatalog, SkipsAVersionWhenReplacedWithTheSameRecords) {
  const std::string text = "[" + record("1") + "," + record("2") + "," + record("3") + "]";
  LiveCatalog live(load(text));
  const auto page = live.snapshot().list({Query(), {.limit = 1, .after = {}}});
  ASSERT_TRUE(page);
  const Request next{Query(), {.limit = 2, .after = page->next()}};
  std::size_t news = 0;
  const Subscription subscription = live.subscribe(Query(), [&](const Delta&) { ++news; });
  // The same records, in any framing.
  for (const std::string& same : {text, "{\"data\":" + text + "}", "{\"n\":1,\"data\":" + text + "}",
                                  record("1") + "\n" + record("2") + "\n" + record("3"), " " + text}) {
    const auto diff = live.replace_all(same);
    ASSERT_TRUE(diff) << same;
    EXPECT_EQ(diff->version, 1u);
    EXPECT_EQ(diff->unchanged.size(), 3u);
    EXPECT_TRUE(live.snapshot().list(next));
  }
  EXPECT_EQ(live.replace_all(live.snapshot()).version, 1u);
  EXPECT_EQ(news, 0u);
  // The same records in another order.
  EXPECT_EQ(live.replace_all("[" + record("2") + "," + record("1") + "," + record("3") + "]")->version, 2u);
  EXPECT_EQ(live.snapshot().list(next).error().code, ErrorCode::stale_cursor);
}

// A cursor of a replaced text is also valid in another process that has loaded the same text.
TEST(LiveCatalog, CursorsAreValidForTheSameText) {
  const std::string text = "[" + record("1") + "," + record("2") + "," + record("3") + "]";
  LiveCatalog live(load(record("9")));
  ASSERT_TRUE(live.replace_all(text));
  const Request next{
      Query(), {.limit = 1, .after = live.snapshot().list({Query(), {.limit = 1, .after = {}}})->next()}};
  EXPECT_THAT(ids(load(text).list(next)->matches()), ElementsAre("2"));
  LiveCatalog other;
  ASSERT_TRUE(other.replace_all(record("8")));
  ASSERT_TRUE(other.replace_all(text));
  EXPECT_THAT(ids(other.snapshot().list(next)->matches()), ElementsAre("2"));
  // But not after the text was replaced and came back.
  ASSERT_TRUE(other.replace_all(record("8")));
  ASSERT_TRUE(other.replace_all(text));
  EXPECT_EQ(other.snapshot().list(next).error().code, ErrorCode::stale_cursor);
}

TEST(LiveCatalog, ReplaceAllUsesTheRecordsKey) {
  LiveCatalog live(load("[" + record("1") + "," + record("2") + "]"), {.load = {.records_key = "items"}});
  EXPECT_EQ(live.replace_all(R"({"data":[)" + record("1") + "," + record("2") + "]}").error().code,
            ErrorCode::missing_id);
  EXPECT_EQ(live.replace_all(R"({"items":[)" + record("1") + "," + record("2") + "]}")->version, 1u);
}

TEST(LiveCatalog, ReplaceAllRejectsAnIncompleteList) {
  const std::string page = R"({"data":[)" + record("2") + R"(],"has_more":true,"next":"x"})";
  LiveCatalog live(load(record("1")));
  EXPECT_EQ(live.replace_all(page).error().code, ErrorCode::incomplete_list);
  EXPECT_EQ(live.version(), 1u);
  EXPECT_TRUE(live.replace_all(page + R"({"data":[],"has_more":false,"next":null})"));
  EXPECT_TRUE(live.apply({.upserts = page}));
  LiveCatalog any(load(record("1")), {.allow_incomplete = true});
  EXPECT_TRUE(any.replace_all(page));
}

TEST(LiveCatalog, SkipsBadRecordsOnRequest) {
  LiveCatalog live({}, {.load = {.skip_bad = true}});
  const auto diff = live.apply({.upserts = record("1") + "\n{\"id\":2}\n" + record("1", "paused") + "\n"});
  ASSERT_TRUE(diff);
  EXPECT_THAT(texts(diff->added), ElementsAre(record("1", "paused")));
  ASSERT_EQ(diff->bad.size(), 1u);
  EXPECT_EQ(diff->bad[0].code, ErrorCode::wrong_type);
  EXPECT_EQ(live.replace_all("[{}," + record("1") + "]")->bad.size(), 1u);
}

TEST(LiveCatalog, AppliesTheLimitsOfItsOptions) {
  LiveOptions options;
  options.load.limits.depth = 3;
  LiveCatalog live(load(R"([{"id":"1","metadata":{"a":{"b":{"c":{}}}}},{"id":"2"}])"), options);
  const std::string text(live.snapshot().find(Query()).json());
  // The same records again, but they exceed these limits.
  const auto again = live.replace_all(text.substr(8, text.size() - 9));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().limit, "depth");
  // Merges do not reject records that were loaded before.
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(live.apply({.upserts = record("n" + std::to_string(i))}));
  ASSERT_TRUE(live.apply({.erases = {"2"}}));
  EXPECT_EQ(live.snapshot().size(), 21u);
  EXPECT_TRUE(live.snapshot().find_id("1"));
}

TEST(LiveCatalog, ReplaceAllReportsTheDiff) {
  LiveCatalog live(load(record("1") + "\n" + record("2") + "\n"));
  const auto diff = live.replace_all("[" + record("3") + "," + record("2", "paused") + "]");
  ASSERT_TRUE(diff);
  EXPECT_THAT(ids(diff->added), ElementsAre("3"));
  EXPECT_THAT(ids(diff->changed), ElementsAre("2"));
  EXPECT_THAT(ids(diff->removed), ElementsAre("1"));
  EXPECT_THAT(ids(live.snapshot()), ElementsAre("3", "2"));
  const Diff again = live.replace_all(load(record("2", "paused")));
  EXPECT_THAT(ids(again.unchanged), ElementsAre("2"));
  EXPECT_THAT(ids(again.removed), ElementsAre("3"));
  EXPECT_EQ(again.version, 3u);
}

TEST(LiveCatalog, SnapshotsAndMatchesOutliveTheCatalog) {
  Matches found;
  Catalog old;
  {
    auto live = std::make_unique<LiveCatalog>(load(record("1") + "\n" + record("2") + "\n"));
    old = live->snapshot();
    found = old.find(Query());
    ASSERT_TRUE(live->replace_all("[]"));
    for (int i = 0; i < 50; ++i) ASSERT_TRUE(live->apply({.upserts = record(std::to_string(i), "new")}));
  }
  EXPECT_THAT(texts(found), ElementsAre(record("1"), record("2")));
  EXPECT_EQ(old.count(status("active")), 2u);
}

TEST(LiveCatalog, WrittenFileLoadsBack) {
  LiveCatalog live(load("[{\"id\":\"1\",\n\"name\":\"a\"}," + record("2") + "]"));
  ASSERT_TRUE(live.apply({.upserts = record("3"), .erases = {"2"}}));
  const auto folder = std::filesystem::temp_directory_path() / ("syncdex-" + std::to_string(::getpid()));
  std::filesystem::create_directory(folder);
  const auto path = folder / "syncs.ndjson";
  for (int i = 0; i < 2; ++i) {  // the second write replaces the first
    const auto written = live.snapshot().write_ndjson(path);
    ASSERT_TRUE(written) << written.error().message;
    EXPECT_EQ(*written, std::filesystem::file_size(path));
  }
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder), {}), 1) << "nothing is left beside it";
  const auto back = Catalog::load_file(path);
  ASSERT_TRUE(back);
  EXPECT_THAT(texts(back->find(Query())), ElementsAre("{\"id\":\"1\", \"name\":\"a\"}", record("3")));
  const auto nowhere = live.snapshot().write_ndjson(folder / "no such folder" / "x");
  ASSERT_FALSE(nowhere);
  EXPECT_EQ(nowhere.error().code, ErrorCode::io_error);
  std::filesystem::remove_all(folder);
}

TEST(LiveCatalog, CursorsBecomeStaleWhenTheTextIsReplaced) {
  const std::string text = "[" + record("1") + "," + record("2") + "]";
  LiveCatalog live(load(text));
  Request request{Query(), {.limit = 1, .after = {}}};
  const auto page = live.snapshot().list(request);
  request.page.after = page->next();
  EXPECT_THAT(ids(live.snapshot().list(request)->matches()), ElementsAre("2"));
  ASSERT_TRUE(live.replace_all("[" + record("2") + "," + record("1") + "]"));
  EXPECT_EQ(live.snapshot().list(request).error().code, ErrorCode::stale_cursor);
}

TEST(LiveCatalog, CursorsStayStaleWhenTheTextComesBack) {
  const std::string a = "[" + record("1") + "," + record("2") + "]";
  const std::string b = "[" + record("2", "x") + "," + record("1", "x") + "]";
  LiveCatalog live(load(a));
  ASSERT_TRUE(live.replace_all(a));
  ASSERT_TRUE(live.apply({.upserts = record("2", "x") + "\n" + record("1", "x")}));
  ASSERT_TRUE(live.replace_all(b));  // the same as the current content
  Request request{Query(), {.limit = 1, .after = {}}};
  request.page.after = live.snapshot().list(request)->next();
  for (const std::string& text : {a, a, b, "[" + record("9") + "]", a, b}) {
    ASSERT_TRUE(live.replace_all(text));
    EXPECT_EQ(live.snapshot().list(request).error().code, ErrorCode::stale_cursor) << text;
  }
}

TEST(LiveCatalog, UnchangedRecordsMustBeValidInTheNewFraming) {
  const std::string odd = R"({"data":[],"id":"y"})";  // on a line by itself, this would be an envelope
  LiveCatalog live(load("[" + record("x") + "," + odd + "]"));
  const auto lines = live.replace_all(record("x") + "\n" + odd + "\n");
  ASSERT_FALSE(lines);
  EXPECT_EQ(lines.error().code, ErrorCode::ambiguous_framing);
  EXPECT_EQ(live.replace_all(R"({"data":[)" + record("x") + "," + odd + "]}")->unchanged.size(), 2u);
  EXPECT_EQ(live.snapshot().report().records, 2u);
  // The written text can be loaded again.
  std::string written;
  live.snapshot().append_ndjson_to(written);
  EXPECT_EQ(texts(load(written).find(Query())), texts(live.snapshot().find(Query())));
  written.clear();
  LiveCatalog().snapshot().append_ndjson_to(written);
  EXPECT_EQ(load(written).size(), 0u);
}

TEST(LiveCatalog, WritingKeepsPermissionsAndSymbolicLinks) {
  const auto folder = std::filesystem::temp_directory_path() / ("syncdex-link-" + std::to_string(::getpid()));
  std::filesystem::create_directory(folder);
  const auto file = folder / "secret.ndjson";
  ASSERT_TRUE(Catalog().write_ndjson(file));
  std::filesystem::permissions(file,
                               std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  std::filesystem::create_symlink("secret.ndjson", folder / "link");
  ASSERT_TRUE(load(record("1")).write_ndjson(folder / "link"));
  EXPECT_TRUE(std::filesystem::is_symlink(folder / "link"));
  EXPECT_EQ(Catalog::load_file(file)->size(), 1u);
  EXPECT_EQ(std::filesystem::status(file).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  std::filesystem::remove_all(folder);
}

TEST(LiveCatalog, OnlyReplaceAllReportsProgress) {
  LiveCatalog* self = nullptr;
  std::size_t calls = 0;
  LiveOptions options;
  options.load.progress = [&](std::uint64_t, std::uint64_t, std::uint64_t) {
    EXPECT_TRUE(self->apply({.upserts = record("p" + std::to_string(++calls))}));
    return calls < 5;  // each load reports twice
  };
  LiveCatalog live({}, options);
  self = &live;
  EXPECT_TRUE(live.apply({.upserts = record("1")}));
  EXPECT_EQ(calls, 0u);
  EXPECT_TRUE(live.replace_all(record("1")));
  EXPECT_TRUE(live.replace_all(record("1")));
  EXPECT_EQ(live.replace_all(record("3")).error().code, ErrorCode::cancelled);
}

TEST(LiveCatalog, RejectedChangesLeaveNoPaths) {
  LiveCatalog live(load(record("1")));
  std::string keys;
  for (int k = 0; k < 5000; ++k) keys += (k == 0 ? "\"" : ",\"") + std::to_string(k) + "\":1";
  EXPECT_FALSE(live.apply({.upserts = R"([{"id":"2","metadata":{)" + keys + "}},{}]"}));
  ASSERT_TRUE(live.apply({.upserts = record("2")}));
  EXPECT_LT(live.snapshot().stats().term_bytes, 20'000u);
}

// --- segments ---

// Small segments have no posting lists for provider and status; the record table answers for them.
TEST(LiveCatalog, MergesIntoASmallSegmentAndBackToALargeOne) {
  const auto padded = [](int i) {
    return R"({"id":")" + std::to_string(i) + R"(","provider":")" + (i % 2 == 0 ? "a" : "b") +
           R"(","status":"s","metadata":{"filler":")" + std::string(100, 'x') + R"("}})" + "\n";
  };
  std::string text;
  for (int i = 0; i < 200; ++i) text += padded(i);
  LiveCatalog live(load(text));
  Changes shrink;
  for (int i = 0; i < 150; ++i) shrink.erases.push_back(std::to_string(i));
  ASSERT_TRUE(live.apply(std::move(shrink)));
  for (int batch = 0; batch < 9; ++batch) {
    text.clear();
    for (int i = 0; i < 60; ++i) text += padded(1000 + batch * 60 + i);
    ASSERT_TRUE(live.apply({.upserts = text}));
    ASSERT_FALSE(live.snapshot().verify(*QueryBuilder().provider("b").build())) << batch;
    ASSERT_FALSE(live.snapshot().verify(status("s"))) << batch;
  }
}

TEST(LiveCatalog, ReclaimsTheTextOfReplacedLargeRecords) {
  const auto sized = [](int i, std::size_t bytes) {
    return R"({"id":")" + std::to_string(i) + R"(","name":")" + std::string(bytes, 'x') + "\"}\n";
  };
  std::string text;
  for (int i = 0; i < 1000; ++i) text += sized(i, i % 5 == 0 ? 10'000 : 10);
  LiveCatalog live(load(text));
  for (int i = 0; i < 1000; i += 5) ASSERT_TRUE(live.apply({.upserts = sized(i, 10)}));
  EXPECT_LT(live.snapshot().stats().text_bytes, 1'200'000u);
}

TEST(LiveCatalog, LargeBatchesLeaveFewSegments) {
  LiveCatalog live;
  for (int batch = 0; batch < 20; ++batch) {
    std::string text;
    for (int i = 0; i < 13'000; ++i) text += "{\"id\":\"" + std::to_string(batch * 13'000 + i) + "\"}\n";
    ASSERT_TRUE(live.apply({.upserts = std::move(text)}));
  }
  EXPECT_LE(live.snapshot().stats().segments, 8u);
}

TEST(LiveCatalog, MergingReclaimsMemory) {
  LiveCatalog live;
  for (int i = 0; i < 3000; ++i) {
    ASSERT_TRUE(live.apply({.upserts = record(std::to_string(i % 500), std::to_string(i))}));
  }
  const Stats stats = live.snapshot().stats();
  EXPECT_EQ(stats.records, 500u);
  EXPECT_LT(stats.dead_records, 500u);
  EXPECT_LT(stats.segments, 40u);
  EXPECT_LT(stats.text_bytes, 500u * 2 * record("499", "2999").size());
}

TEST(LiveCatalog, MaintainRunsPendingMerges) {
  LiveCatalog live({}, {.merge_on_change = false});
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(live.apply({.upserts = record(std::to_string(i % 60))}));
  EXPECT_EQ(live.snapshot().stats().segments, 60u);
  const Catalog before = live.snapshot();
  EXPECT_TRUE(live.maintain());
  EXPECT_FALSE(live.maintain());
  EXPECT_LT(live.snapshot().stats().segments, 10u);
  EXPECT_EQ(live.version(), before.version());
  EXPECT_EQ(texts(live.snapshot().find(Query())), texts(before.find(Query())));
}

TEST(LiveCatalog, ForgetsUnusedPaths) {
  LiveCatalog live(load(record("1")));
  std::size_t most = 0;
  std::size_t last = 0;
  for (int i = 0; i < 400; ++i) {
    std::string metadata;
    for (int k = 0; k < 100; ++k) {
      metadata += (k == 0 ? "\"" : ",\"") + std::string("key ") + std::to_string(i * 100 + k) + "\":1";
    }
    ASSERT_TRUE(live.apply({.upserts = R"({"id":"2","metadata":{)" + metadata + "}}"}));
    last = live.snapshot().stats().term_bytes;
    most = std::max(most, last);
  }
  EXPECT_LT(last, most);
  EXPECT_LT(most, std::size_t{4} << 20);
  EXPECT_EQ(live.snapshot().count(*QueryBuilder().metadata("key 39999", 1).build()), 1u);
  EXPECT_EQ(live.snapshot().count(*QueryBuilder().metadata("key 39899", 1).build()), 0u);
}

// Renewing the paths reloads the records. Each keeps its position.
TEST(LiveCatalog, CursorsSurviveRenewedPaths) {
  std::string text;
  for (int i = 0; i < 10; ++i) text += record(std::to_string(i)) + "\n";
  LiveCatalog live(load(text));
  ASSERT_TRUE(live.apply({.erases = {"0", "2", "4", "6"}}));  // many die: the rest is merged, with gaps
  Request request{Query(), {.limit = 4, .after = {}}};
  const auto page = live.snapshot().list(request);
  ASSERT_THAT(ids(page->matches()), ElementsAre("1", "3", "5", "7"));
  request.page.after = page->next();
  bool renewed = false;
  for (int i = 0; i < 400 && !renewed; ++i) {
    std::string metadata;
    for (int k = 0; k < 100; ++k) {
      metadata += (k == 0 ? "\"" : ",\"") + std::string("key ") + std::to_string(i * 100 + k) + "\":1";
    }
    const std::size_t before = live.snapshot().stats().term_bytes;
    ASSERT_TRUE(live.apply({.upserts = R"({"id":"x","metadata":{)" + metadata + "}}"}));
    renewed = live.snapshot().stats().term_bytes < before / 2;
  }
  ASSERT_TRUE(renewed);
  EXPECT_THAT(ids(live.snapshot().list(request)->matches()), ElementsAre("8", "9", "x"));
}

// --- standing queries ---

struct Heard {
  std::vector<std::string> lines;
  std::function<void(const Delta&)> callback(std::string name = "") {
    return [this, name](const Delta& delta) {
      std::string line = name + std::to_string(delta.version) + ":";
      for (const std::string& id : ids(delta.entered)) line += " +" + id;
      for (const std::string& id : ids(delta.changed)) line += " *" + id;
      for (const std::string& id : ids(delta.left)) line += " -" + id;
      lines.push_back(line);
    };
  }
  std::vector<std::string> take() { return std::exchange(lines, {}); }
};

TEST(Subscription, ReportsChangesOfItsMatches) {
  LiveCatalog live(load(record("1", "error") + "\n" + record("2") + "\n"));
  Heard heard;
  Catalog since;
  Subscription errors = live.subscribe(status("error"), heard.callback(), since);
  EXPECT_EQ(since.count(status("error")), 1u);
  ASSERT_TRUE(live.apply({.upserts = record("3") + "\n" + record("2", "paused") + "\n"}));
  EXPECT_THAT(heard.take(), IsEmpty());
  ASSERT_TRUE(live.apply({.upserts = record("2", "error"), .erases = {"1"}}));
  EXPECT_THAT(heard.take(), ElementsAre("3: +2 -1"));
  ASSERT_TRUE(live.apply({.upserts = R"({"id":"2","status":"error","name":"x"})"}));
  EXPECT_THAT(heard.take(), ElementsAre("4: *2"));
  ASSERT_TRUE(live.replace_all(record("4", "error") + "\n" + record("2") + "\n"));
  EXPECT_THAT(heard.take(), ElementsAre("5: +4 -2"));
  errors.cancel();
  ASSERT_TRUE(live.replace_all("[]"));
  EXPECT_THAT(heard.take(), IsEmpty());
}

TEST(Subscription, NotifiesEveryKindOfQuery) {
  LiveCatalog live;
  Heard heard;
  std::vector<Subscription> all;
  for (const char* pattern :
       {"{}", R"({"id":"7"})", R"({"name":"Ann"})", R"({"provider":"p"})", R"({"status":"s"})",
        R"({"metadata":{"a":[{"x":1,"y":2}]}})", R"({"credential":{"properties":{"k":"v"}}})",
        R"({"metadata":{"a":[]}})", R"({"health":{"status":"h"}})", R"({"collection_ids":["c"]})",
        R"({"metadata":{"n":1.0}})", R"({"metadata":{"b":null}})"}) {
    all.push_back(live.subscribe(*Query::from_pattern(pattern), heard.callback(std::string(pattern) + " ")));
  }
  const auto never = live.subscribe(*Query::from_pattern(R"({"id":["1"]})"), heard.callback("never "));
  const auto contradiction =
      live.subscribe(*QueryBuilder().id("1").id("2").build(), heard.callback("never "));
  ASSERT_TRUE(
      live.apply({.upserts = R"({"id":"7","name":"Ann","provider":"p","status":"s","health":{"status":"h"},
      "collection_ids":["c","d"],"credential":{"properties":{"k":"v"}},
      "metadata":{"a":[{"y":2,"x":1}],"n":1e0,"b":null}})"}));
  EXPECT_EQ(heard.take().size(), all.size());
  ASSERT_TRUE(live.apply({.erases = {"7"}}));
  EXPECT_EQ(heard.take().size(), all.size());
}

TEST(Subscription, ACallbackMayChangeTheCatalog) {
  LiveCatalog live;
  Heard heard;
  Subscription first;
  first = live.subscribe(Query(), [&](const Delta& delta) {
    heard.callback("a")(delta);
    if (delta.version == 2) {
      const auto diff = live.apply({.upserts = record("2")});
      EXPECT_EQ(diff->version, 3u);
      EXPECT_EQ(live.snapshot().size(), 2u);
      heard.lines.push_back("applied");
    }
  });
  const Subscription second = live.subscribe(Query(), heard.callback("b"));
  ASSERT_TRUE(live.apply({.upserts = record("1")}));
  EXPECT_THAT(heard.take(), ElementsAre("a2: +1", "applied", "b2: +1", "a3: +2", "b3: +2"));
}

TEST(Subscription, ACallbackMaySubscribeAndMaintain) {
  LiveCatalog live;
  Heard heard;
  std::vector<Subscription> more;
  Catalog since;
  const Subscription first = live.subscribe(Query(), [&](const Delta&) {
    more.push_back(live.subscribe(Query(), heard.callback(), since));
    live.maintain();
  });
  ASSERT_TRUE(live.apply({.upserts = record("1")}));
  EXPECT_THAT(heard.take(), IsEmpty()) << "it begins with what it was told";
  EXPECT_EQ(since.size(), 1u);
  ASSERT_TRUE(live.apply({.upserts = record("2")}));
  EXPECT_THAT(heard.take(), ElementsAre("3: +2"));
}

TEST(Subscription, MayBeCancelledFromAnyCallback) {
  LiveCatalog live;
  Heard heard;
  Subscription a;
  Subscription b;
  a = live.subscribe(Query(), [&](const Delta& delta) {
    heard.callback("a")(delta);
    a.cancel();
    b.cancel();
  });
  b = live.subscribe(Query(), heard.callback("b"));
  ASSERT_TRUE(live.apply({.upserts = record("1")}));
  ASSERT_TRUE(live.apply({.upserts = record("2")}));
  EXPECT_THAT(heard.take(), ElementsAre("a2: +1"));
}

TEST(Subscription, ReleasesItsCallbackWhenItEnds) {
  LiveCatalog live;
  const auto held = std::make_shared<int>(0);
  Subscription subscription = live.subscribe(Query(), [held](const Delta&) {});
  EXPECT_EQ(held.use_count(), 2);
  subscription.cancel();
  EXPECT_EQ(held.use_count(), 1);
  Subscription self;
  self = live.subscribe(Query(), [held, &self](const Delta&) { self.cancel(); });
  ASSERT_TRUE(live.apply({.upserts = record("1")}));
  EXPECT_EQ(held.use_count(), 1);
}

TEST(Subscription, CallbackExceptionsAreReportedAndContained) {
  std::vector<std::string> reports;
  LiveOptions options;
  options.on_callback_error = [&](const std::exception_ptr& thrown) {
    try {
      std::rethrow_exception(thrown);
    } catch (const std::exception& e) {
      reports.emplace_back(e.what());
    }
    throw 1;
  };
  LiveCatalog live({}, options);
  Heard heard;
  const auto a = live.subscribe(Query(), [](const Delta&) { throw std::runtime_error("no"); });
  const auto b = live.subscribe(Query(), heard.callback());
  EXPECT_TRUE(live.apply({.upserts = record("1")}));
  EXPECT_TRUE(live.apply({.upserts = record("2")}));
  EXPECT_THAT(reports, ElementsAre("no", "no"));
  EXPECT_THAT(heard.take(), ElementsAre("2: +1", "3: +2"));
}

TEST(Subscription, CancelWaitsForARunningCallback) {
  LiveCatalog live;
  std::atomic<bool> inside = false;
  std::atomic<bool> left = false;
  Subscription subscription = live.subscribe(Query(), [&](const Delta&) {
    inside = true;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    left = true;
  });
  std::thread writer([&] { ASSERT_TRUE(live.apply({.upserts = record("1")})); });
  while (!inside) std::this_thread::yield();
  subscription.cancel();
  EXPECT_TRUE(left);
  writer.join();
}

TEST(Subscription, MayBeOwnedByItsCallback) {
  struct Host {
    Subscription subscription;
    std::size_t heard = 0;
  };
  LiveCatalog live;
  const auto subscribe = [&](bool once) {
    auto host = std::make_shared<Host>();
    host->subscription = live.subscribe(Query(), [host, once](const Delta&) {
      ++host->heard;
      if (once) host->subscription.cancel();
    });
    return std::weak_ptr<Host>(host);
  };
  const auto once = subscribe(true);
  const auto always = subscribe(false);
  ASSERT_TRUE(live.apply({.upserts = record("1")}));
  EXPECT_TRUE(once.expired());
  ASSERT_FALSE(always.expired());
  always.lock()->subscription.cancel();
  EXPECT_TRUE(always.expired());
}

// A callback's captures are destroyed without a lock: they may own another subscription, whose callback is
// running on another thread.
TEST(Concurrency, SubscriptionsMayCancelEachOther) {
  for (int round = 0; round < 50; ++round) {
    LiveCatalog live;
    auto second = std::make_shared<Subscription>();
    Subscription first = live.subscribe(Query(), [second](const Delta&) {});
    Subscription* const one = &first;
    *second = live.subscribe(Query(), [one](const Delta&) { one->cancel(); });
    second.reset();
    std::thread other([&] { first.cancel(); });
    ASSERT_TRUE(live.apply({.upserts = record("1")}));
    other.join();
  }
}

TEST(Concurrency, SubscriptionsMayComeAndGoDuringWrites) {
  LiveCatalog live;
  std::atomic<bool> stop = false;
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&, t] {
      std::mt19937_64 random(static_cast<unsigned>(t));
      std::vector<Subscription> mine;
      while (!stop) {
        auto heard = std::make_shared<std::atomic<int>>(0);
        mine.push_back(live.subscribe(status(random() % 2 == 0 ? "a" : "b"), [heard](const Delta& delta) {
          for (const Record r : delta.entered) *heard += static_cast<int>(r.id().size());
        }));
        if (mine.size() > 5) mine.erase(mine.begin() + static_cast<std::ptrdiff_t>(random() % mine.size()));
      }
    });
  }
  for (int t = 0; t < 2; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 300; ++i) {
        EXPECT_TRUE(live.apply({.upserts = record(std::to_string(i % 40), i % 3 == 0 ? "a" : "b"),
                                .erases = {std::to_string((i + t * 7) % 40 + 5)}}));
        if (i % 50 == 0) {
          EXPECT_TRUE(live.replace_all(record("1", "a") + "\n" + record("2", "b") + "\n"));
        }
        live.maintain();
      }
      stop = true;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_FALSE(live.snapshot().verify(status("a")));
}

// Subscriptions are filed under a rare term. If the term becomes common, they are filed anew, so that not
// every change has to check them.
TEST(Subscription, IsRefiledWhenItsTermBecomesCommon) {
  LiveCatalog live;
  std::vector<Subscription> all;
  std::size_t heard = 0;
  for (int i = 0; i < 200; ++i) {
    const Query query = *QueryBuilder().provider("stripe").org_id("org " + std::to_string(i)).build();
    all.push_back(live.subscribe(query, [&](const Delta&) { ++heard; }));
  }
  const auto owned = [](int i) {
    return R"({"id":")" + std::to_string(i) + R"(","provider":"stripe","org_id":"org )" + std::to_string(i) +
           "\"}";
  };
  for (int i = 0; i < 400; ++i) ASSERT_TRUE(live.apply({.upserts = owned(i)}));
  EXPECT_EQ(heard, 200u);
  for (int i = 0; i < 400; ++i) ASSERT_TRUE(live.apply({.erases = {std::to_string(i)}}));
  EXPECT_EQ(heard, 400u);
}

TEST(Subscription, OutlivesItsCatalog) {
  Subscription subscription;
  {
    LiveCatalog live(load(record("1")));
    subscription = live.subscribe(Query(), [](const Delta&) {});
  }
  subscription.cancel();
  subscription.cancel();
}

// --- against a model ---

#if defined(SYNCDEX_SANITIZED)
constexpr unsigned kSequences = 800;
#else
constexpr unsigned kSequences = 10'000;
#endif

class Sequences : public testing::TestWithParam<unsigned> {};
TEST_P(Sequences, MatchTheModel) {  // in four parts, to run in parallel
  for (unsigned seed = GetParam(); seed < kSequences; seed += 4) {
    std::mt19937_64 random(seed);
    std::vector<std::uint8_t> steps(20 + random() % 300);
    for (std::uint8_t& step : steps) step = static_cast<std::uint8_t>(random());
    ASSERT_EQ(test::compare_with_model(steps), "") << "seed " << seed;
  }
}
INSTANTIATE_TEST_SUITE_P(LiveCatalog, Sequences, testing::Range(0U, 4U));

// --- threads ---

std::chrono::seconds stress_time() {
  const char* const seconds = std::getenv("SYNCDEX_STRESS_SECONDS");
  return std::chrono::seconds(seconds != nullptr ? std::atoi(seconds) : 2);
}

// Every record of a version carries the version's stamp, so an answer that mixes two versions is detected.
TEST(Concurrency, EachAnswerBelongsToOneVersion) {
  constexpr int kRecords = 200;
  const auto stamped = [](unsigned stamp, int from, int to) {
    std::string text;
    for (int i = from; i < to; ++i) {
      text += R"({"id":")" + std::to_string(i) + R"(","org_id":"stamp )" + std::to_string(stamp) +
              R"(","status":")" + (i % 3 == 0 ? "error" : "active") + R"(","metadata":{"n":)" +
              std::to_string((i + static_cast<int>(stamp)) % 7) + "}}\n";
    }
    return text;
  };
  LiveOptions options;
  options.merge_on_change = false;  // another thread merges
  LiveCatalog live(load(stamped(0, 0, kRecords)), options);
  std::atomic<bool> stop = false;
  std::atomic<std::uint64_t> answers = 0;

  // The matches of a standing query, kept up to date from its deltas alone.
  const Query errors = status("error");
  std::map<std::string, std::string> answer;
  const auto in_map = [](const Matches& matches) {
    std::map<std::string, std::string> all;
    for (const Record r : matches) all.emplace(r.id(), r.json());
    return all;
  };
  const Subscription subscription = live.subscribe(errors, [&](const Delta& delta) {
    for (const Record r : delta.left) EXPECT_EQ(answer.erase(std::string(r.id())), 1u);
    for (const Record r : delta.entered) EXPECT_TRUE(answer.emplace(r.id(), r.json()).second);
    for (const Record r : delta.changed) answer.at(std::string(r.id())) = r.json();
    const Catalog now = live.snapshot();
    EXPECT_EQ(now.version(), delta.version);
    EXPECT_EQ(answer, in_map(now.find(errors)));
  });
  answer = in_map(live.snapshot().find(errors));  // no writer is running yet

  std::vector<std::thread> threads;
  for (unsigned t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      std::mt19937_64 random(t);
      while (!stop) {
        const Catalog now = live.snapshot();
        const Matches all = now.find(Query());
        ASSERT_FALSE(all.empty());
        const std::string stamp(*all[0].get("org_id"));
        for (const Record r : all) ASSERT_EQ(*r.get("org_id"), stamp);
        ASSERT_EQ(all.size(), now.size());
        const Query one = *QueryBuilder().org_id(stamp.substr(1, stamp.size() - 2)).build();
        ASSERT_EQ(now.count(one), now.size());
        const Query some = *QueryBuilder().status("error").metadata("n", random() % 7).build();
        const Matches found = now.find(some);
        ASSERT_EQ(found.size(), now.count(some));
        ASSERT_EQ(texts(found), texts(now.scan(some)));
        const std::string id = std::to_string(random() % kRecords);
        if (const auto r = now.find_id(id)) {
          ASSERT_EQ(*r->get("org_id"), stamp);
        }
        ++answers;
      }
    });
  }
  threads.emplace_back([&] {
    while (!stop) {
      if (!live.maintain()) std::this_thread::yield();
    }
  });
  const auto end = std::chrono::steady_clock::now() + stress_time();
  std::mt19937_64 random(99);
  unsigned stamp = 0;
  while (std::chrono::steady_clock::now() < end && !testing::Test::HasFailure()) {
    ++stamp;
    const int first = static_cast<int>(random() % 20);
    const int last = kRecords - static_cast<int>(random() % 20);
    if (random() % 4 == 0) {
      EXPECT_TRUE(live.replace_all(stamped(stamp, first, last)));
    } else {
      Changes changes{.upserts = stamped(stamp, first, last)};
      for (int i = 0; i < first; ++i) changes.erases.push_back(std::to_string(i));
      for (int i = last; i < kRecords; ++i) changes.erases.push_back(std::to_string(i));
      EXPECT_TRUE(live.apply(std::move(changes)));
    }
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(answers, 0u);
  EXPECT_GT(live.version(), 10u);
}

// Merges on one thread, small changes on another. Records that die during a merge must stay dead.
TEST(Concurrency, MergesDuringChangesLoseNothing) {
  LiveOptions options;
  options.merge_on_change = false;
  LiveCatalog live({}, options);
  std::atomic<bool> stop = false;
  std::thread merger([&] {
    while (!stop) {
      if (!live.maintain()) std::this_thread::yield();
    }
  });
  std::map<int, std::string> model;
  std::mt19937_64 random(7);
  for (int i = 0; i < 3000; ++i) {
    Changes changes;
    const int id = static_cast<int>(random() % 300);
    if (random() % 4 == 0) {
      changes.erases.push_back(std::to_string(id));
      model.erase(id);
    } else {
      changes.upserts = model[id] = record(std::to_string(id), std::to_string(i));
    }
    ASSERT_TRUE(live.apply(std::move(changes)));
    if (i % 100 == 0) {
      const Catalog now = live.snapshot();
      ASSERT_EQ(now.size(), model.size());
      for (const auto& [key, text] : model) ASSERT_EQ(now.find_id(std::to_string(key))->json(), text);
      ASSERT_EQ(now.count(*QueryBuilder().provider("stripe").build()), model.size());
    }
  }
  stop = true;
  merger.join();
}

// Each part caches the counts of some posting lists. Many terms share a cache slot.
TEST(LiveCatalog, CachedCountsBelongToTheirTerm) {
  std::string text;
  for (int i = 0; i < 200 * 40; ++i) {
    text += R"({"id":")" + std::to_string(i) + R"(","metadata":{"k":)" + std::to_string(i % 200) + "}}\n";
  }
  LiveCatalog live(load(text));
  ASSERT_TRUE(live.apply({.upserts = "", .erases = {"0", "1", "201"}}));
  const Catalog now = live.snapshot();
  for (int round = 0; round < 2; ++round) {
    for (int k = 0; k < 200; ++k) {
      const std::size_t expected = k == 0 ? 39 : k == 1 ? 38 : 40;
      ASSERT_EQ(now.count(*QueryBuilder().metadata("k", k).build()), expected) << k;
    }
  }
}

// Positions have gaps where records were replaced. Merges of merged parts keep the gaps.
TEST(LiveCatalog, CursorsSurviveMergesOfMergedParts) {
  LiveCatalog live;
  struct Held {
    std::string id;  // of the last record on the page
    std::string next;
  };
  std::vector<Held> held;
  for (int i = 0; i < 600; ++i) {
    ASSERT_TRUE(live.apply({.upserts = record("r" + std::to_string(i), "a"), .erases = {}}));
    // Every third record is replaced a little later, which leaves a gap.
    if (i % 3 == 2) {
      ASSERT_TRUE(live.apply({.upserts = record("r" + std::to_string(i - 2), "b"), .erases = {}}));
    }
    if (i % 40 != 39) continue;
    const Catalog now = live.snapshot();
    std::string after;
    for (int page = 0; page < 3; ++page) {
      Request request;
      request.page = {.limit = static_cast<std::uint32_t>(7 + i / 9), .after = after};
      const auto listing = now.list(request);
      ASSERT_TRUE(listing);
      if (!listing->has_more()) break;
      after = listing->next();
      held.push_back({std::string(listing->matches()[listing->matches().size() - 1].id()), after});
    }
  }
  ASSERT_GT(held.size(), 30u);
  const Catalog last = live.snapshot();
  const Matches all = last.find(Query());
  std::size_t compared = 0;
  for (const Held& h : held) {
    const auto at = std::find_if(all.begin(), all.end(), [&](const Record& r) { return r.id() == h.id; });
    // A replaced record has moved to the end, and its old position is a gap.
    if (last.find_id(h.id)->status() == "b") continue;
    Request request;
    request.page.after = h.next;
    const auto rest = last.list(request);
    ASSERT_TRUE(rest);
    ASSERT_EQ(rest->matches().size(), static_cast<std::size_t>(all.end() - at) - 1) << h.id;
    ++compared;
  }
  EXPECT_GT(compared, 15u);
}

// --- out of memory ---

class NoMemory : public testing::TestWithParam<bool> {};

TEST_P(NoMemory, KeepsTheOldVersionIntact) {
#if defined(SYNCDEX_FOREIGN_NEW)
  GTEST_SKIP() << "allocations cannot be made to fail here";
#endif
  const bool for_ever = GetParam();
  std::string text;
  for (int i = 0; i < 40; ++i) text += record(std::to_string(i), i % 2 == 0 ? "a" : "b") + "\n";
  const std::string other = record("3", "c") + "\n" + record("77", "a") + "\n" +
                            R"({"id":"5","name":"\u00e9\n","metadata":{"new key":[1,{"x":2}]}})" + "\n";
  for (const bool replace : {false, true}) {
    bool failed = true;
    std::size_t points = 0;
    for (std::size_t n = 0; failed; ++n) {
      Heard heard;
      LiveCatalog live(load(text));
      for (int i = 0; i < 7; ++i) ASSERT_TRUE(live.apply({.upserts = record("x" + std::to_string(i))}));
      const Subscription subscription = live.subscribe(
          status("a"), [&](const Delta& d) { heard.lines.push_back(std::to_string(d.version)); });
      heard.lines.reserve(8);
      const Catalog before = live.snapshot();
      const std::vector<std::string> old = texts(before.find(Query()));
      Changes changes{.upserts = other, .erases = {"9", "10", "not there"}};
      std::string all = other;
      bool thrown = false;
      {
        const test::FailingAllocations failing(n, for_ever);
        try {
          const auto diff = replace ? live.replace_all(std::move(all)) : live.apply(std::move(changes));
          EXPECT_TRUE(diff);
        } catch (const std::bad_alloc&) {
          thrown = true;
        }
      }
      failed = test::FailingAllocations::any_failed();
      points += failed;
      EXPECT_EQ(texts(before.find(Query())), old);
      if (thrown) {
        ASSERT_EQ(live.version(), before.version()) << n;
        ASSERT_EQ(texts(live.snapshot().find(Query())), old) << n;
        ASSERT_THAT(heard.lines, IsEmpty());
        // The catalog can still be changed.
        ASSERT_TRUE(live.apply({.upserts = other, .erases = {"9", "10"}}));
        ASSERT_EQ(live.snapshot().size(), 46u);
      } else {
        ASSERT_EQ(live.version(), before.version() + 1);
        ASSERT_EQ(live.snapshot().size(), replace ? 3u : 46u);
      }
      ASSERT_FALSE(live.snapshot().verify(status("a")));
      ASSERT_FALSE(live.snapshot().verify(*QueryBuilder().provider("stripe").build()));
    }
    EXPECT_GT(points, 50u);
  }
}
INSTANTIATE_TEST_SUITE_P(LiveCatalog, NoMemory, testing::Bool(),
                         [](const auto& param) { return param.param ? "ForEver" : "Once"; });

}  // namespace
}  // namespace syncdex
