// How much a filter reads: counted work, not time.
#include "exec/filter_plan.h"
#include "base/access.h"
#include "query/query_impl.h"

#include <gtest/gtest.h>

#include <string>

#include "syncdex/syncdex.h"

namespace syncdex {
namespace {

constexpr int kRecords = 20'000;

const Catalog& catalog() {
  static const Catalog one = [] {
    std::string text;
    for (int i = 0; i < kRecords; ++i) {
      const std::string n = std::to_string(i);
      text += R"({"id":"r)" + n + R"(","name":"name )" + n + R"(","provider":"p)" + std::to_string(i % 10) +
              R"(","created_at":"2024-01-01","metadata":{"user":"u)" + n + R"(","n":)" +
              std::to_string(i % 100) + "}}\n";
    }
    return *Catalog::load(text);
  }();
  return one;
}

struct Answer {
  std::size_t rows;
  std::int64_t work;
};

Answer run(const char* filter, Window window = {}) {
  const Query query = *Query::from_filter(filter);
  constexpr std::int64_t kMuch = std::int64_t{1} << 40;
  FilterPlan plan(*Access::impl(query).filter, Access::snapshot(catalog()), {kMuch});
  const RowList rows = plan.run(window);
  return {rows.size, kMuch - plan.work().left};
}

constexpr std::int64_t kRecordBytes = 160;  // more than any has
constexpr std::int64_t kWords = kRecords / 64;

TEST(FilterPlan, SelectiveConditionsKeepOthersFromReadingAll) {
  for (const char* filter :
       {R"({"and":[{"contains":{"metadata":{"user":"u77"}}},{"path":"name","prefix":"name"}]})",
        R"({"and":[{"contains":{"id":"r77"}},{"path":"metadata.user","gte":"u"}]})",
        R"({"and":[{"contains":{"name":"name 77"}},{"path":"created_at","lt":"2025-01-01"}]})"}) {
    run(filter);  // what it learns of a path is kept
    const Answer answer = run(filter);
    EXPECT_EQ(answer.rows, 1U) << filter;
    EXPECT_LT(answer.work, 3 * kRecordBytes + 8 * kWords) << filter;
  }
}

TEST(FilterPlan, BroadConditionsTestEachDistinctValueOnce) {
  const char* const filter = R"({"path":"metadata.n","eq":"X","ignore_case":true})";
  run(filter);
  EXPECT_LT(run(filter).work, 100 * 32 + 8 * kWords);  // 100 values
}

TEST(FilterPlan, RangesCostWhatTheyReturn) {
  for (const char* filter : {R"({"path":"metadata.n","gte":50})", R"({"path":"name","prefix":"name 1"})",
                             R"({"path":"created_at","gte":"2025-01-01"})"}) {
    run(filter);
    const Answer answer = run(filter);
    EXPECT_LT(answer.work, static_cast<std::int64_t>(answer.rows) + 8 * kWords) << filter;
  }
}

TEST(FilterPlan, PagesOfAScanStopEarly) {
  const char* const filter = R"({"path":"created_at","substring":"2024","as":"text"})";
  const Answer page = run(filter, {.first = 500, .limit = 3});
  EXPECT_EQ(page.rows, 3U);
  EXPECT_LT(page.work, 4 * kRecordBytes + 8 * kWords);
  EXPECT_GT(run(filter).work, kRecords * 50);
}

TEST(FilterPlan, PagesOfABroadRangeStopEarly) {
  const char* const filter = R"({"path":"created_at","lt":"2025-01-01"})";
  run(filter);
  const Answer page = run(filter, {.first = 500, .limit = 3});
  EXPECT_EQ(page.rows, 3U);
  EXPECT_LT(page.work, 4 * kRecordBytes + 8 * kWords);
}

TEST(FilterPlan, PathsBeyondThoseThatAreKeptAreReadOnceForAFilter) {
  std::string text;
  for (int i = 0; i < 100; ++i) {
    text += R"({"id":")" + std::to_string(i) + R"(","metadata":{)";
    for (int k = 0; k < 60; ++k) {
      text += (k > 0 ? ",\"k" : "\"k") + std::to_string(k) + "\":" + std::to_string(i);
    }
    text += "}}\n";
  }
  const Catalog many = *Catalog::load(text);
  for (int k = 0; k < 60; ++k) many.count(*Query::of(field("metadata.k" + std::to_string(k)).exists()));
  const auto work = [&](int conditions) {
    Filter filter = field("metadata.k59").substring("x");
    for (int i = 1; i < conditions; ++i) {
      filter = filter || field("metadata.k59").substring("x" + std::to_string(i));
    }
    const Query query = *Query::of(filter);
    constexpr std::int64_t kMuch = std::int64_t{1} << 40;
    FilterPlan plan(*Access::impl(query).filter, Access::snapshot(many), {kMuch});
    EXPECT_EQ(plan.count(), 0U);
    return kMuch - plan.work().left;
  };
  // The terms are passed over once, then each condition tests 100 values.
  const std::int64_t two = work(2);
  EXPECT_LT(work(20), 2 * two);
}

}  // namespace
}  // namespace syncdex
