// Figures: values, facets, sums and histograms, compared with the oracle's DOM and with examples.
#include "syncdex/figures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "json/decimal_sum.h"
#include "support/filter_oracle.h"
#include "support/hostile.h"
#include "support/oracle.h"
#include "support/random_filter.h"
#include "support/random_json.h"
#include "support/random_records.h"
#include "syncdex/syncdex.h"

namespace syncdex {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string joined(const std::vector<JsonCount>& counts) {
  std::string all;
  for (const JsonCount& c : counts) {
    all += (all.empty() ? "" : " ") + c.json + ":" + std::to_string(c.records);
  }
  return all;
}

const char* const kRecords = R"([
  {"id":"1","provider":"stripe","status":"active","created_at":"2023-12-15","metadata":{"n":1,"tags":["a","b","a"]}},
  {"id":"2","provider":"stripe","status":"paused","created_at":"2023-12-31T23:59:59Z","metadata":{"n":1.0,"tags":[]}},
  {"id":"3","provider":"github","status":"active","created_at":"2024-01-01","metadata":{"n":-0.5,"tags":["b",1,1.0]}},
  {"id":"4","provider":"github","status":"active","created_at":"yesterday","metadata":{"n":"1","tags":"a"}},
  {"id":"5","provider":"hubspot","status":"paused","metadata":{"n":null,"n2":[1]}},
  {"id":"6","provider":"stripe","provider":"zendesk","created_at":null,"metadata":{"n":7,"n":1e1,"tags":["c"],"tags":[null]}}])";

const Catalog& catalog() {
  static const Catalog one = *Catalog::load(kRecords);
  return one;
}

std::string values(std::string_view path, const char* filter = R"({"and":[]})",
                   const ValuesOptions& options = {}) {
  const auto counts = catalog().values(path, *Query::from_filter(filter), options);
  return counts ? joined(*counts) : to_string(counts.error());
}

TEST(Figures, CountsValues) {
  EXPECT_EQ(values("provider"), R"("github":2 "stripe":2 "hubspot":1 "zendesk":1)");
  EXPECT_EQ(values("provider", R"({"contains":{"status":"active"}})"), R"("github":2 "stripe":1)");
  EXPECT_EQ(values("metadata.n"), R"(1:2 -0.5:1 10:1 "1":1 null:1)");
  EXPECT_EQ(values("metadata.n", R"({"and":[]})", {.by_value = true}), R"(-0.5:1 1:2 10:1 "1":1 null:1)");
  EXPECT_EQ(values("metadata.tags[]"), R"("b":2 1:1 "a":1 null:1)");
  EXPECT_EQ(values("metadata.tags"), R"("a":1)");
  EXPECT_EQ(values("provider", R"({"and":[]})", {.limit = 1}), R"("github":2)");
  EXPECT_EQ(values("provider", R"({"and":[]})", {.prefix = "s"}), R"("stripe":2)");
  EXPECT_EQ(values("nothing"), "");
  EXPECT_EQ(values("provider", R"({"or":[]})"), "");
}

TEST(Figures, SumsUp) {
  const Summary n = *catalog().summary("metadata.n");
  EXPECT_EQ(n.records, 6U);
  EXPECT_EQ(n.none, 0U);
  EXPECT_EQ(n.numbers, 4U);
  EXPECT_EQ(n.strings, 1U);
  EXPECT_EQ(n.nulls, 1U);
  EXPECT_EQ(n.min, "-0.5");
  EXPECT_EQ(n.max, R"("1")");
  EXPECT_EQ(n.sum, "11.5");
  const Summary created = *catalog().summary("created_at");
  EXPECT_EQ(created.none, 1U);
  EXPECT_EQ(created.strings, 4U);
  EXPECT_EQ(created.min, R"("2023-12-15T00:00:00Z")");
  EXPECT_EQ(created.max, R"("2024-01-01T00:00:00Z")");
  const Summary tags = *catalog().summary("metadata.tags", *QueryBuilder().status("active").build());
  EXPECT_EQ(tags.records, 3U);
  EXPECT_EQ(tags.arrays, 2U);
  EXPECT_EQ(tags.strings, 1U);
  EXPECT_EQ(tags.max, "[]");
  const Summary none = *catalog().summary("x");
  EXPECT_EQ(none.none, 6U);
  EXPECT_EQ(none.min, "");
  EXPECT_EQ(none.sum, "0");
}

std::string sum_of(const std::vector<std::pair<std::string, std::uint64_t>>& numbers) {
  DecimalSum sum;
  for (const auto& [text, times] : numbers) sum.add(parse_decimal(text), times);
  return sum.text();
}

TEST(Figures, SumsAreExact) {
  EXPECT_EQ(sum_of({}), "0");
  EXPECT_EQ(sum_of({{"0.1", 1}, {"0.2", 1}}), "0.3");
  EXPECT_EQ(sum_of({{"9007199254740993", 1}, {"1", 1}}), "9007199254740994");
  EXPECT_EQ(sum_of({{"1e30", 1}, {"1e-30", 1}, {"-1e30", 1}}), "1e-30");
  EXPECT_EQ(sum_of({{"-1", 1}, {"0.000000001", 1}}), "-0.999999999");
  EXPECT_EQ(sum_of({{"999999999", 1}, {"1", 1}}), "1000000000");
  EXPECT_EQ(sum_of({{"1000000000", 1}, {"-1", 1}}), "999999999");
  EXPECT_EQ(sum_of({{"123456789.987654321", 1'000'000}, {"-0", 5}}), "123456789987654.321");
  EXPECT_EQ(sum_of({{"999999999", 2'000'000'000},
                    {"999999999", 2'000'000'000},
                    {"999999999", 2'000'000'000},
                    {"999999999", 2'000'000'000},
                    {"999999999", 2'000'000'000},
                    {"-999999999", 1}}),
            "9999999989000000001");
  EXPECT_EQ(sum_of({{"-1e-9", 1}, {"-1e9", 1}, {"1e18", 1}}), "999999998999999999.999999999");
}

std::string shown(const Result<Histogram>& histogram) {
  if (!histogram) return to_string(histogram.error());
  std::string all;
  for (const Histogram::Bucket& b : histogram->buckets) {
    all += "[" + b.from + "," + b.to + "):" + std::to_string(b.records) + " ";
  }
  return all + "below " + std::to_string(histogram->below) + " above " + std::to_string(histogram->above) +
         " other " + std::to_string(histogram->other);
}

TEST(Figures, MakesHistograms) {
  EXPECT_EQ(shown(catalog().histogram("metadata.n", {.step = "5"})),
            "[-5,0):1 [0,5):2 [5,10):0 [10,15):1 below 0 above 0 other 2");
  EXPECT_EQ(shown(catalog().histogram("metadata.n", {.edges = {"0", "1", "10"}})),
            "[0,1):0 [1,10):2 below 1 above 1 other 2");
  EXPECT_EQ(
      shown(catalog().histogram("created_at", {.step = "month"})),
      R"(["2023-12-01T00:00:00Z","2024-01-01T00:00:00Z"):2 ["2024-01-01T00:00:00Z","2024-02-01T00:00:00Z"):1 )"
      "below 0 above 0 other 3");
  EXPECT_EQ(catalog().histogram("created_at", {.step = "day"}).value().buckets.size(), 18U);
  EXPECT_EQ(shown(catalog().histogram("created_at", {.edges = {"2023-12-31", "2024-01-01T00:00:00.5Z"}})),
            R"(["2023-12-31T00:00:00Z","2024-01-01T00:00:00.5Z"):2 below 1 above 0 other 3)");
  EXPECT_EQ(shown(catalog().histogram("x", {.step = "1"})), "below 0 above 0 other 6");
  const auto refused = [&](const char* path, const HistogramOptions& options) {
    const auto histogram = catalog().histogram(path, options);
    return histogram ? "accepted" : histogram.error().message;
  };
  EXPECT_THAT(refused("metadata.n", {}), HasSubstr("either a step or edges"));
  EXPECT_THAT(refused("metadata.n", {.step = "1", .edges = {"1", "2"}}), HasSubstr("either a step or edges"));
  for (const char* step : {"0", "-1", "x", "1x", "day", " 1"}) {
    EXPECT_THAT(refused("metadata.n", {.step = step}), HasSubstr("a number above 0")) << step;
  }
  EXPECT_THAT(refused("created_at", {.step = "1"}), HasSubstr("\"day\" or \"month\""));
  EXPECT_THAT(refused("metadata.n", {.edges = {"1"}}), HasSubstr("two edges"));
  EXPECT_THAT(refused("metadata.n", {.edges = {"1", "1.0"}}), HasSubstr("must increase"));
  EXPECT_THAT(refused("metadata.n", {.edges = {"1", "2023-01-01"}}), HasSubstr("not a number"));
  EXPECT_THAT(refused("created_at", {.edges = {"2023-01-01", "2"}}), HasSubstr("not a time"));
  EXPECT_THAT(refused("metadata.n", {.step = "0.0001"}), HasSubstr("more than 10000 buckets"));
  EXPECT_THAT(refused("metadata.n", {.step = "1." + std::string(400, '0') + "1"}),
              HasSubstr("a number above 0"));
  EXPECT_THAT(refused("metadata.n", {.step = "1e-280"}), HasSubstr("too far from zero"));
  EXPECT_THAT(refused("metadata.n", {.step = "1e-300"}), HasSubstr("step is too small"));
  EXPECT_THAT(refused("metadata.n", {.step = "1e-400"}), HasSubstr("step is too small"));
  EXPECT_EQ(shown(catalog().histogram("metadata.n", {.step = "1e400"})),
            "[-1e400,0):1 [0,1e400):3 below 0 above 0 other 2");
  const Catalog huge =
      *Catalog::load(R"([{"id":"1","n":1e400},{"id":"2","n":-1e400},{"id":"3","n":1e-400}])");
  EXPECT_THAT(to_string(huge.histogram("n", {.step = "1"}).error()), HasSubstr("too far from zero"));
  EXPECT_EQ(shown(huge.histogram("n", {.edges = {"-1e401", "0", "1e-399", "1e401"}})),
            "[-1e401,0):1 [0,1e-399):1 [1e-399,1e401):1 below 0 above 0 other 0");
}

TEST(Figures, HistogramsReachTheEndsOfTime) {
  const Catalog ends = *Catalog::load(R"([{"id":"1","created_at":"0000-01-01T00:00:00+23:59"},
    {"id":"2","created_at":"0000-01-01"}])");
  EXPECT_EQ(shown(ends.histogram("created_at", {.step = "month"})),
            R"(["0000-01-01T00:00:00+23:59","0000-01-01T00:00:00Z"):1 )"
            R"(["0000-01-01T00:00:00Z","0000-02-01T00:00:00Z"):1 below 0 above 0 other 0)");
  const Catalog last = *Catalog::load(R"([{"id":"1","created_at":"9999-12-31T23:59-23:59"},
    {"id":"2","created_at":"9999-12-31T23:59:59.999999999-23:59"}])");
  EXPECT_EQ(
      shown(last.histogram("created_at", {.step = "month"})),
      R"(["9999-12-31T00:01:00-23:59","9999-12-31T23:59:59.999999999-23:59"):2 below 0 above 0 other 0)");
}

// The first day of each month of many years, and the days around it.
TEST(Figures, MonthsFollowTheCalendar) {
  std::string text;
  int n = 0;
  for (int year = 1; year < 2'400; year += 7) {
    for (const char* day : {"-01-01", "-02-28", "-03-01", "-12-31T23:59:59.999999999Z"}) {
      const std::string digits = std::to_string(year);
      text += R"({"id":")" + std::to_string(n++) + R"(","created_at":")" +
              std::string(4 - digits.size(), '0') + digits + day + "\"}\n";
      const Catalog one = *Catalog::load(text);
      const auto histogram = one.histogram("created_at", {.step = "month"});
      ASSERT_TRUE(histogram);
      ASSERT_EQ(histogram->buckets.size(), 1U);
      const std::string month = std::string(4 - digits.size(), '0') + digits + std::string(day).substr(0, 4);
      ASSERT_EQ(histogram->buckets[0].from, "\"" + month + "01T00:00:00Z\"") << text;
      ASSERT_EQ(histogram->buckets[0].records, 1U);
      text.clear();
    }
  }
}

TEST(Figures, FacetsLeaveTheirOwnSelectionOut) {
  const auto facets =
      catalog().facets({}, {{"provider", {R"("stripe")", R"("none")"}}, {"status", {R"("active")"}}});
  ASSERT_TRUE(facets);
  ASSERT_EQ(facets->size(), 2U);
  EXPECT_EQ(joined((*facets)[0].values), R"("github":2 "stripe":1 "none":0)");
  EXPECT_EQ(joined((*facets)[1].values), R"("active":1 "paused":1)");
  const auto few =
      catalog().facets({}, {{"provider", {R"("zendesk")"}}, {"metadata.n", {"1.0"}}}, {.limit = 1});
  EXPECT_EQ(joined((*few)[0].values), R"("stripe":2 "zendesk":0)");
  EXPECT_EQ(joined((*few)[1].values), R"(10:1 1:0)");
  EXPECT_EQ(catalog().facets({}, {{"provider", {"x"}}}).error().code, ErrorCode::invalid_filter);
  EXPECT_EQ(catalog().facets({}, {{"provider", {"[1]"}}}).error().code, ErrorCode::invalid_filter);
  EXPECT_EQ(catalog().facets({}, {{"a", {"1],\"x\":[1"}}, {"b", {}}}).error().code,
            ErrorCode::invalid_filter);
}

TEST(Figures, SelectionsAreBounded) {
  // Many values, all of them selected.
  std::string text;
  Selection selection{"metadata.v", {}};
  for (int i = 0; i < 50'000; ++i) {
    text += "{\"id\":\"" + std::to_string(i) + "\",\"metadata\":{\"v\":" + std::to_string(i) + "}}\n";
    selection.selected.push_back(std::to_string(i) + ".0");
  }
  const Catalog many = *Catalog::load(text);
  EXPECT_EQ(many.facets({}, {selection}).error().limit, "filter_bytes");
  Limits limits;
  limits.filter_values = 100'000;
  limits.filter_bytes = 1 << 20;
  const std::size_t listed =
      many.facets({}, {selection}, {.limit = 10}, limits).value().front().values.size();
  EXPECT_EQ(listed, 50'000U);
  // Many selections: each is charged, even if it costs next to nothing.
  const std::vector<Selection> selections(1'000, {"metadata.v", {"1"}});
  Limits little;
  little.work = 0;
  EXPECT_EQ(many.facets({}, selections, {}, little).error().code, ErrorCode::budget_exceeded);
}

TEST(Figures, RefusesPaths) {
  EXPECT_EQ(catalog().values("a..b").error().code, ErrorCode::invalid_value);
  EXPECT_EQ(catalog().values("").error().code, ErrorCode::invalid_value);
  EXPECT_EQ(catalog().values(std::string(20'000, 'a')).error().code, ErrorCode::invalid_value);
  EXPECT_EQ(catalog().values("metadata.\xFF").error().code, ErrorCode::invalid_utf8);
  EXPECT_EQ(catalog().values("credential.properties.x").error().code, ErrorCode::invalid_filter);
  EXPECT_EQ(catalog().values("credential[].properties").error().code, ErrorCode::invalid_filter);
  EXPECT_EQ(catalog().values("credential[]").error().code, ErrorCode::invalid_filter);
  EXPECT_EQ(catalog().summary("credential").error().code, ErrorCode::invalid_filter);
  EXPECT_TRUE(catalog().values("credential.provider"));
  EXPECT_EQ(catalog().summary("metadata.tags[]").error().code, ErrorCode::invalid_value);
  EXPECT_EQ(catalog().histogram("metadata.tags[]", {.step = "1"}).error().code, ErrorCode::invalid_value);
  Limits limits;
  limits.work = 0;
  EXPECT_EQ(catalog().values("provider", {}, {}, limits).error().code, ErrorCode::budget_exceeded);
  EXPECT_EQ(catalog().summary("metadata.n", {}, limits).error().code, ErrorCode::budget_exceeded);
}

TEST(Figures, RecordsHaveValuesAtPaths) {
  const Catalog one = *Catalog::load(
      R"({"id":"1","metadata":{"plan":{"tier":"gr\u006fwth"},"a.b":[1, 2],"n":1,"n":2},"name":null})");
  const Record record = *one.find_id("1");
  EXPECT_EQ(record.find("metadata.plan.tier"), R"("gr\u006fwth")");
  EXPECT_EQ(record.text("metadata.plan.tier"), "growth");
  EXPECT_EQ(record.find(R"(metadata."a.b")"), "[1, 2]");
  EXPECT_EQ(record.find("metadata.n"), "2");
  EXPECT_EQ(record.text("metadata.n"), std::nullopt);
  EXPECT_EQ(record.find("name"), "null");
  EXPECT_EQ(record.find(""), record.json());
  for (const char* path : {"x", "metadata.plan.tier.x", "metadata.x[]", "a..b", "\"", "metadata.plan[]"}) {
    EXPECT_EQ(record.find(path), std::nullopt) << path;
  }
}

// The values at a path of the record, by the rules alone.
void collect(const oracle::Value& value, const std::vector<std::string>& steps, std::size_t at,
             std::vector<oracle::Value>& out) {
  if (at == steps.size()) {
    const bool seen = std::ranges::count(out, value) > 0;
    if (!seen) out.push_back(value);
  } else if (steps[at] == "[]") {
    for (const oracle::Value& element : value.elements) collect(element, steps, at + 1, out);
  } else if (const auto member = value.members.find(steps[at]); member != value.members.end()) {
    collect(member->second, steps, at + 1, out);
  }
}

TEST(Figures, AgreeWithTheOracle) {
  const std::vector<std::vector<std::string>> paths = {{"provider"},
                                                       {"name"},
                                                       {"id"},
                                                       {"status"},
                                                       {"created_at"},
                                                       {"health", "status"},
                                                       {"metadata", "tags", "[]"},
                                                       {"metadata", "tags"},
                                                       {"metadata", "a"},
                                                       {"metadata", "b"},
                                                       {"metadata", "tier"},
                                                       {"metadata", "plan", "[]", "a"},
                                                       {"collection_ids", "[]"},
                                                       {"unknown"},
                                                       {"unknown", "[]"},
                                                       {"metadata", "plan"},
                                                       {"metadata"}};
  std::size_t counted = 0;
  for (std::uint64_t seed = 1; seed <= test::scaled(600) && !HasFailure(); ++seed) {
    test::RandomJson random(seed);
    const test::Records records = test::random_records(random, 1 + random.below(150));
    const auto loaded = Catalog::load(test::joined(records.texts));
    ASSERT_TRUE(loaded);
    const Catalog live = test::scattered(random, records.texts);
    const std::string& sample = records.texts[random.below(records.texts.size())];
    const std::string filter = random.chance(0.4) ? R"({"and":[]})" : test::random_filter(random, sample);
    const auto query = Query::from_filter(filter);
    if (!query) continue;
    const oracle::Value judge = *oracle::parse(filter);
    for (const auto& steps : paths) {
      std::string path;
      for (const std::string& step : steps) path += (path.empty() || step == "[]" ? "" : ".") + step;
      std::vector<std::pair<oracle::Value, std::uint64_t>> expected;
      std::uint64_t matches = 0;
      std::map<oracle::Value::Kind, std::uint64_t> kinds;
      for (const oracle::Value& record : records.values) {
        if (!*oracle::filter_holds(judge, record)) continue;
        ++matches;
        std::vector<oracle::Value> found;
        collect(record, steps, 0, found);
        for (const oracle::Value& value : found) {
          ++kinds[value.kind];
          if (value.kind >= oracle::Value::array) continue;
          const auto at = std::ranges::find(expected, value, &std::pair<oracle::Value, std::uint64_t>::first);
          if (at != expected.end()) {
            ++at->second;
          } else {
            expected.emplace_back(value, 1);
          }
        }
      }
      for (const Catalog* c : {&*loaded, &live}) {
        const auto values = c->values(path, *query, {.limit = SIZE_MAX});
        ASSERT_TRUE(values);
        ASSERT_EQ(values->size(), expected.size()) << path << ' ' << filter << "\nseed " << seed;
        for (const JsonCount& count : *values) {
          const auto at = std::ranges::find(expected, *oracle::parse(count.json),
                                            &std::pair<oracle::Value, std::uint64_t>::first);
          ASSERT_NE(at, expected.end()) << path << ' ' << count.json;
          ASSERT_EQ(at->second, count.records)
              << path << ' ' << count.json << ' ' << filter << "\nseed " << seed;
          counted += count.records;
        }
        if (path.find('[') != path.npos) continue;
        const auto summary = c->summary(path, *query);
        ASSERT_TRUE(summary);
        ASSERT_EQ(summary->records, matches);
        ASSERT_EQ(summary->numbers, kinds[oracle::Value::number]);
        ASSERT_EQ(summary->nulls, kinds[oracle::Value::null]);
        ASSERT_EQ(summary->booleans, kinds[oracle::Value::boolean]);
        ASSERT_EQ(summary->strings, kinds[oracle::Value::string]);
        ASSERT_EQ(summary->arrays, kinds[oracle::Value::array]) << path << filter << "\nseed " << seed;
        ASSERT_EQ(summary->objects, kinds[oracle::Value::object]);
        std::uint64_t with_value = 0;
        for (const auto& [kind, n] : kinds) with_value += n;
        ASSERT_EQ(summary->none, matches - with_value);
        const Query any = all_of(*query, *Query::of(field(path).set()));
        const Matches ordered = c->find(any, *Order::parse(path));
        if (!ordered.empty() && path != "created_at") {
          ASSERT_EQ(*oracle::parse(summary->min),
                    oracle::parse(*ordered[0].find(path))->kind >= oracle::Value::array
                        ? *oracle::parse(summary->min)
                        : *oracle::parse(*ordered[0].find(path)))
              << path;
        }
      }
    }
  }
  EXPECT_GT(counted, test::scaled(200'000));
}

}  // namespace
}  // namespace syncdex
