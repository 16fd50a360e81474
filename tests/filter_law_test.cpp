// Whatever a filter is and however it is answered, the answer is the oracle's: by the definition, by index, by
// pages, on loaded and on live catalogs. And filters obey the laws of logic.
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "support/filter_oracle.h"
#include "support/oracle.h"
#include "support/random_filter.h"
#include "support/random_json.h"
#include "syncdex/syncdex.h"

namespace syncdex {
namespace {

// How many (record, filter) pairs the tests judge.
std::size_t wanted_pairs() {
  if (const char* const wanted = std::getenv("SYNCDEX_FILTER_PAIRS")) return std::strtoull(wanted, nullptr, 10);
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(NDEBUG)
  return 20'000;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
  return 20'000;
#else
  return 1'000'000;
#endif
#else
  return 1'000'000;
#endif
}

std::vector<std::string> records_of(const Matches& matches) {
  std::vector<std::string> all;
  for (std::size_t i = 0; i < matches.size(); ++i) all.emplace_back(matches[i].json());
  return all;
}

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

struct Records {
  std::vector<std::string> texts;
  std::vector<oracle::Value> values;
};

Records random_records(test::RandomJson& random, std::size_t n) {
  Records out;
  const bool repeats = random.chance(0.5);
  for (std::size_t i = 0; i < n; ++i) {
    out.texts.push_back(test::with_times(random, random.record("r" + std::to_string(i), repeats)));
    out.values.push_back(*oracle::parse(out.texts.back()));
  }
  return out;
}

std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all += text + '\n';
  return all;
}

// A live catalog with the records, in many small segments and with dead ones between them.
Catalog scattered(test::RandomJson& random, const std::vector<std::string>& texts) {
  LiveCatalog live;
  for (std::size_t i = 0; i < texts.size();) {
    Changes changes;
    if (i > 0 && random.chance(0.5)) {
      changes.upserts = test::with_times(random, random.record("dead" + std::to_string(i), true));
      EXPECT_TRUE(live.apply(std::move(changes)));
      changes = {};
      changes.erases.push_back("dead" + std::to_string(i));
    }
    std::string batch;
    for (std::size_t n = 1 + random.below(7); n > 0 && i < texts.size(); --n) batch += texts[i++] + '\n';
    changes.upserts = std::move(batch);
    EXPECT_TRUE(live.apply(std::move(changes)));
  }
  return live.snapshot();
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

TEST(FilterLaw, CanonicalTextsRoundTrip) {
  for (std::uint64_t seed = 1; seed <= 20'000 && !testing::Test::HasFailure(); ++seed) {
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
  }
}

}  // namespace
}  // namespace syncdex
