// Threats in filters: size, depth, cost, stacks, and operators as oracles on secrets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "support/allocations.h"
#include "support/counted_work.h"
#include "support/hostile.h"
#include "syncdex/syncdex.h"

namespace syncdex {
namespace {

using test::nested;
using test::repeated;
using test::times;

std::string limit_of(const Result<Query>& query) { return query ? "accepted" : query.error().limit; }

TEST(Threats, FilterLimitsRefuseWhatExceedsThem) {
  Limits limits;
  limits.filter_nodes = 10;
  limits.filter_depth = 5;
  limits.filter_values = 4;
  limits.filter_bytes = 400;
  const auto limit = [&](const std::string& json) { return limit_of(Query::from_filter(json, limits)); };
  const auto any = [](std::size_t n) {
    return R"({"or":[)" +
           repeated(n, [](std::size_t i) { return R"({"path":"a","gt":)" + std::to_string(i) + "}"; }) + "]}";
  };
  EXPECT_EQ(limit(any(9)), "accepted");
  EXPECT_EQ(limit(any(10)), "filter_nodes");
  EXPECT_EQ(limit(nested(4, R"({"not":)", R"({"path":"a","gt":1})", "}")), "accepted");
  EXPECT_EQ(limit(nested(5, R"({"not":)", R"({"path":"a","gt":1})", "}")), "filter_depth");
  EXPECT_EQ(limit(R"({"path":"a[][][][]","gt":1})"), "accepted");
  EXPECT_EQ(limit(R"({"path":"a[][][][][]","gt":1})"), "filter_depth");
  EXPECT_EQ(limit(R"({"path":"a","in":[1,2,3,4]})"), "accepted");
  EXPECT_EQ(limit(R"({"or":[{"path":"a","in":[1,2,3]},{"path":"b","nin":[1,2]}]})"), "filter_values");
  EXPECT_EQ(limit(R"({"path":"a","prefix":")" + times(400, "x") + "\"}"), "filter_bytes");
  // Of a request, all parameters count together; repeated [in] does not count as parameters.
  RequestOptions options;
  options.limits.filter_values = 100;
  const auto in = [](std::size_t n) {
    return repeated(
        n, [](std::size_t i) { return "id[in]=" + std::to_string(i); }, '&');
  };
  EXPECT_TRUE(parse_request(in(100), options));
  EXPECT_EQ(parse_request(in(101), options).error().limit, "filter_values");
  // Patterns that are joined become one.
  const auto pattern = [](std::size_t from) {
    return R"({"contains":{"metadata":{"a":[)" +
           repeated(600, [&](std::size_t i) { return std::to_string(from + i); }) + "]}}}";
  };
  EXPECT_EQ(limit_of(Query::from_filter(R"({"or":[)" + pattern(0) + "," + pattern(600) + "]}")), "accepted");
  EXPECT_EQ(limit_of(Query::from_filter(R"({"and":[)" + pattern(0) + "," + pattern(600) + "]}")),
            "pattern_leaves");
}

// Cut anywhere, or with any byte changed, it is a filter that can be printed and read again, or an error
// within the text.
TEST(Threats, DamagedFiltersAreErrorsOrFilters) {
  const std::string filters[] = {
      R"({"and":[{"contains":{"a":[1,{"b":null}]}},{"not":{"path":"c[].\"d e\"","set":false}},{"or":[]}]})",
      R"({"path":"a","eq":"x","in":["x",1,true,null],"gt":-1.5e3,"lte":2,"prefix":"p","suffix":"s"})",
      R"({"path":"created_at","gte":"2023-12-15T01:29:29.5+01:00","lt":"2024","as":"time","ne":1})",
      R"({"some":"a[].b[]","is":{"path":"","kind":["null","string"],"size":{"gte":1,"lt":5},"exists":true}})",
      R"({"path":"credential.properties.x","substring":"y","ignore_case":true,"nin":[{}],"as":"text"})"};
  const auto check = [](const std::string& text) {
    const auto query = Query::from_filter(text);
    if (query) {
      const auto again = Query::from_filter(query->text());
      ASSERT_TRUE(again && *again == *query) << text;
      static_cast<void>(to_postgres(*query));
    } else {
      ASSERT_LE(query.error().offset, text.size()) << text;
      ASSERT_FALSE(query.error().message.empty());
    }
  };
  const auto check_url = [](const std::string& url) {
    const auto request = parse_request(url);
    if (request) {
      const auto again = parse_request(request->query.to_url());
      ASSERT_TRUE(again && again->query == request->query) << url;
    } else {
      ASSERT_LE(request.error().offset, url.size()) << url;
    }
  };
  const std::string urls[] = {
      "provider[in]=a&provider[in]=b&created_at[gte]=2024-01-01&status[ne]=x&name[prefix]=N",
      "metadata.a[lt]=10&metadata.b[]=%22x%22&metadata.c[kind]=array&metadata.c[size]=2&health[exists]=false",
      "filter=%7B%22or%22%3A%5B%5D%7D&collection_ids[]=x&max_age_days=5&updated_at[set]=true&metadata.d[nin]="
      "1"};
  const std::string_view bytes = "{}[]\",:.0-et n\\\x01&=%";
  for (const std::string& text : filters) {
    for (std::size_t i = 0; i <= text.size(); ++i) {
      check(text.substr(0, i));
      for (const char c : bytes) {
        std::string changed = text;
        if (i < text.size()) changed[i] = c;
        check(changed);
      }
      check(text.substr(0, i) + text.substr(std::min(i + 1, text.size())));
    }
  }
  for (const std::string& url : urls) {
    for (std::size_t i = 0; i <= url.size(); ++i) {
      check_url(url.substr(0, i));
      check_url(url + "&" + url.substr(i));
      for (const char c : bytes) {
        std::string changed = url;
        if (i < url.size()) changed[i] = c;
        check_url(changed);
      }
    }
  }
}

// What a caller writes stays within its condition.
TEST(Threats, OperandsCannotAddConditions) {
  for (const char* value : {R"("eu","prefix":"e")", R"("eu","us")",
                            R"("EU"],"ignore_case":true,"kind":["string")", R"("a"})", R"("a" )", R"("a)"}) {
    for (const char* name : {"metadata.region[eq]=", "metadata.region[in]=", "metadata.region[gte]="}) {
      const auto request = parse_request(name + test::percent_encoded(value));
      ASSERT_FALSE(request) << name << value;
      EXPECT_EQ(request.error().code, ErrorCode::invalid_filter);
    }
  }
  const Filter policy = field("provider").in({"mine", "m2"});
  EXPECT_FALSE(
      Query::of((contains(R"({}}]},{"and":[{"contains":{})") && policy) || field("name").prefix("zz")));
  EXPECT_FALSE(Query::of(contains("1")));
  EXPECT_FALSE(Query::of(contains("")));
  EXPECT_TRUE(Query::of(contains("{\"a\":[{}]} ") && policy));
  // An error does not repeat what may be a secret.
  EXPECT_EQ(parse_request("credential.properties.k[eq]=hunter2").error().message.find("hunter2"),
            std::string::npos);
}

TEST(Threats, ListsInRequestsAreBoundedBeforeTheyAreRead) {
  const std::string url = repeated(
      40'000, [](std::size_t i) { return "id[in]=v" + std::to_string(i); }, '&');
  const std::size_t made = test::allocations_of([&] {
    const auto refused = parse_request(url);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().limit, "filter_values");
  });
  EXPECT_LT(made, 4'096u * 4);  // a few for each value that is within the limit
}

TEST(Threats, TestingValuesIsBoundedByWork) {
  std::string text;
  for (int i = 0; i < 20'000; ++i)
    text += R"({"id":")" + std::to_string(i) +
            R"(","name":"a name"})"
            "\n";
  const Catalog catalog = *Catalog::load(text);
  const Query query =
      *Query::from_filter(R"({"or":[)" +
                          repeated(1000,
                                   [](std::size_t i) {
                                     return R"({"path":"name","substring":"zz)" + std::to_string(i) + "\"}";
                                   }) +
                          "]}");
  Limits little;
  little.work = 2;
  EXPECT_FALSE(catalog.find_within(query, little));
  // All thousand conditions test all names.
  EXPECT_GT(test::work_of_find(catalog, query), 1'000 * 20'000);
}

// What is accepted can be stored and sent, whatever its canonical form adds: it can be read again within the
// limits.
TEST(Threats, T44_AcceptedFiltersCanBeReadAgain) {
  std::size_t accepted = 0;
  const auto survives = [&](const std::string& json) {
    const auto query = Query::from_filter(json);
    if (!query) {
      EXPECT_EQ(query.error().code, ErrorCode::limit_exceeded) << to_string(query.error());
      return;
    }
    ++accepted;
    const auto again = Query::from_filter(query->text());
    ASSERT_TRUE(again) << to_string(again.error());
    EXPECT_EQ(*again, *query);
    const auto url = parse_request(query->to_url());
    ASSERT_TRUE(url) << to_string(url.error());
    EXPECT_EQ(url->query, *query);
  };
  for (const std::size_t n : {100U, 511U, 512U, 600U, 1000U}) {
    survives(R"({"and":[)" +
             repeated(n, [](std::size_t i) { return R"({"path":"a)" + std::to_string(i) + R"(","ne":1})"; }) +
             "]}");
  }
  for (std::size_t depth = 55; depth < 66; ++depth) {
    survives(nested(depth / 2, R"({"and":[{"path":"x","gt":1},{"or":[{"path":"y","gt":1},)",
                    R"({"path":"z","ne":1})", "]}]}"));
  }
  EXPECT_GE(accepted, 5u);
  // Filters around each size, whose canonical texts are longer: patterns of paths, keys and values with
  // escapes, nested arrays, times.
  const std::pair<const char*, std::function<std::string(std::size_t)>> members[] = {
      {"equalities below deep paths",
       [](std::size_t i) { return R"({"path":"a)" + std::to_string(i) + times(40, ".b") + R"(","eq":1})"; }},
      {"ranges below deep paths",
       [](std::size_t i) { return R"({"path":"a)" + std::to_string(i) + times(20, ".b") + R"(","gt":1})"; }},
      {"escapes",
       [](std::size_t i) {
         return R"({"path":"p","prefix":")" + times(60, R"(\u001f)") + std::to_string(i) + "\"}";
       }},
      {"escapes that are not needed",
       [](std::size_t i) {
         return R"({"path":"p","prefix":")" + times(60, R"(\/)") + std::to_string(i) + "\"}";
       }},
      {"bytes that need escapes in a request",
       [](std::size_t i) {
         return R"({"path":"p","suffix":")" + std::string(200, '\x7f') + std::to_string(i) + "\"}";
       }},
      {"elements",
       [](std::size_t i) { return R"({"path":"a[].b[].c)" + std::to_string(i) + R"(","gt":1})"; }},
      {"times",
       [](std::size_t i) {
         return R"({"path":"created_at","gt":"20)" + std::to_string(10 + i % 90) + R"(-01-01"})";
       }},
      {"times as text",
       [](std::size_t i) {
         return R"({"path":"created_at","gt":")" + std::to_string(i) + R"(","as":"text"})";
       }},
      {"negations", [](std::size_t i) { return R"({"path":"x","ne":)" + std::to_string(i) + "}"; }},
      {"sizes", [](std::size_t i) { return R"({"path":"x","size":{"gt":)" + std::to_string(i) + "}}"; }},
      {"numbers", [](std::size_t i) { return R"({"path":"x","gt":1e)" + std::to_string(i) + "}"; }},
  };
  for (const auto& [what, member] : members) {
    SCOPED_TRACE(what);
    std::size_t before = accepted;
    for (std::size_t n = 1; n < 1'000; n = n * 5 / 4 + 1) survives(R"({"or":[)" + repeated(n, member) + "]}");
    EXPECT_GE(accepted - before, 10u);
  }
  // The shortest filter whose canonical text is too long: patterns of paths. The longest that can be read is
  // accepted.
  const auto below = [](std::size_t n) {
    return R"({"or":[)" +
           repeated(n,
                    [](std::size_t i) {
                      return R"({"path":"a)" + std::to_string(i) + times(60, ".b") + R"(","eq":1})";
                    }) +
           "]}";
  };
  std::size_t n = 300;
  for (const std::size_t step : {64U, 16U, 4U, 1U}) {
    while (Query::from_filter(below(n + step - 1))) n += step;
  }
  survives(below(n - 1));
  EXPECT_GT(Query::from_filter(below(n - 1)).value().text().size(), Limits().filter_bytes - 1'000);
  EXPECT_LT(below(n).size(), Limits().filter_bytes * 3 / 4);
  EXPECT_EQ(Query::from_filter(below(n)).error().limit, "filter_bytes");
  survives(below(1'000));
}

// Each node knows its whole path from the record on, also where it is a pattern. n leaves of each operator
// below one key of n * 200 bytes would need memory of n * n * 200 bytes: it is in proportion to the text, or
// the filter is refused.
TEST(Threats, T40_MemoryIsInProportionToTheFilter) {
  const char* const leaves[] = {
      R"({"contains":{"k":%}})",         R"({"path":"k","eq":%})",
      R"({"path":"k","in":[%,1]})",      R"({"path":"","in":[%,1]})",
      R"({"path":"k","ne":%})",          R"({"path":"k","gt":%})",
      R"({"path":"k","lte":"%"})",       R"({"path":"k","prefix":"%"})",
      R"({"path":"k","substring":"%"})", R"({"path":"k%","exists":true})",
      R"({"path":"k%","set":false})",    R"({"path":"k%","kind":"array"})",
      R"({"path":"k","size":%})",        R"({"not":{"contains":{"k":[%]}}})",
      R"({"path":"k[].l","gt":%})",      R"({"some":"k[]","is":{"contains":{"l":%}}})"};
  std::size_t accepted = 0;
  const auto check = [&](const std::string& what, const std::string& filter) {
    const auto use = [&](auto make) {
      const test::MemoryUse memory;
      const auto made = make();
      accepted += made.has_value();
      // SECURITY.md: at most 768 KiB and 80 times the text.
      EXPECT_LE(memory.held(), (std::size_t{768} << 10) + 80 * filter.size()) << what << ' ' << filter.size();
      EXPECT_LE(memory.peak(), (std::size_t{1} << 20) + 100 * filter.size()) << what << ' ' << filter.size();
      EXPECT_TRUE(made || made.error().code == ErrorCode::limit_exceeded) << what << to_string(made.error());
    };
    use([&] { return Query::from_filter(filter); });
    use([&] { return parse_request("filter=" + test::percent_encoded(filter)); });
  };
  for (const char* const leaf : leaves) {
    const auto member = [&](std::size_t i) {
      std::string text = leaf;
      return text.replace(text.find('%'), 1, std::to_string(i + 2));
    };
    for (const std::size_t n : {10U, 50U, 250U, 1'000U}) {
      const std::string any = R"({"or":[)" + repeated(n, member) + "]}";
      check(leaf, any);
      for (const std::size_t key : {200U, 20'000U, 200'000U}) {
        check(leaf, R"({"some":")" + std::string(key, 'y') + R"([]","is":)" + any + "}");
      }
      check(leaf, R"({"some":"x)" + times(400, ".s") + R"([]","is":)" + any + "}");
      // The same key in each path.
      const std::string key = std::string(n * 2, 'k');
      check(leaf, R"({"or":[)" + repeated(n / 10, [&](std::size_t i) {
                    std::string text = member(i);
                    const std::size_t k = text.find("k");
                    return k == text.npos ? text : text.replace(k, 1, key);
                  }) + "]}");
    }
  }
  for (std::size_t depth = 1; depth < 63; depth += 7) {
    check("some", nested(depth, R"({"some":"x[]","is":)", R"({"path":"k","gt":1})", "}"));
    check("some",
          nested(depth, R"({"some":")" + std::string(500, 'x') + R"([]","is":)", R"({"contains":{}})", "}"));
  }
  EXPECT_GT(accepted, 150u);
}

TEST(Threats, DeepFiltersNeedLittleStack) {
  Limits limits;
  limits.filter_depth = 1'000'000;  // acts as 128
  limits.filter_bytes = 1 << 24;
  limits.filter_nodes = 1 << 20;
  const Catalog catalog = *Catalog::load(R"({"id":"1","metadata":{"a":[[1]]},"x":1})");
#if defined(NDEBUG)
  constexpr bool kSmallFrames = !test::kSanitized;
#else
  constexpr bool kSmallFrames = false;  // not optimised
#endif
  // g++'s AddressSanitizer makes frames of several KiB.
  test::on_small_stack((kSmallFrames ? 256U : 4096U) << 10, [&] {
    const auto refused = [&](const std::string& json) {
      const auto query = Query::from_filter(json, limits);
      ASSERT_FALSE(query);
      EXPECT_EQ(query.error().limit, "filter_depth");
    };
    refused(times(100'000, R"({"not":)"));
    refused(times(100'000, R"({"and":[)"));
    refused(R"({"path":"a)" + times(1000 / 2, "[]") + R"(","gt":1})");
    for (const std::string& json :
         {nested(63, R"({"not":{"and":[{"path":"metadata.z","gt":1},)", R"({"path":"x","gt":0})", "]}}"),
          nested(63, R"({"or":[{"path":"b","gt":1},{"not":)", R"({"path":"x","gt":0})", "}]}"),
          nested(62, R"({"some":"a[]","is":{"not":)", R"({"path":"","gt":0})", "}}")}) {
      const auto query = Query::from_filter(json, limits);
      ASSERT_TRUE(query) << to_string(query.error());
      EXPECT_FALSE(catalog.verify(*query));
      EXPECT_FALSE(catalog.explain(*query).empty());
      static_cast<void>(catalog.why_not("1", *query));
      static_cast<void>(catalog.hint(*query));
      static_cast<void>(to_postgres(*query));
      EXPECT_EQ(all_of(*query, Query()), *query);
      static_cast<void>(query->to_url());
    }
  });
}

TEST(Threats, FilterWorkIsBounded) {
  // Arrays in arrays: each node of a nested `some` walks over them again.
  std::string text;
  for (int i = 0; i < 10; ++i) {
    text += R"({"id":")" + std::to_string(i) + R"(","x":[)" +
            repeated(60,
                     [](std::size_t) {
                       return "[" + repeated(60, [](std::size_t n) { return std::to_string(n); }) + "]";
                     }) +
            "]}\n";
  }
  const Catalog catalog = *Catalog::load(text);
  const std::string leaf = R"({"some":"x[]","is":{"some":"[]","is":{"path":"","gt":1000}}})";
  std::string many = R"({"or":[)";
  for (int i = 0; i < 40; ++i) {
    many += R"({"some":"x[]","is":{"some":"[]","is":{"path":"","gt":)" + std::to_string(1000 + i) + "}}},";
  }
  many += leaf + "]}";
  const Query query = *Query::from_filter(many);
  Limits little;
  little.work = 2;
  const auto answer = catalog.find_within(query, little);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::budget_exceeded);
  EXPECT_EQ(answer.error().limit, "work");
  const auto listing = catalog.list({query, {}}, little);
  ASSERT_FALSE(listing);
  EXPECT_EQ(listing.error().code, ErrorCode::budget_exceeded);
  EXPECT_TRUE(catalog.find_within(*Query::from_filter(leaf)));
  EXPECT_TRUE(catalog.find_within(query));
}

TEST(Threats, ListsOfValuesAreReadOnce) {
  std::string text;
  for (int i = 0; i < 3'000; ++i) {
    text += R"({"id":")" + std::to_string(i) + R"(","x":)" + std::to_string(i) + "}\n";
  }
  const Catalog catalog = *Catalog::load(text);
  const auto in = [](std::size_t n) {
    return *Query::from_filter(R"({"path":"x","in":[)" +
                               repeated(n, [](std::size_t i) { return std::to_string(i * 2); }) + "]}");
  };
  EXPECT_EQ(catalog.count(in(4096)), 1'500U);
  const Query few = in(16);
  const Query many = in(4096);
  // The records are read once, however many values there are: each value is searched in the list.
  EXPECT_LE(test::work_of_count(catalog, many), test::work_of_count(catalog, few) * 11 / 10);
}

// The worst case of a naive search: every place matches almost to the end. bench/hostile_bench.cpp has the
// times.
TEST(Threats, SubstringsAreFoundInOneReading) {
  constexpr std::int64_t kSize = 800'000;
  const Catalog catalog = *Catalog::load(R"({"id":"1","x":")" + times(kSize, "a") + "\"}");
  const Query query = *Query::from_filter(R"({"path":"x","substring":")" + times(kSize / 4, "a") + "b\"}");
  EXPECT_EQ(catalog.count(query), 0U);
  EXPECT_LT(test::work_of_count(catalog, query), 3 * kSize);
}

// An operator that says more than equality would tell a secret bit by bit.
TEST(Threats, T34_OperatorsDoNotRevealSecrets) {
  const std::string secret = "credential.properties.secret";
  for (const std::string& path :
       {secret, std::string("credential.properties"), std::string("credential[].properties.x"),
        std::string("credential.\"properties\".x[]"), std::string("\"credential\".properties.a[].b")}) {
    std::string quoted;
    for (const char c : path) quoted += c == '"' ? std::string("\\\"") : std::string(1, c);
    const auto accepted = [&](const std::string& ops) {
      const auto query = Query::from_filter(R"({"path":")" + quoted + "\"," + ops + "}");
      EXPECT_TRUE(query || query.error().code == ErrorCode::invalid_filter);
      return query.has_value();
    };
    for (const char* ops : {R"("eq":"x")", R"("in":["x"])", R"("ne":"x")", R"("nin":["x"])",
                            R"("exists":true)", R"("exists":false)", R"("set":true)", R"("kind":"string")"}) {
      EXPECT_TRUE(accepted(ops)) << path << ops;
    }
    for (const char* ops :
         {R"("gt":"x")", R"("gte":1)", R"("lt":"x")", R"("lte":"x")", R"("prefix":"x")", R"("suffix":"x")",
          R"("substring":"x")", R"("size":1)", R"("eq":"x","ignore_case":true)", R"("exists":true,"gt":1)",
          R"("gt":"2024-01-01","as":"time")", R"("eq":"2024-01-01","as":"time")",
          R"("nin":["2024-01-01"],"as":"time")"}) {
      EXPECT_FALSE(accepted(ops)) << path << ops;
    }
  }
  // However the path is split over enclosing arrays.
  EXPECT_FALSE(Query::from_filter(R"({"some":"credential.properties[]","is":{"path":"x","prefix":"a"}})"));
  EXPECT_FALSE(Query::from_filter(R"({"some":"credential[]","is":{"path":"properties.x","prefix":"a"}})"));
  EXPECT_FALSE(Query::from_filter(R"({"some":"credential.properties[]","is":{"not":{"path":"","gt":1}}})"));
  EXPECT_FALSE(parse_request("credential.properties.secret[prefix]=%22a%22"));
  EXPECT_TRUE(Query::from_filter(R"({"path":"credential.created_at","gte":"2024-01-01"})"));
  EXPECT_TRUE(Query::from_filter(R"({"contains":{"credential":{"properties":{"secret":"a"}}}})"));

  const Catalog catalog = *Catalog::load(
      R"({"id":"1","credential":{"properties":{"secret":"CANARY","list":["CANARY"]}},"metadata":{}})");
  const auto told = [&](const Query& query) {
    const auto why = catalog.why_not("1", query);
    return catalog.explain(query) + catalog.hint(query) + (why ? to_string(*why) : "");
  };
  for (
      const char* json :
      {R"({"path":"credential.properties.secret","in":["CANARY","b"]})",
       R"({"not":{"path":"credential.properties.secret","in":["CANARY","b"]}})",
       R"({"path":"credential.properties.secret","in":["x","y"]})",
       R"({"path":"credential.properties","kind":"array"})",
       R"({"not":{"contains":{"credential":{"properties":{"secret":"CANARY"}}}}})",
       R"({"some":"credential.properties.list[]","is":{"path":"","in":["CANARY","b"]}})",
       R"({"not":{"some":"credential.properties.list[]","is":{"path":"","in":["CANARY","b"]}}})",
       R"({"or":[{"contains":{"credential":{"properties":{"list":["CANARY"]}}}},{"path":"metadata.x","gt":1}]})"}) {
    const Query query = *Query::from_filter(json);
    EXPECT_EQ(told(query).find("CANARY"), std::string::npos) << json << '\n' << told(query);
    EXPECT_FALSE(catalog.verify(query)) << json;
  }
}

}  // namespace
}  // namespace syncdex
