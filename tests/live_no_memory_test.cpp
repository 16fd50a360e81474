// A live catalog when allocations fail.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/allocations.h"
#include "support/live_records.h"
#include "syncdex/syncdex.h"

namespace syncdex {
namespace {

using test::Heard;
using test::load;
using test::record;
using test::status;
using test::texts;
using testing::IsEmpty;

class NoMemory : public testing::TestWithParam<bool> {};

TEST_P(NoMemory, KeepsTheOldVersionIntact) {
#if defined(SYNCDEX_FOREIGN_NEW)
  GTEST_SKIP() << "allocations cannot be made to fail here";
#endif
  const bool for_ever = GetParam();
  std::string text;
  for (int i = 0; i < 40; ++i) text += record(std::to_string(i), i % 2 == 0 ? "a" : "b") + "\n";
  const std::string other = record("3", "c") + "\n" + record("77", "a") + "\n" +
                            R"({"id":"5","name":"\u00e9\n","metadata":{"new key":[1,{"x":2}]}})" + "\n";
  enum class Call { apply, replace_all, reconcile };
  for (const Call call : {Call::apply, Call::replace_all, Call::reconcile}) {
    const bool replace = call != Call::apply;
    bool failed = true;
    std::size_t points = 0;
    for (std::size_t n = 0; failed; ++n) {
      Heard heard;
      LiveCatalog live(load(text));
      for (int i = 0; i < 7; ++i) ASSERT_TRUE(live.apply({.upserts = record("x" + std::to_string(i))}));
      const Subscription subscription = live.subscribe(
          status("a"), [&](const Delta& d) { heard.lines.push_back(std::to_string(d.version)); });
      heard.lines.reserve(8);
      const Catalog before = live.snapshot();
      const std::vector<std::string> old = texts(before.find(Query()));
      Changes changes{.upserts = other, .erases = {"9", "10", "not there"}};
      std::string all = other;
      bool thrown = false;
      {
        const test::FailingAllocations failing(n, for_ever);
        try {
          const auto diff = call == Call::apply         ? live.apply(std::move(changes))
                            : call == Call::replace_all ? live.replace_all(std::move(all))
                                                        : live.reconcile(all);
          EXPECT_TRUE(diff);
        } catch (const std::bad_alloc&) {
          thrown = true;
        }
      }
      failed = test::FailingAllocations::any_failed();
      points += failed;
      EXPECT_EQ(texts(before.find(Query())), old);
      if (thrown) {
        ASSERT_EQ(live.version(), before.version()) << n;
        ASSERT_EQ(texts(live.snapshot().find(Query())), old) << n;
        ASSERT_THAT(heard.lines, IsEmpty());
        // The catalog can still be changed.
        ASSERT_TRUE(live.apply({.upserts = other, .erases = {"9", "10"}}));
        ASSERT_EQ(live.snapshot().size(), 46u);
      } else {
        ASSERT_EQ(live.version(), before.version() + 1);
        ASSERT_EQ(live.snapshot().size(), replace ? 3u : 46u);
      }
      ASSERT_FALSE(live.snapshot().verify(status("a")));
      ASSERT_FALSE(live.snapshot().verify(*QueryBuilder().provider("stripe").build()));
    }
    EXPECT_GT(points, 50u);
  }
}
INSTANTIATE_TEST_SUITE_P(LiveCatalog, NoMemory, testing::Bool(),
                         [](const auto& param) { return param.param ? "ForEver" : "Once"; });

}  // namespace
}  // namespace syncdex
