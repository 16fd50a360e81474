// Uses PostgreSQL as the reference for orders: the same records in the same order, at once and page by page.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>

#include "support/oracle.h"
#include "support/postgres_fixture.h"
#include "support/random_filter.h"
#include "support/random_json.h"
#include "syncdex/syncdex.h"

namespace syncdex {
namespace {

using test::compare_pages;
using test::ids;
using test::judged;
using test::server;
using test::size_of;

class PostgresOrder : public test::PostgresTest {};

TEST_F(PostgresOrder, AgreesOnRandomWalks) {
  const std::size_t wanted = size_of("SYNCDEX_POSTGRES_PAIRS", 20'000) / 100;
  std::size_t walks = 0;
  std::size_t pages = 0;
  for (unsigned seed = 0; walks < wanted && !HasFailure(); ++seed) {
    test::RandomJson random(seed * 41 + 3);
    std::string array;
    std::string sample;
    for (int i = 0; i < 20; ++i) {
      sample = test::with_times(random, random.record("id-" + std::to_string(i), seed % 2 == 0));
      array += (i == 0 ? "[" : ",") + sample;
    }
    array += ']';
    ASSERT_TRUE(server().run("TRUNCATE syncs RESTART IDENTITY").good());
    fill(array);
    const auto catalog = Catalog::load(array);
    ASSERT_TRUE(catalog) << to_string(catalog.error());
    for (int i = 0; i < 8 && !HasFailure(); ++i) {
      const auto order = Order::parse(test::random_order(random, sample));
      const auto query =
          Query::from_filter(random.chance(0.5) ? R"({"and":[]})" : test::random_filter(random, sample));
      if (!order || !query) continue;
      const Request request(*query, {}, *order);
      const auto statement = to_postgres(request);
      ASSERT_TRUE(statement) << to_string(statement.error());
      ASSERT_EQ(judged(*statement), ids(catalog->find(*query, *order)))
          << "seed " << seed << ": " << order->text() << '\n'
          << query->text() << '\n'
          << statement->sql << '\n'
          << array;
      const auto limit = static_cast<std::uint32_t>(1 + random.below(7));
      pages += compare_pages(*catalog, Request(*query, {limit, {}}, *order));
      ASSERT_FALSE(HasFailure()) << "seed " << seed << ": " << order->text() << '\n' << array;
      ++walks;
    }
  }
  EXPECT_GT(pages, walks);
  std::printf("postgres: %s, %zu walks of %zu pages compared\n", server().version().c_str(), walks, pages);
}

// Values with their counts, and exact sums, among the matches of random filters.
TEST_F(PostgresOrder, AgreesOnFigures) {
  const std::size_t wanted = size_of("SYNCDEX_POSTGRES_PAIRS", 20'000) / 50;
  const std::pair<const char*, const char*> paths[] = {
      {"provider", "doc -> 'provider'"},
      {"created_at", "doc -> 'created_at'"},
      {"metadata.a", "doc -> 'metadata' -> 'a'"},
      {"metadata.status", "doc -> 'metadata' -> 'status'"},
      {"metadata.long_key_name", "doc -> 'metadata' -> 'long_key_name'"}};
  std::size_t compared = 0;
  std::size_t records = 0;
  for (unsigned seed = 0; compared < wanted && !HasFailure(); ++seed) {
    test::RandomJson random(seed * 43 + 5);
    std::string array;
    std::string sample;
    for (int i = 0; i < 40; ++i) {
      sample = test::with_times(random, random.record("id-" + std::to_string(i), seed % 2 == 0));
      array += (i == 0 ? "[" : ",") + sample;
    }
    array += ']';
    ASSERT_TRUE(server().run("TRUNCATE syncs RESTART IDENTITY").good());
    fill(array);
    const auto catalog = Catalog::load(array);
    ASSERT_TRUE(catalog) << to_string(catalog.error());
    const auto query =
        Query::from_filter(random.chance(0.5) ? R"({"and":[]})" : test::random_filter(random, sample));
    if (!query) continue;
    const auto statement = to_postgres(*query);
    ASSERT_TRUE(statement);
    for (const auto& [path, v] : paths) {
      const std::string from = " FROM (" + statement->sql + ") AS matches WHERE ";
      // Grouped as jsonb: 1 and 1.0 are one value.
      const test::Answer counts =
          server().run("SELECT v::text, n FROM (SELECT " + std::string(v) + " AS v, count(*) AS n" + from +
                           "jsonb_typeof(" + v + ") NOT IN ('array', 'object') GROUP BY 1) AS groups",
                       statement->parameters);
      ASSERT_TRUE(counts.good()) << counts.error();
      const auto values = catalog->values(path, *query, {.limit = 1'000});
      ASSERT_TRUE(values);
      ASSERT_EQ(values->size(), counts.column(0).size()) << path << ' ' << query->text() << array;
      for (std::size_t i = 0; i < values->size(); ++i) {
        const auto value = *oracle::parse(counts.column(0)[i]);
        const auto found = std::ranges::find_if(
            *values, [&](const JsonCount& count) { return *oracle::parse(count.json) == value; });
        ASSERT_NE(found, values->end()) << path << counts.column(0)[i];
        ASSERT_EQ(std::to_string(found->records), counts.column(1)[i]) << path << found->json;
        records += found->records;
      }
      const test::Answer sum = server().run("SELECT coalesce(sum((" + std::string(v) + ")::numeric), 0)" +
                                                from + "jsonb_typeof(" + v + ") = 'number'",
                                            statement->parameters);
      ASSERT_TRUE(sum.good()) << sum.error();
      const auto summary = catalog->summary(path, *query);
      ASSERT_TRUE(summary);
      ASSERT_EQ(oracle::parse(summary->sum)->decimal, oracle::parse(sum.column(0)[0])->decimal)
          << path << summary->sum << ' ' << sum.column(0)[0] << array;
      ++compared;
    }
  }
  EXPECT_GT(records, compared);
  std::printf("postgres: %s, %zu figures compared\n", server().version().c_str(), compared);
}

TEST_F(PostgresOrder, CutsLongStrings) {
  const std::string prefix(255, 'x');
  std::string array = "[";
  for (const char* end : {"\u00e9z", "\u00e9a", "\u00e9", "e", ""}) {
    array += (array.size() > 1 ? ",{\"id\":\"" : "{\"id\":\"") + std::to_string(array.size()) +
             R"(","name":")" + prefix + end + "\"}";
  }
  array += ']';
  fill(array);
  const Catalog catalog = *Catalog::load(array);
  for (const char* order : {"name", "-name", "-name,id"}) {
    EXPECT_EQ(compare_pages(catalog, Request({}, {1, {}}, *Order::parse(order))), 5U) << order;
  }
}

TEST_F(PostgresOrder, SaysWhatJsonbCannotHold) {
  EXPECT_EQ(to_postgres(Request({}, {}, *Order::parse(R"("a\u0000")"))).error().code,
            ErrorCode::invalid_value);
  const Catalog catalog = *Catalog::load(R"([{"id":"1","name":"\u0000"},{"id":"2"}])");
  Request request({}, {1, {}}, *Order::parse("name"));
  request.page.after = catalog.list(request).value().next();
  EXPECT_EQ(to_postgres(request).error().code, ErrorCode::invalid_value);
}

}  // namespace
}  // namespace syncdex
