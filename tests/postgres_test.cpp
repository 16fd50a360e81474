// Uses PostgreSQL as the reference: each query selects the same records there and here, in the same order.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dataset.h"
#include "support/postgres_fixture.h"
#include "support/random_json.h"
#include "syncdex/syncdex.h"

namespace syncdex {
namespace {

using test::Answer;
using test::compare_pages;
using test::ids;
using test::judged;
using test::server;
using test::size_of;
using testing::ElementsAre;
using testing::HasSubstr;

class Postgres : public test::PostgresTest {};

TEST_F(Postgres, AgreesOnRandomPairs) {
  const std::size_t pairs = size_of("SYNCDEX_POSTGRES_PAIRS", 20'000);
  std::size_t compared = 0;
  std::size_t matched = 0;
  for (unsigned seed = 0; compared < pairs; ++seed) {
    test::RandomJson random(seed * 31 + 7);
    std::vector<std::string> records;
    std::string array;
    for (int i = 0; i < 10; ++i) {
      records.push_back(random.record("id-" + std::to_string(i), seed % 2 == 0));
      array += (i == 0 ? "[" : ",") + records.back();
    }
    array += ']';
    ASSERT_TRUE(server().run("TRUNCATE syncs RESTART IDENTITY").good());
    fill(array);
    const Catalog catalog = *Catalog::load(array);
    for (int q = 0; q < 20; ++q) {
      const std::string pattern = random.pattern(records[random.below(records.size())]);
      const Query query = *Query::from_pattern(pattern);
      const auto statement = to_postgres(query);
      ASSERT_TRUE(statement) << pattern;
      const std::vector<std::string> here = ids(catalog.find(query));
      ASSERT_EQ(judged(*statement), here) << "seed " << seed << ": " << pattern << "\n" << query.pattern();
      // Also the pattern as written: that its canonical form has the same meaning is our claim, not
      // PostgreSQL's.
      if (!query.never()) {
        const Answer as_written =
            server().run("SELECT id FROM syncs WHERE doc @> $1::jsonb ORDER BY position", {pattern});
        ASSERT_TRUE(as_written.good()) << as_written.error() << pattern;
        ASSERT_EQ(as_written.column(0), here) << "seed " << seed << ": " << pattern;
      }
      compared += records.size();
      matched += here.size();
    }
  }
  EXPECT_GT(matched, compared / 20);  // the comparison is not vacuous
  std::printf("postgres: %s, %zu pairs compared, %zu match\n", server().version().c_str(), compared, matched);
}

TEST_F(Postgres, AgreesOnTheBenchmarkQueries) {
  const bench::Dataset dataset(1);
  const std::size_t n = size_of("SYNCDEX_POSTGRES_RECORDS", 4'000);
  fill(dataset, n);
  const Catalog catalog = *Catalog::load(dataset.text(n));
  for (const bench::NamedQuery& named : bench::queries()) {
    const Query query = *Query::from_pattern(named.pattern);
    EXPECT_EQ(judged(*to_postgres(query)), ids(catalog.find(query))) << named.name;
  }
}

TEST_F(Postgres, ReturnsTheSamePages) {
  std::string array = "[";
  for (int i = 0; i < 25; ++i) {
    array += (i > 0 ? "," : "") + std::string(R"({"id":")") + std::to_string(i) + R"(","provider":")" +
             (i % 3 == 0 ? "a" : "b") + "\"}";
  }
  array += ']';
  fill(array);
  const Catalog catalog = *Catalog::load(array);
  EXPECT_EQ(compare_pages(catalog, *parse_request("provider=b&limit=4")), 4U);
}

TEST_F(Postgres, UpsertMovesARecordToTheEnd) {
  LiveCatalog live;
  for (const char* record :
       {R"({"id":"1","name":"a"})", R"({"id":"2"})", R"({"id":"3"})", R"({"id":"1","name":"b"})"}) {
    ASSERT_TRUE(live.apply({.upserts = record}));
    const Answer put = server().run(postgres_upsert(), {record});
    ASSERT_TRUE(put.good()) << put.error();
  }
  EXPECT_THAT(ids(live.snapshot().find(Query())), ElementsAre("2", "3", "1"));
  EXPECT_THAT(judged(*to_postgres(Query())), ElementsAre("2", "3", "1"));
  EXPECT_THAT(server().run("SELECT name FROM syncs WHERE id = '1'").column(0), ElementsAre("b"));
  // The table enforces the rules for the id of a record.
  EXPECT_FALSE(server().run(postgres_upsert(), {R"({"name":"no id"})"}).good());
  EXPECT_FALSE(server().run(postgres_upsert(), {R"({"id":""})"}).good());
}

// The cookbook's change of the table, for hosts that shard by organisation. Distributing it takes Citus.
TEST_F(Postgres, TheTableCanBeKeyedByOrganisation) {
  const Answer altered = server().run(
      "ALTER TABLE syncs DROP COLUMN org_id, ADD COLUMN org_id text NOT NULL, DROP CONSTRAINT syncs_pkey, "
      "DROP CONSTRAINT syncs_position_key, ADD PRIMARY KEY (org_id, id)");
  ASSERT_TRUE(altered.good()) << altered.error();
  const std::string insert = "INSERT INTO syncs (doc, org_id) VALUES ($1::jsonb, $2)";
  ASSERT_TRUE(server().run(insert, {R"({"id":"1","org_id":"a"})", "a"}).good());
  ASSERT_TRUE(server().run(insert, {R"({"id":"1","org_id":"b"})", "b"}).good());
  EXPECT_FALSE(server().run(insert, {R"({"id":"1","org_id":"b"})", "b"}).good());
  EXPECT_THAT(judged(*to_postgres(*QueryBuilder().org_id("b").build())), ElementsAre("1"));
}

TEST_F(Postgres, UsesItsIndex) {
  const bench::Dataset dataset(1);
  fill(dataset, 3'000);
  const auto statement = to_postgres(*QueryBuilder().name(dataset.name(7)).build());
  ASSERT_TRUE(server()
                  .run("SET enable_seqscan = off; SET enable_indexscan = off")
                  .good());  // otherwise cheaper for so few records
  const Answer plan = server().run("EXPLAIN " + statement->sql, statement->parameters);
  EXPECT_TRUE(server().run("RESET enable_seqscan; RESET enable_indexscan").good());
  std::string text;
  for (const std::string& line : plan.column(0)) text += line + '\n';
  EXPECT_THAT(text, HasSubstr("Bitmap Index Scan on syncs_doc_idx"));
}

// Rejects exactly what jsonb cannot hold.
TEST_F(Postgres, RejectsWhatJsonbCannotHold) {
  const auto number = [](int before, int behind) {
    return std::string(static_cast<std::size_t>(before), '7') +
           (behind > 0 ? "." + std::string(static_cast<std::size_t>(behind), '7') : "");
  };
  Limits limits;
  limits.pattern_bytes = 1 << 20;
  limits.number_digits = 1'000'000;
  limits.exponent = 1'000'000;
  const struct {
    std::string value;
    bool held;
  } cases[] = {{R"("a\u0000b")", false},    {R"({"a\u0000b":1})", false},
               {R"(["\u0000"])", false},    {R"("\\u0000")", true},
               {"1e131071", true},          {"1e131072", false},
               {"1e-16383", true},          {"1e-16384", false},
               {"12e-16384", false},        {"1.5e-16382", true},
               {"1.5e-16383", false},       {number(131'072, 0), true},
               {number(131'073, 0), false}, {number(1, 16'383), true},
               {number(1, 16'384), false},  {"1e400", true},
               {"9007199254740993", true}};
  for (const auto& c : cases) {
    const std::string pattern = R"({"metadata":{"x":)" + c.value + "}}";
    const auto query = Query::from_pattern(pattern, limits);
    ASSERT_TRUE(query) << pattern.substr(0, 60);
    const auto statement = to_postgres(*query);
    EXPECT_EQ(statement.has_value(), c.held) << pattern.substr(0, 60);
    if (!statement) {
      EXPECT_EQ(statement.error().code, ErrorCode::invalid_pattern);
      EXPECT_THAT(statement.error().message, HasSubstr("PostgreSQL"));
    }
    const Answer answer =
        server().run("SELECT id FROM syncs WHERE doc @> $1::jsonb", {std::string(query->pattern())});
    EXPECT_EQ(answer.good(), c.held) << pattern.substr(0, 60) << answer.error();
  }
}

TEST_F(Postgres, SqlContainsNoTextOfACaller) {
  EXPECT_EQ(to_postgres(*parse_request("provider=a'%3Bdrop&limit=2")).value().sql,
            "SELECT id, doc FROM \"syncs\" WHERE doc @> $1::jsonb ORDER BY position LIMIT 2");
  const auto never = to_postgres(*QueryBuilder().id("1").id("2").build());
  EXPECT_EQ(never->sql, "SELECT id, doc FROM \"syncs\" WHERE false ORDER BY position");
  EXPECT_TRUE(never->parameters.empty());
  EXPECT_TRUE(judged(*never).empty());
  Request request;
  request.page.after = "1' OR true";
  EXPECT_EQ(to_postgres(request).error().code, ErrorCode::invalid_value);
  const PostgresOptions odd{.table = "odd \"name\"; DROP TABLE syncs; --"};
  ASSERT_TRUE(server().run(postgres_schema(odd)).good());
  ASSERT_TRUE(server().run(postgres_upsert(odd), {R"({"id":"1"})"}).good());
  EXPECT_THAT(judged(*to_postgres(Query(), odd)), ElementsAre("1"));
  EXPECT_TRUE(server().run("TABLE syncs").good());
}

}  // namespace
}  // namespace syncdex
