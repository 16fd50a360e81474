// Threats T12, T13, T15 and T16: input and queries that cost far more than their size. SECURITY.md lists
// them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/functional/hash.hpp>
#include <cstring>
#include <set>

#include "support/counted_work.h"
#include "support/hostile.h"
#include "syncdex/syncdex.h"

namespace syncdex {
namespace {

using test::kSanitized;
using test::must;
using test::nested;
using test::repeated;
using test::skipping;
using test::times;

// Strings that have the same hash in libraries that use the unseeded hashes of the standard library or of
// Boost.
TEST(Threats, T12_CollidingStringsCostNoMoreThanOthers) {
  const std::vector<std::string> standard = test::std_hash_collisions(14);
  const std::vector<std::string> boosts = test::boost_hash_collisions(14);
  {
    std::set<std::size_t> hashes;
    std::set<std::string> texts;
    for (const std::string& s : standard) {
      hashes.insert(std::hash<std::string>{}(s));
      texts.insert(s);
    }
    EXPECT_EQ(hashes.size(), 1u);
    EXPECT_EQ(texts.size(), standard.size());
#if BOOST_VERSION < 108100
    hashes.clear();
    for (const std::string& s : boosts) hashes.insert(boost::hash<std::string>{}(s)&0xFFFF'FFFF);
    EXPECT_EQ(hashes.size(), 1u);
#endif
  }
  const auto ordinary = [](std::size_t length) {
    std::vector<std::string> all;
    std::mt19937 random(5);
    for (std::size_t i = 0; i < 1 << 14; ++i) {
      std::string text(length, ' ');
      for (char& c : text) c = static_cast<char>('a' + random() % 26);
      all.push_back(std::move(text));
    }
    return all;
  };
  for (const auto* strings : {&standard, &boosts, static_cast<const std::vector<std::string>*>(nullptr)}) {
    const std::vector<std::string> plain = strings == nullptr ? ordinary(200) : std::vector<std::string>();
    const std::vector<std::string>& s = strings == nullptr ? plain : *strings;
    std::string records;
    std::string keys;
    std::string values;
    for (std::size_t i = 0; i < s.size(); ++i) {
      records += R"({"id":")" + s[i] + R"(","name":")" + s[i] + R"(","provider":")" + s[i] +
                 R"(","status":")" + s[i] + "\"}\n";
      keys += (i > 0 ? ",\"" : "\"") + s[i] + "\":1";
      values += (i > 0 ? ",\"" : "\"") + s[i] + "\"";
    }
    const Catalog catalog =
        must(Catalog::load(records + R"({"id":"1","metadata":{)" + keys + R"(,"v":[)" + values + "]}}"));
    ASSERT_EQ(catalog.size(), s.size() + 1);
    std::vector<std::uint64_t> ids, names, terms, paths;
    const Snapshot& snapshot = Access::snapshot(catalog);
    for (const Part& part : snapshot.parts()) {
      for (Row row = 0; row < part.size(); ++row) {
        ids.push_back(std::uint64_t{part.segment->entry(row).id_hash} << 32 |
                      part.segment->entry(row).id_hash);
        names.push_back(std::uint64_t{part.segment->entry(row).name_hash} << 32 |
                        part.segment->entry(row).name_hash);
      }
      part.segment->terms().for_each(
          [&](std::uint32_t hash, TermId) { terms.push_back(std::uint64_t{hash} << 32 | hash); });
      EXPECT_LT(part.segment->table().longest_bucket(), 40u);
    }
    for (PathId path = 1; path < snapshot.paths().size(); ++path)
      paths.push_back(snapshot.paths().hash(path));
    EXPECT_GT(terms.size(), 3 * s.size());
    EXPECT_GT(paths.size(), s.size());
    for (const auto* hashes : {&ids, &names, &terms, &paths}) EXPECT_LT(test::longest_bucket(*hashes), 40u);
  }
}

// The worst patterns within the limits, each against 1 MB of the text that is worst for it.
TEST(Threats, T13_MatchingIsNotQuadratic) {
  const auto number = [](std::size_t i) { return std::to_string(i); };
  struct Case {
    const char* what;
    std::function<std::string(std::size_t)> element;  // of the stored array
    std::size_t leaves;
    std::function<std::string(std::size_t)> wanted;
  };
  const Case cases[] = {
      {"empty objects", [](std::size_t) { return "{}"; }, 1024,
       [&](std::size_t i) { return "{\"a" + number(i) + "\":1}"; }},
      {"one key", [](std::size_t) { return R"({"a":0})"; }, 1024,
       [&](std::size_t i) { return "{\"a\":" + number(i + 1) + "}"; }},
      {"arrays", [](std::size_t) { return "[0]"; }, 1024,
       [&](std::size_t i) { return "[" + number(i + 1) + "]"; }},
      {"all but one", [](std::size_t) { return "[1]"; }, 512,
       [&](std::size_t i) { return "[1," + number(i + 2) + "]"; }},
      {"one scalar, again and again", [](std::size_t) { return "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]"; }, 512,
       [&](std::size_t i) { return "[1," + number(i + 2) + "]"; }},
      {"in depth", [](std::size_t) { return "[[]]"; }, 1024,
       [&](std::size_t i) { return "[[" + number(i) + "]]"; }},
      {"wide", [&](std::size_t i) { return "{\"k" + number(i) + "\":" + number(i) + "}"; }, 1024,
       [&](std::size_t i) { return "{\"k" + number(i * 7) + "\":-1}"; }},
      {"repeats", [](std::size_t) { return R"({"a":0,"a":1,"a":0})"; }, 512,
       [&](std::size_t i) { return "{\"a\":" + number(i + 1) + ",\"a\":" + number(i + 2) + "}"; }},
  };
  for (const Case& c : cases) {
    const Query query =
        must(QueryBuilder().metadata("{\"a\":[" + repeated(c.leaves, c.wanted) + "]}").build());
    std::int64_t work[3];
    for (int k = 0; k < 3; ++k) {  // n, 2n, 4n
      std::string elements;
      for (std::size_t i = 0; elements.size() < std::size_t{250'000} << k; ++i)
        elements += (i > 0 ? "," : "") + c.element(i);
      // A second record contains each wanted value, so that no index rules the query out.
      const Catalog catalog = must(Catalog::load("[{\"id\":\"1\",\"metadata\":{\"a\":[" + elements +
                                                 "]}},{\"id\":\"2\",\"metadata\":{\"a\":[" +
                                                 repeated(c.leaves, c.wanted) + "]}}]"));
      EXPECT_EQ(catalog.scan(query).size(), 1u) << c.what;
      EXPECT_EQ(catalog.find(query).size(), 1u) << c.what;
      work[k] = test::work_of_scan(catalog, query) + test::work_of_find(catalog, query);
      // The same answer, or none at all.
      const auto checked = catalog.find_within(query);
      EXPECT_EQ(checked ? checked->size() : 1, 1u) << c.what;
      EXPECT_TRUE(checked || checked.error().code == ErrorCode::budget_exceeded) << c.what;
    }
    // Linear in the text. The benchmark has the times.
    EXPECT_LT(work[2], work[1] * 21 / 10) << c.what;
    EXPECT_LT(work[1], work[0] * 21 / 10) << c.what;
  }
  // Arrays of two elements, nested 18 deep.
  std::string stored = "0";
  for (int i = 0; i < 18; ++i) stored = "[" + stored + "," + stored + "]";
  std::string wanted = "1";
  for (int i = 0; i < 9; ++i)
    wanted = "[" + wanted + ",[" + wanted.substr(0, wanted.size() > 400 ? 0 : wanted.npos) + "]]";
  const Query doubled = must(QueryBuilder().metadata("{\"a\":" + wanted + "}").build());
  const Catalog in_depth = must(Catalog::load("[{\"id\":\"1\",\"metadata\":{\"a\":" + stored + "}}]"));
  EXPECT_EQ(in_depth.scan(doubled).size(), 0u);
  EXPECT_LT(test::work_of_scan(in_depth, doubled), static_cast<std::int64_t>(stored.size() * wanted.size()));
  // A thousand equal elements become one. Objects of 16 000 keys are matched by lookup.
  EXPECT_EQ(QueryBuilder()
                .metadata("{\"a\":[" + repeated(1000, [](std::size_t) { return "{\"x\":1}"; }) + "]}")
                .build()
                .value()
                .pattern(),
            R"({"metadata":{"a":[{"x":1}]}})");
  const std::string keys =
      repeated(16'000, [&](std::size_t i) { return "\"k" + number(i) + "\":" + number(i); });
  Limits wide;
  wide.pattern_bytes = 1 << 20;
  wide.pattern_leaves = 40'000;
  const Catalog wide_object =
      *Catalog::load("[{\"id\":\"1\",\"unused\":{" + keys + "},\"metadata\":{" + keys + "}}]");
  const Query all =
      must(QueryBuilder(wide).where("{\"unused\":{" + keys + "}}").metadata("{" + keys + "}").build());
  EXPECT_FALSE(wide_object.verify(all));
  EXPECT_LT(test::work_of_scan(wide_object, all), static_cast<std::int64_t>(keys.size() * 8));
}

// Nested objects, each with a duplicate key: each level is searched once.
TEST(Threats, T13_DuplicateKeysCostOneSearchPerLevel) {
  const std::string filler = repeated(100'000, [](std::size_t) { return "1234567"; });
  std::string record = "[" + filler + "]";
  std::string pattern = "1";
  for (int i = 0; i < 500; ++i) {
    record = "{\"a\":0,\"a\":" + record + "}";
    pattern = "{\"a\":" + pattern + "}";
  }
  const Catalog catalog = must(Catalog::load("[{\"id\":\"1\",\"unused\":" + record + "}]"));
  const Query query = must(Query::from_pattern("{\"unused\":" + pattern + "}"));
  EXPECT_EQ(catalog.count(query), 0u);
  EXPECT_LT(test::work_of_count(catalog, query), static_cast<std::int64_t>(record.size() * 501));
  EXPECT_EQ(catalog.find_within(query).error().code, ErrorCode::budget_exceeded);
}

// The worst known patterns, each against a megabyte, by the calls that are meant for untrusted queries.
TEST(Threats, T13_CheckedCallsKeepToTheirBudget) {
  const auto nested = [](std::size_t depth, const std::string& inner, bool cascade) {
    std::string open;
    for (std::size_t i = 0; i < depth; ++i) open += cascade ? "[1," : "[";
    return open + inner + std::string(depth, ']');
  };
  const auto number = [](std::size_t i) { return std::to_string(i); };
  double worst = 0;  // how much of its budget a call has spent
  for (const std::size_t depth : {1U, 2U, 5U, 15U, 50U, 150U}) {
    for (const bool cascade : {false, true}) {
      const std::size_t elements =
          std::min<std::size_t>(cascade ? 1000 / (depth + 1) : 1000, 60'000 / (4 * depth + 8));
      const auto wanted = [&](std::size_t i) { return nested(depth, number(i + 2), cascade); };
      std::string stored;
      // In an unindexed field, so that each record is checked.
      while (stored.size() < 1'000'000) stored += (stored.empty() ? "" : ",") + nested(depth, "1", cascade);
      const Catalog catalog =
          must(Catalog::load("[{\"id\":\"1\",\"unused\":{\"a\":[" + stored +
                             "]}},{\"id\":\"2\",\"unused\":{\"a\":[" + repeated(elements, wanted) + "]}}]"));
      const Query query =
          must(QueryBuilder().where("{\"unused\":{\"a\":[" + repeated(elements, wanted) + "]}}").build());
      const auto found = catalog.find_within(query);
      EXPECT_TRUE(found ? found->size() == 1 : found.error().code == ErrorCode::budget_exceeded);
      const auto budget =
          static_cast<std::int64_t>(Limits().work * std::max<std::size_t>(stored.size(), 1 << 20));
      Work work{budget};
      find_rows(Access::impl(query), Access::snapshot(catalog), work);
      // It ends at the budget, and not a record later.
      EXPECT_GT(work.left, -static_cast<std::int64_t>(stored.size())) << depth << cascade;
      worst = std::max(worst, 1 - static_cast<double>(work.left) / static_cast<double>(budget));
    }
  }
  EXPECT_GT(worst, 1);  // some are refused
}

// Loads and requests that are made to be slow, at n, 2n and 4n: allocations are in proportion to the text,
// and the outcome is the same. bench/hostile_bench.cpp has the times.
TEST(Threats, T13_LoadingAndParsingAreLinear) {
  const auto digits = [](std::size_t i) { return std::to_string(i); };
  using Make = std::function<std::string(std::size_t)>;
  const auto in_metadata = [](const std::string& inner) {
    return "{\"id\":\"1\",\"metadata\":{" + inner + "}}";
  };
  const std::pair<const char*, Make> loads[] = {
      {"keys",
       [&](std::size_t n) {
         return in_metadata(repeated(n / 10, [&](std::size_t i) { return "\"" + digits(i) + "\":1"; }));
       }},
      {"one key",
       [&](std::size_t n) {
         return in_metadata(repeated(n / 8, [&](std::size_t i) { return "\"a\":" + digits(i % 100); }));
       }},
      {"escaped keys",
       [&](std::size_t n) {
         return in_metadata(
             repeated(n / 16, [&](std::size_t i) { return "\"\\u0061" + digits(i) + "\":1"; }));
       }},
      {"values", [&](std::size_t n) { return in_metadata("\"a\":[" + repeated(n / 7, digits) + "]"); }},
      {"spellings of one number",
       [&](std::size_t n) {
         return in_metadata(
             "\"a\":[" +
             repeated(n / 8, [&](std::size_t i) { return "1." + std::string(i % 9, '0') + "0"; }) + "]");
       }},
      {"records",
       [&](std::size_t n) {
         return repeated(
             n / 14, [&](std::size_t i) { return "{\"id\":\"" + digits(i) + "\"}"; }, '\n');
       }},
      {"one name",
       [&](std::size_t n) {
         return repeated(
             n / 24, [&](std::size_t i) { return "{\"id\":\"" + digits(i) + "\",\"name\":\"x\"}"; }, '\n');
       }},
      {"bad lines",
       [&](std::size_t n) {
         return repeated(
             n / 3, [](std::size_t) { return "{}"; }, '\n');
       }},
      {"losers",
       [&](std::size_t n) {
         return repeated(
             n / 11, [](std::size_t) { return "{\"id\":\"1\"}"; }, '\n');
       }},
      {"tiny pages",
       [&](std::size_t n) {
         return repeated(
             n / 25, [&](std::size_t i) { return "{\"data\":[{\"id\":\"" + digits(i) + "\"}]}"; }, ' ');
       }},
      {"tiny arrays",
       [&](std::size_t n) {
         return repeated(
             n / 17, [&](std::size_t i) { return "[{\"id\":\"" + digits(i) + "\"}]"; }, ' ');
       }},
      {"records on one line",
       [&](std::size_t n) {
         return repeated(
             n / 17, [&](std::size_t i) { return "{\"id\":\"" + digits(i) + "\"}"; }, ' ');
       }},
      {"open lines", [&](std::size_t n) { return "{\"id\":\"1\"}\n" + times(n / 9, "{\"a\":[{\n"); }},
      {"open lines before a record",
       [&](std::size_t n) { return times(n / 4, "[[[\n") + "{\"id\":\"1\"}\n"; }},
      {"quotes", [&](std::size_t n) { return "{\"id\":\"1\"}\n" + times(n / 8, "{\"id\":\"\n"); }},
      {"lines of several",
       [&](std::size_t n) {
         return repeated(
             n / 30, [&](std::size_t i) { return "{\"id\":\"" + digits(i) + "\"} {\"x\":1}"; }, '\n');
       }},
      {"line feeds", [&](std::size_t n) { return "{\"id\":\"1\"}" + std::string(n, '\n'); }},
      {"backslashes", [&](std::size_t n) { return "{\"id\":\"1\",\"x\":\"" + times(n / 2, "\\\\") + "\"}"; }},
      {"nested",
       [&](std::size_t n) {
         return "{\"id\":\"1\",\"metadata\":{\"a\":[" +
                repeated(n / 1000, [](std::size_t) { return nested(490, "[", "1", "]"); }) + "]}}";
       }},
  };
  for (const auto& load : loads) {
    const char* const what = load.first;
    const Make& make = load.second;
    std::size_t made[3];
    for (int k = 0; k < 3; ++k) {
      const std::string text = make(std::size_t{250'000} << k);
      made[k] = test::allocations_of([&] { EXPECT_TRUE(Catalog::load(text, skipping())) << what; });
      EXPECT_LT(made[k], text.size() + 1'000) << what;
    }
    EXPECT_LT(made[2], made[1] * 5 / 2 + 1'000) << what;
    EXPECT_LT(made[1], made[0] * 5 / 2 + 1'000) << what;
  }
  const std::pair<const char*, Make> requests[] = {
      {"patterns",
       [&](std::size_t n) {
         return repeated(
             n / 16'000,
             [&](std::size_t i) {
               return "where={\"a\":[" +
                      repeated(60,
                               [&](std::size_t j) { return "[\"" + digits(i) + "\"," + digits(j) + "]"; }) +
                      "]}";
             },
             '&');
       }},
      {"one value", [&](std::size_t n) { return "name=" + std::string(n, '+'); }},
      {"escapes", [&](std::size_t n) { return "name=" + times(n / 3, "%41"); }},
      {"long keys",
       [&](std::size_t n) {
         return "where={\"a\":{" +
                repeated(
                    15,
                    [&](std::size_t i) { return "\"" + std::string(n / 400, 'k') + digits(i) + "\":1"; }) +
                "}}";
       }},
  };
  for (const auto& request : requests) {
    const char* const what = request.first;
    const Make& make = request.second;
    for (int k = 0; k < 3; ++k) {
      const std::string text = make(std::size_t{250'000} << k);
      EXPECT_LT(test::allocations_of([&] { static_cast<void>(parse_request(text)); }),
                text.size() / 8 + 1'000)
          << what;
    }
  }
}

TEST(Threats, T15_FloodsOfParametersAreRejectedQuickly) {
  const auto with = [](std::size_t n, std::string_view pair) { return times(n, pair); };
  const std::string floods[] = {with(1'000'000, "a&"),
                                with(1'000'000, "&"),
                                with(300'000, "&"),
                                with(80'000, "provider=x&"),
                                with(1'000'000, "provider=x&"),
                                with(1'000'000, ";"),
                                "metadata=" + std::string(10'000'000, '{'),
                                "metadata=" + with(1'000'000, "%7B"),
                                "name=" + std::string(900'000, '%'),
                                "where={\"a\":[" + repeated(200'000, [](std::size_t) { return "1"; }) + "]}"};
  for (const std::string& flood : floods) {
    bool refused = false;
    EXPECT_LT(test::allocations_of([&] { refused = !parse_request(flood); }), 1'100u) << flood.substr(0, 20);
    EXPECT_EQ(refused, flood.find_first_not_of('&') != flood.npos || flood.size() > 1 << 20)
        << flood.substr(0, 20);
    // At most twice the input, plus the baseline of any process.
    if (!kSanitized) {
      EXPECT_LT(test::peak_bytes([&] { static_cast<void>(parse_request(flood)); }),
                2 * flood.size() + (3 << 20))
          << flood.substr(0, 20);
    }
  }
}

// Small input that needs much memory. README and SECURITY.md state the factors.
TEST(Threats, T16_MemoryIsProportionalToInput) {
  if (kSanitized) GTEST_SKIP() << "sanitizers have memory of their own";
  const auto fill = [](std::size_t bytes, const std::function<std::string(std::size_t)>& make) {
    std::string text;
    for (std::size_t i = 0; text.size() < bytes; ++i) text += (i > 0 ? "," : "") + make(i);
    return text;
  };
  constexpr std::size_t kBytes = 10'000'000;
  struct Case {
    const char* what;
    std::string text;
    double factor;
  };
  const Case cases[] = {
      {"arrays",
       "{\"id\":\"1\",\"metadata\":{\"a\":[" + fill(kBytes, [](std::size_t) { return "[]"; }) + "]}}", 16},
      {"objects",
       "{\"id\":\"1\",\"metadata\":{\"a\":[" + fill(kBytes, [](std::size_t) { return "{\"a\":{}}"; }) + "]}}",
       16},
      {"short strings",
       "{\"id\":\"1\",\"metadata\":{\"a\":[" + fill(kBytes, [](std::size_t) { return "\"x\""; }) + "]}}", 16},
      {"unused", "{\"id\":\"1\",\"x\":[" + fill(kBytes, [](std::size_t) { return "[]"; }) + "]}", 16},
      {"distinct numbers",
       "{\"id\":\"1\",\"metadata\":{\"a\":[" + fill(kBytes, [](std::size_t i) { return std::to_string(i); }) +
           "]}}",
       24},
      {"small records",
       "[" + fill(kBytes, [](std::size_t i) { return "{\"id\":\"" + std::to_string(i) + "\"}"; }) + "]", 24},
      {"distinct keys",
       "{\"id\":\"1\",\"metadata\":{" +
           fill(kBytes, [](std::size_t i) { return "\"" + std::to_string(i) + "\":1"; }) + "}}",
       72},
  };
  for (const Case& c : cases) {
    const std::size_t peak = test::peak_bytes([&] {
      if (!Catalog::load(c.text)) std::abort();
    });
    std::printf("memory: %s: %.1f bytes a byte\n", c.what,
                static_cast<double>(peak) / static_cast<double>(c.text.size()));
    EXPECT_LT(static_cast<double>(peak), c.factor * static_cast<double>(c.text.size())) << c.what;
  }
}

}  // namespace
}  // namespace syncdex
