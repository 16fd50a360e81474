// Uses PostgreSQL as the reference for filters: each filter selects the same records there and here, in the
// same order.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>

#include "support/postgres_fixture.h"
#include "support/random_filter.h"
#include "support/random_json.h"
#include "syncdex/syncdex.h"

namespace syncdex {
namespace {

using test::Answer;
using test::compare_pages;
using test::ids;
using test::joined;
using test::judged;
using test::server;
using test::size_of;
using testing::ElementsAre;
using testing::HasSubstr;

// The condition of the statement.
std::string where(const std::string& filter) {
  const auto query = Query::from_filter(filter);
  if (!query) return to_string(query.error());
  const auto statement = to_postgres(*query);
  if (!statement) return to_string(statement.error());
  constexpr std::string_view kBefore = "SELECT id, doc FROM \"syncs\" WHERE ";
  constexpr std::string_view kAfter = " ORDER BY position";
  std::string_view sql = statement->sql;
  EXPECT_TRUE(sql.starts_with(kBefore) && sql.ends_with(kAfter)) << sql;
  sql.remove_prefix(kBefore.size());
  sql.remove_suffix(kAfter.size());
  return std::string(sql);
}

std::vector<std::string> parameters(const std::string& filter) {
  return to_postgres(*Query::from_filter(filter)).value().parameters;
}

std::string plan_of(const PostgresQuery& query) {
  const Answer plan = server().run("EXPLAIN " + query.sql, query.parameters);
  EXPECT_TRUE(plan.good()) << plan.error();
  return joined(plan.column(0), "\n");
}

class PostgresFilter : public test::PostgresFilterTest {};

TEST_F(PostgresFilter, AgreesOnRandomPairs) {
  const std::size_t pairs = size_of("SYNCDEX_POSTGRES_PAIRS", 20'000);
  std::size_t compared = 0;
  std::size_t matched = 0;
  for (unsigned seed = 0; compared < pairs; ++seed) {
    test::RandomJson random(seed * 37 + 11);
    std::vector<std::string> records;
    std::string array;
    for (int i = 0; i < 10; ++i) {
      records.push_back(test::with_times(random, random.record("id-" + std::to_string(i), seed % 2 == 0)));
      array += (i == 0 ? "[" : ",") + records.back();
    }
    array += ']';
    ASSERT_TRUE(server().run("TRUNCATE syncs RESTART IDENTITY").good());
    fill(array);
    const auto catalog = Catalog::load(array);
    ASSERT_TRUE(catalog) << to_string(catalog.error());
    for (int i = 0; i < 20; ++i) {
      const std::string filter = test::random_filter(random, records[random.below(records.size())]);
      const auto query = Query::from_filter(filter);
      if (!query) continue;  // a few are not valid
      const auto statement = to_postgres(*query);
      ASSERT_TRUE(statement) << filter << '\n' << to_string(statement.error());
      const std::vector<std::string> here = ids(catalog->find(*query));
      ASSERT_EQ(judged(*statement), here) << "seed " << seed << ": " << filter << '\n'
                                          << query->text() << '\n'
                                          << statement->sql << '\n'
                                          << joined(statement->parameters, "\n") << '\n'
                                          << joined(records, "\n");
      compared += records.size();
      matched += here.size();
    }
  }
  EXPECT_GT(matched, compared / 10);  // the comparison is not vacuous
  EXPECT_LT(matched, compared - compared / 10);
  std::printf("postgres: %s, %zu pairs of records and filters compared, %zu match\n",
              server().version().c_str(), compared, matched);
}

TEST_F(PostgresFilter, RendersEachOperator) {
  EXPECT_EQ(where(R"({"path":"provider","ne":"stripe"})"), "NOT (doc @> $1::jsonb)");
  EXPECT_EQ(where(R"({"path":"provider","in":["a","b"]})"), "(doc @> $1::jsonb OR doc @> $2::jsonb)");
  EXPECT_EQ(where(R"({"path":"provider","nin":["a","b"]})"), "NOT (doc @> $1::jsonb OR doc @> $2::jsonb)");
  EXPECT_THAT(parameters(R"({"path":"provider","in":["a","b"]})"),
              ElementsAre(R"({"provider":"a"})", R"({"provider":"b"})"));
  EXPECT_EQ(where(R"({"path":"metadata.seats","gte":10,"lt":100})"), "doc @? $1::jsonpath");
  EXPECT_THAT(parameters(R"({"path":"metadata.seats","gte":10,"lt":100})"),
              ElementsAre(R"(strict $."metadata"."seats" ? (@ >= 10 && @ < 100))"));
  EXPECT_EQ(where(R"({"not":{"path":"metadata.seats","gte":10}})"),
            "CASE WHEN doc @? $1::jsonpath THEN false ELSE true END");
  const struct {
    const char* filter;
    const char* jsonpath;
  } selected[] = {
      {R"({"path":"metadata.seats","exists":true})", R"(strict $."metadata"."seats")"},
      {R"({"path":"name","set":true})", R"(strict $."name" ? (@ != null))"},
      {R"({"path":"name","kind":"string"})", R"(strict $."name" ? (@.type() == "string"))"},
      {R"({"path":"name","kind":["array","null"],"gt":"a"})",
       R"(strict $."name" ? ((@.type() == "null" || @.type() == "array") && @ > "a"))"},
      {R"({"path":"metadata.tags","size":2})",
       R"(strict $."metadata"."tags" ? (@.type() == "array" && @.size() == 2))"},
      {R"({"path":"metadata.tags","size":{"gte":1,"lte":3}})",
       R"(strict $."metadata"."tags" ? (@.type() == "array" && @.size() >= 1 && @.size() <= 3))"},
      {R"({"path":"metadata.tags[]","in":[1,"a"],"lt":5})",
       R"(strict $."metadata"."tags"[*] ? (exists (@ ? ((@ == 1 || @ == "a") && @ < 5))))"},
  };
  for (const auto& c : selected) {
    EXPECT_EQ(where(c.filter), "doc @? $1::jsonpath") << c.filter;
    EXPECT_THAT(parameters(c.filter), ElementsAre(c.jsonpath));
  }
  EXPECT_EQ(where(R"({"path":"name","set":false})"),
            "CASE WHEN doc @? $1::jsonpath THEN false ELSE true END");
  EXPECT_THAT(parameters(R"({"path":"name","prefix":"Acme "})"),
              ElementsAre(R"(strict $."name" ? (@ starts with "Acme "))"));
  EXPECT_EQ(where(R"({"path":"name","prefix":"Acme ","ignore_case":true})"),
            R"((jsonb_typeof(doc -> 'name') = 'string' AND )"
            R"(starts_with(lower((doc -> 'name' #>> '{}') COLLATE "C"), $1::text)))");
  EXPECT_EQ(where(R"({"path":"name","substring":"Corp","ignore_case":true})"),
            R"((jsonb_typeof(doc -> 'name') = 'string' AND )"
            R"(strpos(lower((doc -> 'name' #>> '{}') COLLATE "C"), $1::text) > 0))");
  EXPECT_THAT(parameters(R"({"path":"name","substring":"Corp","ignore_case":true})"), ElementsAre("corp"));
  EXPECT_EQ(where(R"({"path":"name","suffix":"Corp"})"),
            R"((jsonb_typeof(doc -> 'name') = 'string' AND )"
            R"(right((doc -> 'name' #>> '{}'), length($1::text)) = $1::text))");
  EXPECT_EQ(where(R"({"path":"created_at","gte":"2023-12-15"})"), "created_time >= $1::numeric");
  EXPECT_EQ(where(R"({"path":"metadata.at","gte":"2023-12-15","as":"time"})"),
            "syncdex_time(doc -> 'metadata' -> $1::text) >= $2::numeric");
  EXPECT_THAT(parameters(R"({"path":"created_at","gte":"2023-12-15"})"), ElementsAre("1702598400"));
  EXPECT_THAT(
      parameters(R"({"path":"created_at","in":["1969-12-31T23:59:59.25Z","1970-01-01T00:00:00.000000001Z",
                                                       "1969-12-31","1969-12-31T23:59:58.75Z",null]})"),
      ElementsAre(R"(strict $."created_at" ? (@ == null))", "-86400", "-1.250000000", "-0.750000000",
                  "0.000000001"));
  EXPECT_EQ(where(R"({"path":"created_at","in":["1970-01-01",null]})"),
            "(doc @? $1::jsonpath OR created_time = $2::numeric)");
  EXPECT_EQ(where(R"({"path":"metadata.contacts[].age","gt":30})"), "doc @? $1::jsonpath");
  EXPECT_THAT(parameters(R"({"path":"metadata.contacts[].age","gt":30})"),
              ElementsAre(R"(strict $."metadata"."contacts"[*] ? (exists (@."age" ? (@ > 30))))"));
  EXPECT_THAT(parameters(R"({"path":"metadata.tags[]","in":["a",1]})"),
              ElementsAre(R"({"metadata":{"tags":[1]}})", R"({"metadata":{"tags":["a"]}})"));
  const std::string array =
      "jsonb_array_elements(CASE jsonb_typeof(doc -> 'metadata' -> $1::text) WHEN 'array' THEN "
      "doc -> 'metadata' -> $1::text ELSE '[]' END) AS e1(v)";
  EXPECT_EQ(where(R"({"some":"metadata.contacts[]","is":{"and":[{"contains":{"primary":true}},
                      {"path":"email","prefix":"ops@"}]}})"),
            "EXISTS (SELECT FROM " + array + " WHERE e1.v @> $2::jsonb AND e1.v @? $3::jsonpath)");
  EXPECT_EQ(where(R"({"not":{"some":"metadata.tags[]","is":{"not":{"path":"","gte":10}}}})"),
            "NOT (EXISTS (SELECT FROM " + array +
                " WHERE CASE WHEN e1.v @? $2::jsonpath THEN false ELSE true END))");
  // A pattern is what it always was.
  EXPECT_EQ(where(R"({"path":"name","eq":"x"})"), "doc @> $1::jsonb");
  EXPECT_EQ(where(R"({"or":[]})"), "false");
  EXPECT_EQ(where(R"({"and":[]})"), "doc @> $1::jsonb");
}

TEST_F(PostgresFilter, AgreesOnEachOperator) {
  load(R"([
    {"id":"1","provider":"stripe","name":"Acme Corp","metadata":{"seats":10,"tags":["eu-1","x"],"plan":null,
      "contacts":[{"primary":true,"email":"dev@a","age":20},{"primary":false,"email":"ops@a","age":31}]}},
    {"id":"2","provider":"stripe","name":"ACME corp","metadata":{"seats":99.5,"tags":[],"plan":"pro",
      "contacts":[{"primary":true,"email":"ops@a"},7,[8],null]}},
    {"id":"3","provider":"intercom","name":null,"metadata":{"seats":"10","tags":"eu-1","plan":["pro"]}},
    {"id":"4","provider":null,"metadata":{"seats":[10,50],"tags":[["eu-1"],{"a":1},10,"EU-2"],"plan":{}}},
    {"id":"5","provider":"a","provider":"zendesk","name":"corp","metadata":{"seats":5,"seats":50,"plan":true,
      "contacts":[{"age":40,"age":1}]}},
    {"id":"6","metadata":{"seats":null,"tags":{"0":"eu-1"},"plan":false,"":{"":"empty"},"a.b":"dot"}},
    {"id":"7","metadata":null,"name":"Ünïcode corp"},
    {"id":"8","metadata":{"seats":9007199254740993,"plan":0,"tags":[1,10,20],"name":"Kelvin \u212a"}},
    {"id":"9","metadata":{"seats":1e400,"plan":-0.0,"tags":[15,20],"x\"y\n\\":"odd"}}
  ])");
  const struct {
    const char* filter;
    const char* matches;
  } cases[] = {
      // equality
      {R"({"path":"provider","eq":"stripe"})", "1 2"},
      {R"({"path":"provider","ne":"stripe"})", "3 4 5 6 7 8 9"},
      {R"({"path":"provider","eq":"a"})", ""},
      {R"({"path":"provider","in":["zendesk","intercom"]})", "3 5"},
      {R"({"path":"provider","in":[null,"intercom"]})", "3 4"},
      {R"({"path":"provider","nin":["stripe","zendesk"]})", "3 4 6 7 8 9"},
      {R"({"path":"provider","in":[]})", ""},
      {R"({"path":"provider","nin":[]})", "1 2 3 4 5 6 7 8 9"},
      {R"({"path":"metadata.seats","in":[1e1,"10",50.0]})", "1 3 5"},
      {R"({"path":"metadata.seats","in":[9007199254740992,10e399]})", "9"},
      {R"({"path":"metadata.plan","in":[0,true]})", "5 8 9"},
      {R"({"path":"metadata.plan","in":[false,null]})", "1 6"},
      {R"({"path":"name","eq":"acme CORP","ignore_case":true})", "1 2"},
      {R"({"path":"name","in":["acme CORP",null],"ignore_case":true})", "1 2 3"},
      {R"({"path":"name","eq":"üNïCODE CORP","ignore_case":true})", ""},
      {R"({"path":"name","eq":"ÜnïCODE CORP","ignore_case":true})", "7"},
      {R"({"path":"metadata.name","eq":"kelvin k","ignore_case":true})", ""},
      {R"({"path":"metadata.seats","in":["10","1E1"],"ignore_case":true})", "3"},
      {R"({"path":"metadata","eq":null})", "7"},
      {R"({"path":"metadata.tags[]","eq":10})", "4 8"},
      {R"({"path":"metadata.tags[]","ne":10})", "1 2 3 5 6 7 9"},
      {R"({"path":"metadata.tags[]","in":["x",15]})", "1 9"},
      {R"({"path":"metadata.tags[]","in":["eu-2"],"ignore_case":true})", "4"},
      {R"({"path":"metadata.tags[][]","eq":"eu-1"})", "4"},
      {R"({"path":"metadata.contacts[]","eq":null})", "2"},
      {R"({"path":"metadata.contacts[].age","eq":40})", ""},
      {R"({"path":"metadata.contacts[].age","in":[1,31]})", "1 5"},
      {R"({"path":"","eq":"x"})", ""},
      {R"({"path":"metadata.\"\".\"\"","in":["empty",1]})", "6"},
      {R"({"path":"metadata.\"a.b\"","in":["dot",1]})", "6"},
      {R"({"path":"metadata.\"x\\\"y\\n\\\\\"","in":["odd",1]})", "9"},
      // bounds
      {R"({"path":"metadata.seats","gte":10})", "1 2 5 8 9"},
      {R"({"not":{"path":"metadata.seats","gte":10}})", "3 4 6 7"},
      {R"({"path":"metadata.seats","gt":10,"lte":99.5})", "2 5"},
      {R"({"path":"metadata.seats","gt":9007199254740992})", "8 9"},
      {R"({"path":"metadata.seats","gt":9007199254740993})", "9"},
      {R"({"path":"metadata.seats","gt":9.99e399,"lt":1.1e400})", "9"},
      {R"({"path":"metadata.seats","lt":1e-400})", ""},
      {R"({"path":"metadata.plan","gt":-1e-400,"lt":1e-400})", "8 9"},
      {R"({"path":"metadata.seats","lte":"10"})", "3"},
      {R"({"path":"metadata.seats","gt":"1","lt":"10"})", ""},
      {R"({"path":"name","gt":"corp"})", "7"},
      {R"({"path":"name","gte":"ACME corp","lt":"Acme Corp"})", "2"},
      {R"({"path":"metadata.seats","gt":5,"lt":5})", ""},
      {R"({"path":"metadata.seats[]","gt":20})", "4"},
      {R"({"path":"metadata.seats[]","gt":10,"lt":50})", ""},
      {R"({"path":"metadata.contacts[].age","gt":30})", "1"},
      {R"({"not":{"path":"metadata.contacts[].age","gt":30}})", "2 3 4 5 6 7 8 9"},
      {R"({"path":"metadata.\"x\\\"y\\n\\\\\"","gt":""})", "9"},
      {R"({"path":"metadata.\"\".\"\"","gt":"e"})", "6"},
      {R"({"path":"","gt":0})", ""},
      // parts of strings
      {R"({"path":"name","prefix":"Acme "})", "1"},
      {R"({"path":"name","prefix":"acme ","ignore_case":true})", "1 2"},
      {R"({"path":"name","prefix":""})", "1 2 5 7"},
      {R"({"path":"name","suffix":""})", "1 2 5 7"},
      {R"({"path":"name","substring":""})", "1 2 5 7"},
      {R"({"path":"name","suffix":"corp"})", "2 5 7"},
      {R"({"path":"name","suffix":" CORP","ignore_case":true})", "1 2 7"},
      {R"({"path":"name","suffix":"a much longer text than corp"})", ""},
      {R"({"path":"name","substring":"Cor"})", "1"},
      {R"({"path":"name","substring":"ïc"})", "7"},
      {R"({"path":"name","substring":"E C","ignore_case":true})", "1 2 7"},
      {R"({"path":"name","substring":"%"})", ""},
      {R"({"path":"name","prefix":"A","suffix":"p","substring":"me"})", "1"},
      {R"({"path":"metadata.seats","prefix":"1"})", "3"},
      {R"({"path":"metadata.seats","substring":"1"})", "3"},
      {R"({"path":"metadata.tags[]","prefix":"eu-"})", "1"},
      {R"({"path":"metadata.tags[]","suffix":"-2","prefix":"EU"})", "4"},
      {R"({"path":"metadata.tags[]","prefix":"eu-","ignore_case":true})", "1 4"},
      {R"({"path":"metadata.contacts[].email","suffix":"@a"})", "1 2"},
      // presence and kinds
      {R"({"path":"name","exists":true})", "1 2 3 5 7"},
      {R"({"path":"name","exists":false})", "4 6 8 9"},
      {R"({"path":"name","set":true})", "1 2 5 7"},
      {R"({"path":"name","set":false})", "3 4 6 8 9"},
      {R"({"path":"metadata.tags.\"0\"","exists":true})", "6"},
      {R"({"path":"metadata.contacts[]","exists":true})", "1 2 5"},
      {R"({"path":"metadata.contacts[]","set":true,"kind":["null","array"]})", "2"},
      {R"({"path":"","exists":true})", "1 2 3 4 5 6 7 8 9"},
      {R"({"path":"","kind":"object"})", "1 2 3 4 5 6 7 8 9"},
      {R"({"path":"","kind":["array","string"]})", ""},
      {R"({"path":"metadata.plan","kind":"null"})", "1"},
      {R"({"path":"metadata.plan","kind":"boolean"})", "5 6"},
      {R"({"path":"metadata.plan","kind":["number","string"]})", "2 8 9"},
      {R"({"path":"metadata.plan","kind":["array","object"]})", "3 4"},
      {R"({"not":{"path":"metadata.plan","kind":["array","object"]}})", "1 2 5 6 7 8 9"},
      {R"({"path":"metadata.plan","kind":["null","boolean","number","string","array","object"]})",
       "1 2 3 4 5 6 8 9"},
      // sizes
      {R"({"path":"metadata.tags","size":0})", "2"},
      {R"({"path":"metadata.tags","size":{"gte":2,"lt":4}})", "1 8 9"},
      {R"({"path":"metadata.tags","size":{"gt":3}})", "4"},
      {R"({"path":"metadata.tags","size":{"lte":2}})", "1 2 9"},
      {R"({"path":"metadata.tags","size":{"lt":0}})", ""},
      {R"({"path":"metadata.tags","size":{"lt":1e30}})", "1 2 4 8 9"},
      {R"({"path":"metadata.tags","size":{"gt":1e30}})", ""},
      {R"({"not":{"path":"metadata.tags","size":2}})", "2 3 4 5 6 7 8"},
      {R"({"path":"metadata.tags[]","size":1})", "4"},
      // some
      {R"({"some":"metadata.contacts[]","is":{"and":[{"contains":{"primary":true}},
           {"path":"email","prefix":"ops@"}]}})",
       "2"},
      {R"({"some":"metadata.contacts[]","is":{"contains":{}}})", "1 2 5"},
      {R"({"some":"metadata.contacts[]","is":{"and":[]}})", "1 2 5"},
      {R"({"some":"metadata.tags[]","is":{"and":[]}})", "1 4 8 9"},
      {R"({"some":"metadata.tags[]","is":{"not":{"path":"","kind":"string"}}})", "4 8 9"},
      {R"({"not":{"some":"metadata.tags[]","is":{"not":{"path":"","gte":10}}}})", "2 3 5 6 7 9"},
      {R"({"and":[{"path":"metadata.tags","kind":"array"},
           {"not":{"some":"metadata.tags[]","is":{"not":{"path":"","gte":10}}}}]})",
       "2 9"},
      {R"({"some":"metadata.tags[]","is":{"some":"[]","is":{"path":"","prefix":"eu"}}})", "4"},
      {R"({"some":"metadata.tags[]","is":{"not":{"some":"[]","is":{"path":"","prefix":"eu"}}}})", "1 4 8 9"},
      {R"({"some":"metadata.contacts[]","is":{"or":[{"path":"age","gt":30},{"path":"","eq":7}]}})", "1 2"},
      // logic
      {R"({"or":[{"path":"name","prefix":"Acme"},{"path":"metadata.seats","gt":1e300}]})", "1 9"},
      {R"({"and":[{"path":"name","exists":true},{"not":{"path":"metadata.seats","gt":10}}]})", "1 3 7"},
      {R"({"and":[{"or":[{"path":"provider","eq":"stripe"},{"path":"name","set":false}]},
           {"or":[{"path":"metadata.seats","lt":11},{"path":"metadata.plan","kind":["object","array"]}]}]})",
       "1 3 4"},
      {R"({"not":{"or":[{"path":"provider","eq":"stripe"},{"path":"metadata.seats","gt":0}]}})", "3 4 6 7"},
      {R"({"not":{"and":[{"path":"provider","set":true},{"path":"metadata.seats","gt":0}]}})", "3 4 6 7 8 9"},
      {R"({"or":[]})", ""},
      {R"({"and":[]})", "1 2 3 4 5 6 7 8 9"},
      // several operators, one value
      {R"({"path":"metadata.plan","in":["pro",true,null],"kind":["string","null"]})", "1 2"},
      {R"({"path":"metadata.seats","in":[10,50,"10"],"gt":10})", "5"},
      {R"({"path":"metadata.tags[]","gt":5,"lt":12})", "4 8"},
      {R"({"path":"metadata.tags[]","in":[10,"x"],"kind":"string"})", "1"},
      {R"({"path":"metadata.tags[]","in":[1,10],"gt":5})", "4 8"},
      {R"({"path":"metadata.tags[]","in":[1,10],"lt":5})", "8"},
      {R"({"path":"metadata.tags[]","eq":10,"size":1})", ""},
      {R"({"path":"metadata.contacts[]","eq":null,"set":true})", ""},
      {R"({"path":"metadata.tags[]","in":["x","eu-1"],"prefix":"eu-2"})", ""},
      {R"({"path":"metadata.tags[]","in":["x","eu-1"],"suffix":"2"})", ""},
      {R"({"path":"metadata.tags[]","in":["x","eu-1"],"substring":"2"})", ""},
      {R"({"path":"metadata.tags[]","prefix":"eu-","suffix":"2"})", ""},
      {R"({"path":"metadata.tags[]","prefix":"eu-","substring":"2"})", ""},
      {R"({"path":"metadata.tags[]","gt":5,"kind":"string"})", ""},
      {R"({"path":"metadata.tags[]","gt":5,"size":1})", ""},
      {R"({"path":"metadata.seats","exists":true,"set":true,"kind":["number","array"],"lt":60})", "1 5"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(answer_and_rest(c.filter), c.matches) << c.filter << '\n' << where(c.filter);
  }
}

TEST_F(PostgresFilter, ReturnsTheSamePages) {
  std::string array = "[";
  for (int i = 0; i < 25; ++i) {
    array += (i > 0 ? "," : "") + std::string(R"({"id":")") + std::to_string(i) + R"(","max_age_days":)" +
             std::to_string(i) + "}";
  }
  load(array + ']');
  // The window applies to all of an OR.
  const auto query =
      Query::from_filter(R"({"or":[{"path":"max_age_days","lt":8},{"path":"max_age_days","gt":18}]})");
  EXPECT_EQ(compare_pages(catalog_, Request(*query, {4, {}})), 4U);
}

TEST_F(PostgresFilter, UsesIndexes) {
  fill(bench::Dataset(1), 3'000);
  const auto plan = [](const char* filter) { return plan_of(*to_postgres(*Query::from_filter(filter))); };
  EXPECT_THAT(plan(R"({"path":"created_at","lt":"2001-01-01"})"), HasSubstr("syncs_created_time_idx"));
  EXPECT_THAT(plan(R"({"path":"updated_at","gt":"2101-01-01","lt":"2101-01-02"})"),
              HasSubstr("syncs_updated_time_idx"));
  EXPECT_THAT(plan(R"({"path":"created_at","in":["2001-01-01","2002-01-01"]})"),
              HasSubstr("syncs_created_time_idx"));
  // Otherwise cheaper for so few records.
  ASSERT_TRUE(server().run("SET enable_seqscan = off; SET enable_indexscan = off").good());
  EXPECT_THAT(plan(R"({"path":"metadata.x","in":["a","b"]})"), HasSubstr("BitmapOr"));
  EXPECT_THAT(plan(R"({"path":"metadata.x[]","eq":"a"})"), HasSubstr("syncs_doc_idx"));
  EXPECT_THAT(plan(R"({"some":"metadata.x[]","is":{"contains":{"a":1}}})"), HasSubstr("syncs_doc_idx"));
  EXPECT_TRUE(server().run("RESET ALL").good());
}

// The statement is the same, whatever a caller wrote as keys and texts.
TEST_F(PostgresFilter, SqlContainsNoTextOfACaller) {
  // As in JSON.
  const std::string texts[] = {R"~('); DROP TABLE syncs; --)~",
                               R"~(\") || true || (\")~",
                               R"~(\\\" ? (true) //)~",
                               R"~(doc' IS NULL OR 'x)~",
                               R"~($1)~",
                               R"~(\\)~",
                               R"~(\\x41)~",
                               R"~(*)~",
                               R"~(''{}%_)~",
                               R"~(\u0001\n)~"};
  std::string array = "[";
  for (const std::string& key : texts) {
    for (const std::string& text : texts) {
      const std::string id = std::to_string(&key - texts) + "-" + std::to_string(&text - texts);
      array += (array == "[" ? "" : ",") +
               (R"({"id":")" + id + R"(","metadata":{"A)" + key + R"(":"A)" + text + R"(","B)") + key +
               R"(":["A)" + text + R"(",{"A)" + key + R"(":1}]}})";
    }
  }
  load(array + ']');
  const auto filters = [](const std::string& key, const std::string& text) {
    std::string step;  // the key in quotes, for a path within JSON
    for (const char c : '"' + key + '"') {
      if (c == '"' || c == '\\') step += '\\';
      step += c;
    }
    std::string list = step;
    list[2] = 'B';
    std::vector<std::string> all;
    for (const std::string& path : {"metadata." + step, "metadata." + list + "[]", step + '.' + list}) {
      const std::string head = R"({"path":")" + path + "\",";
      for (const char* op : {"gt", "lte", "prefix", "suffix", "substring", "ne"}) {
        all.push_back(head + '"' + op + "\":\"" + text + "\"}");
      }
      all.push_back(head + R"("in":[")" + text + R"(",1]})");
      for (const char* op : {"eq", "prefix", "suffix", "substring"}) {
        all.push_back(head + '"' + op + "\":\"" + text + R"(","ignore_case":true})");
      }
      all.push_back(head + R"("exists":true})");
      all.push_back(head + R"("gt":"2023-12-15","as":"time"})");
    }
    all.push_back(R"({"some":"metadata.)" + list + R"([]","is":{"not":{"path":")" + step +
                  R"(","kind":"string"}}})");
    return all;
  };
  const std::vector<std::string> plain = filters("Ak", "At");
  std::size_t matched = 0;
  for (const std::string& key : texts) {
    for (const std::string& text : texts) {
      const std::vector<std::string> odd = filters('A' + key, 'A' + text);
      for (std::size_t i = 0; i < odd.size(); ++i) {
        ASSERT_EQ(where(odd[i]), where(plain[i])) << odd[i];
        matched += !answer(odd[i]).empty();
      }
    }
  }
  EXPECT_GT(matched, 1'000u);
  EXPECT_TRUE(server().run("TABLE syncs").good());
}

TEST_F(PostgresFilter, RejectsWhatJsonbCannotHold) {
  load("[]");
  const char* const rejected[] = {
      R"({"path":"name","prefix":"a\u0000"})",
      R"({"path":"name","suffix":"\u0000"})",
      R"({"path":"name","substring":"\u0000"})",
      R"({"path":"name","substring":"A\u0000","ignore_case":true})",
      R"({"path":"name","gt":"\u0000"})",
      R"({"path":"name","lt":"\u0000"})",
      R"({"path":"name","in":["a","\u0000"]})",
      R"({"path":"name","ne":"\u0000"})",
      R"({"path":"\"\\u0000\"","exists":true})",
      R"({"path":"\"\\u0000\".a","gt":1})",
      R"({"some":"\"\\u0000\"[]","is":{"path":"a","gt":1}})",
      R"({"some":"a[]","is":{"contains":{"\u0000":1}}})",
      R"({"not":{"contains":{"a":["\u0000"]}}})",
      R"({"or":[{"path":"a","exists":true},{"path":"b[].\"\\u0000\"[]","eq":1}]})",
      R"({"path":"a","gt":1e131072})",
      R"({"path":"a","lt":1.5e-16383})",
      R"({"path":"a","in":[1,1e-16384]})",
      R"({"not":{"contains":{"a":-1e131072}}})",
  };
  Limits limits;
  limits.number_digits = limits.exponent = 1'000'000;
  for (const char* filter : rejected) {
    const auto query = Query::from_filter(filter, limits);
    ASSERT_TRUE(query) << filter << to_string(query.error());
    const auto statement = to_postgres(*query);
    ASSERT_FALSE(statement) << filter;
    EXPECT_EQ(statement.error().code, ErrorCode::invalid_filter) << filter;
    EXPECT_THAT(statement.error().message, HasSubstr("PostgreSQL's jsonb cannot hold")) << filter;
  }
  const char* const held[] = {R"({"path":"a","gt":1e131071})", R"({"path":"a","lt":-1.5e-16382})",
                              R"({"path":"a","in":[1,1e-16383]})", R"({"path":"a","prefix":"\\u0000"})",
                              R"({"path":"a","size":{"lt":1e131071}})"};
  for (const char* filter : held) {
    const auto statement = to_postgres(*Query::from_filter(filter, limits));
    ASSERT_TRUE(statement) << filter;
    judged(*statement);
  }
  // A pattern keeps its own error.
  EXPECT_EQ(to_postgres(*Query::from_filter(R"({"path":"a","eq":"\u0000"})")).error().code,
            ErrorCode::invalid_pattern);
}

TEST_F(PostgresFilter, AgreesOnLargeFilters) {
  load(R"([{"id":"1","max_age_days":150,"name":"n150","metadata":{"a":[[[1]]]}},
           {"id":"2","max_age_days":"150","name":"N151"},{"id":"3"}])");
  std::string numbers;
  std::string texts;
  std::string either;
  for (int i = 0; i < 1'000; ++i) {
    const char* comma = i > 0 ? "," : "";
    numbers += comma + std::to_string(i);
    texts += comma + ("\"n" + std::to_string(i) + '"');
    either += comma + (R"({"path":"max_age_days","gt":)" + std::to_string(1'000 + i) + '}');
  }
  EXPECT_EQ(answer_and_rest(R"({"path":"max_age_days","in":[)" + numbers + "]}"), "1");
  EXPECT_EQ(answer_and_rest(R"({"path":"name","in":[)" + texts + "]}"), "1");
  EXPECT_EQ(answer_and_rest(R"({"path":"name","ignore_case":true,"in":[)" + texts + "]}"), "1 2");
  EXPECT_EQ(answer_and_rest(R"({"or":[)" + either + R"(,{"path":"name","substring":"151"}]})"), "2");
  // Deep paths, and deeply nested filters.
  std::string deep = R"({"path":"","gt":0})";
  std::string path;
  for (int i = 0; i < 25; ++i) {
    deep = R"({"some":"[]","is":{"not":)" + deep + "}}";
    path += "a.";
  }
  answer_and_rest(R"({"path":"metadata.a","exists":true})");
  answer_and_rest(R"({"some":"metadata.a[]","is":)" + deep + "}");
  answer_and_rest(R"({"path":")" + path + path + path + R"(a","gt":1})");
  // A long key is not repeated for each value.
  const std::string key(100'000, 'k');
  for (const std::string& steps : {key, key + "[]", key + "[].a", "a[]." + key, key + "[][].a"}) {
    const PostgresQuery statement =
        *to_postgres(*Query::from_filter(R"({"path":")" + steps + R"(","in":[1,2,3,4,5,6,7,8]})"));
    std::size_t bytes = 0;
    for (const std::string& parameter : statement.parameters) bytes += parameter.size();
    EXPECT_LT(bytes, 250'000u) << steps.size();
    judged(statement);
  }
}

TEST_F(PostgresFilter, RejectsTooManyParameters) {
  Limits limits;
  limits.filter_values = 100'000;
  limits.filter_bytes = 1 << 20;
  const auto with = [&](int n) {
    std::string values = "0";
    for (int i = 1; i < n; ++i) values += ',' + std::to_string(i);
    return to_postgres(*Query::from_filter(R"({"path":"max_age_days","in":[)" + values + "]}", limits));
  };
  load(R"([{"id":"1","max_age_days":65000}])");
  ASSERT_TRUE(with(65'535));
  EXPECT_THAT(judged(*with(65'535)), ElementsAre("1"));
  const auto refused = with(65'536);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::invalid_filter);
  EXPECT_THAT(refused.error().message, HasSubstr("65535 parameters"));
}

}  // namespace
}  // namespace syncdex
