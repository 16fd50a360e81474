// Whatever drives a plan, the answer is the oracle's: the same records in the same order.
#include "base/access.h"
#include "exec/pattern_plan.h"
#include "query/query_impl.h"

#include <gtest/gtest.h>

#include "support/oracle.h"
#include "support/random_json.h"
#include "syncdex/syncdex.h"

namespace syncdex {
namespace {

struct Mode {
  const char* name;
  std::size_t records;
  bool repeats;
  Framing framing;
};
void PrintTo(const Mode& mode, std::ostream* out) { *out << mode.name; }

// Describes the first difference between two answers. Empty if they are equal.
std::string difference(const std::vector<std::string_view>& got,
                       const std::vector<std::string_view>& expected) {
  for (std::size_t i = 0; i < std::max(got.size(), expected.size()); ++i) {
    if (i < got.size() && i < expected.size() && got[i] == expected[i]) continue;
    return "match " + std::to_string(i) + " of " + std::to_string(got.size()) + " (" +
           std::to_string(expected.size()) + " expected):\n got      " +
           std::string(i < got.size() ? got[i] : "none") + "\n expected " +
           std::string(i < expected.size() ? expected[i] : "none") + "\n";
  }
  return "";
}

class EveryPath : public testing::TestWithParam<Mode> {};

TEST_P(EveryPath, MatchesTheOracle) {
  const Mode mode = GetParam();
  const unsigned seeds = mode.records > 100 ? 4 : 60;
  for (unsigned seed = 0; seed < seeds; ++seed) {
    test::RandomJson random(seed * 7919 + mode.records);
    std::vector<std::string> records;
    std::string text = mode.framing == Framing::json ? "[" : "";
    for (std::size_t i = 0; i < mode.records; ++i) {
      records.push_back(random.record("id-" + std::to_string(i), mode.repeats));
      if (i > 0 && mode.framing == Framing::json) text += ',';
      text += records.back() + (mode.framing == Framing::ndjson ? "\n" : "\n\n");
    }
    if (mode.framing == Framing::json) text += ']';
    const auto catalog = Catalog::load(text);
    ASSERT_TRUE(catalog) << "seed " << seed << ": " << catalog.error().message << " at "
                         << catalog.error().offset << "\n"
                         << text.substr(catalog.error().offset, 200);
    ASSERT_EQ(catalog->size(), records.size());
    std::vector<oracle::Value> parsed;
    for (const std::string& record : records) parsed.push_back(*oracle::parse(record));
    for (unsigned q = 0; q < 150; ++q) {
      const std::string pattern = random.pattern(records[random.below(records.size())]);
      const auto query = Query::from_pattern(pattern);
      ASSERT_TRUE(query) << pattern << ": " << query.error().message;
      const oracle::Value wanted = *oracle::parse(pattern);
      std::vector<std::string_view> expected;
      for (std::size_t i = 0; i < records.size(); ++i) {
        if (oracle::contains(parsed[i], wanted)) expected.push_back(records[i]);
      }
      const Matches found = catalog->find(*query);
      ASSERT_EQ(difference(found.slices(), expected), "") << "seed " << seed << ", " << pattern << "\n"
                                                          << catalog->explain(*query);
      const Matches scanned = catalog->scan(*query);
      ASSERT_EQ(difference(scanned.slices(), expected), "") << "seed " << seed << ", " << pattern;
      ASSERT_EQ(catalog->count(*query), expected.size()) << "seed " << seed << ", " << pattern;
      ASSERT_FALSE(catalog->verify(*query)) << "seed " << seed << ", " << pattern;
      // The same matches, in pages.
      Request page{
          *query,
          {.limit = static_cast<std::uint32_t>(1 + random.below(std::min<std::size_t>(mode.records, 1000))),
           .after = {}}};
      std::vector<std::string> joined;
      for (bool more = true; more;) {
        const auto listing = catalog->list(page);
        ASSERT_TRUE(listing);
        for (const Record record : listing->matches()) joined.emplace_back(record.json());
        ASSERT_LE(listing->matches().size(), *page.page.limit);
        more = listing->has_more();
        page.page.after = listing->next();
      }
      ASSERT_EQ(difference({joined.begin(), joined.end()}, expected), "") << pattern;
      // A printed query parses back to the same query.
      const auto again = Query::from_pattern(query->pattern());
      ASSERT_TRUE(again) << query->pattern();
      ASSERT_EQ(*again, *query);
      const auto request = parse_request(query->to_url());
      ASSERT_TRUE(request) << query->to_url();
      ASSERT_EQ(request->query, *query) << query->to_url();
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Plan, EveryPath,
                         testing::Values(Mode{"Short", 20, false, Framing::json},
                                         Mode{"ShortLines", 20, false, Framing::ndjson},
                                         Mode{"Long", 1500, false, Framing::ndjson},
                                         Mode{"Repeats", 30, true, Framing::json},
                                         Mode{"LongRepeats", 1500, true, Framing::ndjson}),
                         [](const auto& test) { return std::string(test.param.name); });

// A third of the records are replaced by later ones. Covers long, short and dense lists, alone and combined,
// in a segment with duplicate keys.
TEST(Plan, CountsExcludeDeadRecords) {
  constexpr std::size_t kRecords = 3000;
  const auto record = [](std::size_t i, std::size_t version) {
    const auto n = std::to_string(i + version);
    return R"({"id":")" + std::to_string(i) + R"(","provider":"p)" + std::to_string((i + version) % 3) +
           R"(","metadata":{"seven":)" + std::to_string((i * 5 + version) % 7) + R"(,"many":)" +
           std::to_string((i + version) % 8) + R"(,"few":)" + std::to_string((i + version) % 500) +
           (i % 11 == 0 ? R"(,"seven":"again")" : "") + R"(,"one":)" + n + "}}\n";
  };
  std::string text;
  for (std::size_t i = 0; i < kRecords; ++i) text += record(i, 0);
  for (std::size_t i = 0; i < kRecords; i += 3) text += record(i, 1 + i % 2);
  LoadOptions options;
  options.skip_bad = true;
  const auto catalog = Catalog::load(text, options);
  ASSERT_TRUE(catalog);
  ASSERT_EQ(catalog->size(), kRecords);
  std::vector<std::string> patterns;
  for (int k = 0; k < 9; ++k) {
    const std::string n = std::to_string(k);
    patterns.push_back(R"({"provider":"p)" + n + "\"}");
    patterns.push_back(R"({"metadata":{"seven":)" + n + "}}");
    patterns.push_back(R"({"metadata":{"many":)" + n + "}}");
    patterns.push_back(R"({"metadata":{"few":)" + n + "}}");
    patterns.push_back(R"({"metadata":{"one":)" + n + "}}");
    patterns.push_back(R"({"provider":"p1","metadata":{"many":)" + n + "}}");
  }
  patterns.emplace_back(R"({"metadata":{"seven":"again"}})");
  patterns.emplace_back(R"({"metadata":{}})");
  patterns.emplace_back("{}");
  for (const std::string& pattern : patterns) {
    const Query query = *Query::from_pattern(pattern);
    EXPECT_EQ(catalog->count(query), catalog->scan(query).size()) << pattern;
    EXPECT_FALSE(catalog->verify(query)) << pattern;
  }
}

// Whatever enumerates the candidates, only those of the page and one more are checked.
TEST(Plan, PageCostDependsOnPageSize) {
  std::string text;
  std::string wide(500, 'x');
  for (int i = 0; i < 4000; ++i) {
    text += R"({"id":")" + std::to_string(i) + R"(","provider":"p)" + std::to_string(i % 50) +
            R"(","status":"s)" + std::to_string(i % 3) +
            R"(","max_age_days":365,"metadata":{"o":[{"a":1,"b":2}]},"x":")" + wide + "\"}\n";
  }
  const Catalog catalog = *Catalog::load(std::move(text));
  for (const char* pattern :
       {R"({"max_age_days":365})", R"({"provider":"p7","max_age_days":365})",
        R"({"status":"s1","max_age_days":365})", R"({"status":"s1","metadata":{"o":[{"a":1,"b":2}]}})"}) {
    const Query query = *Query::from_pattern(pattern);
    const std::size_t all = catalog.count(query);
    ASSERT_GT(all, 50u);
    constexpr Work kForThreeRecords{3 * 700};
    for (const Row first : {0u, 1u, 2000u, 3900u}) {
      const PatternPlan page(Access::impl(query).pattern, Access::snapshot(catalog), kForThreeRecords);
      EXPECT_EQ(page.run({first, 2}).size, 2u) << pattern;
      EXPECT_FALSE(page.work().spent()) << pattern;
    }
    const PatternPlan whole(Access::impl(query).pattern, Access::snapshot(catalog), kForThreeRecords);
    static_cast<void>(whole.run());
    EXPECT_TRUE(whole.work().spent() || !Access::impl(query).pattern.residual) << pattern;
  }
}

TEST(Plan, ExplainsEachStep) {
  const auto catalog = Catalog::load(R"([
    {"id":"1","provider":"stripe","metadata":{"n":1,"o":[{"a":1,"b":2}]}},
    {"id":"2","provider":"stripe","metadata":{"n":2}},
    {"id":"3","provider":"github","credential":{"properties":{"secret":"CANARY"}}}])");
  ASSERT_TRUE(catalog);
  const auto explain = [&](const char* pattern) { return catalog->explain(*Query::from_pattern(pattern)); };
  EXPECT_EQ(explain(R"({"provider":"stripe","metadata":{"n":1}})"),
            "query      {\"metadata\":{\"n\":1},\"provider\":\"stripe\"}\n"
            "driver     metadata.n = 1: 1 record (posting list)\n"
            "intersect  provider = \"stripe\": 2 records (posting list)\n"
            "answer     1 record in 1 segment\n");
  EXPECT_EQ(
      explain("{}"),
      "query      {}\nall        3 records: the query has no condition\nanswer     3 records in 1 segment\n");
  EXPECT_EQ(explain(R"({"credential":{"properties":{"secret":"CANARY"}}})"),
            "query      {\"credential\":{\"properties\":<hidden>}}\n"
            "scan       3 records: no condition is on an indexed path\n"
            "recheck    each candidate's bytes contain {\"credential\":{\"properties\":<hidden>}}\n"
            "answer     1 record in 1 segment\n");
  EXPECT_EQ(explain(R"({"metadata":{"nobody":1}})"),
            "query      {\"metadata\":{\"nobody\":1}}\n"
            "driver     metadata.nobody = 1: 0 records (posting list)\n"
            "answer     nothing: no record has every path of the query\n");
  EXPECT_EQ(catalog->explain(parse_request("id=1&where={\"id\":null}").value().query),
            "query      false\nanswer     nothing: the conditions contradict each other\n");
}

}  // namespace
}  // namespace syncdex
