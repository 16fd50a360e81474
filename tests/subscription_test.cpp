// Standing queries: deltas, callbacks, cancelling.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "support/live_records.h"
#include "syncdex/syncdex.h"

namespace syncdex {
namespace {

using test::Heard;
using test::load;
using test::record;
using test::status;
using testing::ElementsAre;
using testing::IsEmpty;

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

}  // namespace
}  // namespace syncdex
