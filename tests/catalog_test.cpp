// Tests what Catalog promises: no copies, no dangling views, no needless allocations.
#include "syncdex/catalog.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <fstream>
#include <ranges>
#include <thread>

#include "dataset.h"
#include "support/allocations.h"
#include "syncdex/syncdex.h"

namespace syncdex {
namespace {

using test::allocations;

// --- compile-time checks ---

template <class T>
concept GivesSlices = requires(T t) {
  std::forward<T>(t).slices();
};
template <class T>
concept GivesRecords = requires(T t) {
  std::forward<T>(t)[0];
};
template <class T>
concept GivesIterators = requires(T t) {
  std::forward<T>(t).begin();
};
static_assert(GivesSlices<const Matches&> && !GivesSlices<Matches>);
static_assert(GivesRecords<const Matches&> && !GivesRecords<Matches>);
static_assert(GivesIterators<const Matches&> && !GivesIterators<Matches>);
// A temporary returns what it owns by value, or nothing.
static_assert(std::is_same_v<decltype(std::declval<const Listing&>().next()), const std::string&>);
static_assert(std::is_same_v<decltype(std::declval<Listing>().next()), std::string>);
static_assert(std::is_same_v<decltype(std::declval<Listing>().matches()), Matches>);
static_assert(std::is_same_v<decltype(*std::declval<Result<Listing>>()), Listing>);
static_assert(std::is_same_v<decltype(std::declval<Result<Listing>>().value()), Listing>);
template <class T>
concept HasArrow = requires(T t) {
  std::forward<T>(t).operator->();
};
static_assert(HasArrow<Result<Listing>&> && HasArrow<const Result<Listing>&>);
static_assert(!HasArrow<Result<Listing>> && !HasArrow<const Result<Listing>>);
static_assert(std::is_same_v<decltype(std::declval<Catalog>().report()), LoadReport>);
static_assert(std::is_same_v<decltype(std::declval<Order>().text()), std::string>);
static_assert(std::is_same_v<decltype(std::declval<Query>().pattern()), std::string>);
template <class T>
concept GivesRecord = requires(T t) {
  std::forward<T>(t).find_id("a");
};
static_assert(GivesRecord<const Catalog&> && !GivesRecord<Catalog>);
static_assert(!std::copy_constructible<Matches> && std::is_nothrow_move_constructible_v<Matches>);
static_assert(std::random_access_iterator<Matches::iterator>);
static_assert(std::ranges::random_access_range<const Matches> && std::ranges::sized_range<const Matches>);
static_assert(!std::ranges::borrowed_range<Matches>);
static_assert(std::is_trivially_copyable_v<Record>);

const char* const kText = R"({"data":[
  {"id":"a","provider":"stripe","name":"One","status":"active","health":{"status":"ok"},"metadata":{"n":42}},
  {"id":"b","provider":null,"metadata":null,"org_id":"o","x":[1, 2]},
  {"id":"\u0063","provider":"\u0073tripe","name":"T\"wo","health":{"status":"\u006fk"},"x":1,"x":2}]})";

Catalog small() { return *Catalog::load(kText); }
Query query(std::string_view url) { return parse_request(url).value().query; }

TEST(Catalog, RecordsExposeTheirFields) {
  const Catalog catalog = small();
  ASSERT_EQ(catalog.size(), 3u);
  const Record a = *catalog.find_id("a");
  EXPECT_EQ(a.id(), "a");
  EXPECT_EQ(a.provider(), "stripe");
  EXPECT_EQ(a.name(), "One");
  EXPECT_EQ(a.status(), "active");
  EXPECT_EQ(a.health_status(), "ok");
  EXPECT_EQ(a.metadata(), R"({"n":42})");
  const Record b = *catalog.find_id("b");
  EXPECT_EQ(b.provider().data(), nullptr);
  EXPECT_EQ(b.get("provider"), "null");
  EXPECT_EQ(b.name().data(), nullptr);
  EXPECT_FALSE(b.get("name"));
  EXPECT_EQ(b.metadata().data(), nullptr);
  EXPECT_EQ(b.health_status().data(), nullptr);
  EXPECT_EQ(b.get("x"), "[1, 2]");
  EXPECT_EQ(b.get("org_id"), "\"o\"");
  const Record c = *catalog.find_id("c");
  EXPECT_EQ(c.id(), "c");
  EXPECT_EQ(c.provider(), "stripe");
  EXPECT_EQ(c.name(), "T\"wo");
  EXPECT_EQ(c.health_status(), "ok");
  EXPECT_EQ(c.get("x"), "2");
  EXPECT_EQ(c.get("id"), "\"\\u0063\"");
  EXPECT_FALSE(catalog.find_id("d"));
  EXPECT_FALSE(catalog.find_id(""));
}

TEST(Catalog, EscapedValuesAreFound) {
  const Catalog catalog = small();
  EXPECT_EQ(catalog.count(query("provider=stripe")), 2u);
  EXPECT_EQ(catalog.count(query("health.status=ok")), 2u);
  EXPECT_EQ(catalog.count(query("name=T%22wo")), 1u);
  EXPECT_EQ(catalog.count(query("id=c")), 1u);
}

TEST(Catalog, MatchesAreTheLoadedBytes) {
  std::string text = kText;
  text.reserve(text.size() + Catalog::padding);
  const char* const first = text.data();
  const char* const last = first + text.size();
  const auto catalog = Catalog::load(std::move(text));
  ASSERT_TRUE(catalog);
  const Matches all = catalog->find(Query());
  EXPECT_EQ(all.size(), 3u);
  for (const Record record : all) {
    for (const std::string_view view : {record.json(), *record.get("id")}) {
      EXPECT_TRUE(std::greater_equal<>()(view.data(), first) &&
                  std::less_equal<>()(view.data() + view.size(), last));
    }
  }
}

TEST(Catalog, AdoptsAHostsBuffer) {
  const std::size_t size = std::strlen(kText);
  auto buffer = std::make_shared<std::vector<char>>(size + Catalog::padding, '}');
  std::copy_n(kText, size, buffer->data());
  const std::weak_ptr<std::vector<char>> watch = buffer;
  auto catalog = Catalog::load(std::span<const char>(buffer->data(), size), buffer);
  const char* const first = buffer->data();
  buffer.reset();
  ASSERT_TRUE(catalog);
  Matches one = catalog->find(query("id=a"));
  EXPECT_EQ(one[0].json().data(), first + std::string_view(kText).find("{\"id\":\"a\""));
  catalog = Catalog::load("[]");
  EXPECT_FALSE(watch.expired()) << "a match keeps the bytes alive";
  EXPECT_EQ(one[0].id(), "a");
  one = Matches();
  EXPECT_TRUE(watch.expired());
}

TEST(Catalog, LoadsTextWithoutPadding) {
  const std::string text = kText;  // its copy has no spare capacity for padding
  const auto catalog = Catalog::load(text);
  ASSERT_TRUE(catalog);
  EXPECT_EQ(catalog->find_id("a")->provider(), "stripe");
}

TEST(Catalog, SafeUsesOfATemporaryCompile) {
  const Catalog catalog = small();
  std::vector<std::string> ids;
  for (const Record record : catalog.find(query("provider=stripe"))) ids.emplace_back(record.id());
  EXPECT_EQ(ids, (std::vector<std::string>{"a", "c"}));
}

TEST(Catalog, MatchesAreARange) {
  const Catalog catalog = small();
  const Matches all = catalog.find(Query());
  EXPECT_EQ(std::ranges::count_if(all, [](Record r) { return r.provider() == "stripe"; }), 2);
  EXPECT_EQ((all.begin() + 2)->id(), "c");
  EXPECT_EQ(all.begin()[1].id(), "b");
  EXPECT_EQ(all.end() - all.begin(), 3);
  EXPECT_EQ((*std::prev(all.end())).id(), "c");
  EXPECT_TRUE(all.begin() < all.end());
  Matches moved = catalog.find(query("id=b"));
  const Matches taken = std::move(moved);
  EXPECT_EQ(taken[0].id(), "b");
}

TEST(Catalog, CountAllocatesNothingAndFindOnlyTheList) {
  const auto catalog = Catalog::load(bench::Dataset(1).text(5000));
  ASSERT_TRUE(catalog);
  for (const bench::NamedQuery& named : bench::queries()) {
    const Query q = *Query::from_pattern(named.pattern);
    allocations = 0;
    static_cast<void>(catalog->count(q));
    EXPECT_EQ(allocations, 0u) << named.name;
    allocations = 0;
    const Matches found = catalog->find(q);
    EXPECT_LE(allocations, 1u) << named.name;
    allocations = 0;
    std::size_t bytes = 0;
    found.for_each_slice([&](std::string_view slice) { bytes += slice.size(); });
    for (const Record record : found) bytes += record.id().size();
    EXPECT_EQ(allocations, 0u) << named.name;
    static_cast<void>(catalog->find_id("x"));
    EXPECT_EQ(allocations, 0u);
  }
}

TEST(Catalog, CopiesShareTheRecords) {
  Catalog catalog = small();
  const Catalog copy = catalog;  // NOLINT: the copy is what is tested
  catalog = Catalog();
  EXPECT_EQ(catalog.size(), 0u);
  EXPECT_EQ(copy.size(), 3u);
  EXPECT_EQ(copy.find(query("id=a")).size(), 1u);
}

TEST(Catalog, EmptyCatalogAnswers) {
  const Catalog empty;
  EXPECT_TRUE(empty.empty());
  EXPECT_EQ(empty.find(Query()).json(), R"({"data":[]})");
  EXPECT_EQ(empty.count(query("provider=x")), 0u);
  EXPECT_FALSE(empty.verify(query("metadata={}")));
  EXPECT_FALSE(empty.find_id("a"));
  EXPECT_EQ(empty.stats().records, 0u);
  EXPECT_NE(empty.explain(Query()), "");
}

TEST(Catalog, NoMatchesYieldAnEmptyList) {
  EXPECT_EQ(small().find(query("provider=nobody")).json(), R"({"data":[]})");
}

// --- paging ---

TEST(Catalog, PagingReturnsEachMatchOnce) {
  const std::string text = bench::Dataset(3).text(500);
  const auto catalog = Catalog::load(text);
  const Query q = query("provider=stripe");
  const Matches all = catalog->find(q);
  ASSERT_GT(all.size(), 50u);
  for (const std::uint32_t limit : {1u, 7u, 50u, 1000u}) {
    std::vector<std::string> seen;
    Request request{q, {limit, ""}};
    for (;;) {
      const auto page = catalog->list(request);
      ASSERT_TRUE(page);
      for (const Record record : page->matches()) seen.emplace_back(record.id());
      EXPECT_EQ(page->has_more(), !page->next().empty());
      EXPECT_EQ(page->matches().size(), std::min<std::size_t>(limit, page->matches().size()));
      std::string joined;
      for (const std::string_view slice : page->slices()) joined += slice;
      EXPECT_EQ(joined, page->json());
      if (!page->has_more()) break;
      EXPECT_EQ(page->matches().size(), limit);
      request.page.after = page->next();
    }
    ASSERT_EQ(seen.size(), all.size());
    for (std::size_t i = 0; i < seen.size(); ++i) EXPECT_EQ(seen[i], all[i].id());
  }
}

TEST(Catalog, RejectsCursorsOfOtherTextsAndQueries) {
  const auto one = Catalog::load(R"([{"id":"a"},{"id":"b"}])");
  const auto other = Catalog::load(R"([{"id":"a"},{"id":"c"}])");
  Request request{Query(), {1, ""}};
  request.page.after = one->list(request).value().next();
  EXPECT_TRUE(one->list(request));
  EXPECT_EQ(Catalog::load(R"([{"id":"a"},{"id":"b"}])").value().list(request).value().json(),
            R"({"data":[{"id":"b"}],"has_more":false})");
  const auto refused = other->list(request);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::stale_cursor);
  EXPECT_EQ(http_status(refused.error()), 410);
  // A cursor belongs to one query, however that query is spelled.
  const std::string cursor = request.page.after;
  const Request spelled = *parse_request("where=%7B%20%7D&after=" + cursor);
  EXPECT_TRUE(one->list(spelled));
  const auto asked = parse_request("id=b&after=" + cursor);
  ASSERT_FALSE(asked);
  EXPECT_EQ(asked.error().code, ErrorCode::invalid_value);
  EXPECT_EQ(asked.error().offset, 11u);
  const Request another{parse_request("id=b").value().query, {.limit = 1, .after = cursor}};
  const auto foreign = one->list(another);
  ASSERT_FALSE(foreign);
  EXPECT_EQ(foreign.error().code, ErrorCode::invalid_value);
  EXPECT_EQ(foreign.error().parameter, "after");
  EXPECT_FALSE(to_postgres(another));
  EXPECT_TRUE(to_postgres(spelled));
  request.page.after = "nonsense";
  EXPECT_EQ(one->list(request).error().code, ErrorCode::invalid_value);
}

// --- loading ---

TEST(Catalog, LoadsFiles) {
  const auto catalog = Catalog::load_file(SYNCDEX_DATA_DIR "/syncs.json");
  ASSERT_TRUE(catalog) << catalog.error().message;
  EXPECT_EQ(catalog->size(), 1u);
  std::ifstream in(SYNCDEX_DATA_DIR "/syncs.json");
  const std::string text((std::istreambuf_iterator<char>(in)), {});
  const std::size_t from = text.find('{', 2);
  const std::string record = text.substr(from, text.rfind(']') - from);
  const std::string expected = "{\"data\":[" + record.substr(0, record.rfind('}') + 1) + "]}";
  for (const char* url :
       {"", "provider=stripe", "metadata=%7B%22custom_property%22%3A42%7D", "health.status=healthy",
        "name=Choam+Corp+-+HubSpot+Production", "collection_ids=hubspot:contact",
        "where={\"credential\":{\"metadata\":{\"custom_credential_property\":42}}}"}) {
    EXPECT_EQ(catalog->find(query(url)).json(), expected) << url;
  }
  EXPECT_EQ(catalog->find(query("health.status=error")).json(), R"({"data":[]})");
  EXPECT_EQ(catalog->report().bytes, text.size());
  EXPECT_EQ(Catalog::load_file("/nowhere").error().code, ErrorCode::io_error);
  EXPECT_EQ(Catalog::load_file("/").error().code, ErrorCode::io_error);
  EXPECT_EQ(Catalog::load_file("/dev/null").error().code, ErrorCode::malformed_json);
  LoadOptions tight;
  tight.limits.input_bytes = 100;
  EXPECT_EQ(Catalog::load_file(SYNCDEX_DATA_DIR "/syncs.json", tight).error().limit, "input_bytes");
}

// Records with a frequent name are counted without visiting each of them.
TEST(Catalog, CountsFrequentNames) {
  std::string text;
  for (int i = 0; i < 3000; ++i) {
    text += R"({"id":")" + std::to_string(i) + R"(","name":")" +
            (i % 3 == 0   ? "cr\\u006fwd"
             : i % 3 == 1 ? "crowd"
                          : "n" + std::to_string(i)) +
            "\"}\n";
  }
  const auto catalog = Catalog::load(text);
  ASSERT_TRUE(catalog);
  EXPECT_EQ(catalog->count(query("name=crowd")), 2000u);
  EXPECT_FALSE(catalog->verify(query("name=crowd")));
  EXPECT_EQ(catalog->count(query("name=n2")), 1u);
  EXPECT_EQ(catalog->stats().names, 1001u);
}

TEST(Catalog, DeadRecordsNeverMatch) {
  LoadOptions options;
  options.skip_bad = true;
  std::string text;
  for (int i = 0; i < 2000; ++i) {
    text += R"({"id":")" + std::to_string(i % 1500) + R"(","provider":"p)" + std::to_string(i % 3) +
            R"(","name":"same","metadata":{"i":)" + std::to_string(i) + ",\"o\":[{\"a\":1,\"b\":2}]}}\n";
  }
  const auto catalog = Catalog::load(text, options);
  ASSERT_TRUE(catalog);
  EXPECT_EQ(catalog->size(), 1500u);
  EXPECT_EQ(catalog->report().bad.size(), 500u);
  for (const char* url :
       {"", "provider=p0", "provider=p0&where={\"metadata\":{\"i\":3}}", "metadata={\"i\":1700}", "name=same",
        "id=7", "metadata={\"o\":[{\"a\":1,\"b\":2}]}", "metadata={\"i\":5}"}) {
    EXPECT_FALSE(catalog->verify(query(url))) << url;
  }
  EXPECT_EQ(catalog->count(query("metadata={\"i\":5}")), 0u);
  EXPECT_EQ(catalog->count(query("name=same")), 1500u);
  EXPECT_EQ(*catalog->find_id("7")->get("metadata"), R"({"i":1507,"o":[{"a":1,"b":2}]})");
  const Matches all = catalog->find(Query());
  EXPECT_EQ(all[0].id(), "500") << "the later place";
}

TEST(Catalog, ThreadsMayShareACatalog) {
  const auto catalog = Catalog::load(bench::Dataset(2).text(2000));
  const Query q = query("provider=stripe");
  const std::size_t expected = catalog->count(q);
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, own = *catalog] {
      for (int i = 0; i < 200; ++i) {
        if (own.find(q).size() != expected || catalog->count(q) != expected) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST(Catalog, StatsAddUp) {
  const auto catalog = Catalog::load(bench::Dataset(1).text(1000));
  const Stats s = catalog->stats();
  EXPECT_EQ(s.records, 1000u);
  EXPECT_EQ(s.segments, 1u);
  EXPECT_EQ(s.providers, 14u);
  EXPECT_EQ(s.names, 1000u);
  EXPECT_EQ(s.statuses, 2u);
  EXPECT_GT(s.terms, 3000u);
  EXPECT_EQ(s.index_bytes(), s.table_bytes + s.term_bytes + s.posting_bytes);
}

}  // namespace
}  // namespace syncdex
