// Whatever the order, the answer is the oracle's, at once and page by page; on loaded and on live catalogs,
// with few or many views that are kept, and while other records change.
#include <gtest/gtest.h>

#include <algorithm>
#include <list>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/access.h"
#include "query/order_impl.h"
#include "store/snapshot.h"
#include "support/filter_oracle.h"
#include "support/oracle.h"
#include "support/random_filter.h"
#include "support/random_json.h"
#include "support/random_records.h"
#include "syncdex/syncdex.h"

namespace syncdex {
namespace {

using test::joined;
using test::records_of;
using test::scaled;

// All pages, each of a random size up to `most`.
std::vector<std::string> walk(test::RandomJson& random, const Catalog& catalog, Request request,
                              std::size_t most) {
  std::vector<std::string> all;
  for (;;) {
    request.page.limit = static_cast<std::uint32_t>(1 + random.below(most));
    const auto page = catalog.list(request);
    if (!page) {
      ADD_FAILURE() << to_string(page.error());
      return all;
    }
    EXPECT_LE(page->matches().size(), *request.page.limit);
    for (const std::string& record : records_of(page->matches())) all.push_back(record);
    if (!page->has_more()) return all;
    request.page.after = page->next();
  }
}

// The first two records that differ; empty if there are none.
std::string difference(const std::vector<std::string>& found, const std::vector<std::string>& expected) {
  const auto [a, b] = std::ranges::mismatch(found, expected);
  if (a == found.end() && b == expected.end()) return {};
  return "at " + std::to_string(a - found.begin()) + ": " + (a != found.end() ? *a : "nothing") +
         " instead of " + (b != expected.end() ? *b : "nothing");
}

TEST(OrderLaw, EveryWayGivesTheOraclesAnswer) {
  std::size_t answers = 0;
  for (std::uint64_t seed = 1; seed <= scaled(300) && !testing::Test::HasFailure(); ++seed) {
    test::RandomJson random(seed);
    const test::Records records = test::random_records(random, 1 + random.below(150));
    LoadOptions options;
    options.limits.ordered_views = random.below(4);
    const auto catalog = Catalog::load(joined(records.texts), options);
    ASSERT_TRUE(catalog) << to_string(catalog.error());
    const Catalog live = test::scattered(random, records.texts);
    for (int i = 0; i < 10 && !testing::Test::HasFailure(); ++i) {
      const std::string& sample = records.texts[random.below(records.texts.size())];
      const std::string text = test::random_order(random, sample);
      const auto places = oracle::ordered(text, records.values);
      const auto order = Order::parse(text);
      ASSERT_EQ(order.has_value(), places.has_value()) << text << (order ? "" : to_string(order.error()));
      if (!order) continue;
      const auto again = Order::parse(order->text());
      ASSERT_TRUE(again) << order->text();
      ASSERT_EQ(*again, *order);
      const std::string filter = random.chance(0.3) ? R"({"and":[]})" : test::random_filter(random, sample);
      const auto query = Query::from_filter(filter);
      if (!query) continue;
      std::vector<std::string> expected;
      for (const std::size_t place : *places) {
        if (*oracle::filter_holds(*oracle::parse(filter), records.values[place])) {
          expected.push_back(records.texts[place]);
        }
      }
      answers += !expected.empty();
      const std::string shown = text + '\n' + filter + "\nseed " + std::to_string(seed);
      for (const Catalog* c : {&*catalog, &live}) {
        ASSERT_EQ(difference(records_of(c->find(*query, *order)), expected), "") << shown;
        const Request request(*query, {}, *order);
        ASSERT_EQ(difference(walk(random, *c, request, 1 + random.below(20)), expected), "") << shown;
        ASSERT_FALSE(c->verify(*query)) << shown;
      }
    }
  }
  EXPECT_GT(answers, scaled(1'200));
}

// Merges keep the views that all of their parts have, and they are the same as those made anew.
TEST(OrderLaw, MergesKeepViews) {
  std::size_t merged = 0;
  for (std::uint64_t seed = 1; seed <= scaled(60) && !testing::Test::HasFailure(); ++seed) {
    test::RandomJson random(seed);
    LiveOptions options;
    options.merge_on_change = false;
    LiveCatalog live(Catalog(), options);
    std::string sample;
    std::vector<Order> orders;
    for (int change = 0; change < 30; ++change) {
      Changes changes;
      for (std::size_t n = 1 + random.below(6); n > 0; --n) {
        const std::string id = "r" + std::to_string(random.below(60));
        sample = test::with_times(random, random.record(id, random.chance(0.3)));
        changes.upserts += sample + '\n';
      }
      ASSERT_TRUE(live.apply(std::move(changes)));
      while (orders.size() < 3) {
        if (auto order = Order::parse(test::random_order(random, sample)))
          orders.push_back(*std::move(order));
      }
      for (const Order& order : orders) live.snapshot().find({}, order);
      // Whether all parts with live records know the order's first path; before a merge, and one has a view
      // of it.
      const auto is_known = [&](const Order& order, bool after) {
        const Catalog now = live.snapshot();
        bool any = after;
        const bool all = std::ranges::all_of(Access::snapshot(now).parts(), [&](const Part& part) {
          const OrderedViews::Reader reader(part.segment->views());
          const OrderedPath& path = Access::impl(order).keys.front().path;
          const bool kept = reader.find(path) != nullptr;
          any |= kept && part.live_size() > 0;
          return part.live_size() == 0 || kept || reader.is_empty(path);
        });
        return all && any;
      };
      std::vector<bool> known;
      for (const Order& order : orders) known.push_back(is_known(order, false));
      if (live.maintain()) {
        for (std::size_t i = 0; i < orders.size(); ++i) {
          if (!known[i]) continue;
          ASSERT_TRUE(is_known(orders[i], true)) << orders[i].text();
          ++merged;
        }
      }
      std::vector<oracle::Value> values;
      const std::vector<std::string> records = records_of(live.snapshot().find({}));
      for (const std::string& record : records) values.push_back(*oracle::parse(record));
      for (const Order& order : orders) {
        std::vector<std::string> expected;
        const auto places = oracle::ordered(order.text(), values);
        for (const std::size_t place : *places) expected.push_back(records[place]);
        ASSERT_EQ(difference(records_of(live.snapshot().find({}, order)), expected), "")
            << order.text() << "\nseed " << seed << " change " << change;
      }
    }
  }
  EXPECT_GT(merged, scaled(60));
}

// A record that does not change is returned exactly once, whatever happens to others between the pages.
TEST(OrderLaw, WalksReturnWhatDoesNotChangeOnce) {
  std::size_t returned = 0;
  for (std::uint64_t seed = 1; seed <= scaled(200) && !testing::Test::HasFailure(); ++seed) {
    test::RandomJson random(seed);
    LiveCatalog live;
    const auto some_record = [&](std::size_t i) {
      return test::with_times(random, random.record("r" + std::to_string(i), random.chance(0.2)));
    };
    std::map<std::string, std::string> unchanged;
    std::string sample;
    for (std::size_t i = 0; i < 60; ++i) {
      sample = some_record(i);
      unchanged["r" + std::to_string(i)] = sample;
      ASSERT_TRUE(live.apply({.upserts = sample, .erases = {}}));
    }
    const auto order = Order::parse(test::random_order(random, sample));
    const auto query = Query::from_filter(test::random_filter(random, sample));
    if (!order || !query) continue;
    std::multiset<std::string> seen;
    Request request(*query, {static_cast<std::uint32_t>(1 + random.below(6)), {}}, *order);
    for (bool more = true; more;) {
      const auto page = live.snapshot().list(request);
      ASSERT_TRUE(page) << to_string(page.error());
      for (const Record record : page->matches()) seen.emplace(record.id());
      more = page->has_more();
      request.page.after = page->next();
      Changes changes;
      for (std::size_t n = random.below(4); n > 0; --n) {
        const std::size_t i = random.below(70);
        changes.upserts += some_record(i) + '\n';
        unchanged.erase("r" + std::to_string(i));
      }
      if (random.chance(0.3)) {
        const std::string id = "r" + std::to_string(random.below(70));
        changes.erases.push_back(id);
        unchanged.erase(id);
      }
      ASSERT_TRUE(live.apply(std::move(changes)));
    }
    for (const auto& [id, text] : unchanged) {
      const bool matches = !live.snapshot().why_not(id, *query);
      returned += matches;
      ASSERT_EQ(seen.count(id), matches ? 1U : 0U)
          << id << ' ' << order->text() << ' ' << query->text() << "\nseed " << seed;
    }
  }
  EXPECT_GT(returned, scaled(800));
}

// A window before a change, and its delta, give the window after it.
TEST(OrderLaw, WindowsAgreeWithRecomputation) {
  std::size_t deltas = 0;
  for (std::uint64_t seed = 1; seed <= scaled(150) && !testing::Test::HasFailure(); ++seed) {
    test::RandomJson random(seed);
    LiveCatalog live;
    const auto random_batch = [&](std::size_t most) {
      std::string batch;
      for (std::size_t n = random.below(most); n > 0; --n) {
        const std::string id = "r" + std::to_string(random.below(40));
        batch += test::with_times(random, random.record(id, random.chance(0.3))) + '\n';
      }
      return batch;
    };
    EXPECT_TRUE(live.apply({.upserts = random_batch(40), .erases = {}}));
    const std::string sample = test::with_times(random, random.record("r1", false));
    struct Standing {
      Query query;
      Order order;
      std::size_t limit;
      std::vector<std::string> window;  // records
      Subscription subscription;
    };
    std::list<Standing> all;
    for (int n = 0; n < 8; ++n) {
      const auto query =
          Query::from_filter(random.chance(0.4) ? R"({"and":[]})" : test::random_filter(random, sample));
      const Result<Order> order =
          random.chance(0.2) ? Order() : Order::parse(test::random_order(random, sample));
      if (!query || !order) continue;
      Standing& s = all.emplace_back(Standing{*query, *order, 1 + random.below(12), {}, {}});
      const auto id_of = [](const std::string& record) {
        return oracle::parse(record)->members.at("id").text;
      };
      Catalog since;
      s.subscription = live.subscribe(
          s.query, s.order, s.limit,
          [&s, &deltas, id_of](const WindowDelta& delta) {
            ++deltas;
            std::map<std::string, std::size_t> before;
            for (const std::string& record : s.window) before.emplace(id_of(record), before.size());
            const std::vector<std::string> was = std::exchange(s.window, records_of(delta.window));
            std::vector<std::string> entered, changed, moved;
            for (std::size_t i = 0; i < s.window.size(); ++i) {
              const auto old = before.find(id_of(s.window[i]));
              if (old == before.end()) {
                entered.push_back(s.window[i]);
                continue;
              }
              if (was[old->second] != s.window[i]) changed.push_back(s.window[i]);
              if (old->second != i) moved.push_back(s.window[i]);
              before.erase(old);
            }
            std::vector<std::string> left;
            for (const std::string& record : was) {
              if (before.contains(id_of(record))) left.push_back(record);
            }
            EXPECT_EQ(records_of(delta.entered), entered);
            EXPECT_EQ(records_of(delta.changed), changed);
            EXPECT_EQ(records_of(delta.moved), moved);
            EXPECT_EQ(records_of(delta.left), left);
            EXPECT_FALSE(entered.empty() && changed.empty() && moved.empty() && left.empty());
          },
          since);
      s.window = records_of(
          since.list(Request(s.query, {static_cast<std::uint32_t>(s.limit), {}}, s.order)).value().matches());
    }
    for (int change = 0; change < 15; ++change) {
      if (random.chance(0.1)) {
        // The same records in another order, and some others.
        std::vector<std::string> records = records_of(live.snapshot().find(Query()));
        std::rotate(records.begin(), records.begin() + static_cast<std::ptrdiff_t>(records.size() / 2),
                    records.end());
        ASSERT_TRUE(live.replace_all(records.empty() ? "[]" : joined(records)));
      } else {
        Changes changes{random_batch(8), {}};
        for (std::size_t n = random.below(4); n > 0; --n) {
          changes.erases.push_back("r" + std::to_string(random.below(40)));
        }
        ASSERT_TRUE(live.apply(std::move(changes)));
      }
      for (const Standing& s : all) {
        const Request request(s.query, {static_cast<std::uint32_t>(s.limit), {}}, s.order);
        ASSERT_EQ(difference(s.window, records_of(live.snapshot().list(request).value().matches())), "")
            << s.query.text() << s.order.text() << "\nseed " << seed << " change " << change;
      }
    }
  }
  EXPECT_GT(deltas, scaled(2'500));
}

}  // namespace
}  // namespace syncdex
