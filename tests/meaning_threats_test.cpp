// Threats T14 and T17 to T25: answers that are wrong, torn or ambiguous, views that dangle, old dependencies.
// SECURITY.md lists them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <simdjson.h>

#include <atomic>
#include <boost/version.hpp>
#include <thread>

#include "support/hostile.h"
#include "support/oracle.h"
#include "support/random_json.h"
#include "syncdex/syncdex.h"

namespace syncdex {
namespace {

using test::nested;
using test::repeated;

TEST(Threats, T14_RequestsHaveOneInterpretation) {
  const auto canonical = [](std::string_view request) {
    const auto parsed = parse_request(request);
    return parsed ? std::string(parsed->query.pattern())
                  : "error " + std::string(to_string(parsed.error().code));
  };
  EXPECT_EQ(canonical("provider=a;name=b"), R"({"provider":"a;name=b"})");
  EXPECT_EQ(canonical("name=a+b"), R"({"name":"a b"})");
  EXPECT_EQ(canonical("name=a%2Bb"), R"({"name":"a+b"})");
  EXPECT_EQ(canonical("name=%"), "error malformed_encoding");
  EXPECT_EQ(canonical("name=%4"), "error malformed_encoding");
  EXPECT_EQ(canonical("name=%u0041"), "error malformed_encoding");
  EXPECT_EQ(canonical("name=%2541"), R"({"name":"%41"})");  // decoded once
  EXPECT_EQ(canonical("n%61me=x"), R"({"name":"x"})");
  EXPECT_EQ(canonical("NAME=x"), "error unknown_parameter");
  EXPECT_EQ(canonical("name[]=x"), "error unknown_parameter");
  EXPECT_EQ(canonical("name=a&name=b"), "error repeated_parameter");
  EXPECT_EQ(canonical("name=a&n%61me=a"), R"({"name":"a"})");
  EXPECT_EQ(canonical("&&name=a&&"), R"({"name":"a"})");
  EXPECT_EQ(canonical("name=a=b"), R"({"name":"a=b"})");
  EXPECT_EQ(canonical("name%3Da"), "error unknown_parameter");
  EXPECT_EQ(canonical("name=a#b"), R"({"name":"a#b"})");
  EXPECT_EQ(canonical("?name=a"), "error unknown_parameter");
  EXPECT_EQ(canonical("metadata=%7B%22a%22%3A1%7D&metadata={%22a%22:2}"), "false");
}

TEST(Threats, T17_ResultsOutliveTheirSource) {
  const std::string text = R"([{"id":"1","name":"\u0041","metadata":{"a":[{"b":1,"c":2}]}},{"id":"2"}])";
  auto buffer = std::make_shared<std::string>(text + std::string(Catalog::padding, ' '));
  const auto query = QueryBuilder().metadata(R"({"a":[{"b":1,"c":2}]})").build();
  std::optional<Catalog> catalog = *Catalog::load({buffer->data(), text.size()}, buffer);
  std::weak_ptr<std::string> alive = buffer;
  buffer.reset();
  Matches matches = catalog->find(*query);
  std::optional<Listing> listing = *catalog->list({*query, {.limit = 1, .after = ""}});
  Catalog moved = std::move(*catalog);
  catalog.reset();
  Matches taken = std::move(matches);
  EXPECT_EQ(taken.size(), 1u);
  EXPECT_EQ(taken[0].name(), "A");
  moved = *Catalog::load("[]");
  EXPECT_EQ(taken[0].json(), text.substr(1, text.find("},{\"id\":\"2")));
  EXPECT_EQ(listing->json(), "{\"data\":[" + std::string(taken[0].json()) + "],\"has_more\":false}");
  EXPECT_FALSE(alive.expired());
  listing.reset();
  taken = Matches();
  EXPECT_TRUE(alive.expired());  // nothing keeps it alive longer

  // Old versions of a live catalog stay intact, and the text that it was loaded from may be overwritten.
  std::string host = text;
  LiveCatalog live(*Catalog::load(host));
  host.assign(host.size(), '\xAA');
  const Matches before = live.snapshot().find(*query);
  ASSERT_TRUE(live.apply({.upserts = R"({"id":"1"})", .erases = {"2"}}));
  ASSERT_TRUE(live.replace_all(R"([{"id":"9"}])"));
  live.maintain();
  EXPECT_EQ(before[0].metadata(), R"({"a":[{"b":1,"c":2}]})");
  EXPECT_EQ(live.snapshot().count(*query), 0u);
}

// Each record of a version carries the version's stamp. An answer with two stamps would be torn.
TEST(ConcurrencyThreats, T18_EveryAnswerBelongsToOneVersion) {
  const auto version = [](int stamp) {
    return repeated(
        50,
        [&](std::size_t i) {
          return "{\"id\":\"" + std::to_string(i) +
                 "\",\"provider\":\"p\",\"metadata\":{\"stamp\":" + std::to_string(stamp) + "}}";
        },
        '\n');
  };
  LiveCatalog live(*Catalog::load(version(0)));
  const Query query = *QueryBuilder().provider("p").build();
  std::atomic<bool> done = false;
  std::atomic<std::size_t> answers = 0;
  std::vector<std::thread> readers;
  for (int i = 0; i < 8; ++i) {
    readers.emplace_back([&] {
      while (!done) {
        const Catalog now = live.snapshot();
        const Matches matches = now.find(query);
        EXPECT_EQ(matches.size(), 50u);
        const std::string_view first = matches[0].metadata();
        for (const Record r : matches) EXPECT_EQ(r.metadata(), first);
        ++answers;
      }
    });
  }
  for (int stamp = 1; stamp < 200 || answers < 100; ++stamp) {
    if (stamp % 2 == 0) {
      ASSERT_TRUE(live.replace_all(version(stamp)));
    } else {
      ASSERT_TRUE(live.apply({.upserts = version(stamp), .erases = {}}));
    }
  }
  done = true;
  for (std::thread& reader : readers) reader.join();
}

// A load or change that fails leaves nothing behind. (For failing allocations see no_memory_test.cpp.)
TEST(Threats, T19_FailedCallsChangeNothing) {
  LiveCatalog live(*Catalog::load(R"([{"id":"1","provider":"a"},{"id":"2","provider":"b"}])"));
  const std::string before = live.snapshot().find(Query()).json();
  for (const char* bad : {R"({"id":"1","provider":"c"} {"id":"3"}x)", R"([{"id":"3"},{"id":5}])",
                          R"([{"id":"3"},{"id":"3"},])", R"([{"id":"1","provider":"c"},{"id":"2")", "\xFF"}) {
    EXPECT_FALSE(live.apply({.upserts = bad, .erases = {"2"}})) << bad;
    EXPECT_FALSE(live.replace_all(bad)) << bad;
    EXPECT_EQ(live.version(), 1u);
    EXPECT_EQ(live.snapshot().find(Query()).json(), before);
    for (const char* provider : {"a", "b", "c"}) {
      EXPECT_FALSE(live.snapshot().verify(*QueryBuilder().provider(provider).build()));
    }
  }
}

TEST(Threats, T20_IndexAndScanAgree) {
  for (unsigned seed = 0; seed < 40; ++seed) {
    test::RandomJson random(seed);
    std::string text;
    std::vector<std::string> records;
    for (int i = 0; i < 30; ++i) {
      records.push_back(random.record("id-" + std::to_string(i), seed % 2 == 0));
      text += records.back() + "\n\n";
    }
    const auto catalog =
        Catalog::load("[" + repeated(records.size(), [&](std::size_t i) { return records[i]; }) + "]");
    ASSERT_TRUE(catalog);
    for (int i = 0; i < 40; ++i) {
      const auto query = Query::from_pattern(random.pattern(records[random.below(records.size())]));
      ASSERT_TRUE(query);
      EXPECT_FALSE(catalog->verify(*query)) << query->pattern();
    }
  }
}

// Common misconceptions of containment, and what holds instead. One per line.
TEST(Threats, T21_CommonMisconceptionsOfContainment) {
  struct Case {
    const char* idea;
    const char* stored;
    const char* pattern;
    bool contained;
  };
  const Case cases[] = {
      {"numbers are doubles", R"({"n":9007199254740993})", R"({"n":9007199254740992})", false},
      {"numbers are their spelling", R"({"n":1})", R"({"n":1.0})", true},
      {"the first of equal keys counts", R"({"a":1,"a":2})", R"({"a":1})", false},
      {"a scalar in a nested array meets a bare one", R"({"a":["x"]})", R"({"a":"x"})", false},
      {"an array contains a bare object", R"({"a":[{"b":1}]})", R"({"a":{"b":1}})", false},
      {"arrays are multisets", R"({"a":[1]})", R"({"a":[1,1]})", true},
      {"arrays are in order", R"({"a":[1,2]})", R"({"a":[2,1]})", true},
      {"elements are compared whole", R"({"a":[{"b":1,"c":2}]})", R"({"a":[{"b":1}]})", true},
      {"nested objects are compared whole", R"({"a":{"b":1,"c":2}})", R"({"a":{"b":1}})", true},
      {"null is missing", R"({"a":1})", R"({"b":null})", false},
      {"an empty pattern array matches nothing", R"({"a":[1]})", R"({"a":[]})", true},
      {"containment is searched at any depth", R"({"x":{"a":1}})", R"({"a":1})", false},
      {"paths with dots reach in", R"({"a":{"b":1}})", R"({"a.b":1})", false},
      {"[] is in an object", R"({"a":{}})", R"({"a":[]})", false},
      {"a string may be its number", R"({"a":"1"})", R"({"a":1})", false},
      {"case does not matter", R"({"a":"X"})", R"({"a":"x"})", false},
      {"one element may be met by two", R"({"a":[{"b":1},{"c":1}]})", R"({"a":[{"b":1,"c":1}]})", false},
  };
  for (const Case& c : cases) {
    const Catalog catalog =
        *Catalog::load(std::string(R"([{"id":"1","unused":)") + c.stored + R"(,"metadata":)" + c.stored +
                       R"(},{"id":"2","metadata":{"q":7}}])");
    for (const Query& query : {*QueryBuilder().metadata(c.pattern).build(),
                               *Query::from_pattern(std::string("{\"unused\":") + c.pattern + "}")}) {
      EXPECT_EQ(catalog.count(query), c.contained ? 1u : 0u) << c.idea;
      EXPECT_EQ(catalog.scan(query).size(), c.contained ? 1u : 0u) << c.idea;
    }
  }
}

TEST(Threats, T22_JsonInsideStringsIsNotParsed) {
  const Catalog catalog = *Catalog::load(R"([{"id":"1","metadata":{"a":1}},{"id":"2","x":"{\"a\":1}"}])");
  EXPECT_EQ(parse_request(R"(metadata="{\"a\":1}")").error().code, ErrorCode::invalid_pattern);
  EXPECT_EQ(parse_request(R"(where="{}")").error().code, ErrorCode::invalid_pattern);
  EXPECT_EQ(catalog.count(*Query::from_pattern(R"({"metadata":"{\"a\":1}"})")), 0u);
  EXPECT_EQ(catalog.count(*Query::from_pattern(R"({"x":"{\"a\":1}"})")), 1u);
  EXPECT_EQ(catalog.count(*Query::from_pattern(R"({"x":{"a":1}})")), 0u);
}

TEST(ConcurrencyThreats, T23_ThreadsShareNoParser) {
  const std::string text = repeated(
      200,
      [](std::size_t i) {
        return "{\"id\":\"" + std::to_string(i) + "\",\"provider\":\"p" + std::to_string(i % 7) +
               "\",\"metadata\":{\"n\":" + std::to_string(i) + "}}";
      },
      '\n');
  const Catalog shared = *Catalog::load(text);
  std::vector<std::thread> threads;
  for (int t = 0; t < 16; ++t) {
    threads.emplace_back([&, t] {
      for (std::size_t i = 0; i < 40; ++i) {
        const auto own = Catalog::load(text, {.threads = 1u + static_cast<unsigned>(t % 2)});
        ASSERT_TRUE(own);
        const auto request = parse_request("provider=p" + std::to_string(i % 7) +
                                           "&metadata={\"n\":" + std::to_string(i) + "}");
        ASSERT_TRUE(request);
        EXPECT_EQ(shared.count(request->query), 1u);
        EXPECT_EQ(own->list(*request).value().json(), shared.list(*request).value().json());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(Threats, T24_PrintedTextParsesBack) {
  const std::string odd =
      std::string("q\" b\\ \x01\x1F\x7F t\t n\n u\xE2\x80\xA8 \xF0\x9F\x98\x80 </script>\0end", 39);
  const auto query = QueryBuilder().name(odd).metadata(odd, odd).build();
  ASSERT_TRUE(query);
  const oracle::Value pattern = *oracle::parse(query->pattern());
  EXPECT_EQ(pattern.members.at("name").text, odd);
  EXPECT_EQ(pattern.members.at("metadata").members.at(odd).text, odd);
  EXPECT_EQ(*Query::from_pattern(query->pattern()), *query);
  EXPECT_EQ(parse_request(query->to_url()).value().query, *query);
  const Catalog catalog = *Catalog::load("[{\"id\":\"1\"," + std::string(query->pattern()).substr(1) + "]");
  EXPECT_EQ(catalog.find_id("1")->name(), odd);
  const auto body = oracle::parse(catalog.find(*query).json());
  ASSERT_TRUE(body);
  EXPECT_EQ(body->members.at("data").elements.at(0).members.at("name").text, odd);
  const std::string explained = catalog.explain(*query);
  EXPECT_TRUE(std::ranges::none_of(explained,
                                   [](char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\n'; }));
  Error error;
  error.message = odd;
  error.parameter = odd;
  const auto api = oracle::parse(to_api_json(error));
  ASSERT_TRUE(api);
  EXPECT_EQ(api->members.at("validation_errors").members.at(odd).elements.at(0).text, odd);
  std::string lines;
  catalog.append_ndjson_to(lines);
  const Catalog loaded = *Catalog::load(lines);
  EXPECT_EQ(loaded.find_id("1")->name(), odd);
}

// The build rejects older ones. This also rejects them in hosts that compile the sources in their own way.
TEST(Threats, T25_DependenciesMeetTheirMinimumVersions) {
  static_assert(BOOST_VERSION >= 107400);
  static_assert(simdjson::SIMDJSON_VERSION_MAJOR > 3 || simdjson::SIMDJSON_VERSION_MINOR > 0 ||
                simdjson::SIMDJSON_VERSION_REVISION >= 1);
}

}  // namespace
}  // namespace syncdex
