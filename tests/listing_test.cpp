// The response of GET /v1/syncs.
#include <gtest/gtest.h>

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "syncdex/syncdex.h"

namespace syncdex {
namespace {

TEST(Listing, RendersTheApiResponse) {
  const auto catalog = Catalog::load(R"([{"id":"a"},{"id":"b"},{"id":"c"}])");
  const auto answer = [&](std::string_view url) { return catalog->list(*parse_request(url)).value().json(); };
  EXPECT_EQ(answer(""), R"({"data":[{"id":"a"},{"id":"b"},{"id":"c"}]})");
  EXPECT_EQ(answer("limit=3"), R"({"data":[{"id":"a"},{"id":"b"},{"id":"c"}],"has_more":false})");
  EXPECT_EQ(answer("id=x&limit=3"), R"({"data":[],"has_more":false})");
  const std::string page = answer("limit=2");
  EXPECT_TRUE(page.starts_with(R"({"data":[{"id":"a"},{"id":"b"}],"has_more":true,"next":"2.)")) << page;
  const auto listing = catalog->list(*parse_request("limit=2"));
  EXPECT_EQ(answer("after=" + listing->next()), R"({"data":[{"id":"c"}]})");
}

TEST(Listing, LeavesFieldsOut) {
  const auto listed = [](const std::string& record, std::vector<std::string> without) {
    const Catalog catalog = *Catalog::load(record);
    const auto listing = catalog.list(Request(), {}, {.without = std::move(without)});
    std::string joined;
    for (const std::string_view slice : listing->slices()) joined += slice;
    EXPECT_EQ(joined, listing->json());
    EXPECT_EQ(listing->matches()[0].json(), record);
    const std::string json = listing->json();
    return json.substr(9, json.size() - 11);
  };
  const std::string secret = R"({"id":"1", "credential" : {"id":"x","properties":{}} ,"name":"a"})";
  EXPECT_EQ(listed(secret, {"credential"}), R"({"id":"1", "name":"a"})");
  EXPECT_EQ(listed(secret, {"name"}), R"({"id":"1", "credential" : {"id":"x","properties":{}}})");
  EXPECT_EQ(listed(secret, {"id"}), R"({"credential" : {"id":"x","properties":{}} ,"name":"a"})");
  EXPECT_EQ(listed(secret, {"credential", "name"}), R"({"id":"1"})");
  EXPECT_EQ(listed(secret, {"id", "credential"}), R"({"name":"a"})");
  EXPECT_EQ(listed(secret, {"id", "name"}), R"({"credential" : {"id":"x","properties":{}}})");
  EXPECT_EQ(listed(secret, {"id", "credential", "name"}), "{}");
  EXPECT_EQ(listed(secret, {"properties", "Name", ""}), secret);
  EXPECT_EQ(listed(R"({ "x":1,"id":"1","x":2 })", {"x"}), R"({ "id":"1" })");
  EXPECT_EQ(listed(R"({"id":"1","cr\u0065dential":1,"a":2})", {"credential"}), R"({"id":"1","a":2})");
  EXPECT_EQ(listed("{\n  \"id\": \"1\",\n  \"a\": 1,\n  \"b\": 2\n}", {"b"}),
            "{\n  \"id\": \"1\",\n  \"a\": 1\n}");
}

TEST(Listing, CountsAllMatches) {
  const Catalog catalog =
      *Catalog::load(R"([{"id":"1","provider":"a"},{"id":"2"},{"id":"3","provider":"a"}])");
  const auto page = catalog.list(*parse_request("provider=a&limit=1"), {}, {.total = true});
  EXPECT_EQ(page->total(), 2U);
  EXPECT_TRUE(
      page->json().starts_with(R"({"data":[{"id":"1","provider":"a"}],"total":2,"has_more":true,"next":")"));
  Request next = *parse_request("provider=a&limit=1");
  next.page.after = page->next();
  EXPECT_EQ(catalog.list(next, {}, {.total = true}).value().json(),
            R"({"data":[{"id":"3","provider":"a"}],"total":2,"has_more":false})");
  EXPECT_EQ(Listing({}, false, false, "", {}, 3).json(), R"({"data":[],"total":3})");
  EXPECT_EQ(catalog.list(Request(), {}, {.total = true}).value().total(), 3U);
  EXPECT_EQ(catalog.list(Request()).value().total(), std::nullopt);
  Listing moved;
  moved = *catalog.list(*parse_request("limit=1"), {}, {.without = {"provider"}, .total = true});
  EXPECT_TRUE(moved.json().starts_with(R"({"data":[{"id":"1"}],"total":3,"has_more":true,"next":")"));
  const Listing other = std::move(moved);
  EXPECT_EQ(moved.json(), R"({"data":[]})");  // NOLINT(bugprone-use-after-move)
  EXPECT_EQ(other.total(), 3U);
  Limits none;
  none.work = 0;
  EXPECT_EQ(
      catalog.count_within(*parse_request("name[substring]=x").transform(&Request::query), none).error().code,
      ErrorCode::budget_exceeded);
  EXPECT_EQ(catalog.count_within(Query()).value(), 3U);
}

// Entity tags name the content, not the number of a version, which begins at 1 in every process.
TEST(Listing, EntityTagsChangeWithTheBody) {
  const std::string text = R"([{"id":"1","provider":"stripe","status":"active"},{"id":"2"}])";
  const Catalog catalog = *Catalog::load(text);
  const Request all;
  const Request stripe = *parse_request("provider=stripe");
  EXPECT_EQ(catalog.etag(all), Catalog::load(text).value().etag(all));
  EXPECT_NE(catalog.etag(all), catalog.etag(stripe));
  EXPECT_NE(catalog.etag(all), catalog.etag(all, {.without = {"status"}}));
  EXPECT_NE(catalog.etag(all), catalog.etag(all, {.total = true}));
  EXPECT_EQ(catalog.etag(all).front(), '"');
  EXPECT_EQ(catalog.etag(all).back(), '"');
  // One byte in a long text, of the same length.
  std::string one = "[";
  for (int i = 0; i < 2'000; ++i)
    one += (i > 0 ? "," : "") + ("{\"id\":\"" + std::to_string(i) + "\",\"n\":1}");
  std::string other = one;
  other[other.find("\"1500\",\"n\":1") + 11] = '2';
  ASSERT_NE(one, other);
  EXPECT_NE(Catalog::load(one + "]").value().etag(all), Catalog::load(other + "]").value().etag(all));
}

TEST(Listing, EntityTagsOfLiveCatalogs) {
  const std::string text = R"({"id":"1","status":"a"})"
                           "\n"
                           R"({"id":"2","status":"a"})"
                           "\n";
  LiveCatalog live(*Catalog::load(text));
  LiveCatalog other(*Catalog::load(text));  // as after a restart
  const auto tag = [](const LiveCatalog& of) { return of.snapshot().etag({}); };
  EXPECT_EQ(tag(live), tag(other));
  std::set<std::string> tags = {tag(live)};
  for (const char* status : {"b", "c", "b", "a"}) {
    ASSERT_TRUE(live.apply({.upserts = R"({"id":"1","status":")" + std::string(status) + "\"}"}));
    EXPECT_TRUE(tags.insert(tag(live)).second) << "positions differ, and so do cursors";
    EXPECT_EQ(tag(live), tag(live));
  }
  EXPECT_EQ(live.version(), 5u);
  // The same number of versions of other data.
  for (const char* status : {"x", "y", "z", "w"}) {
    ASSERT_TRUE(other.apply({.upserts = R"({"id":"2","status":")" + std::string(status) + "\"}"}));
    EXPECT_TRUE(tags.insert(tag(other)).second);
  }
  EXPECT_EQ(other.version(), live.version());
  // Whether the version before was asked does not matter for whether it differs.
  ASSERT_TRUE(live.apply({.erases = {"2"}}));
  ASSERT_TRUE(live.apply({.upserts = R"({"id":"3"})"}));
  EXPECT_TRUE(tags.insert(tag(live)).second);
  const std::string before = tag(live);
  live.maintain();
  EXPECT_EQ(tag(live), before);
  ASSERT_TRUE(live.replace_all(text));
  EXPECT_TRUE(tags.insert(tag(live)).second) << "cursors of before are stale";
}

// Catalogs with the same records at different positions give out different cursors.
TEST(Listing, EntityTagsTellCursorsApart) {
  const std::string text = R"([{"id":"1"},{"id":"2"},{"id":"3"}])";
  const Request page = *parse_request("limit=2");
  const auto same = [&](const LiveCatalog& a, const LiveCatalog& b) {
    const Catalog x = a.snapshot();
    const Catalog y = b.snapshot();
    const bool equal = x.etag(page) == y.etag(page);
    if (equal) {
      EXPECT_EQ(x.list(page).value().json(), y.list(page).value().json());
    }
    return equal;
  };
  {
    LiveCatalog a(*Catalog::load(text));
    LiveCatalog b(*Catalog::load(text));
    EXPECT_TRUE(same(a, b));
    ASSERT_TRUE(a.apply({.erases = {"2", "3"}}));
    ASSERT_TRUE(b.apply({.upserts = R"({"id":"x"})"}));
    ASSERT_TRUE(b.apply({.erases = {"x", "2", "3"}}));
    EXPECT_FALSE(same(a, b)) << "the next record will be at another position";
    for (LiveCatalog* const c : {&a, &b}) ASSERT_TRUE(c->apply({.upserts = R"([{"id":"y"},{"id":"z"}])"}));
    EXPECT_FALSE(same(a, b));
  }
  {
    LiveCatalog a(*Catalog::load(text));
    a.replace_all(*Catalog::load(R"({"id":"u"})"));
    ASSERT_TRUE(a.replace_all(text));  // with cursors of its own
    LiveCatalog b(Catalog{});
    EXPECT_FALSE(a.snapshot().etag(page).empty());
    b.replace_all(a.snapshot());
    EXPECT_FALSE(same(a, b));
    LiveCatalog c(a.snapshot());
    EXPECT_TRUE(same(a, c));
  }
}

}  // namespace
}  // namespace syncdex
