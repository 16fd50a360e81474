// Compares the answer to each benchmark query with the oracle's, on 100 000 generated records.
#include "dataset.h"

#include <gtest/gtest.h>

#include "support/oracle.h"
#include "syncdex/syncdex.h"

namespace syncdex {
namespace {

TEST(Dataset, MatchesTheOracleOn100000Records) {
#if defined(SYNCDEX_SANITIZED)  // about 20 times slower
  constexpr std::size_t kRecords = 5'000;
#else
  constexpr std::size_t kRecords = 100'000;
#endif
  const bench::Dataset dataset(1);
  std::vector<std::string> records(kRecords);
  std::string text;
  for (std::size_t i = 0; i < kRecords; ++i) {
    dataset.append_record(i, records[i]);
    text += records[i] + '\n';
  }
  const auto catalog = Catalog::load(std::move(text));
  ASSERT_TRUE(catalog) << catalog.error().message;
  std::vector<oracle::Value> patterns;
  for (const bench::NamedQuery& q : bench::queries()) patterns.push_back(*oracle::parse(q.pattern));
  std::vector<std::vector<std::string_view>> expected(patterns.size());
  for (const std::string& record : records) {
    const oracle::Value value = *oracle::parse(record);
    for (std::size_t q = 0; q < patterns.size(); ++q) {
      if (oracle::contains(value, patterns[q])) expected[q].push_back(record);
    }
  }
  for (std::size_t q = 0; q < patterns.size(); ++q) {
    const bench::NamedQuery& named = bench::queries()[q];
    const Query query = *Query::from_pattern(named.pattern);
    const Matches found = catalog->find(query);
    EXPECT_TRUE(found.slices() == expected[q])
        << named.name << ": " << found.size() << " of " << expected[q].size();
    EXPECT_EQ(catalog->count(query), expected[q].size()) << named.name;
    if (kRecords == 100'000) {
      EXPECT_EQ(found.size(), named.matches_100k) << named.name;
    }
  }
}

TEST(Dataset, IsDeterministic) {
  const bench::Dataset a(7);
  const bench::Dataset b(7);
  EXPECT_EQ(a.text(50), b.text(50));
  EXPECT_EQ(a.text(20), a.text(50).substr(0, a.text(20).size()));
  EXPECT_NE(a.text(20), bench::Dataset(8).text(20));
  EXPECT_TRUE(Catalog::load(a.text(10, bench::Shape::envelope)));
  EXPECT_TRUE(Catalog::load(a.text(10, bench::Shape::array)));
}

}  // namespace
}  // namespace syncdex
