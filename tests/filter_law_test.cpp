// Whatever a filter is and however it is answered, the answer is the oracle's: by the definition, by index,
// by pages, on loaded and on live catalogs. And filters obey the laws of logic.
#include <gtest/gtest.h>

#include <list>
#include <set>
#include <string>
#include <vector>

#include "support/filter_oracle.h"
#include "support/oracle.h"
#include "support/random_filter.h"
#include "support/random_json.h"
#include "support/random_records.h"
#include "syncdex/syncdex.h"

namespace syncdex {
namespace {

using test::joined;
using test::random_records;
using test::Records;
using test::records_of;
using test::scaled;
using test::scattered;
using test::wanted_pairs;

// All pages of `limit` records each.
std::vector<std::string> walk(const Catalog& catalog, const Query& query, std::uint32_t limit) {
  std::vector<std::string> all;
  Request request(query, {limit, {}});
  for (;;) {
    const auto page = catalog.list(request);
    if (!page) {
      ADD_FAILURE() << to_string(page.error());
      return all;
    }
    for (const std::string& record : records_of(page->matches())) all.push_back(record);
    if (!page->has_more()) return all;
    request.page.after = page->next();
  }
}

TEST(FilterLaw, EveryPathGivesTheOraclesAnswer) {
  const std::size_t wanted = wanted_pairs();
  std::size_t pairs = 0;
  std::size_t matching = 0;
  for (std::uint64_t seed = 1; pairs < wanted && !testing::Test::HasFailure(); ++seed) {
    test::RandomJson random(seed);
    const Records records = random_records(random, 1 + random.below(120));
    const auto catalog = Catalog::load(joined(records.texts));
    ASSERT_TRUE(catalog) << to_string(catalog.error());
    const Catalog live = scattered(random, records.texts);
    for (int i = 0; i < 20 && !testing::Test::HasFailure(); ++i) {
      const std::string text = test::random_filter(random, records.texts[random.below(records.texts.size())]);
      const oracle::Value filter = *oracle::parse(text);
      const auto query = Query::from_filter(text);
      ASSERT_EQ(query.has_value(), oracle::is_valid_filter(filter))
          << text << (query ? "" : '\n' + to_string(query.error()));
      if (!query) continue;
      std::vector<std::string> expected;
      for (std::size_t r = 0; r < records.texts.size(); ++r) {
        if (*oracle::filter_holds(filter, records.values[r])) expected.push_back(records.texts[r]);
      }
      pairs += records.texts.size();
      matching += expected.size();
      const std::string shown = text + "\ncanonical " + query->text() + "\nseed " + std::to_string(seed);
      for (const Catalog* c : {&*catalog, &live}) {
        ASSERT_EQ(records_of(c->scan(*query)), expected) << shown;
        ASSERT_EQ(records_of(c->find(*query)), expected) << shown;
        ASSERT_EQ(c->count(*query), expected.size()) << shown;
        ASSERT_FALSE(c->verify(*query)) << shown;
        const auto page = static_cast<std::uint32_t>(1 + random.below(20));
        ASSERT_EQ(walk(*c, *query, page), expected) << shown;
      }
    }
  }
  EXPECT_GT(matching, pairs / 10);  // else the test would say little
  EXPECT_LT(matching, pairs - pairs / 10);
  RecordProperty("pairs", std::to_string(pairs));
}

// The answer of a standing query before a change, and its delta, give the answer after it.
TEST(FilterLaw, StandingQueriesAgreeWithRecomputation) {
  std::size_t deltas = 0;
  for (std::uint64_t seed = 1; seed <= scaled(150) && !testing::Test::HasFailure(); ++seed) {
    test::RandomJson random(seed);
    LiveCatalog live;
    const auto random_batch = [&] {
      std::string batch;
      for (std::size_t n = random.below(12); n > 0; --n) {
        const std::string id = "r" + std::to_string(random.below(40));
        batch += test::with_times(random, random.record(id, random.chance(0.3))) + '\n';
      }
      return batch;
    };
    EXPECT_TRUE(live.apply({.upserts = random_batch(), .erases = {}}));
    const std::string sample = test::with_times(random, random.record("r1", false));
    struct Standing {
      Query query;
      std::set<std::string> ids;
      Subscription subscription;
    };
    std::list<Standing> all;
    for (int i = 0; i < 30; ++i) {
      const auto query = Query::from_filter(test::random_filter(random, sample));
      if (!query) continue;
      Standing& s = all.emplace_back(Standing{*query, {}, {}});
      Catalog since;
      s.subscription = live.subscribe(
          s.query,
          [&s, &deltas](const Delta& delta) {
            ++deltas;
            for (const Record r : delta.left) EXPECT_EQ(s.ids.erase(std::string(r.id())), 1U);
            for (const Record r : delta.entered) EXPECT_TRUE(s.ids.emplace(r.id()).second);
            for (const Record r : delta.changed) EXPECT_TRUE(s.ids.contains(std::string(r.id())));
          },
          since);
      for (const Record r : since.find(s.query)) s.ids.emplace(r.id());
    }
    for (int change = 0; change < 12; ++change) {
      Changes changes{random_batch(), {}};
      for (std::size_t n = random.below(4); n > 0; --n) {
        changes.erases.push_back("r" + std::to_string(random.below(40)));
      }
      ASSERT_TRUE(live.apply(std::move(changes)));
      for (const Standing& s : all) {
        std::set<std::string> expected;
        for (const Record r : live.snapshot().scan(s.query)) expected.emplace(r.id());
        ASSERT_EQ(s.ids, expected) << s.query.text() << "\nseed " << seed << " change " << change;
      }
    }
  }
  EXPECT_GT(deltas, scaled(5'000));
}

TEST(FilterLaw, ObeysTheLawsOfLogic) {
  for (std::uint64_t seed = 1; seed <= scaled(3'000) && !testing::Test::HasFailure(); ++seed) {
    test::RandomJson random(seed);
    const Records records = random_records(random, 1 + random.below(30));
    const auto catalog = Catalog::load(joined(records.texts));
    ASSERT_TRUE(catalog);
    const std::string f = test::random_filter(random, records.texts[random.below(records.texts.size())]);
    const std::string g = test::random_filter(random, records.texts[random.below(records.texts.size())]);
    const auto a = Query::from_filter(f);
    const auto b = Query::from_filter(g);
    if (!a || !b) continue;
    const auto answer = [&](const std::string& json) {
      const auto query = Query::from_filter(json);
      EXPECT_TRUE(query) << json << (query ? "" : to_string(query.error()));
      return query ? records_of(catalog->find(*query)) : std::vector<std::string>();
    };
    const auto negated = [](const std::string& json) { return "{\"not\":" + json + "}"; };
    const auto joined_by = [](const char* op, const std::string& x, const std::string& y) {
      return std::string("{\"") + op + "\":[" + x + "," + y + "]}";
    };
    ASSERT_EQ(answer(joined_by("or", f, negated(f))), records.texts) << f;
    ASSERT_TRUE(answer(joined_by("and", f, negated(f))).empty()) << f;
    ASSERT_EQ(answer(negated(joined_by("and", f, g))), answer(joined_by("or", negated(f), negated(g))))
        << f << g;
    ASSERT_EQ(answer(negated(joined_by("or", f, g))), answer(joined_by("and", negated(f), negated(g))))
        << f << g;
    ASSERT_EQ(answer(negated(negated(f))), answer(f)) << f;
    const Query bounded = all_of(*a, *b);
    for (const Record r : catalog->find(bounded)) ASSERT_FALSE(catalog->why_not(r.id(), *b)) << f << g;
    ASSERT_EQ(records_of(catalog->find(bounded)), answer(joined_by("and", f, g))) << f << g;
    const auto again = parse_request(a->to_url());
    ASSERT_TRUE(again) << a->to_url() << to_string(again.error());
    ASSERT_EQ(again->query, *a) << a->to_url();
    for (const std::string& text : records.texts) {
      // why_not() finds a reason for exactly those records that do not match.
      const std::string id = oracle::parse(text)->members.at("id").text;
      const auto holds = oracle::filter_holds(*oracle::parse(f), *oracle::parse(text));
      ASSERT_EQ(catalog->why_not(id, *a).has_value(), !holds.value()) << f << text;
    }
    static_cast<void>(catalog->explain(*a));
    ASSERT_EQ(catalog->hint(*a).empty(), catalog->count(*a) > 0) << f;
  }
}

TEST(FilterLaw, CanonicalTextsRoundTrip) {
  for (std::uint64_t seed = 1; seed <= scaled(20'000) && !testing::Test::HasFailure(); ++seed) {
    test::RandomJson random(seed);
    const std::string record = test::with_times(random, random.record("r", false));
    const std::string text = test::random_filter(random, record);
    const auto query = Query::from_filter(text);
    if (!query) continue;
    const auto again = Query::from_filter(query->text());
    ASSERT_TRUE(again) << text << '\n' << query->text() << '\n' << to_string(again.error());
    ASSERT_EQ(again->text(), query->text()) << text;
    ASSERT_EQ(*again, *query);
    ASSERT_EQ(again->hash(), query->hash());
    ASSERT_EQ(again->fingerprint(), query->fingerprint());
    // The server judges what it means, in postgres_filter_test.cpp.
    const auto sql = to_postgres(*query);
    ASSERT_TRUE(sql || sql.error().code == ErrorCode::invalid_filter ||
                sql.error().code == ErrorCode::invalid_pattern)
        << text;
  }
}

}  // namespace
}  // namespace syncdex
