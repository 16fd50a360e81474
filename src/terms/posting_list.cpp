#include "terms/posting_list.h"

#include <algorithm>
#include <bit>

// The library is built without -march, so the kernels over whole bitsets are compiled twice: with the
// processor's population count instruction, which is five times faster, and without it.
#if defined(__x86_64__) && defined(__GNUC__)
#define SYNCDEX_POPCNT 1
#define SYNCDEX_INLINE inline __attribute__((always_inline))
#else
#define SYNCDEX_POPCNT 0
#define SYNCDEX_INLINE inline
#endif

namespace syncdex::inline v0 {
namespace {

// Counts the rows in all K bitsets. K is a constant so that the words stay in registers.
template <std::size_t K>
SYNCDEX_INLINE std::size_t popcount_body(const std::uint64_t* const* sets, std::size_t words) noexcept {
  std::size_t n = 0;
  for (std::size_t i = 0; i < words; ++i) {
    std::uint64_t word = sets[0][i];
    for (std::size_t k = 1; k < K; ++k) word &= sets[k][i];
    n += static_cast<std::size_t>(std::popcount(word));
  }
  return n;
}

#if SYNCDEX_POPCNT
template <std::size_t K>
__attribute__((target("popcnt"))) std::size_t popcount_fast(const std::uint64_t* const* sets,
                                                            std::size_t words) noexcept {
  return popcount_body<K>(sets, words);
}
#endif

template <std::size_t K>
std::size_t popcount_all(const std::uint64_t* const* sets, std::size_t words) noexcept {
#if SYNCDEX_POPCNT
  if (__builtin_cpu_supports("popcnt")) return popcount_fast<K>(sets, words);
#endif
  return popcount_body<K>(sets, words);
}

// Calls visit(row) for each row in all K bitsets.
template <std::size_t K, class Visit>
void for_each_common(const std::uint64_t* const* sets, std::size_t words, Visit visit) noexcept {
  for (std::size_t i = 0; i < words; ++i) {
    std::uint64_t word = sets[0][i];
    for (std::size_t k = 1; k < K; ++k) word &= sets[k][i];
    for (; word != 0; word &= word - 1)
      visit(static_cast<Row>(i * 64) + static_cast<Row>(std::countr_zero(word)));
  }
}

// More bitsets than this are first intersected in blocks.
constexpr std::size_t kMostSets = 4;
constexpr std::size_t kBlock = 256;

// Intersects all bitsets in blocks of kBlock words. Calls run(words of the intersection, their number, first
// row) for each block.
template <class Run>
void for_each_block(std::span<const PostingList> lists, const std::uint64_t* live, std::size_t words,
                    Run run) noexcept {
  std::uint64_t joined[kBlock];
  for (std::size_t from = 0; from < words; from += kBlock) {
    const std::size_t n = std::min(kBlock, words - from);
    std::copy_n(lists[0].bits() + from, n, joined);
    for (const PostingList& list : lists.subspan(1)) {
      for (std::size_t i = 0; i < n; ++i) joined[i] &= list.bits()[from + i];
    }
    if (live != nullptr) {
      for (std::size_t i = 0; i < n; ++i) joined[i] &= live[from + i];
    }
    run(joined, n, static_cast<Row>(from * 64));
  }
}

// Returns the first position in [from, count) whose row is not below `row`, or count. Doubles the step, then
// searches the last step by bisection.
std::uint32_t gallop(const PostingList& list, std::uint32_t from, Row row) noexcept {
  std::uint32_t step = 1;
  std::uint32_t low = from;
  while (low + step < list.count && list.rows()[low + step] < row) {
    low += step;
    step *= 2;
  }
  const Row* const first = list.rows() + low;
  const Row* const last = list.rows() + std::min<std::uint64_t>(list.count, std::uint64_t{low} + step + 1);
  return static_cast<std::uint32_t>(std::lower_bound(first, last, row) - list.rows());
}

// Calls visit(row) for each row that the sparse driver and all other lists hold.
template <class Visit>
void drive_sparse(const PostingList& driver, std::span<const PostingList> others, const std::uint64_t* live,
                  Visit visit) noexcept {
  constexpr std::size_t kCursors = 16;  // sparse lists after these are searched from their start
  std::uint32_t cursors[kCursors] = {};
  for (std::uint32_t i = 0; i < driver.count; ++i) {
    const Row row = driver.rows()[i];
    bool all = live == nullptr || test_bit(live, row);
    for (std::size_t k = 0; all && k < others.size(); ++k) {
      const PostingList& other = others[k];
      if (other.dense()) {
        all = test_bit(other.bits(), row);
        continue;
      }
      const std::uint32_t at = gallop(other, k < kCursors ? cursors[k] : 0, row);
      if (at == other.count) {
        if (k < kCursors) return;  // this list has no later rows either
        all = false;
      } else {
        if (k < kCursors) cursors[k] = at;
        all = other.rows()[at] == row;
      }
    }
    if (all) visit(row);
  }
}

}  // namespace

std::size_t count_bits(const std::uint64_t* bits, std::size_t words) noexcept {
  return popcount_all<1>(&bits, words);
}

std::size_t intersect_count(std::span<const PostingList> lists, const std::uint64_t* live,
                            std::size_t words) noexcept {
  const PostingList& driver = lists.front();
  if (!driver.dense()) {
    if (lists.size() == 1 && live == nullptr) return driver.count;
    std::size_t n = 0;
    if (lists.size() == 1) {
      for (std::uint32_t i = 0; i < driver.count; ++i) n += test_bit(live, driver.rows()[i]);  // no branches
      return n;
    }
    drive_sparse(driver, lists.subspan(1), live, [&](Row) { ++n; });
    return n;
  }
  // Sparse lists come first, so here all lists are dense.
  const std::uint64_t* sets[kMostSets];
  std::size_t k = 0;
  if (live != nullptr) sets[k++] = live;
  if (k + lists.size() > kMostSets) {
    std::size_t n = 0;
    for_each_block(lists, live, words, [&](const std::uint64_t* joined, std::size_t some, Row) {
      n += popcount_all<1>(&joined, some);
    });
    return n;
  }
  for (const PostingList& list : lists) sets[k++] = list.bits();
  switch (k) {
    case 1: return driver.count;
    case 2: return popcount_all<2>(sets, words);
    case 3: return popcount_all<3>(sets, words);
    default: return popcount_all<4>(sets, words);
  }
}

std::size_t intersect(std::span<const PostingList> lists, const std::uint64_t* live, std::size_t words,
                      Row base, Row* out) noexcept {
  Row* const first = out;
  const PostingList& driver = lists.front();
  if (!driver.dense()) {
    if (lists.size() == 1 && live == nullptr) {
      for (std::uint32_t i = 0; i < driver.count; ++i) out[i] = driver.rows()[i] + base;
      return driver.count;
    }
    drive_sparse(driver, lists.subspan(1), live, [&](Row row) { *out++ = row + base; });
    return static_cast<std::size_t>(out - first);
  }
  const auto write = [&](Row row) { *out++ = row + base; };
  const std::uint64_t* sets[kMostSets];
  std::size_t k = 0;
  if (live != nullptr) sets[k++] = live;
  if (k + lists.size() > kMostSets) {
    for_each_block(lists, live, words, [&](const std::uint64_t* joined, std::size_t some, Row from) {
      for_each_common<1>(&joined, some, [&](Row row) { write(row + from); });
    });
    return static_cast<std::size_t>(out - first);
  }
  for (const PostingList& list : lists) sets[k++] = list.bits();
  switch (k) {
    case 1: for_each_common<1>(sets, words, write); break;
    case 2: for_each_common<2>(sets, words, write); break;
    case 3: for_each_common<3>(sets, words, write); break;
    default: for_each_common<4>(sets, words, write); break;
  }
  return static_cast<std::size_t>(out - first);
}

}  // namespace syncdex::inline v0
