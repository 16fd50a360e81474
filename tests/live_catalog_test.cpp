// Versions, changes, diffs, standing queries.
#include <gtest/gtest.h>

#include <random>

#include "live_model.h"
#include "syncdex/syncdex.h"

namespace syncdex {
namespace {

#if defined(SYNCDEX_SANITIZED)
constexpr unsigned kSequences = 2'000;
#else
constexpr unsigned kSequences = 10'000;
#endif

// In four parts, for as many processors.
class Sequences : public testing::TestWithParam<unsigned> {};
TEST_P(Sequences, AreTheModels) {
  for (unsigned seed = GetParam(); seed < kSequences; seed += 4) {
    std::mt19937_64 random(seed);
    std::vector<std::uint8_t> steps(20 + random() % 300);
    for (std::uint8_t& step : steps) step = static_cast<std::uint8_t>(random());
    ASSERT_EQ(test::compare_with_model(steps), "") << "seed " << seed;
  }
}
INSTANTIATE_TEST_SUITE_P(LiveCatalog, Sequences, testing::Range(0U, 4U));

}  // namespace
}  // namespace syncdex
