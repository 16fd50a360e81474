#include "support/random_records.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "support/random_filter.h"

namespace syncdex::test {

std::size_t wanted_pairs() {
  if (const char* const wanted = std::getenv("SYNCDEX_FILTER_PAIRS"))
    return std::strtoull(wanted, nullptr, 10);
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(NDEBUG)
  return 20'000;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
  return 20'000;
#else
  return 1'000'000;
#endif
#else
  return 1'000'000;
#endif
}

std::size_t scaled(std::size_t n) { return wanted_pairs() >= 1'000'000 ? n : n / 10; }

std::vector<std::string> records_of(const Matches& matches) {
  std::vector<std::string> all;
  for (std::size_t i = 0; i < matches.size(); ++i) all.emplace_back(matches[i].json());
  return all;
}

Records random_records(RandomJson& random, std::size_t n) {
  Records out;
  const bool repeats = random.chance(0.5);
  for (std::size_t i = 0; i < n; ++i) {
    out.texts.push_back(with_times(random, random.record("r" + std::to_string(i), repeats)));
    out.values.push_back(*oracle::parse(out.texts.back()));
  }
  return out;
}

std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all += text + '\n';
  return all;
}

Catalog scattered(RandomJson& random, const std::vector<std::string>& texts) {
  LiveCatalog live;
  for (std::size_t i = 0; i < texts.size();) {
    Changes changes;
    if (i > 0 && random.chance(0.5)) {
      changes.upserts = with_times(random, random.record("dead" + std::to_string(i), true));
      EXPECT_TRUE(live.apply(std::move(changes)));
      changes = {};
      changes.erases.push_back("dead" + std::to_string(i));
    }
    std::string batch;
    for (std::size_t n = 1 + random.below(7); n > 0 && i < texts.size(); --n) batch += texts[i++] + '\n';
    changes.upserts = std::move(batch);
    EXPECT_TRUE(live.apply(std::move(changes)));
  }
  return live.snapshot();
}

}  // namespace syncdex::test
