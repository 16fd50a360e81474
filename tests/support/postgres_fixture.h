// What the tests against PostgreSQL share: one server for all of them, and a new table for each.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "dataset.h"
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

inline std::string joined(const std::vector<std::string>& words, const char* between = " ") {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : between) + word;
  return out;
}

// The ids that PostgreSQL answers.
inline std::vector<std::string> judged(const PostgresQuery& query, PostgresServer& at = server()) {
  const Answer answer = at.run(query.sql, query.parameters);
  EXPECT_TRUE(answer.good()) << answer.error() << query.sql;
  return answer.column(0);
}

// Walks through all pages on both sides and returns their number.
inline std::size_t compare_pages(const Catalog& catalog, Request request, PostgresServer& at = server(),
                                 const PostgresOptions& options = {}) {
  std::size_t pages = 0;
  for (bool more = true; more && !testing::Test::HasFailure(); ++pages) {
    const auto page = catalog.list(request);
    const auto statement = to_postgres(request, options);
    EXPECT_TRUE(page && statement);
    if (!page || !statement) break;
    EXPECT_EQ(judged(*statement, at), ids(page->matches())) << statement->sql;
    more = page->has_more();
    request.page.after = page->next();
  }
  return pages;
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

  // Inserts the first `n` records of the benchmarks.
  static void fill(const bench::Dataset& dataset, std::size_t n) {
    constexpr std::size_t kPart = std::size_t{32} << 20;  // one jsonb value cannot hold a million records
    std::string array;
    for (std::size_t i = 0; i < n; ++i) {
      array += array.empty() ? '[' : ',';
      dataset.append_record(i, array);
      if (array.size() < kPart && i + 1 < n) continue;
      fill(array + ']');
      array.clear();
    }
    ASSERT_TRUE(server().run("ANALYZE syncs").good());
  }
};

// Compares the answers to filters.
class PostgresFilterTest : public PostgresTest {
 protected:
  // Loads the records on both sides.
  void load(const std::string& array) {
    fill(array);
    catalog_ = *Catalog::load(array);
  }

  // The ids of the matches, which must be the same on both sides.
  std::string answer(const std::string& filter) {
    const auto query = Query::from_filter(filter);
    if (!query) return to_string(query.error());
    const auto statement = to_postgres(*query);
    if (!statement) return to_string(statement.error());
    const std::vector<std::string> here = ids(catalog_.find(*query));
    EXPECT_EQ(judged(*statement), here) << filter << '\n' << statement->sql;
    return joined(here);
  }

  // The same, and that the negation selects all other records.
  std::string answer_and_rest(const std::string& filter) {
    const std::string found = answer(filter);
    const std::string rest = answer(R"({"not":)" + filter + '}');
    const auto count = [](const std::string& all) {
      return all.empty() ? 0 : std::ranges::count(all, ' ') + 1;
    };
    EXPECT_EQ(count(found) + count(rest), static_cast<std::ptrdiff_t>(catalog_.size())) << filter << rest;
    return found;
  }

  Catalog catalog_;
};

}  // namespace syncdex::test
