// What the tests against PostgreSQL share: one server for all of them, and a new table for each.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "support/postgres_server.h"
#include "syncdex/syncdex.h"

namespace syncdex::test {

inline PostgresServer& server() {
  static PostgresServer one;
  return one;
}

// Returns the size of a comparison: the environment variable, or `otherwise`. The nightly run uses large
// sizes.
inline std::size_t size_of(const char* variable, std::size_t otherwise) {
  const char* const value = std::getenv(variable);
  return value != nullptr ? std::strtoull(value, nullptr, 10) : otherwise;
}

inline std::vector<std::string> ids(const Matches& matches) {
  std::vector<std::string> all;
  for (const Record record : matches) all.emplace_back(record.id());
  return all;
}

inline std::vector<std::string> judged(const PostgresQuery& query) {
  const Answer answer = server().run(query.sql, query.parameters);
  EXPECT_TRUE(answer.good()) << answer.error() << query.sql;
  return answer.column(0);
}

class PostgresTest : public testing::Test {
 protected:
  PostgresTest() {
    EXPECT_TRUE(server().run("DROP TABLE IF EXISTS syncs").good());
    const Answer made = server().run(postgres_schema());
    EXPECT_TRUE(made.good()) << made.error();
  }

  // Inserts all records at once, in order.
  static void fill(const std::string& array) {
    const Answer filled =
        server().run("INSERT INTO syncs (doc) SELECT value FROM jsonb_array_elements($1::jsonb)", {array});
    ASSERT_TRUE(filled.good()) << filled.error();
  }
};

}  // namespace syncdex::test
