// Regression tests. Each says what was seen, why, and what must hold. Those about time take milliseconds, and
// minutes if the fault comes back.
#include <gtest/gtest.h>

#include <cstring>
#include <limits>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "support/allocations.h"
#include "syncdex/syncdex.h"

namespace syncdex {
namespace {

// The hash of the root path was one word of the seed, which mix() masked to zero. All keys of a record had
// the same hash, and a record of 131 072 keys took 93 s.
TEST(Regression, KeysOfARecordDoNotCollide) {
  std::string text = "[{\"id\":\"1\"";
  for (int i = 0; i < 200'000; ++i) text += ",\"k" + std::to_string(i) + "\":1";
  text += "}]";
  const auto catalog = Catalog::load(text);
  ASSERT_TRUE(catalog);
  EXPECT_EQ(catalog->count(*Query::from_pattern(R"({"k77":1})")), 1u);
}

// For the same reason, provider = "x" and status = "x" were counted as one term in the statistics.
TEST(Regression, TermsAreCountedByPathAndValue) {
  std::string text;
  for (int i = 0; i < 70'000; ++i) {
    const std::string v = std::to_string(i);
    text += R"({"id":")" + v + R"(","provider":")" + v + R"(","status":")" + v +
            R"(","metadata":{"status":")" + v + "\"}}\n";
  }
  EXPECT_EQ(Catalog::load(text).value().stats().terms, 210'001u);
  EXPECT_EQ(Catalog::load(R"([{"id":"1","provider":"x","status":"x"},{"id":"2","provider":"y"}])")
                .value()
                .stats()
                .terms,
            3u);
}

// Each line that the fast path rejected cost an index of a whole window, so envelopes on lines and bad lines
// took quadratic time: 1 MB took 20 to 90 s.
TEST(Regression, LinesOnTheCarefulPathLoadInLinearTime) {
  std::string envelopes;
  std::string bad;
  for (int i = 0; i < 60'000; ++i) {
    envelopes += "{\"data\":[{\"id\":\"" + std::to_string(i) + "\"}]}\n";
    bad += "{}\n";
  }
  EXPECT_EQ(Catalog::load(envelopes).value().size(), 60'000u);
  LoadOptions options;
  options.skip_bad = true;
  const auto skipped = Catalog::load(bad, options);
  ASSERT_TRUE(skipped);
  EXPECT_EQ(skipped->report().bad.size(), 60'000u);
}

// A host that raised the depth limit far enough could overflow any stack.
TEST(Regression, PatternDepthHasAHardBound) {
  Limits limits;
  limits.depth = 1'000'000;
  std::string text = "{\"a\":";
  for (int i = 0; i < 20'000; ++i) text += '[';
  EXPECT_EQ(Query::from_pattern(text, limits).error().limit, "depth");
}

// Each path got caches of 4 kB after a few uses, so a megabyte of paths took 200 MB.
TEST(Regression, ManyPathsNeedLittleCacheMemory) {
  std::string text = R"([{"id":"1","metadata":{)";
  for (int i = 0; i < 30'000; ++i)
    text += (i > 0 ? ",\"" : "\"") + std::to_string(i) + "\":[1,1,1,1,1,1,1,1,1,1]";
  text += "}}]";
  EXPECT_EQ(Catalog::load(text).value().count(*QueryBuilder().metadata(R"({"77":[1]})").build()), 1u);
}

// [nul] was reported as a record of the wrong type, and bytes between records could discard one with them.
TEST(Regression, InvalidJsonIsReportedAsMalformed) {
  EXPECT_EQ(Catalog::load("[nul]").error().code, ErrorCode::malformed_json);
  EXPECT_EQ(Catalog::load(R"(["\ud800"])").error().code, ErrorCode::invalid_utf8);
  LoadOptions options;
  options.skip_bad = true;
  const auto skipped = Catalog::load(R"([[1,,2],{"id":"1"}])", options);
  ASSERT_TRUE(skipped);
  EXPECT_EQ(skipped->report().bad[0].code, ErrorCode::malformed_json);
  EXPECT_EQ(Catalog::load("[{\"id\":\"1\"},\xFF{\"id\":\"c\"}]", options).error().code,
            ErrorCode::malformed_json);
  EXPECT_EQ(Catalog::load(R"([x{"id":"1"}])", options).error().code, ErrorCode::malformed_json);
}

// If an id of the wrong type followed a valid one, the report contained the valid one.
TEST(Regression, OverwrittenIdIsNotReported) {
  LoadOptions options;
  options.skip_bad = true;
  const auto catalog = Catalog::load(R"([{"id":"a","id":5}])", options);
  EXPECT_FALSE(catalog->report().bad[0].id);
}

// The builder checked its own error last, and lost the first one.
TEST(Regression, BuilderReportsItsFirstError) {
  const auto built =
      QueryBuilder().metadata("x", std::numeric_limits<double>::quiet_NaN()).metadata("{bad").build();
  EXPECT_EQ(built.error().code, ErrorCode::invalid_value);
}

// A pattern that became too large only by merging was rejected as 400, without a parameter.
TEST(Regression, OversizedMergedPatternNamesItsParameter) {
  const std::string value = "{\"a\":\"" + std::string((64 << 10) - 8, 'x') + "\"}";
  const auto request = parse_request("metadata=" + value);
  ASSERT_FALSE(request);
  EXPECT_EQ(request.error().parameter, "metadata");
  EXPECT_EQ(request.error().offset, 9u);
  EXPECT_EQ(http_status(request.error()), 422);
}

// A moved-from object still reported its size, but had no rows.
TEST(Regression, MovedFromObjectsAreEmpty) {
  Catalog catalog = *Catalog::load(R"([{"id":"a"}])");
  Matches matches = catalog.find(Query());
  const Matches taken = std::move(matches);
  EXPECT_TRUE(matches.empty());  // NOLINT: use after move is what is tested
  EXPECT_TRUE(matches.slices().empty());
  const Catalog moved = std::move(catalog);
  EXPECT_EQ(catalog.size(), 0u);  // NOLINT
  EXPECT_EQ(catalog.find(Query()).size(), 0u);
  const Catalog copy = catalog;  // NOLINT
  EXPECT_TRUE(copy.empty());
  EXPECT_EQ(taken[0].id(), "a");
}

// explain() revealed which names exist below credential.properties: a pattern with an unknown name was
// answered from the path table.
TEST(Regression, ExplainHidesNamesOfSecrets) {
  const auto catalog = Catalog::load(R"([{"id":"1","credential":{"properties":{"k":"v"}}}])");
  const auto explain = [&](const char* key) {
    return catalog->explain(
        *Query::from_pattern(std::string(R"({"credential":{"properties":{")") + key + R"(":"w"}}})"));
  };
  EXPECT_EQ(explain("k"), explain("zz"));
}

// A cancelled load reported duplicate_id if the records before contained a duplicate.
TEST(Regression, CancelledLoadReportsCancellation) {
  LoadOptions options;
  options.progress = [](std::uint64_t, std::uint64_t, std::uint64_t) { return false; };
  EXPECT_EQ(Catalog::load(R"([{"id":"a"},{"id":"a"},{"id":"b"}])", options).error().code,
            ErrorCode::cancelled);
}

// A number at the end of the text was read on into the padding and past it, if that held digits.
TEST(Regression, NumbersEndAtTheEndOfTheText) {
  for (const char* cut :
       {R"([{"id":"a","n":1)", R"({"id":"a","n":1)", "{\"id\":\"a\"}\n{\"id\":\"b\",\"n\":1"}) {
    const std::size_t size = std::string_view(cut).size();
    const auto bytes = std::make_unique<char[]>(size + Catalog::padding);  // exact size, for ASan
    std::memcpy(bytes.get(), cut, size);
    std::memset(bytes.get() + size, '7', Catalog::padding);
    const auto catalog = Catalog::load(std::span<const char>(bytes.get(), size), nullptr);
    ASSERT_FALSE(catalog) << cut;
    EXPECT_EQ(catalog.error().code, ErrorCode::malformed_json) << cut;
  }
}

// A segment keeps one decoded copy of an escaped provider or status, not one per record.
TEST(Regression, EscapedProvidersAreDecodedOnce) {
  const auto memory = [](const char* first_letter) {
    std::string text;
    for (int i = 0; i < 5000; ++i) {
      text += "{\"id\":\"" + std::to_string(i) + "\",\"provider\":\"" + first_letter + std::string(200, 'p') +
              "\",\"status\":\"" + first_letter + std::string(200, 's') + "\"}\n";
    }
    text.reserve(text.size() + Catalog::padding);
    const test::MemoryUse use;
    const Catalog catalog = *Catalog::load(std::move(text));
    EXPECT_EQ(catalog.count(*QueryBuilder().provider("a" + std::string(200, 'p')).build()), 5000u);
    return use.held();
  };
  EXPECT_LT(memory("\\u0061"), memory("a") + 10'000);
}

}  // namespace
}  // namespace syncdex
