// A live catalog under concurrent readers, changes and merges. SYNCDEX_STRESS_SECONDS says for how long.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <map>
#include <random>
#include <thread>

#include "support/live_records.h"
#include "syncdex/syncdex.h"

namespace syncdex {
namespace {

using test::load;
using test::record;
using test::status;
using test::texts;

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
    } else if (random() % 3 == 0) {
      EXPECT_TRUE(live.reconcile(stamped(stamp, first, last)));
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

// What a filter learns of a path is kept with the segment, by the thread that is first: here eight at once,
// for more paths than are kept.
TEST(Concurrency, ReadersShareWhatFiltersLearnOfAPath) {
  std::string text;
  for (int i = 0; i < 300; ++i) {
    text += R"({"id":")" + std::to_string(i) + R"(","metadata":{)";
    for (int k = 0; k < 40; ++k) {
      text += (k > 0 ? ",\"k" : "\"k") + std::to_string(k) + "\":" + std::to_string((i + k) % 50);
    }
    text += "}}\n";
  }
  for (int round = 0; round < 5; ++round) {
    const Catalog catalog = *Catalog::load(text);
    std::vector<std::thread> readers;
    for (int r = 0; r < 8; ++r) {
      readers.emplace_back([&] {
        for (int k = 0; k < 40; ++k) {
          const std::string path = "metadata.k" + std::to_string(k);
          EXPECT_EQ(catalog.count(*Query::of(field(path).exists())), 300U);
          EXPECT_EQ(catalog.count(*Query::of(field(path).lt(10))), 60U);
        }
      });
    }
    for (std::thread& reader : readers) reader.join();
  }
}

// Readers make, use and replace the same views, of which too few are kept.
// Of views that are replaced while others read, only a few are waiting to be freed.
TEST(Concurrency, ReplacedViewsDoNotPileUp) {
  std::string text;
  for (int i = 0; i < 5'000; ++i) {
    const std::string n = std::to_string(i);
    text += R"({"id":")" + n + R"(","metadata":{"a":)" + n + R"(,"b":)" + n + R"(,"c":)" + n + "}}\n";
  }
  LoadOptions options;
  options.limits.ordered_views = 1;
  const Catalog catalog = *Catalog::load(text, options);
  const std::uint64_t before = catalog.stats().view_bytes;
  std::atomic<bool> stop = false;
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < 16; ++t) {
    threads.emplace_back([&, t] {
      std::mt19937 random(t);
      while (!stop) {
        const std::string path = std::string("metadata.") + "abc"[random() % 3];
        ASSERT_TRUE(catalog.list(Request(Query(), {5, {}}, *Order::parse(path))));
      }
    });
  }
  const auto end = std::chrono::steady_clock::now() + stress_time();
  std::uint64_t most = 0;
  while (std::chrono::steady_clock::now() < end) most = std::max(most, catalog.stats().view_bytes - before);
  stop = true;
  for (std::thread& thread : threads) thread.join();
  // A view of 5 000 records takes 60 KB. One is kept, and one may wait for its last reader.
  EXPECT_LT(most, 3 * 61'000U);
  EXPECT_LT(catalog.stats().view_bytes - before, 2 * 61'000U);
}

TEST(Concurrency, ReadersShareOrderedViews) {
  constexpr int kRecords = 300;
  constexpr int kPaths = 12;
  std::string text;
  for (int i = 0; i < kRecords; ++i) {
    text += R"({"id":")" + std::to_string(i) + R"(","metadata":{)";
    for (int k = 0; k < kPaths; ++k) {
      text +=
          (k > 0 ? ",\"k" : "\"k") + std::to_string(k) + "\":" + std::to_string((i * (k + 7) + k) % kRecords);
    }
    text += "}}\n";
  }
  for (const std::uint64_t kept : {0U, 1U, 3U, 16U}) {
    LoadOptions options;
    options.limits.ordered_views = kept;
    const Catalog catalog = *Catalog::load(text, options);
    std::vector<std::thread> readers;
    for (int r = 0; r < 8; ++r) {
      readers.emplace_back([&, r] {
        std::mt19937 random(static_cast<unsigned>(r));
        for (int i = 0; i < 60; ++i) {
          const std::string key = "k" + std::to_string(i < kPaths ? i : static_cast<int>(random() % kPaths));
          const Request request({}, {5, {}}, *Order::parse("-metadata." + key));
          const auto page = catalog.list(request);
          ASSERT_TRUE(page);
          std::string last;
          for (const Record record : page->matches()) {
            const std::string_view metadata = record.metadata();
            std::string value(metadata.substr(metadata.find('"' + key + '"') + key.size() + 3, 4));
            value.resize(std::min(value.find_first_of(",}"), value.size()));
            value.insert(0, 3 - value.size(), '0');
            ASSERT_TRUE(last.empty() || value <= last) << key;
            last = value;
          }
          const Query range = *Query::of(field("metadata." + key).lt(100));
          ASSERT_EQ(catalog.count(range), catalog.scan(range).size());
          if (i % 20 == 0) {
            ASSERT_LE(catalog.stats().ordered_views, kept);
          }
        }
      });
    }
    for (std::thread& reader : readers) reader.join();
  }
}

}  // namespace
}  // namespace syncdex
