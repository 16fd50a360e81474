// Hints for large catalogs, which look at a part of the records and values and must say so.
#include "exec/hint.h"

#include <gtest/gtest.h>

#include <string>

#include "base/access.h"
#include "support/allocations.h"
#include "support/hostile.h"
#include "syncdex/syncdex.h"

namespace syncdex {
namespace {

// Record i has its own user, one of 7 tiers and, from the 50th on, the field `late`.
Catalog many(int records) {
  std::string text;
  for (int i = 0; i < records; ++i) {
    const std::string n = std::to_string(i);
    text += R"({"id":"id)" + n + R"(","name":"name )" + n + R"(","metadata":{"user":"u)" + n +
            R"(","tier":"t)" + std::to_string(i % 7) + R"("},"x":{"y":)" + n +
            (i < 50 ? "" : R"(,"late":1)") + "}}\n";
  }
  return *Catalog::load(text);
}

std::string hint(const Catalog& catalog, std::string_view request, const HintSizes& sizes) {
  return hint(Access::snapshot(catalog), parse_request(request).value().query, sizes);
}

// Records with duplicate keys have to be read, so only some of them are.
TEST(Hint, ReadsFewRecordsWithDuplicateKeys) {
  std::string text;
  for (int i = 0; i < 5'000; ++i) {
    text += R"({"id":")" + std::to_string(i) + R"(","metadata":{"k":0,"k":"v)" + std::to_string(i % 9) +
            R"(","pad":")" + std::string(500, 'p') + "\"}}\n";
  }
  const Catalog catalog = *Catalog::load(text);
  EXPECT_EQ(
      hint(catalog, R"(metadata={"k":"none"})", {.bytes = text.size() * 2}),
      R"(no record has metadata.k = "none" (a string); 556 have "v0", 556 have "v1", 556 have "v2", ...)");
  const test::MemoryUse memory;
  EXPECT_EQ(hint(catalog, R"(metadata={"k":"none"})", {.bytes = 10'000}),
            R"(no record has metadata.k = "none" (a string); others have "v0", "v1", "v2", ...)");
  EXPECT_LT(memory.peak(), 100'000u);
}

TEST(Hint, SaysWhatItIsAbout) {
  const Catalog catalog = many(100);
  const HintSizes few{.bytes = 900, .values = 5};
  // Not indexed: only the first records are read.
  EXPECT_EQ(hint(catalog, R"(where={"x":{"late":2}})", few), "none of the first 12 records has x.late");
  EXPECT_EQ(hint(catalog, R"(where={"x":{"late":2}})", {}),
            R"(no record contains {"x":{"late":2}}; 50 have 1)");
  EXPECT_EQ(hint(catalog, R"(filter={"path":"x.z","eq":1})", few), R"(none of the first 12 records has x.z)");
  EXPECT_EQ(hint(catalog, R"(filter={"path":"x.y","eq":-1})", few),
            R"(none of the records looked at contains {"x":{"y":-1}}; others have 0, 1, 10, ...)");
  // There are more values than are looked at, so no counts are given.
  EXPECT_EQ(hint(catalog, R"(metadata={"tier":"none"})", few).find("others have \"t"),
            std::string(R"(no record has metadata.tier = "none" (a string); )").size());
  EXPECT_EQ(
      hint(catalog, R"(metadata={"tier":"none"})", {}),
      R"(no record has metadata.tier = "none" (a string); 15 have "t0", 15 have "t1", 14 have "t2", ...)");
  EXPECT_EQ(hint(catalog, "id=none", few),
            R"(no record has id = "none" (a string); others have "id0", "id1", "id2", ...)");
  EXPECT_NE(
      hint(catalog, R"(filter={"path":"metadata.user","gt":5})", few).find("; others have a string there"),
      std::string::npos);
  EXPECT_NE(hint(catalog, R"(filter={"path":"metadata.user","gt":5})", {}).find("; 100 have a string there"),
            std::string::npos);
  // Some records beyond those that were looked at do meet these.
  EXPECT_EQ(hint(catalog, R"(filter={"path":"x.late","exists":true})", few),
            "none of the records looked at has x.late");
  EXPECT_EQ(hint(catalog, R"(where={"x":{"y":99}})", few).substr(0, 29), "none of the records looked at");
  // A condition that was not counted to the end.
  EXPECT_EQ(
      hint(catalog, R"(name=name+1&where={"x":{"late":1}})", few),
      R"(no record meets all conditions at once: 1 has name = "name 1", some may have {"x":{"late":1}})");
  EXPECT_EQ(hint(catalog, R"(name=name+1&where={"x":{"late":1}})", {}),
            R"(no record meets all conditions at once: 1 has name = "name 1", 50 have {"x":{"late":1}})");
}

// A hint is empty only if a record matches; with the default sizes, whenever one does.
TEST(Hint, IsAboutEmptyAnswers) {
  const Catalog catalog = many(60);
  for (const char* request :
       {"id=id3", "name=name+3", "id=idx", R"(metadata={"user":"u7"})", R"(metadata={"user":"U7"})",
        R"(where={"x":{"y":59}})", R"(where={"x":{"y":60}})", R"(filter={"path":"x.late","exists":true})",
        R"(filter={"path":"x.late","gt":1})", R"(id=id1&metadata={"user":"u2"})", R"(filter={"or":[]})"}) {
    const Query query = parse_request(request).value().query;
    const bool any = catalog.count(query) > 0;
    EXPECT_EQ(hint(catalog, request, {}).empty(), any) << request;
    for (const std::size_t bytes : {1U, 100U, 1'000U, 100'000U}) {
      for (const std::size_t values : {1U, 10U, 1'000U}) {
        EXPECT_TRUE(any || !hint(catalog, request, {bytes, values}).empty()) << request;
      }
    }
  }
}

// A hint reads a few megabytes at most, builds no view, and keeps none. The benchmark has the times.
TEST(Hint, BuildsNoViews) {
  const Catalog catalog = many(200'000);
  const std::uint64_t before = catalog.stats().view_bytes;
  for (const char* request :
       {"id=none", "name=none", R"(metadata={"user":"none"})", R"(where={"x":{"late":2}})",
        R"(filter={"path":"x.q","eq":1})", R"(filter={"path":"x.late","gt":"z"})",
        R"(metadata={"tier":"none"})", "created_at[gte]=2999-01-01",
        R"(filter={"and":[{"path":"x.a","gt":1},{"path":"x.b","prefix":"q"}]})"}) {
    EXPECT_NE(catalog.hint(parse_request(request).value().query), "") << request;
    EXPECT_EQ(catalog.stats().ordered_views, 0u) << request;
  }
  EXPECT_LT(catalog.stats().view_bytes,
            before + (std::uint64_t{2} << 20));  // values of indexed paths may be kept
}

// What a view knows is said of all records, not of those that were looked at.
TEST(Hint, SaysWhatAViewKnows) {
  const Catalog catalog = many(200'000);
  const Query none = parse_request("created_at[gte]=2999-01-01").value().query;
  EXPECT_EQ(catalog.count(none), 0u);
  EXPECT_EQ(catalog.hint(none).substr(0, 24), "no record has created_at") << catalog.hint(none);
}

}  // namespace
}  // namespace syncdex
