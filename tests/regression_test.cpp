// Bugs, each with its story: what was seen, why it was so, what must hold. Those that were about time
// take milliseconds now and minutes if they come back.
#include <gtest/gtest.h>

#include <cstring>
#include <limits>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "allocations.h"
#include "syncdex/syncdex.h"

namespace syncdex {
namespace {

// The root path's hash was a word of the seed, which mix() then masked to zero: all keys of a record
// had one hash, and a record of 131 072 keys took 93 s.
TEST(Regression, KeysOfARecordDoNotCollide) {
  std::string text = "[{\"id\":\"1\"";
  for (int i = 0; i < 200'000; ++i) text += ",\"k" + std::to_string(i) + "\":1";
  text += "}]";
  const auto catalog = Catalog::load(text);
  ASSERT_TRUE(catalog);
  EXPECT_EQ(catalog->count(*Query::from_pattern(R"({"k77":1})")), 1u);
}

// For the same reason provider = "x" and status = "x" were counted as one term of the statistics.
TEST(Regression, TermsAreCountedByPathAndValue) {
  std::string text;
  for (int i = 0; i < 70'000; ++i) {
    const std::string v = std::to_string(i);
    text += R"({"id":")" + v + R"(","provider":")" + v + R"(","status":")" + v +
            R"(","metadata":{"status":")" + v + "\"}}\n";
  }
  EXPECT_EQ(Catalog::load(text)->stats().terms, 210'001u);
  EXPECT_EQ(
      Catalog::load(R"([{"id":"1","provider":"x","status":"x"},{"id":"2","provider":"y"}])")->stats().terms,
      3u);
}

// A line that the fast way refused cost an index of a whole window, so envelopes on lines and bad lines
// were quadratic: 1 MB took 20 to 90 s.
TEST(Regression, LinesThatGoTheCarefulWayAreLinear) {
  std::string envelopes;
  std::string bad;
  for (int i = 0; i < 60'000; ++i) {
    envelopes += "{\"data\":[{\"id\":\"" + std::to_string(i) + "\"}]}\n";
    bad += "{}\n";
  }
  EXPECT_EQ(Catalog::load(envelopes)->size(), 60'000u);
  LoadOptions options;
  options.skip_bad = true;
  const auto skipped = Catalog::load(bad, options);
  ASSERT_TRUE(skipped);
  EXPECT_EQ(skipped->report().bad.size(), 60'000u);
}

// A host that raised the depth limit far could overflow any stack.
TEST(Regression, TheDepthOfPatternsIsBoundedWhateverTheLimitSays) {
  Limits limits;
  limits.depth = 1'000'000;
  std::string text = "{\"a\":";
  for (int i = 0; i < 20'000; ++i) text += '[';
  EXPECT_EQ(Query::from_pattern(text, limits).error().limit, "depth");
}

// Each path got caches of 4 kB after a few uses, so a megabyte of paths took 200 MB.
TEST(Regression, ManyPathsHaveFewCaches) {
  std::string text = R"([{"id":"1","metadata":{)";
  for (int i = 0; i < 30'000; ++i)
    text += (i > 0 ? ",\"" : "\"") + std::to_string(i) + "\":[1,1,1,1,1,1,1,1,1,1]";
  text += "}}]";
  EXPECT_EQ(Catalog::load(text)->count(*QueryBuilder().metadata(R"({"77":[1]})").build()), 1u);
}

// [nul] was reported as a record of a wrong type, and bytes between records could take one with them.
TEST(Regression, WhatIsNoJsonIsSaidToBeNone) {
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

// An id of a wrong type left the id of the value before it in the report.
TEST(Regression, ALostIdIsNotReported) {
  LoadOptions options;
  options.skip_bad = true;
  const auto catalog = Catalog::load(R"([{"id":"a","id":5}])", options);
  EXPECT_FALSE(catalog->report().bad[0].id);
}

// The builder looked at its own error last, and lost the first.
TEST(Regression, TheBuildersFirstErrorIsTheFirst) {
  const auto built =
      QueryBuilder().metadata("x", std::numeric_limits<double>::quiet_NaN()).metadata("{bad").build();
  EXPECT_EQ(built.error().code, ErrorCode::invalid_value);
}

// A pattern that grew too large only when merged was refused without a parameter, as 400.
TEST(Regression, PatternsTooLargeAsAWholeNameTheirParameter) {
  const std::string value = "{\"a\":\"" + std::string((64 << 10) - 8, 'x') + "\"}";
  const auto request = parse_request("metadata=" + value);
  ASSERT_FALSE(request);
  EXPECT_EQ(request.error().parameter, "metadata");
  EXPECT_EQ(request.error().offset, 9u);
  EXPECT_EQ(http_status(request.error()), 422);
}

// What had been moved from still had its size, and no rows.
TEST(Regression, WhatIsMovedFromIsEmpty) {
  Catalog catalog = *Catalog::load(R"([{"id":"a"}])");
  Matches matches = catalog.find(Query());
  const Matches taken = std::move(matches);
  EXPECT_TRUE(matches.empty());  // NOLINT: that is the point
  EXPECT_TRUE(matches.slices().empty());
  const Catalog moved = std::move(catalog);
  EXPECT_EQ(catalog.size(), 0u);  // NOLINT
  EXPECT_EQ(catalog.find(Query()).size(), 0u);
  const Catalog copy = catalog;  // NOLINT
  EXPECT_TRUE(copy.empty());
  EXPECT_EQ(taken[0].id(), "a");
}

// explain() told which names stand below credential.properties: a pattern with one that no record has
// was answered from the table of paths.
TEST(Regression, NamesOfSecretsAreNotTold) {
  const auto catalog = Catalog::load(R"([{"id":"1","credential":{"properties":{"k":"v"}}}])");
  const auto explain = [&](const char* key) {
    return catalog->explain(
        *Query::from_pattern(std::string(R"({"credential":{"properties":{")") + key + R"(":"w"}}})"));
  };
  EXPECT_EQ(explain("k"), explain("zz"));
}

// A cancelled load said duplicate_id where the records before held one.
TEST(Regression, ACancelledLoadSaysSo) {
  LoadOptions options;
  options.progress = [](std::uint64_t, std::uint64_t, std::uint64_t) { return false; };
  EXPECT_EQ(Catalog::load(R"([{"id":"a"},{"id":"a"},{"id":"b"}])", options).error().code,
            ErrorCode::cancelled);
}

// A number that the text ends in was followed into the padding and through it, where that held digits.
TEST(Regression, NumbersEndWithTheText) {
  for (const char* cut :
       {R"([{"id":"a","n":1)", R"({"id":"a","n":1)", "{\"id\":\"a\"}\n{\"id\":\"b\",\"n\":1"}) {
    const std::size_t size = std::string_view(cut).size();
    const auto bytes = std::make_unique<char[]>(size + Catalog::padding);  // flush, for ASan to watch
    std::memcpy(bytes.get(), cut, size);
    std::memset(bytes.get() + size, '7', Catalog::padding);
    const auto catalog = Catalog::load(std::span<const char>(bytes.get(), size), nullptr);
    ASSERT_FALSE(catalog) << cut;
    EXPECT_EQ(catalog.error().code, ErrorCode::malformed_json) << cut;
  }
}

// A segment keeps one decoded text of an escaped provider or status, not one per record.
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
