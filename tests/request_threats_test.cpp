// Threats in requests and queries: their cost in time and memory, and what diagnostics make of them.
#include <string>

#include "allocations.h"
#include "hostile.h"
#include "syncdex/syncdex.h"

namespace syncdex {
namespace {

std::string encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    constexpr char kHex[] = "0123456789ABCDEF";
    out += '%';
    out += kHex[static_cast<unsigned char>(c) >> 4];
    out += kHex[c & 15];
  }
  return out;
}

// An array of n numbers, different for each `from`.
std::string array_pattern(int from, int n) {
  std::string text = "{\"metadata\":{\"a\":[";
  for (int i = 0; i < n; ++i) text += (i > 0 ? "," : "") + std::to_string(from + i);
  return text + "]}}";
}

TEST(Threats, T28_ManyPatternsAreRefusedByRunningTotals) {
  // 63 patterns of 1 020 values: two of them are one too many.
  std::string request;
  for (int i = 0; i < 63; ++i)
    request += (i > 0 ? "&where=" : "where=") + encoded(array_pattern(i * 1020, 1020));
  RequestOptions options;
  options.limits.request_bytes = 1 << 21;
  const auto refused = parse_request(request, options);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::limit_exceeded);
  EXPECT_EQ(refused.error().limit, "pattern_leaves");
  EXPECT_EQ(refused.error().parameter, "where");
  EXPECT_GT(refused.error().offset, request.find("&where="));
  EXPECT_LT(refused.error().offset, request.size() / 63 * 2 + 20);
  // Time in proportion to the text. The benchmark has the goal, 10 ms a MB.
  const double one = test::seconds([&] { static_cast<void>(parse_request(request, options)); });
  EXPECT_LT(one, 0.2) << request.size();

  // Patterns within the limits cost n log n together, however they are split.
  const auto cost = [](int patterns, int values) {
    Limits limits;
    limits.pattern_leaves = 1 << 20;
    limits.pattern_bytes = 1 << 24;
    limits.request_bytes = 1 << 24;
    QueryBuilder builder(limits);
    for (int i = 0; i < patterns; ++i) builder.where(array_pattern(i * values, values));
    return test::seconds([&] { ASSERT_TRUE(builder.build()); });
  };
  const double n = cost(50, 200);
  EXPECT_LT(cost(200, 200), n * 16);  // 4 with a margin for a busy machine; merged one by one, 16 and more
  EXPECT_LT(cost(200, 50), n * 4);
}

TEST(Threats, T28_BuilderRefusesTooManyConditions) {
  QueryBuilder builder;
  for (int i = 0; i < 100'000; ++i) builder.metadata("k", i % 7);
  EXPECT_EQ(builder.build().error().limit, "pattern_leaves");
  QueryBuilder large;
  const test::MemoryUse memory;
  for (int i = 0; i < 1000; ++i) large.metadata(std::string(60'000, 'k'), i);
  EXPECT_LT(memory.held(), std::size_t{2} << 20);
  EXPECT_EQ(large.build().error().limit, "pattern_bytes");
  // In total, as written: the same pattern twice counts twice.
  Limits limits;
  limits.pattern_leaves = 3;
  EXPECT_TRUE(QueryBuilder(limits).where("{\"a\":[1,2]}").id("x").build());
  EXPECT_EQ(QueryBuilder(limits).where("{\"a\":[1,2]}").where("{\"a\":[1,2]}").build().error().limit,
            "pattern_leaves");
}

// A query keeps at most 2 KiB + 16 x its pattern, and needs 4 KiB + 32 x while it is made.
TEST(Threats, T28_PatternsNeedMemoryInProportion) {
  const auto nested = [](std::string_view open, std::string_view close, int depth, std::size_t bytes) {
    std::string text = "{\"metadata\":{\"a\":[";
    for (std::size_t n = 0; text.size() + open.size() * static_cast<std::size_t>(depth) * 2 < bytes; ++n) {
      if (n > 0) text += ',';
      for (int i = 0; i < depth; ++i) text += open;
      text += std::to_string(n);
      for (int i = 0; i < depth; ++i) text += close;
    }
    return text + "]}}";
  };
  std::string members = "{\"metadata\":{";
  for (int i = 0; i < 1000; ++i) members += (i > 0 ? ",\"" : "\"") + std::to_string(i) + "\":1";
  members += "}}";
  std::string objects = "{\"metadata\":{\"a\":[";
  for (int i = 0; i < 500; ++i) objects += (i > 0 ? "," : "") + ("{\"a\":" + std::to_string(i) + ",\"b\":2}");
  objects += "]}}";
  std::string strings = "{\"x\":{\"a\":[";
  for (int i = 0; i < 1000; ++i)
    strings += (i > 0 ? ",\"" : "\"") + std::string(50, 'a') + std::to_string(i) + "\"";
  strings += "]}}";
  for (const std::string& pattern :
       {std::string("{}"), std::string("{\"provider\":\"stripe\"}"), array_pattern(0, 1020), members, objects,
        strings, nested("[", "]", 500, 64'000), nested("[", "]", 30, 60'000),
        nested("{\"\":", "}", 100, 60'000), nested("{\"\":[", "]}", 250, 60'000),
        "{\"x\":\"" + std::string(60'000, 'x') + "\"}"}) {
    const test::MemoryUse memory;
    const auto query = Query::from_pattern(pattern);
    ASSERT_TRUE(query) << query.error().message;
    EXPECT_LE(memory.held(), 2048 + 16 * pattern.size()) << pattern.size() << " " << pattern.substr(0, 60);
    EXPECT_LE(memory.peak(), 4096 + 32 * pattern.size()) << pattern.size() << " " << pattern.substr(0, 60);
  }
}

}  // namespace
}  // namespace syncdex
