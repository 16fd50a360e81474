// Checks simdjson's first stage against the portable token index, its reference.
#include "json/tokens.h"

#include <gtest/gtest.h>

#include <memory>

#include "json/json_text.h"
#include "support/random_json.h"

namespace syncdex {
namespace {

std::vector<std::uint32_t> list(const TokenIndex& index) {
  return {index.tokens(), index.tokens() + index.size() + 1};
}

TEST(Json, FastAndPortableIndexFindTheSameTokens) {
  TokenIndex fast;
  TokenIndex portable;
  for (unsigned seed = 0; seed < 3000; ++seed) {
    test::RandomJson random(seed);
    std::string text;
    for (std::size_t n = random.below(4); n > 0; --n) text += random.value(4, true) + random.space();
    // Inserts some bytes that break the grammar but open no string.
    for (std::size_t n = random.below(3); n > 0 && !text.empty(); --n)
      text.insert(random.below(text.size()), 1, "{}[]:, x"[random.below(8)]);
    if (!fast.build_fast(text)) continue;
    EXPECT_EQ(portable.build_portable(text), std::string_view::npos) << text;
    ASSERT_EQ(list(fast), list(portable)) << text;
    for (const auto& [of_fast, of_portable] : {std::pair(fast.backslashes(), portable.backslashes()),
                                               std::pair(fast.line_feeds(), portable.line_feeds())}) {
      for (std::size_t i = 0;; ++i) {
        ASSERT_EQ(of_fast[i], of_portable[i]) << text;
        if (of_fast[i] == 0xFFFF'FFFF) break;
      }
    }
  }
}

TEST(Json, FindsBackslashesAndLineFeedsAtAnyOffset) {
  TokenIndex index;
  for (std::size_t at = 0; at < 200; ++at) {
    std::string text(200, 'x');
    text[at] = '\\';
    text[(at + 77) % 200] = '\n';
    index.build_portable(text);
    EXPECT_EQ(index.backslashes()[0], at);
    EXPECT_EQ(index.backslashes()[1], 0xFFFF'FFFF);
    EXPECT_EQ(index.line_feeds()[0], (at + 77) % 200);
  }
}

TEST(Json, FastIndexRejectsInvalidStrings) {
  TokenIndex index;
  EXPECT_FALSE(index.build_fast("\"abc"));
  EXPECT_FALSE(index.build_fast("\"a\tb\""));
  EXPECT_FALSE(index.build_fast("\"\xFF\""));
  EXPECT_TRUE(index.build_fast(""));
  EXPECT_EQ(index.size(), 0u);
  EXPECT_TRUE(index.build_fast("   "));
  EXPECT_EQ(index.size(), 0u);
}

TEST(Json, PortableIndexStopsAtAnUnterminatedString) {
  TokenIndex index;
  EXPECT_EQ(index.build_portable("{\"a\":\"b"), 5u);
  EXPECT_EQ(index.size(), 3u);
  EXPECT_EQ(index.build_portable("\"\\\""), 0u);
  EXPECT_EQ(index.size(), 0u);
}

TEST(JsonText, WalksMembersAndElements) {
  const std::string padded = R"( { "a" : [1, {"x":"]}"} , "\"" ] ,"b":{},"c":null } )" + std::string(64, '"');
  const char* const text = padded.data();
  std::string seen;
  ObjectWalk object(skip_space(text));
  while (object.next()) seen += std::string(object.member().key) + "@" + *object.member().value + " ";
  EXPECT_EQ(seen, "a@[ b@{ c@n ");
  EXPECT_EQ(*object.end(), ' ');
  ArrayWalk array(text + 9);
  int elements = 0;
  while (array.next()) ++elements;
  EXPECT_EQ(elements, 3);
}

// A value may span any number of blocks, and any bytes may follow it.
TEST(JsonText, SkipsAnyValue) {
  for (unsigned seed = 0; seed < 3000; ++seed) {
    test::RandomJson random(seed);
    std::string value;
    while (value.size() < random.below(400))
      value = "[" + value + (value.empty() ? "" : ",") + random.value(4, true) + "]";
    if (value.empty()) value = random.value(3, false);
    for (const char fill : {'"', '}', ' ', '\\'}) {
      const std::string text = std::string(seed % 67, ' ') + value + "]" + std::string(64, fill);
      const char* const at = text.data() + seed % 67;
      ASSERT_EQ(skip_value(at) - at, static_cast<std::ptrdiff_t>(value.size())) << value;
    }
  }
}

TEST(JsonText, SameStringDecodesEscapes) {
  EXPECT_TRUE(same_string("abc", "abc"));
  EXPECT_TRUE(same_string(R"(\u0061bc)", "abc"));
  EXPECT_FALSE(same_string(R"(a\n)", "a\\n"));
  EXPECT_TRUE(same_string(R"(a\\n)", "a\\n"));
  EXPECT_FALSE(same_string("ab", "abc"));
  EXPECT_TRUE(same_string("", ""));
}

}  // namespace
}  // namespace syncdex
