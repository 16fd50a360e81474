// Changes of a live catalog: diffs, versions, cursors, files.
#include "syncdex/live_catalog.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "support/live_records.h"
#include "syncdex/syncdex.h"

namespace syncdex {
namespace {

using test::ids;
using test::load;
using test::record;
using test::status;
using test::texts;
using testing::ElementsAre;
using testing::IsEmpty;

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
  EXPECT_EQ(live.apply({}).value().version, 1u);
  EXPECT_EQ(live.apply({.erases = {"2"}}).value().version, 1u);
  const auto same = live.apply({.upserts = record("1")});
  EXPECT_EQ(same->version, 1u);
  EXPECT_THAT(ids(same->unchanged), ElementsAre("1"));
}

TEST(LiveCatalog, WritesAnewWhatIsErasedAndUpserted) {
  LiveCatalog live(load(record("1") + record("2") + record("3")));
  const auto diff = live.apply({.upserts = record("2") + record("1", "paused"), .erases = {"1", "2", "x"}});
  EXPECT_THAT(ids(diff->changed), ElementsAre("2", "1"));  // 2 has moved
  EXPECT_THAT(ids(diff->before), ElementsAre("2", "1"));
  EXPECT_THAT(ids(diff->unchanged), IsEmpty());
  EXPECT_THAT(ids(diff->removed), IsEmpty());
  EXPECT_THAT(diff->unknown, ElementsAre("x"));
  EXPECT_THAT(ids(live.snapshot().find(Query())), ElementsAre("3", "2", "1"));
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
    EXPECT_EQ(live.apply({.upserts = record("1") + "\n" + record("1", "paused")}).value().version,
              diff->version);
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
  EXPECT_EQ(live.replace_all("[" + record("2") + "," + record("1") + "," + record("3") + "]").value().version,
            2u);
  EXPECT_EQ(live.snapshot().list(next).error().code, ErrorCode::stale_cursor);
}

// A cursor of a replaced text is also valid in another process that has loaded the same text.
TEST(LiveCatalog, CursorsAreValidForTheSameText) {
  const std::string text = "[" + record("1") + "," + record("2") + "," + record("3") + "]";
  LiveCatalog live(load(record("9")));
  ASSERT_TRUE(live.replace_all(text));
  const Request next{
      Query(),
      {.limit = 1, .after = live.snapshot().list({Query(), {.limit = 1, .after = {}}}).value().next()}};
  EXPECT_THAT(ids(load(text).list(next).value().matches()), ElementsAre("2"));
  LiveCatalog other;
  ASSERT_TRUE(other.replace_all(record("8")));
  ASSERT_TRUE(other.replace_all(text));
  EXPECT_THAT(ids(other.snapshot().list(next).value().matches()), ElementsAre("2"));
  // But not after the text was replaced and came back.
  ASSERT_TRUE(other.replace_all(record("8")));
  ASSERT_TRUE(other.replace_all(text));
  EXPECT_EQ(other.snapshot().list(next).error().code, ErrorCode::stale_cursor);
}

TEST(LiveCatalog, ReplaceAllUsesTheRecordsKey) {
  LiveCatalog live(load("[" + record("1") + "," + record("2") + "]"), {.load = {.records_key = "items"}});
  EXPECT_EQ(live.replace_all(R"({"data":[)" + record("1") + "," + record("2") + "]}").error().code,
            ErrorCode::missing_id);
  EXPECT_EQ(live.replace_all(R"({"items":[)" + record("1") + "," + record("2") + "]}").value().version, 1u);
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
  EXPECT_EQ(live.replace_all("[{}," + record("1") + "]").value().bad.size(), 1u);
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
  const Catalog now = live.snapshot();
  EXPECT_TRUE(now.find_id("1"));
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
  EXPECT_THAT(ids(live.snapshot().list(request).value().matches()), ElementsAre("2"));
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
  request.page.after = live.snapshot().list(request).value().next();
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
  EXPECT_EQ(live.replace_all(R"({"data":[)" + record("x") + "," + odd + "]}").value().unchanged.size(), 2u);
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
  EXPECT_EQ(Catalog::load_file(file).value().size(), 1u);
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

}  // namespace
}  // namespace syncdex
