// Statements of PostgreSQL as texts. What they answer is tested against servers, by ./x postgres.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "syncdex/syncdex.h"

namespace syncdex {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

PostgresOptions two_shards() {
  return {.table = "syncs",
          .shards = {{.name = "a", .server = {{"host", "h1"}}, .user = {{"user", "app"}}}, {.name = "b"}}};
}

// The organisations that the statement is narrowed to; "" if it is for all shards.
std::vector<std::string> narrowed_to(const std::string& filter) {
  const auto query = Query::from_filter(filter);
  if (!query) return {to_string(query.error())};
  const auto statement = to_postgres(*query, two_shards());
  if (!statement) return {to_string(statement.error())};
  const auto all = to_postgres(*query);
  if (statement->sql == all->sql) return {""};
  EXPECT_THAT(statement->sql,
              HasSubstr(" AND org_id IN ($" + std::to_string(all->parameters.size() + 1) + "::text"));
  EXPECT_THAT(statement->sql, testing::EndsWith(") ORDER BY position"));
  return {statement->parameters.begin() + static_cast<std::ptrdiff_t>(all->parameters.size()),
          statement->parameters.end()};
}

TEST(Statements, AreForTheShardsThatCanHaveMatches) {
  const struct {
    const char* filter;
    std::vector<std::string> ids;
  } cases[] = {
      {R"({"path":"org_id","eq":"x"})", {"x"}},
      {R"({"contains":{"org_id":"x","provider":"stripe"}})", {"x"}},
      {R"({"path":"org_id","in":["x","y",7]})", {"x", "y"}},
      {R"({"and":[{"path":"org_id","in":["x","y"]},{"path":"name","prefix":"A"}]})", {"x", "y"}},
      {R"({"and":[{"path":"org_id","in":["x","y"]},{"or":[{"path":"org_id","eq":"x"},{"and":[{"path":"org_id","eq":"x"},{"path":"name","set":true}]}]}]})",
       {"x"}},
      {R"({"or":[{"path":"org_id","eq":"y"},{"and":[{"path":"org_id","eq":"x"},{"path":"name","set":true}]}]})",
       {"x", "y"}},
      {R"({"path":"org_id","in":["x","y"],"prefix":"x"})", {"x", "y"}},
      // All shards can have matches of the others.
      {R"({"and":[]})", {""}},
      {R"({"or":[]})", {""}},
      {R"({"path":"org_id","eq":null})", {""}},
      {R"({"path":"org_id","in":["x",null]})", {""}},
      {R"({"path":"org_id","ne":"x"})", {""}},
      {R"({"path":"org_id","eq":"x","ignore_case":true})", {""}},
      {R"({"path":"org_id","prefix":"x"})", {""}},
      {R"({"path":"metadata.org_id","eq":"x"})", {""}},
      {R"({"some":"metadata.a[]","is":{"path":"org_id","eq":"x"}})", {""}},
      {R"({"some":"metadata.a[]","is":{"contains":{"org_id":"x"}}})", {""}},
      {R"({"path":"org_id[]","eq":"x"})", {""}},
      {R"({"or":[{"path":"org_id","eq":"x"},{"path":"id","eq":"1"}]})", {""}},
      {R"({"not":{"path":"org_id","eq":"x"}})", {""}},
      {R"({"contains":{"name":"x"}})", {""}},
  };
  for (const auto& c : cases) EXPECT_EQ(narrowed_to(c.filter), c.ids) << c.filter;
  std::string many = R"({"path":"org_id","in":["0")";
  for (int i = 1; i < 100; ++i) many += ",\"" + std::to_string(i) + '"';
  EXPECT_EQ(narrowed_to(many + "]}").size(), 100u);
  EXPECT_THAT(narrowed_to(many + ",\"100\"]}"), ElementsAre(""));
  EXPECT_THAT(narrowed_to(R"({"or":[{"and":[{"path":"org_id","eq":"x"},{"path":"name","set":true}]},)" +
                          many + "]}]}"),
              ElementsAre(""));
}

TEST(Statements, OfASchemaMatchTheirUse) {
  const std::string one = postgres_schema();
  EXPECT_THAT(one, HasSubstr("CREATE TABLE \"syncs\" ("));
  EXPECT_THAT(one, Not(HasSubstr("changes")));
  EXPECT_THAT(postgres_schema({.table = "t", .changes = true}), HasSubstr("CREATE TABLE \"t_changes\" ("));
  EXPECT_THAT(postgres_upsert(), HasSubstr("ON CONFLICT (id)"));
  EXPECT_EQ(postgres_route({}), "");
  EXPECT_THAT(postgres_prune({.table = "t"}), HasSubstr("DELETE FROM \"t_changes\" WHERE"));

  const PostgresOptions shards = two_shards();
  const std::string coordinator = postgres_schema(shards);
  EXPECT_THAT(coordinator, HasSubstr("PARTITION BY HASH (org_id)"));
  EXPECT_THAT(
      coordinator,
      HasSubstr("CREATE SERVER IF NOT EXISTS \"a\" FOREIGN DATA WRAPPER postgres_fdw OPTIONS (\"host\" 'h1', "
                "\"async_capable\" 'true'"));
  EXPECT_THAT(coordinator, HasSubstr("SERVER \"a\" OPTIONS (\"user\" 'app');"));
  EXPECT_THAT(coordinator, HasSubstr("MODULUS 2, REMAINDER 1"));
  EXPECT_THAT(coordinator, HasSubstr("CREATE USER MAPPING IF NOT EXISTS FOR CURRENT_USER SERVER \"b\";"));
  EXPECT_THAT(postgres_shard_schema(shards), HasSubstr("UNIQUE NULLS NOT DISTINCT (org_id, id)"));
  EXPECT_THAT(postgres_shard_schema({.changes = true}), HasSubstr("syncs_changes"));
  EXPECT_THAT(postgres_upsert(shards), HasSubstr("ON CONFLICT (org_id, id)"));
  EXPECT_THAT(postgres_route(shards), HasSubstr("ARRAY['a', 'b']"));
}

TEST(Statements, QuoteNames) {
  const PostgresOptions odd{
      .table = "a\"b",
      .shards = {{.name = "it's \\ odd\"", .server = {{"ho\"st", "o'h\\"}, {"batch_size", "7"}}}}};
  const std::string schema = postgres_schema(odd);
  EXPECT_THAT(
      schema,
      HasSubstr("CREATE SERVER IF NOT EXISTS \"it's \\ odd\"\"\" FOREIGN DATA WRAPPER postgres_fdw OPTIONS "
                "(\"ho\"\"st\" E'o''h\\\\', \"batch_size\" '7', \"async_capable\" 'true', "));
  EXPECT_THAT(schema, Not(HasSubstr("1000")));
  EXPECT_THAT(postgres_route(odd), HasSubstr("nextval('\"a\"\"b_position\"'::regclass)"));
  EXPECT_THAT(postgres_route(odd), HasSubstr("ARRAY[E'it''s \\\\ odd\"']"));
  EXPECT_THAT(to_postgres(Query(), odd).value().sql, HasSubstr("FROM \"a\"\"b\""));
}

}  // namespace
}  // namespace syncdex
