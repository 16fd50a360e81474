// Merges of a live catalog: what they free and what they keep; random sequences of changes against a model.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "support/live_model.h"
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
  EXPECT_THAT(ids(live.snapshot().list(request).value().matches()), ElementsAre("8", "9", "x"));
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

}  // namespace
}  // namespace syncdex
