#include "terms/posting_list.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "exec/row_blocks.h"

namespace syncdex {
namespace {

struct Set {
  std::vector<Row> rows;
  std::vector<std::uint64_t> bits;
  PostingList list;
};

// Compares all combinations of densities, forms and live sets with naive set intersection.
TEST(PostingList, IntersectsLikeSets) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 3000; ++round) {
    const std::size_t rows = 1 + random() % (round % 10 == 0 ? 7000 : 700);
    const std::size_t words = words_for(rows);
    std::vector<Set> sets(random() % 7);
    for (Set& set : sets) {
      const std::size_t density = 1 + random() % 60;
      for (Row row = 0; row < rows; ++row) {
        if (random() % density == 0) set.rows.push_back(row);
      }
      if (set.rows.empty()) set.rows.push_back(static_cast<Row>(random() % rows));
      const auto count = static_cast<std::uint32_t>(set.rows.size());
      if (random() % 2 == 0) {
        set.bits.resize(words);
        for (const Row row : set.rows) set_bit(set.bits.data(), row);
        set.list = {count, set.bits.data()};
      } else {
        set.list = {count, set.rows.data()};
      }
    }
    std::vector<std::uint64_t> live(words, ~std::uint64_t{0});
    for (std::uint64_t& word : live) word &= random() | random();
    if (rows % 64 != 0) live.back() &= (std::uint64_t{1} << rows % 64) - 1;
    const std::uint64_t* const mask = random() % 2 == 0 ? live.data() : nullptr;

    std::vector<Row> expected;
    for (Row row = 0; row < rows; ++row) {
      const bool all = std::ranges::all_of(
          sets, [&](const Set& s) { return std::binary_search(s.rows.begin(), s.rows.end(), row); });
      if (all && (mask == nullptr || test_bit(mask, row))) expected.push_back(row + 1000);
    }
    std::vector<PostingList> lists;
    for (const Set& set : sets) lists.push_back(set.list);
    std::ranges::sort(lists, is_cheaper);
    // In blocks, starting at any row.
    const auto first = static_cast<Row>(random() % 2 == 0 ? 0 : random() % (rows + 1));
    std::vector<Row> in_blocks;
    std::vector<PostingList> used = lists;
    RowBlocks blocks(used, mask, rows, first);
    for (auto block = blocks.next(); !block.empty(); block = blocks.next()) {
      for (const Row row : block) in_blocks.push_back(row + 1000);
    }
    ASSERT_EQ(in_blocks, std::vector<Row>(std::ranges::lower_bound(expected, first + 1000), expected.end()))
        << "round " << round;
    if (lists.empty()) continue;
    ASSERT_EQ(intersect_count(lists, mask, words), expected.size()) << "round " << round;
    std::vector<Row> got(std::ranges::min(lists, {}, &PostingList::count).count);
    got.resize(intersect(lists, mask, words, 1000, got.data()));
    ASSERT_EQ(got, expected) << "round " << round;
  }
}

TEST(PostingList, LongSparseListsGallop) {
  std::vector<Row> all(100'000);
  for (Row i = 0; i < all.size(); ++i) all[i] = i * 3;
  const std::vector<Row> few = {0, 4, 299'997, 299'998};
  const PostingList lists[] = {{4, few.data()}, {100'000, all.data()}};
  EXPECT_EQ(intersect_count(lists, nullptr, 0), 2u);
}

}  // namespace
}  // namespace syncdex
