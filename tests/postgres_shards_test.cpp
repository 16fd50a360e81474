// Several PostgreSQL servers that share the records answer as one catalog does: a coordinator and four
// shards, on sockets in temporary folders.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <map>
#include <set>

#include "dataset.h"
#include "support/postgres_cluster.h"
#include "support/postgres_fixture.h"
#include "support/random_filter.h"
#include "support/random_json.h"
#include "syncdex/syncdex.h"

namespace syncdex {
namespace {

using test::Answer;
using test::ids;
using test::PostgresCluster;
using test::size_of;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

PostgresCluster& cluster() {
  static PostgresCluster one;
  return one;
}

std::string org_of(const Record& record) { return record.text("org_id").value_or(std::string()); }

class PostgresShards : public testing::Test {
 protected:
  PostgresShards() { EXPECT_EQ(cluster().create(), ""); }

  // Loads the records on both sides.
  void load(const std::string& array) {
    const Answer filled = cluster().fill(array);
    ASSERT_TRUE(filled.good()) << filled.error();
    auto loaded = Catalog::load(array);
    ASSERT_TRUE(loaded) << to_string(loaded.error());
    catalog_ = *std::move(loaded);
  }

  void load_dataset() {
    const bench::Dataset dataset(1);
    std::string array = "[";
    for (std::size_t i = 0; i < 4'000; ++i) {
      if (i > 0) array += ',';
      dataset.append_record(i, array);
    }
    // Records without an organisation, and one whose id another organisation has too.
    for (const char* record : {R"({"id":"n1"})", R"({"id":"n2","org_id":null,"created_at":"2023-05-06"})",
                               R"({"id":"n3","org_id":"","provider":"stripe"})"}) {
      array.append(",").append(record);
    }
    load(array + ']');
    for (std::size_t i = 0; i < PostgresCluster::kShards; ++i) {
      ASSERT_TRUE(cluster().shard(i).run("ANALYZE syncs").good());
    }
    ASSERT_TRUE(cluster().coordinator().run("ANALYZE syncs").good());
  }

  static Answer ask(const PostgresQuery& query) {
    return cluster().coordinator().run(query.sql, query.parameters);
  }

  static std::vector<std::string> judged(const PostgresQuery& query) {
    return test::judged(query, cluster().coordinator());
  }

  static std::string plan_of(const PostgresQuery& query) {
    const Answer plan =
        cluster().coordinator().run("EXPLAIN (VERBOSE, COSTS OFF) " + query.sql, query.parameters);
    EXPECT_TRUE(plan.good()) << plan.error();
    return test::joined(plan.column(0), "\n");
  }

  void compare(const Query& query) {
    const auto statement = to_postgres(query, cluster().options());
    ASSERT_TRUE(statement) << to_string(statement.error());
    ASSERT_EQ(judged(*statement), ids(catalog_.find(query))) << query.text() << '\n' << statement->sql;
  }

  std::string first_org() const {
    const Matches all = catalog_.find(Query());
    return org_of(all[0]);
  }

  std::size_t compare_walk(const Request& request) const {
    return test::compare_pages(catalog_, request, cluster().coordinator(), cluster().options());
  }

  Catalog catalog_;
};

std::size_t occurrences(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST_F(PostgresShards, AnswerAsOneCatalog) {
  load_dataset();
  std::set<std::string> counts;
  for (std::size_t i = 0; i < PostgresCluster::kShards; ++i) {
    counts.insert(cluster().shard(i).run("SELECT count(*) > 500 FROM syncs").column(0)[0]);
  }
  EXPECT_THAT(counts, ElementsAre("t"));  // each has a part

  for (const bench::NamedQuery& named : bench::queries()) compare(*Query::from_pattern(named.pattern));
  for (const bench::NamedFilter& named : bench::filters()) compare(*Query::from_filter(named.json));
  const std::string org = first_org();
  for (const char* filter :
       {R"({"path":"org_id","eq":"ORG"})", R"({"path":"org_id","in":["ORG","","nobody"]})",
        R"({"path":"org_id","in":["ORG",null]})", R"({"path":"org_id","eq":null})",
        R"({"path":"org_id","exists":false})", R"({"path":"org_id","ne":"ORG"})",
        R"({"path":"org_id","eq":""})",
        R"({"and":[{"path":"org_id","eq":"ORG"},{"path":"created_at","gte":"2023-01-01"}]})",
        R"({"or":[{"path":"org_id","eq":"ORG"},{"path":"org_id","eq":""}]})",
        R"({"or":[{"path":"org_id","eq":"ORG"},{"path":"id","eq":"n1"}]})",
        R"({"not":{"path":"org_id","in":["ORG",""]}})",
        R"({"path":"org_id","eq":"ORG","ignore_case":true})"}) {
    std::string text = filter;
    for (std::size_t at = text.find("ORG"); at != text.npos; at = text.find("ORG")) text.replace(at, 3, org);
    compare(*Query::from_filter(text));
  }
  std::size_t pages = 0;
  for (const char* request :
       {"limit=600", "provider=stripe&limit=100", "health.status=error&limit=20&order=-created_at",
        "order=name&limit=900", "order=-metadata.score,updated_at&limit=700",
        "created_at[gte]=2023-06-01&limit=500"}) {
    pages += compare_walk(*parse_request(request));
  }
  EXPECT_GT(pages, 25u);
}

TEST_F(PostgresShards, AgreeOnRandomFiltersAndWalks) {
  const std::size_t filters = size_of("SYNCDEX_SHARD_FILTERS", 200);
  std::size_t asked = 0;
  std::size_t walks = 0;
  std::size_t pages = 0;
  std::size_t matched = 0;
  std::size_t narrowed = 0;
  for (unsigned seed = 0; asked < filters && !HasFailure(); ++seed) {
    test::RandomJson random(seed * 53 + 1);
    std::string array;
    std::vector<std::string> records;
    for (int i = 0; i < 40; ++i) {
      records.push_back(test::with_times(random, random.record("id-" + std::to_string(i), seed % 2 == 0)));
      array += (i == 0 ? "[" : ",") + records.back();
    }
    ASSERT_TRUE(cluster().coordinator().run("TRUNCATE syncs; ALTER SEQUENCE syncs_position RESTART").good());
    load(array + ']');
    for (int i = 0; i < 20 && !HasFailure(); ++i) {
      const std::string& sample = records[random.below(records.size())];
      auto query = Query::from_filter(test::random_filter(random, sample));
      if (query && i % 4 == 0) {
        const std::string id = "id-" + std::to_string(random.below(records.size()));
        query = all_of(*query, *QueryBuilder().org_id(org_of(*catalog_.find_id(id))).build());
      }
      if (!query) continue;
      compare(*query);
      narrowed += to_postgres(*query, cluster().options()).value().sql.find("org_id IN") != std::string::npos;
      matched += catalog_.count(*query);
      ++asked;
      if (asked < 10 * (walks + 1)) continue;
      const auto order = Order::parse(test::random_order(random, sample));
      if (!order) continue;
      const auto limit = static_cast<std::uint32_t>(1 + random.below(9));
      pages += compare_walk(Request(random.chance(0.5) ? *query : Query(), {limit, {}}, *order));
      ++walks;
    }
    ASSERT_FALSE(HasFailure()) << "seed " << seed << ": " << array;
  }
  EXPECT_GT(matched, asked);
  EXPECT_GT(narrowed, 0u);
  std::printf(
      "postgres: four shards, %zu filters and %zu walks of %zu pages compared, %zu for some shards only\n",
      asked, walks, pages, narrowed);
}

// The table in the cookbook: which conditions and orders the shards evaluate.
TEST_F(PostgresShards, EvaluateWhatTheCookbookSays) {
  load_dataset();
  const auto plan = [](const char* filter) {
    return plan_of(*to_postgres(*Query::from_filter(filter), cluster().options()));
  };
  const struct {
    const char* filter;
    bool sent;
  } conditions[] = {
      {R"({"contains":{"provider":"stripe"}})", true},
      {R"({"path":"provider","eq":"stripe"})", true},
      {R"({"path":"provider","ne":"stripe"})", true},
      {R"({"path":"provider","in":["stripe","hubspot"]})", true},
      {R"({"path":"provider","nin":["stripe","hubspot"]})", true},
      {R"({"path":"metadata.score","gte":10,"lt":100})", true},
      {R"({"not":{"path":"metadata.score","gte":10}})", true},
      {R"({"path":"name","prefix":"Acme "})", true},
      {R"({"path":"name","exists":true})", true},
      {R"({"path":"name","set":false})", true},
      {R"({"path":"name","kind":["string","null"]})", true},
      {R"({"path":"metadata.tags","size":{"gte":2}})", true},
      {R"({"path":"created_at","gte":"2023-12-15","lt":"2024-01-01"})", true},
      {R"({"path":"updated_at","in":["2023-12-15",null]})", true},
      {R"({"path":"metadata.contacts[].age","gt":30})", true},
      {R"({"some":"metadata.contacts[]","is":{"contains":{"primary":true}}})", true},
      {R"({"or":[{"path":"name","prefix":"A"},{"path":"metadata.score","gt":1}]})", true},
      {R"({"path":"metadata.renewed","gte":"2023-12-15","as":"time"})", false},
      {R"({"path":"name","suffix":"Inc"})", false},
      {R"({"path":"name","substring":"Inc"})", false},
      {R"({"path":"name","eq":"acme","ignore_case":true})", false},
      {R"({"some":"metadata.contacts[]","is":{"and":[{"contains":{"primary":true}},{"path":"age","gt":30}]}})",
       false},
  };
  for (const auto& c : conditions) {
    const std::string text = plan(c.filter);
    EXPECT_EQ(text.find("Filter: ") == text.npos, c.sent) << c.filter << '\n' << text;
    EXPECT_EQ(occurrences(text, "Remote SQL"), PostgresCluster::kShards) << c.filter << '\n' << text;
  }
  const struct {
    const char* order;
    bool sent;
  } orders[] = {{"created_at[gte]=2000-01-01&limit=50", true},
                {"created_at[gte]=2000-01-01&limit=50&order=created_at", true},
                {"created_at[gte]=2000-01-01&limit=50&order=-updated_at", true},
                {"created_at[gte]=2000-01-01&limit=50&order=name", false},
                {"created_at[gte]=2000-01-01&limit=50&order=metadata.score", false}};
  for (const auto& c : orders) {
    const std::string text = plan_of(*to_postgres(*parse_request(c.order), cluster().options()));
    EXPECT_EQ(text.find("Merge Append") != text.npos, c.sent) << c.order << '\n' << text;
  }
  // Without a limit, several shards scan at once.
  EXPECT_EQ(occurrences(plan(R"({"path":"provider","eq":"stripe"})"), "Async Foreign Scan"),
            PostgresCluster::kShards);
}

// A query that says which organisations it asks for is for their shards alone.
TEST_F(PostgresShards, AreAskedForTheirOrganisationsOnly) {
  load_dataset();
  const std::string org = first_org();
  const auto shards = [&](const std::string& request) {
    return occurrences(plan_of(*to_postgres(*parse_request(request), cluster().options())), "Remote SQL");
  };
  EXPECT_EQ(shards("provider=stripe"), 4u);
  EXPECT_EQ(shards("org_id=" + org), 1u);
  EXPECT_EQ(shards("org_id=" + org + "&provider=stripe&created_at[gte]=2023-01-01&order=-created_at&limit=5"),
            1u);
  EXPECT_LE(shards("org_id[in]=" + org + "&org_id[in]=x"), 2u);
  EXPECT_EQ(shards("org_id[ne]=" + org), 4u);
  // The shard sorts, if it is worth it.
  std::string many = "[";
  for (int i = 0; i < 3'000; ++i) {
    many += (i > 0 ? "," : "") + (R"({"id":"m)" + std::to_string(i)) +
            R"(","org_id":"large","created_at":"2023-01-)" + std::to_string(10 + i % 20) + "\"}";
  }
  ASSERT_TRUE(cluster().fill(many + ']').good());
  for (std::size_t i = 0; i < PostgresCluster::kShards; ++i) {
    ASSERT_TRUE(cluster().shard(i).run("ANALYZE syncs").good());
  }
  ASSERT_TRUE(cluster().coordinator().run("ANALYZE syncs").good());
  EXPECT_THAT(
      plan_of(*to_postgres(*parse_request("org_id=large&order=-created_at&limit=50"), cluster().options())),
      HasSubstr("ORDER BY created_time DESC NULLS LAST, \"position\" ASC"));
}

// A shard that does not answer is an error of what needs it, and of nothing else.
TEST_F(PostgresShards, FailTogetherOrNotAtAll) {
  load_dataset();
  const Query all;
  std::map<std::string, std::string> by_shard;  // an organisation of each
  for (const Record record : catalog_.find(all)) {
    if (by_shard.size() == PostgresCluster::kShards) break;
    if (org_of(record).empty()) continue;
    const Answer route =
        cluster().coordinator().run(postgres_route(cluster().options()), {std::string(record.json())});
    ASSERT_TRUE(route.good()) << route.error();
    by_shard[route.column(0)[0]] = org_of(record);
  }
  ASSERT_EQ(by_shard.size(), PostgresCluster::kShards);
  cluster().shard("shard2").stop();
  for (const auto& [shard, org] : by_shard) {
    const auto query = *QueryBuilder().org_id(org).build();
    const Answer answer = ask(*to_postgres(query, cluster().options()));
    EXPECT_EQ(answer.good(), shard != "shard2") << shard << answer.error();
    if (answer.good()) {
      EXPECT_EQ(answer.column(0), ids(catalog_.find(query)));
    }
  }
  for (const char* request : {"provider=stripe", "limit=1", "order=-created_at&limit=1"}) {
    const Answer answer = ask(*to_postgres(*parse_request(request), cluster().options()));
    EXPECT_FALSE(answer.good()) << request;
    EXPECT_THAT(answer.error(), HasSubstr("shard2")) << answer.error();
  }
  cluster().shard("shard2").start();
  EXPECT_EQ(judged(*to_postgres(all, cluster().options())), ids(catalog_.find(all)));
}

// Records that are written through their shards have one load order.
TEST_F(PostgresShards, UpsertMovesARecordToTheEnd) {
  test::RandomJson random(5);
  LiveCatalog live;
  std::size_t replaced = 0;
  for (int i = 0; i < 300; ++i) {
    const std::string id = std::to_string(random.below(60));
    // An id always has the same organisation here: it names a record only together with it.
    const std::string org = std::to_string(std::stoi(id) % 9);
    const std::string record = R"({"id":")" + id + "\"," + (org == "0" ? "" : R"("org_id":")" + org + "\",") +
                               R"("metadata":{"n":)" + std::to_string(i) + "}}";
    const Answer route = cluster().coordinator().run(postgres_route(cluster().options()), {record});
    ASSERT_TRUE(route.good()) << route.error();
    ASSERT_EQ(route.column(0).size(), 1u);
    const Answer put = cluster()
                           .shard(route.column(0)[0])
                           .run(postgres_upsert(cluster().options()), {record, route.column(1)[0]});
    ASSERT_TRUE(put.good()) << put.error();
    const auto diff = live.apply({.upserts = record});
    ASSERT_TRUE(diff);
    replaced += !diff->changed.empty();
  }
  EXPECT_GT(replaced, 100u);
  catalog_ = live.snapshot();
  EXPECT_EQ(judged(*to_postgres(Query(), cluster().options())), ids(catalog_.find(Query())));
  EXPECT_EQ(compare_walk(Request(Query(), {7, {}}, *Order::parse("-metadata.n"))), 9u);
  // The shards enforce the rules for ids and organisations, also for what comes through the coordinator.
  EXPECT_FALSE(cluster().fill(R"([{"id":"1","org_id":"1"}])").good());
  EXPECT_FALSE(cluster().fill(R"([{"id":""}])").good());
  EXPECT_FALSE(cluster().fill(R"([{"name":"no id"}])").good());
  EXPECT_FALSE(cluster()
                   .coordinator()
                   .run(R"(INSERT INTO syncs (doc, org_id) VALUES ('{"id":"x","org_id":"a"}', 'b'))")
                   .good());
  EXPECT_TRUE(cluster().fill(R"([{"id":"1","org_id":"another"}])").good());
  // A record that changed its org_id would stay on a shard where no statement looks for it.
  const Answer moved = cluster().coordinator().run(
      R"(UPDATE syncs SET doc = jsonb_set(doc, '{org_id}', '"b"'), org_id = 'b' WHERE org_id = 'another')");
  EXPECT_FALSE(moved.good());
  EXPECT_THAT(moved.error(), HasSubstr("delete it, and insert it again"));
  EXPECT_TRUE(cluster()
                  .coordinator()
                  .run(R"(UPDATE syncs SET doc = doc || '{"name":"x"}' WHERE org_id = 'another')")
                  .good());
  // Of two writers of a record, the one with the lower position comes last.
  const std::string record = R"({"id":"1","org_id":"1"})";
  const std::string shard =
      cluster().coordinator().run(postgres_route(cluster().options()), {record}).column(0)[0];
  for (const char* position : {"9000", "8000"}) {
    EXPECT_TRUE(cluster().shard(shard).run(postgres_upsert(cluster().options()), {record, position}).good());
  }
  EXPECT_THAT(judged(*to_postgres(Query(), cluster().options())).back(), "1");
}

TEST_F(PostgresShards, StatementsQuoteNames) {
  const std::string odd = R"(o'd\d "name"; --)";
  const PostgresOptions options{
      .table = odd,
      .shards = {{.name = odd, .server = {{"host", odd}, {"batch_size", "7"}}, .user = {{"password", odd}}}}};
  const Answer made = cluster().coordinator().run(postgres_schema(options));
  ASSERT_TRUE(made.good()) << made.error();
  // Another table on the same servers.
  PostgresOptions another = options;
  another.table = "another $syncdex$";
  EXPECT_TRUE(cluster().coordinator().run(postgres_schema(another)).good());
  another.changes = true;
  const Answer shard = cluster().shard(0).run(postgres_shard_schema(another));
  EXPECT_TRUE(shard.good()) << shard.error();
  EXPECT_THAT(cluster()
                  .coordinator()
                  .run("SELECT srvname, srvoptions FROM pg_foreign_server WHERE srvname LIKE 'o%'")
                  .column(1),
              ElementsAre(testing::AllOf(HasSubstr("batch_size=7"), Not(HasSubstr("batch_size=1000")))));
  const Answer route = cluster().coordinator().run(postgres_route(options), {R"({"id":"1"})"});
  ASSERT_TRUE(route.good()) << route.error();
  EXPECT_THAT(route.column(0), ElementsAre(odd));
  EXPECT_THAT(route.column(1), ElementsAre("0"));
  ASSERT_TRUE(cluster().shard(0).run(postgres_shard_schema({.table = odd, .changes = true})).good());
  EXPECT_TRUE(cluster().shard(0).run(postgres_upsert(options), {R"({"id":"1","org_id":"a"})", "0"}).good());
  EXPECT_EQ(postgres_route({}), "");
}

}  // namespace
}  // namespace syncdex
