// Threats T36, T41 and T43: work that is not charged, views of others that are evicted, memory of one query.
// All is counted, nothing is timed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "support/allocations.h"
#include "support/counted_work.h"
#include "support/hostile.h"
#include "syncdex/syncdex.h"

namespace syncdex {
namespace {

using test::must;
using test::nested;
using test::repeated;
using test::times;
using test::work_of_count;
using test::work_of_find;
using test::work_of_page;

Query any_of(std::size_t n, const std::function<std::string(std::size_t)>& member) {
  return must(Query::from_filter(R"({"or":[)" + repeated(n, member) + "]}"));
}

template <class T>
std::string outcome(const Result<T>& result) {
  return result ? "ok" : std::string(to_string(result.error().code));
}

// n records with a value d steps below x, in a field that no index covers.
std::string deep_records(std::size_t n, std::size_t depth) {
  std::string text;
  for (std::size_t i = 0; i < n; ++i) {
    text += R"({"id":")" + std::to_string(i) + R"(","x":)" +
            nested(depth, R"({"a":)", "\"v" + std::to_string(i) + "\"", "}") + "}\n";
  }
  return text;
}
std::string deep_path(std::size_t depth) { return "x" + times(depth, ".a"); }

// What is read is charged, so that no answer costs more than it is allowed to: a text of 1.5 MB may be read
// once.
TEST(Threats, T41_DeepPathsAreChargedForWhatIsRead) {
  constexpr std::size_t kDepth = 500;
  const std::string text = deep_records(500, kDepth);
  const auto bytes = static_cast<std::int64_t>(text.size());
  const Catalog catalog = must(Catalog::load(text));
  Limits once;
  once.work = 1;

  // A path is followed in one pass, however deep it is: views and figures of it cost one reading.
  const Order order = must(Order::parse(deep_path(kDepth)));
  EXPECT_LT(work_of_page(catalog, {}, order, 10), bytes + bytes / 8);
  const Query range = must(Query::from_filter(R"({"path":")" + deep_path(kDepth - 1) + R"(","lt":"a"})"));
  EXPECT_LT(work_of_count(catalog, range), bytes + bytes / 8);
  EXPECT_GT(work_of_count(must(Catalog::load(text)), range), bytes / 2);
  // Two paths need two readings, which is more than allowed.
  const Order two = must(Order::parse(deep_path(kDepth - 2) + "," + deep_path(kDepth - 3)));
  EXPECT_EQ(outcome(catalog.list({Query(), {.limit = 10, .after = {}}, two}, once)), "budget_exceeded");
  EXPECT_EQ(outcome(catalog.list({Query(), {.limit = 10, .after = {}}, two})), "ok");
  const Query many = any_of(
      12, [&](std::size_t i) { return R"({"path":")" + deep_path(kDepth - 10 - i) + R"(","lt":"a"})"; });
  Limits eight;
  eight.work = 8;
  LoadOptions without_views;
  without_views.limits.ordered_views = 0;
  const Catalog forgetful = must(Catalog::load(text, without_views));
  EXPECT_EQ(outcome(forgetful.count_within(many, eight)), "budget_exceeded");
  EXPECT_EQ(outcome(forgetful.find_within(many, eight)), "budget_exceeded");
  EXPECT_EQ(outcome(forgetful.find_within(many)), "ok");

  // Figures of a field that is not indexed read the records once.
  EXPECT_EQ(outcome(catalog.summary(deep_path(kDepth))), "ok");
  const auto twice =
      catalog.facets(Query(), {{deep_path(kDepth), {}}, {deep_path(kDepth - 1), {}}}, {}, once);
  EXPECT_EQ(outcome(twice), "budget_exceeded");
}

// To sort numbers whose first digits are equal takes as long as to read them again and again.
TEST(Threats, T41_SortingLongNumbersIsCharged) {
  std::string text;
  for (int i = 0; i < 5'000; ++i) {
    text += R"({"id":")" + std::to_string(i) + R"(","x":)" + std::string(490, '7') +
            std::to_string(10'000 + i * 7'919 % 5'000) + "1}\n";
  }
  const Catalog catalog = must(Catalog::load(text));
  Limits few;
  few.work = 4;
  EXPECT_EQ(outcome(catalog.values("x", {}, {}, few)), "budget_exceeded");
  EXPECT_EQ(outcome(catalog.facets({}, {{"x", {}}}, {}, few)), "budget_exceeded");
  const auto values = must(catalog.values("x", {}, {.limit = 10'000, .by_value = true}));
  ASSERT_EQ(values.size(), 5'000u);
  EXPECT_TRUE(std::ranges::is_sorted(values, {}, &JsonCount::json));
}

TEST(Threats, T41_NestedArraysAreReadOnce) {
  const std::string one = nested(505, "[", "1", "]");
  std::string text;
  for (int i = 0; i < 1'000; ++i) text += R"({"id":")" + std::to_string(i) + R"(","x":)" + one + "}\n";
  const Catalog catalog = must(Catalog::load(text));
  Limits twice;
  twice.work = 2;
  const std::string path = "x" + times(505, "[]");
  const auto values = catalog.values(path, {}, {}, twice);
  ASSERT_TRUE(values) << values.error().message;
  ASSERT_EQ(values->size(), 1u);
  EXPECT_EQ(values->front().records, 1'000u);
  std::vector<Selection> selections;
  for (std::size_t i = 0; i < 20; ++i) selections.push_back({path.substr(0, path.size() - 2 * i), {}});
  EXPECT_EQ(outcome(catalog.facets({}, selections)), "ok");
  Limits less;
  less.work = 15;  // 20 readings
  EXPECT_EQ(outcome(catalog.facets({}, selections, {}, less)), "budget_exceeded");
}

// A walk that succeeds late has read as much as one that fails.
TEST(Threats, T41_ElementsThatMatchLateAreCharged) {
  const std::string filler = repeated(400'000, [](std::size_t) { return "0"; });
  const Catalog catalog = must(Catalog::load(R"({"id":"1","junk":[)" + filler + R"(,"L"]})"));
  const Query late = must(Query::from_filter(R"({"path":"junk[]","in":["L","x"]})"));
  const Query never = must(Query::from_filter(R"({"path":"junk[]","in":["M","x"]})"));
  ASSERT_EQ(catalog.count(late), 1u);
  EXPECT_GT(work_of_count(catalog, late), static_cast<std::int64_t>(filler.size()));
  EXPECT_GE(work_of_count(catalog, late) + 16, work_of_count(catalog, never));
  const Query many = must(Query::from_filter(R"({"and":[)" +
                                             repeated(500,
                                                      [](std::size_t i) {
                                                        return R"({"path":"junk[]","in":["L","x)" +
                                                               std::to_string(i) + "\"]}";
                                                      }) +
                                             "]}"));
  Limits once;
  once.work = 1;
  EXPECT_EQ(outcome(catalog.count_within(many, once)), "budget_exceeded");
  EXPECT_EQ(outcome(catalog.find_within(many)), "budget_exceeded");
  // Of patterns, too, the value that decides is charged.
  const std::string secret(30'000, 's');
  const Catalog long_text = must(Catalog::load(R"({"id":"1","x":")" + secret + "\"}"));
  const Query same = must(Query::from_pattern(R"({"x":")" + secret + "\"}"));
  ASSERT_EQ(long_text.count(same), 1u);
  EXPECT_GT(work_of_count(long_text, same), 30'000);
}

// Posting lists and values that a filter goes through again and again.
TEST(Threats, T41_PostingListsAreChargedForWhatIsWalked) {
  std::string text;
  for (int i = 0; i < 4'000; ++i) {
    text +=
        R"({"id":")" + std::to_string(i) + R"(","metadata":{"t":[)" +
        repeated(20,
                 [&](std::size_t k) { return std::to_string((static_cast<std::size_t>(i) + k * 7) % 200); }) +
        "]}}\n";
  }
  const Catalog catalog = must(Catalog::load(text));
  const auto in = [&](std::size_t n) {
    return must(Query::from_filter(R"({"path":"metadata.t[]","in":[)" +
                                   repeated(n, [](std::size_t i) { return std::to_string(i); }) + "]}"));
  };
  // Each value has 400 records: a bitset of 63 words.
  EXPECT_GE(work_of_find(catalog, in(100)) - work_of_find(catalog, in(10)), 90 * 63);
}

// --- T36 ---

// Honest clients ask for the newest records. An attacker's requests, however often they come, do not evict
// what those use, so that an honest page costs the same after them.
TEST(Threats, T36_OneClientDoesNotEvictWhatOthersUse) {
  std::string text;
  for (int i = 0; i < 3'000; ++i) {
    text += R"({"id":")" + std::to_string(i) + R"(","created_at":"2024-01-)" + (i % 28 < 9 ? "0" : "") +
            std::to_string(i % 28 + 1) + R"(","provider":"p)" + std::to_string(i % 7) + R"(","extra":{)" +
            repeated(40,
                     [&](std::size_t k) {
                       return "\"k" + std::to_string(k) + "\":" + std::to_string(i * 7 % 100);
                     }) +
            "}}\n";
  }
  LoadOptions options;
  options.limits.ordered_views = 4;
  const Catalog catalog = must(Catalog::load(text, options));
  const Order newest = must(Order::parse("-created_at"));
  const Order by_seats = must(Order::parse("extra.k0"));
  const Query since = must(parse_request("created_at[gte]=2024-01-15").transform(&Request::query));
  work_of_page(catalog, {}, newest, 50);
  work_of_page(catalog, {}, by_seats, 50);
  const std::int64_t page = work_of_page(catalog, {}, newest, 50);
  const std::int64_t other = work_of_page(catalog, {}, by_seats, 50);
  const std::int64_t range = work_of_count(catalog, since);
  ASSERT_LT(page, 3'000);

  const auto key = [](std::size_t k) { return "extra.k" + std::to_string(k); };
  const std::function<void(std::size_t)> attacks[] = {
      // ranges on 16 paths that hold nothing
      [&](std::size_t i) {
        work_of_count(catalog, any_of(16, [&](std::size_t k) {
                        return R"({"path":"none.k)" + std::to_string(i * 16 + k) + R"(","gt":1})";
                      }));
      },
      // the same 16 paths again and again
      [&](std::size_t) {
        work_of_count(catalog, any_of(16, [&](std::size_t k) {
                        return R"({"path":")" + key(k + 1) + R"(","gt":99})";
                      }));
      },
      // other paths each time
      [&](std::size_t i) {
        work_of_find(catalog, any_of(3, [&](std::size_t k) {
                       return R"({"path":")" + key(1 + (i * 3 + k) % 39) + R"(","lt":0})";
                     }));
      },
      // orders by four paths
      [&](std::size_t i) {
        work_of_page(catalog, {},
                     must(Order::parse(key(1 + i % 39) + "," + key(1 + (i + 1) % 39) + "," +
                                       key(1 + (i + 2) % 39) + "," + key(1 + (i + 3) % 39))),
                     1);
      },
      // orders of the few records of a provider
      [&](std::size_t i) {
        work_of_page(catalog, *QueryBuilder().provider("p" + std::to_string(i % 7)).id("5").build(),
                     must(Order::parse("-" + key(1 + i % 39))), 1);
      },
      // figures
      [&](std::size_t i) { EXPECT_TRUE(catalog.summary(key(1 + i % 39))); },
      [&](std::size_t i) { EXPECT_TRUE(catalog.values(key(1 + i % 39))); },
  };
  const std::size_t rounds = test::kSlow ? 20 : 150;  // 1 050 requests
  for (std::size_t i = 0; i < rounds; ++i) {
    for (const auto& attack : attacks) {
      attack(i);
      ASSERT_EQ(work_of_page(catalog, {}, newest, 50), page) << "round " << i;
      ASSERT_EQ(work_of_page(catalog, {}, by_seats, 50), other) << "round " << i;
      ASSERT_EQ(work_of_count(catalog, since), range) << "round " << i;
    }
  }
}

// What one request asks for in its filter, its order and its total is asked for once.
TEST(Threats, T36_OneRequestDoesNotEvictViews) {
  std::string text;
  for (int i = 0; i < 500; ++i) {
    text += R"({"id":")" + std::to_string(i) + R"(","x":{)" +
            repeated(26,
                     [&](std::size_t k) {
                       return '"' + std::string(1, static_cast<char>('a' + k)) + "\":" + std::to_string(i);
                     }) +
            "}}\n";
  }
  LoadOptions options;
  options.limits.ordered_views = 2;
  const Catalog catalog = must(Catalog::load(text, options));
  const auto page = [&](const char* order) {
    return work_of_page(catalog, {}, must(Order::parse(order)), 5);
  };
  for (const char* path : {"x.a", "x.b"}) page(path);
  const std::int64_t a = page("x.a");
  const std::int64_t b = page("x.b");
  const auto once = [&](const std::string& p, const std::string& q, const std::string& r) {
    const auto request = parse_request(R"(filter={"or":[{"path":")" + p + R"(","gte":490},{"path":")" + q +
                                       R"(","gte":490},{"path":")" + r + R"(","gte":490}]}&order=)" + p +
                                       ',' + q + ',' + r + "&limit=5");
    ASSERT_TRUE(request) << to_string(request.error());
    ASSERT_TRUE(catalog.list(*request, {}, {.total = true}));
  };
  once("x.q", "x.r", "x.s");
  EXPECT_EQ(page("x.a"), a);
  EXPECT_EQ(page("x.b"), b);
  once("x.t", "x.u", "x.v");
  EXPECT_EQ(page("x.a"), a);
  EXPECT_EQ(page("x.b"), b);
}

// A page in an order by a path without values stays cheap, whatever paths others ask for.
TEST(Threats, T36_PathsWithoutValuesAreNotForgotten) {
  std::string text;
  for (int i = 0; i < 3'000; ++i) text += R"({"id":")" + std::to_string(i) + R"(","x":{"y":1}})" + "\n";
  const Catalog catalog = must(Catalog::load(text));
  const Order order = must(Order::parse("x.none"));
  work_of_page(catalog, {}, order, 10);
  const std::int64_t page = work_of_page(catalog, {}, order, 10);
  EXPECT_LT(page, static_cast<std::int64_t>(text.size() / 10));
  for (std::size_t i = 0; i < 50; ++i) {
    // 16 other paths, some of which were asked for before
    work_of_count(catalog, any_of(16, [&](std::size_t k) {
                    return R"({"path":"x.n)" + std::to_string(i * 12 + k) + R"(","gt":1})";
                  }));
    ASSERT_EQ(work_of_page(catalog, {}, order, 10), page) << i;
  }
  const auto peak = [&](const Order& by) {
    const test::MemoryUse memory;
    work_of_page(catalog, {}, by, 10);
    return memory.peak();
  };
  const Order other = must(Order::parse("x.y"));
  work_of_page(catalog, {}, other, 10);
  EXPECT_LE(peak(order), peak(other));
}

// Nothing is kept for a path without values but the path's hash: the second question costs no reading.
TEST(Threats, T36_PathsWithoutValuesKeepNoViews) {
  std::string text;
  for (int i = 0; i < 2'000; ++i) text += R"({"id":")" + std::to_string(i) + R"(","x":{"y":1}})" + "\n";
  const Catalog catalog = must(Catalog::load(text));
  const std::uint64_t before = catalog.stats().view_bytes;
  const Query nothing = must(Query::from_filter(R"({"path":"x.z","gt":1})"));
  EXPECT_GT(work_of_count(catalog, nothing), static_cast<std::int64_t>(text.size() / 2));
  EXPECT_LT(work_of_count(catalog, nothing), 200);
  EXPECT_EQ(catalog.count(nothing), 0u);
  EXPECT_EQ(catalog.find({}, must(Order::parse("x.z"))).size(), 2'000u);
  EXPECT_EQ(catalog.stats().ordered_views, 0u);
  EXPECT_LT(catalog.stats().view_bytes, before + 8'000);
}

// A path that is asked for regularly gets its view at last, also where others are kept.
TEST(Threats, T36_ViewsThatNobodyUsesAreReplaced) {
  std::string text;
  for (int i = 0; i < 500; ++i) {
    text += R"({"id":")" + std::to_string(i) + R"(","x":{"a":1,"b":2,"c":3}})" + "\n";
  }
  LoadOptions options;
  options.limits.ordered_views = 2;
  const Catalog catalog = must(Catalog::load(text, options));
  for (const char* path : {"x.a", "x.b"}) work_of_page(catalog, {}, must(Order::parse(path)), 5);
  const Order other = must(Order::parse("x.c"));
  const std::int64_t first = work_of_page(catalog, {}, other, 5);
  work_of_page(catalog, {}, other, 5);
  EXPECT_LT(work_of_page(catalog, {}, other, 5), first / 10);
}

// --- T43 ---

// A filter that comes back to paths whose views are not kept reads the records once for each path.
TEST(Threats, T41_FiltersMakeEachViewOnce) {
  std::string text;
  for (int i = 0; i < 2'000; ++i) {
    text +=
        R"({"id":")" + std::to_string(i) + R"(","x":{)" +
        repeated(8, [&](std::size_t k) { return "\"k" + std::to_string(k) + "\":" + std::to_string(i); }) +
        "}}\n";
  }
  LoadOptions without_views;
  without_views.limits.ordered_views = 0;
  const Catalog catalog = must(Catalog::load(text, without_views));
  const Query boxes = any_of(12, [](std::size_t b) {
    return R"({"and":[)" +
           repeated(8,
                    [&](std::size_t k) {
                      return R"({"path":"x.k)" + std::to_string(k) + R"(","gte":)" + std::to_string(b * 10) +
                             "}";
                    }) +
           "]}";
  });
  EXPECT_LT(work_of_count(catalog, boxes), 10 * static_cast<std::int64_t>(text.size()));
}

// Of ranges on a thousand paths whose views are not kept, a query makes 16 views and reads the records again
// for each of the others.
TEST(Threats, T43_MemoryOfOneQueryIsBounded) {
  constexpr std::size_t kRecords = 4'000;
  const std::size_t paths = test::kSanitized ? 200 : 1'000;
  std::string text;
  for (std::size_t i = 0; i < kRecords; ++i) {
    text += R"({"id":")" + std::to_string(i) + R"(","x":{"a)" + std::to_string(i % paths) + R"(":1}})" + "\n";
  }
  LoadOptions options;
  options.limits.ordered_views = 0;
  const Catalog catalog = must(Catalog::load(text, options));
  // All have values, and none is kept.
  const Query query =
      any_of(paths, [&](std::size_t i) { return R"({"path":"x.a)" + std::to_string(i) + R"(","gt":1})"; });
  const auto peak = [&](auto call) {
    const test::MemoryUse memory;
    call();
    return memory.peak();
  };
  // SECURITY.md: at most 48 bytes a record of a segment while a view is made, 16 x 12.1 for views, and two
  // bits a record for each condition.
  const std::size_t most = kRecords * (48 + 16 * 13 + paths / 4) + (std::size_t{1} << 20);
  EXPECT_LT(peak([&] { EXPECT_EQ(catalog.count(query), 0u); }), most);
  EXPECT_LT(peak([&] { EXPECT_EQ(catalog.find(query).size(), 0u); }), most);
  EXPECT_LT(peak([&] {
              LiveCatalog live(catalog);
              const Subscription standing = live.subscribe(query, [](const Delta&) {});
              EXPECT_TRUE(live.apply({.upserts = R"({"id":"1","x":{"a":1}})"}));
            }),
            most);
}

}  // namespace
}  // namespace syncdex
