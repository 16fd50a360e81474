// Compares the matcher with the oracle on patterns that share places: arrays of containers in arrays, with
// few keys and values, so that elements are similar. Also checks how much work the matcher counts.
#include "exec/containment.h"

#include "base/access.h"
#include "query/query_impl.h"

#include <gtest/gtest.h>

#include <random>

#include "support/oracle.h"
#include "syncdex/syncdex.h"

namespace syncdex {
namespace {

class Maker {
 public:
  explicit Maker(unsigned seed) : random_(seed) {}
  std::size_t below(std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random_); }

  std::string object(int depth, std::size_t most) {
    std::string text = "{";
    for (std::size_t n = below(most + 1); n > 0; --n) {
      if (text.size() > 1) text += ',';
      text += (below(8) == 0 ? "\"\\u006" + std::to_string(1 + below(3)) + "\":"
                             : std::string("\"") + "abc"[below(3)] + "\":") +
              value(depth - 1, most);
    }
    return text + '}';
  }
  std::string value(int depth, std::size_t most) {
    const std::size_t kind = below(depth > 0 ? 10 : 4);
    if (kind < 4) {
      static const char* const scalars[] = {"1", "1.0", "2", "\"x\"", "\"\\u0078\"", "\"y\"", "null", "true"};
      return scalars[below(std::size(scalars))];
    }
    if (kind < 6) return object(depth, most);
    std::string text = "[";
    for (std::size_t n = below(most + 2); n > 0; --n) {
      if (text.size() > 1) text += ',';
      text += value(depth - 1, most);
    }
    return text + ']';
  }

 private:
  std::mt19937 random_;
};

TEST(Containment, MatchesTheOracleOnSimilarElements) {
  std::size_t held = 0;
  for (unsigned seed = 0; seed < 4000; ++seed) {
    Maker maker(seed);
    const std::string pattern = maker.object(4, 3);
    const auto query = Query::from_pattern(pattern);
    ASSERT_TRUE(query) << pattern;
    Work work;
    Matcher matcher(Access::impl(*query).pattern, false, work);
    for (int i = 0; i < 12; ++i) {
      // One matcher serves many records: no state of one record may leak into the next.
      const std::string record = maker.object(4, 2 + maker.below(6));
      const std::string padded = record + std::string(Catalog::padding, "0\"]}"[maker.below(4)]);
      const bool expected = oracle::contains(record, pattern);
      held += expected;
      ASSERT_EQ(matcher.matches(padded.data(), true), expected) << seed << "\n" << record << "\n" << pattern;
    }
  }
  EXPECT_GT(held, 3000u);
}

// Cases that places alone cannot distinguish: a pattern element must be matched as a whole, by one element.
TEST(Containment, PatternElementMatchesWithinOneElement) {
  const auto holds = [](std::string record, const char* pattern) {
    const std::string text = std::move(record) + std::string(Catalog::padding, ' ');
    const auto query = Query::from_pattern(pattern);
    Work work;
    return Matcher(Access::impl(*query).pattern, false, work).matches(text.data(), false);
  };
  EXPECT_FALSE(holds(R"({"a":[{"x":1},{"y":2}]})", R"({"a":[{"x":1,"y":2}]})"));
  EXPECT_FALSE(holds(R"({"a":[[1],[2]]})", R"({"a":[[1,2]]})"));
  EXPECT_TRUE(holds(R"({"a":[[1,2]]})", R"({"a":[[1],[2]]})"));
  EXPECT_FALSE(holds(R"({"a":[[[1]],[[2]]]})", R"({"a":[[[1],[2]]]})"));
  EXPECT_FALSE(holds(R"({"a":[{"x":[1]},{"x":[2]}]})", R"({"a":[{"x":[1,2]}]})"));
  EXPECT_TRUE(holds(R"({"a":[{},[]]})", R"({"a":[[],{}]})"));
  EXPECT_FALSE(holds(R"({"a":[{}]})", R"({"a":[[],{}]})"));
  EXPECT_FALSE(holds(R"({"a":[{"x":{}},{"y":{}}]})", R"({"a":[{"x":{},"y":{}}]})"));
  EXPECT_TRUE(holds(R"({"a":[{"x":1,"y":2},{"x":1,"y":3}]})", R"({"a":[{"x":1,"y":3},{"x":1,"y":2}]})"));
}

TEST(Containment, MatcherStopsAtTheWorkBudget) {
  std::string record = R"({"a":[)";
  for (int i = 0; i < 1000; ++i) record += "[1],";
  record += "[]]}";
  const std::string text = record + std::string(Catalog::padding, ' ');
  std::string pattern = R"({"a":[)";
  for (int i = 0; i < 100; ++i) pattern += (i > 0 ? ",[1," : "[1,") + std::to_string(i + 2) + "]";
  const auto query = Query::from_pattern(pattern + "]}");
  Work work{1'000'000};
  EXPECT_FALSE(Matcher(Access::impl(*query).pattern, false, work).matches(text.data(), false));
  const std::int64_t taken = 1'000'000 - work.left;
  EXPECT_GE(taken, 1000 * 100);  // each [1] is compared with the 1 of each pattern element
  EXPECT_LE(taken, 1000 * 100 + static_cast<std::int64_t>(record.size()));
  Work little{50'000};
  Matcher stopped(Access::impl(*query).pattern, false, little);
  EXPECT_FALSE(stopped.matches(text.data(), false));
  EXPECT_TRUE(little.spent());
  EXPECT_GT(little.left, -1000);  // it stops soon after the budget is spent
}

TEST(Containment, CheckedCallsReportAnExceededBudget) {
  std::string text = R"([{"id":"1","metadata":{"a":[)";
  for (int i = 0; i < 1000; ++i) text += "[1],";
  text += "[";
  for (int i = 2; i < 102; ++i) text += std::to_string(i) + ",";
  text += R"(0]]}},{"id":"2","metadata":{"a":[[1,2],[1,3]]}}])";
  const Catalog catalog = *Catalog::load(text);
  std::string pattern = R"({"a":[)";
  for (int i = 0; i < 100; ++i) pattern += (i > 0 ? ",[1," : "[1,") + std::to_string(i + 2) + "]";
  const Query query = *QueryBuilder().metadata(pattern + "]}").build();
  EXPECT_EQ(catalog.find(query).size(), 0u);
  ASSERT_TRUE(catalog.find_within(query));
  EXPECT_EQ(catalog.find_within(query).value().size(), 0u);
  Limits limits;
  limits.work = 0;  // the minimum: 1 MiB
  const auto refused = catalog.find_within(query, limits);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::budget_exceeded);
  EXPECT_EQ(refused.error().limit, "work");
  EXPECT_EQ(http_status(refused.error()), 422);
  EXPECT_EQ(catalog.list({query, {}}, limits).error().code, ErrorCode::budget_exceeded);
  EXPECT_TRUE(catalog.list({query, {}}));
  // Queries that posting lists answer need no such work.
  EXPECT_TRUE(catalog.find_within(*QueryBuilder().id("2").build(), limits));
}

// Stamps are 32-bit numbers, and long scans use them up.
TEST(Containment, StampsAreResetWhenTheyRunOut) {
  const auto query = Query::from_pattern(R"({"a":[{"b":1}],"c":2})");
  const std::string text = R"({"a":[{"b":0},{"b":1}],"c":2})" + std::string(Catalog::padding, ' ');
  Work work;
  Matcher matcher(Access::impl(*query).pattern, false, work);
  ASSERT_TRUE(matcher.matches(text.data(), true));
  matcher.exhaust_stamps();
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(matcher.matches(text.data(), true));
  const std::string other = R"({"a":[{"b":0},{"c":1}],"c":2})" + std::string(Catalog::padding, ' ');
  EXPECT_FALSE(matcher.matches(other.data(), true));
}

}  // namespace
}  // namespace syncdex
