// Threats T1 to T11: input that breaks parsers. SECURITY.md lists them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>

#include "support/conformance.h"
#include "support/hostile.h"
#include "support/oracle.h"
#include "syncdex/syncdex.h"

namespace syncdex {
namespace {

using test::kSanitized;
using test::must;
using test::nested;
using test::percent_encoded;
using test::skipping;
using test::times;

TEST(Threats, T01_DeepNestingFitsASmallStack) {
  std::vector<std::string> deepest;
  deepest.push_back(nested(510, "{\"a\":", R"({"b":1,"c":2})", "}"));
  deepest.push_back("{\"a\":" + nested(511, "[", "1,2", "]") + "}");
  deepest.push_back("{\"a\":" + nested(254, "[{\"a\":", "[1,{\"x\":[]}]", "}]") + "}");
#if defined(__SANITIZE_ADDRESS__) && !defined(__clang__)
  // g++'s sanitizer inlines the recursion into itself, with a separate frame for each call: some 500 bytes
  // per level.
  constexpr std::size_t kStack = 512 << 10;
#else
  constexpr std::size_t kStack = 256 << 10;
#endif
  test::on_small_stack(kStack, [&] {
    for (const std::string& object : deepest) {
      const auto query = Query::from_pattern(object);
      ASSERT_TRUE(query) << query.error().message;
      EXPECT_EQ(*Query::from_pattern(query->pattern()), *query);
      EXPECT_TRUE(parse_request(query->to_url()));
      EXPECT_TRUE(QueryBuilder().where(object).where(object).build());
      const std::string record = "{\"id\":\"1\"," + object.substr(1);
      auto catalog = Catalog::load("[" + record + "]");
      ASSERT_TRUE(catalog) << catalog.error().message;
      EXPECT_FALSE(catalog->verify(*query));
      EXPECT_EQ(catalog->count(*query), 1u);
      EXPECT_NE(catalog->explain(*query), "");
      EXPECT_TRUE(catalog->find_id("1")->get("a"));
      EXPECT_GT(catalog->stats().records, 0u);
      LiveCatalog live(*std::move(catalog));
      EXPECT_TRUE(live.apply({.upserts = record, .erases = {}}));
      EXPECT_TRUE(live.apply({.upserts = "{\"id\":\"2\"," + object.substr(1), .erases = {"1"}}));
      EXPECT_EQ(live.snapshot().count(*query), 1u);
      EXPECT_EQ(Query::from_pattern("{\"x\":" + object + ",\"y\":[[" + object + "]]}").error().limit,
                "depth");
    }
    for (const std::size_t depth : {1'000u, 1'024u, 1'025u, 10'000u, 100'000u, 1'000'000u}) {
      const std::pair<const char*, const char*> kinds[] = {{"[", "]"}, {"{\"a\":", "}"}, {"[{\"a\":", "}]"}};
      for (const auto& [open, close] : kinds) {
        for (const bool closed : {false, true}) {
          const std::string deep = nested(depth, open, "1", closed ? close : "");
          const auto loaded =
              Catalog::load("[{\"id\":\"1\",\"metadata\":{\"x\":" + deep + (closed ? "}}]" : ""));
          ASSERT_FALSE(loaded);
          if (closed) {
            EXPECT_EQ(loaded.error().limit, "depth");
          }
          EXPECT_FALSE(Catalog::load(deep));
          const auto skipped = Catalog::load(R"({"id":"2"})"
                                             "\n{\"id\":\"1\",\"x\":" +
                                                 deep + "}\n",
                                             skipping());
          ASSERT_TRUE(skipped);
          EXPECT_EQ(skipped->size(), 1u);
          EXPECT_FALSE(Query::from_pattern("{\"x\":" + deep + "}"));
          EXPECT_FALSE(parse_request("metadata=" + percent_encoded("{\"x\":" + deep + "}")));
        }
      }
    }
  });
}

// Passes bytes to every call that takes text. Each must return a result; an exception ends the test.
void feed(const std::string& bytes) {
  for (const Framing framing : {Framing::automatic, Framing::json, Framing::ndjson}) {
    for (const bool skip_bad : {false, true}) {
      LoadOptions options;
      options.framing = framing;
      options.skip_bad = skip_bad;
      for (const std::string& text : {bytes, "[{\"id\":\"1\",\"metadata\":" + bytes + "}]",
                                      R"({"id":"1","x":)" + bytes + "}\n{\"id\":\"2\"}"}) {
        if (const auto catalog = Catalog::load(text, options)) {
          static_cast<void>(catalog->stats());
          EXPECT_EQ(catalog->find(Query()).size(), catalog->size());
        } else {
          EXPECT_FALSE(catalog.error().message.empty());
          EXPECT_EQ(catalog.error().message.find('\n'), std::string::npos);
          EXPECT_LE(catalog.error().offset, text.size());
        }
      }
    }
  }
  LiveCatalog live;
  static_cast<void>(live.apply({.upserts = bytes, .erases = {bytes}}));
  static_cast<void>(live.replace_all(bytes));
  for (const std::string& request :
       {bytes, "metadata=" + bytes, "where=" + percent_encoded(bytes), "name=" + percent_encoded(bytes),
        "after=" + percent_encoded(bytes), "limit=" + bytes}) {
    const auto parsed = parse_request(request);
    if (parsed) {
      static_cast<void>(live.snapshot().list(*parsed));
      static_cast<void>(live.snapshot().explain(parsed->query));
    } else {
      EXPECT_LE(parsed.error().offset, request.size());
      EXPECT_THAT(http_status(parsed.error()), testing::AnyOf(400, 422));
      EXPECT_TRUE(oracle::parse(to_api_json(parsed.error())));
    }
  }
  static_cast<void>(Query::from_pattern(bytes));
  static_cast<void>(QueryBuilder().id(bytes).metadata(bytes).where(bytes).metadata(bytes, bytes).build());
  const Catalog now = live.snapshot();
  static_cast<void>(now.find_id(bytes));
}

TEST(Threats, T02_BadInputNeverThrows) {
  static_assert(
      noexcept(std::declval<const Record&>().json())&& noexcept(std::declval<const Record&>().get("a")));
  static_assert(noexcept(std::declval<const Catalog&>().size())&& noexcept(version()));
  static_assert(std::is_nothrow_move_constructible_v<Catalog> &&
                std::is_nothrow_move_constructible_v<Matches>);
  for (const char* text : {"",
                           "{",
                           "}",
                           "[",
                           "]",
                           "\"",
                           "{}",
                           "[]",
                           "null",
                           "nul",
                           "1e",
                           "{\"id\":",
                           "{\"id\":\"\\",
                           "[1,,2]",
                           "{\"data\":[",
                           "{\"data\":[]",
                           "{\"data\":1}",
                           "\xFF",
                           "\xEF\xBB\xBF",
                           "&&&",
                           "%",
                           "%0",
                           "=",
                           "a=b",
                           "{\"a\":1}",
                           "{\"a\":{\"b\":[1,2,{}]}}",
                           "\\",
                           "\n\n",
                           "{}{}",
                           "//"}) {
    feed(text);
  }
  feed(std::string("a\0b", 3));
  SYNCDEX_NEEDS_SUITE("jsontestsuite.jsonl");
  std::ifstream in(test::conformance_dir() / "jsontestsuite.jsonl");
  std::size_t fed = 0;
  for (std::string line; std::getline(in, line); ++fed) {
    feed(test::from_base64(oracle::parse(line)->members.at("base64").text));
  }
  EXPECT_EQ(fed, 318u);
}

TEST(Threats, T03_UnusedValuesAreValidated) {
  for (const char* junk :
       {"[1,,2]", R"("\q")", R"("\ud800")", "nul", "01e", R"({"a" "b"})", "1e", "[1}", "+1", ".5", "1.",
        "'a'", "\"\x01\"", "tru", "[,]", "{,}", "{\"a\":}", "\"\xC0\x80\"", "NaN"}) {
    for (const char* field : {"\"unused\":", R"("metadata":{"v":)"}) {
      const std::string record = std::string(R"({"id":"1",)") + field + junk + (field[1] == 'm' ? "}}" : "}");
      const auto json = Catalog::load("[" + record + "]");
      const auto lines = Catalog::load(record + "\n", {.framing = Framing::ndjson});
      ASSERT_FALSE(json) << record;
      ASSERT_FALSE(lines) << record;
      EXPECT_EQ(json.error().code, lines.error().code) << record;
    }
  }
}

TEST(Threats, T04_NoRecordIsLostSilently) {
  const auto line = [](std::size_t i) { return "{\"id\":\"" + std::to_string(i) + "\"}"; };
  const std::string huge(1'500'000, 'x');
  const std::string larger(20'000'000, 'x');
  struct Case {
    const char* what;
    std::string text;
    std::size_t good;
    std::vector<std::uint64_t> bad_lines;
  };
  const Case cases[] = {
      {"the last line cut", line(1) + "\n" + line(2) + "\n{\"id\":\"3\",", 2, {3}},
      {"a line that is not closed", line(1) + "\n{\"id\":\"2\"\n" + line(3) + "\n" + line(4) + "\n", 3, {2}},
      {"a stray quote", line(1) + "\n" + line(2) + "\"\n" + line(3) + "\n", 2, {2}},
      {"a quote that opens", line(1) + "\n\"" + line(2) + "\n" + line(3) + "\n", 2, {2}},
      {"1.5 MB", line(1) + "\n{\"id\":\"2\",\"x\":\"" + huge + "\"}\n" + line(3), 3, {}},
      {"20 MB", line(1) + "\n{\"id\":\"2\",\"x\":\"" + larger + "\"}\n" + line(3), 2, {2}},
      {"CRLF and blanks", "\r\n" + line(1) + "\r\n\r\n \t\r\n" + line(2) + "\r\n\r\n", 2, {}},
      {"a BOM before, and one inside",
       "\xEF\xBB\xBF" + line(1) + "\n\xEF\xBB\xBF" + line(2) + "\n" + line(3),
       2,
       {2}},
      {"two on a line", line(1) + "\n" + line(2) + line(3) + "\n" + line(4), 4, {}},
      {"two on a line, one bad", line(1) + "\n" + line(2) + "{}\n" + line(4), 2, {2, 2}},
      {"no feed at the end", line(1) + "\n" + line(2), 2, {}},
  };
  for (const Case& c : cases) {
    const auto catalog = Catalog::load(c.text, skipping());
    ASSERT_TRUE(catalog) << c.what << ": " << catalog.error().message;
    EXPECT_EQ(catalog->size(), c.good) << c.what;
    std::vector<std::uint64_t> bad;
    for (const BadRecord& b : catalog->report().bad) bad.push_back(b.line);
    EXPECT_EQ(bad, c.bad_lines) << c.what;
    // Without skip_bad the load is all or nothing, and the error names the line.
    const auto strict = Catalog::load(c.text, {.framing = Framing::ndjson});
    EXPECT_EQ(strict.has_value(), c.bad_lines.empty()) << c.what;
    if (!strict) {
      EXPECT_EQ(strict.error().line, c.bad_lines.front()) << c.what;
    }
    LiveCatalog live(*Catalog::load(line(77)));
    EXPECT_EQ(live.replace_all(c.text).has_value(), c.bad_lines.empty() || c.text.front() == 'x') << c.what;
    if (!c.bad_lines.empty()) {
      const Catalog now = live.snapshot();
      EXPECT_TRUE(now.find_id("77")) << c.what;
    }
  }
}

// The loader reads text in windows of 256 KiB. The boundary falls on each byte of a record, and between two.
TEST(Threats, T04_BoundaryOfAWindowMayFallOnAnyByte) {
  const std::string tail = R"({"id":"a","n":100005,"s":"q\"\\","o":{"k":[1,-2.5e3,true]}})"
                           "\n"
                           R"({"id":"b","metadata":{"n":12345678901234567890}})"
                           "\n{\"id\":\"c\"}\n";
  const std::size_t step = kSanitized ? 61 : 7;
  for (std::size_t at = 0; at <= 4096; at += at < tail.size() + 64 ? 1 : step) {
    // The first record ends `at` bytes before the boundary.
    std::string text = R"({"id":"0","x":")";
    text += std::string((256 << 10) - at - text.size() - 3, 'x') + "\"}\n" + tail;
    for (const bool array : {false, true}) {
      std::string whole = text;
      if (array) {
        for (char& c : whole) c = c == '\n' ? ',' : c;
        whole = "[" + whole;
        whole.back() = ']';
      }
      const auto catalog = Catalog::load(std::move(whole));
      ASSERT_TRUE(catalog) << at;
      ASSERT_EQ(catalog->size(), 4u) << at;
      ASSERT_EQ(catalog->find_id("a")->get("n"), "100005") << at;
      ASSERT_EQ(catalog->count(*Query::from_pattern(R"({"n":100005,"s":"q\"\\"})")), 1u) << at;
      ASSERT_EQ(catalog->count(*QueryBuilder().metadata(R"({"n":12345678901234567890})").build()), 1u) << at;
    }
  }
}

TEST(Threats, T05_NothingIsReadPastTheEnd) {
  std::vector<std::string> texts = {
      R"([{"id":"1","n":1)",
      R"({"id":"a","x":"\u00)",
      "{\"id\":\"a\"}\n{\"id\":\"b\",\"x\":tru",
      R"({"data":[{"id":"a"}]})",
      R"([{"id":"a","name":"\")",
      "[",
      "{",
      "{\"id\":\"a\",\"x\":-",
      "\xEF\xBB\xBF",
      "\xEF\xBB",
      R"([{"id":"a"},)",
      R"({"id":"1","provider":"stripe","health":{"status":"ok"},"metadata":{"a":[1,{"b":"\u00e9"}],"c":1e5}})"};
  texts.push_back(times(2000, "{\"id\":\"1\",\"x\":[1,2,3]}\n"));
  const std::string whole = texts[11];
  for (std::size_t cut = 0; cut < whole.size(); ++cut) texts.push_back(whole.substr(0, cut));
  for (const std::string& text : texts) {
    std::string seen;
    for (const char fill : {'\0', '7', ']', '"', '}', ' '}) {
      const test::GuardedText guarded(text, Catalog::padding, fill);
      for (const bool skip : {false, true}) {
        const auto catalog = Catalog::load(guarded.text(), nullptr, skip ? skipping() : LoadOptions{});
        std::string now = catalog ? "records " + std::to_string(catalog->size())
                                  : std::string(to_string(catalog.error().code)) + " at " +
                                        std::to_string(catalog.error().offset);
        if (catalog) {
          const auto query = Query::from_pattern(R"({"metadata":{"a":[{"b":"é"}],"c":100000}})");
          now += " " + std::to_string(catalog->count(*query)) + std::to_string(catalog->scan(*query).size());
          for (const Record r : catalog->find(Query())) {
            now +=
                std::string(r.json()) + std::string(r.health_status()) + std::string(r.get("x").value_or(""));
          }
          static_cast<void>(catalog->stats());
        }
        if (!skip && seen.empty()) seen = now;
        if (!skip) {
          EXPECT_EQ(now, seen) << text.substr(0, 80) << " before " << int{fill};
        }
      }
    }
    // Requests and patterns need no padding.
    const test::GuardedText bare(text);
    static_cast<void>(Query::from_pattern(bare.text()));
    static_cast<void>(parse_request(bare.text()));
    const test::GuardedText request("metadata=" + text + "%4");
    static_cast<void>(parse_request(request.text()));
    static_cast<void>(QueryBuilder().name(bare.text()).metadata(bare.text()).build());
    const Catalog empty;
    static_cast<void>(empty.find_id(bare.text()));
  }
}

TEST(Threats, T06_SizesAndExponentsDoNotOverflow) {
  const std::string digits(20'000, '9');
  for (const std::string& n :
       {std::string("1e2147483648"), std::string("1e-2147483649"), std::string("1e9223372036854775808"),
        "1e" + digits, "0e" + digits, std::string("1e100001"), "0.1e-" + digits}) {
    const auto catalog = Catalog::load("[{\"id\":\"1\",\"metadata\":{\"n\":" + n + "}}]");
    ASSERT_FALSE(catalog) << n.substr(0, 30);
    EXPECT_EQ(catalog.error().limit, "exponent");
    EXPECT_EQ(QueryBuilder().metadata("{\"n\":" + n + "}").build().error().limit, "exponent");
  }
  for (const std::string& n : {digits, "-0." + digits, digits + "." + digits + "e-100000",
                               std::string("1e100000"), std::string("1e-100000"), std::string("0e99999")}) {
    const auto catalog = Catalog::load("[{\"id\":\"1\",\"metadata\":{\"n\":" + n + "}}]");
    ASSERT_TRUE(catalog) << n.substr(0, 30) << catalog.error().message;
    const auto query = QueryBuilder().metadata("{\"n\":" + n + "}").build();
    ASSERT_TRUE(query) << n.substr(0, 30) << query.error().message;
    EXPECT_EQ(catalog->count(*query), 1u) << n.substr(0, 30);
    EXPECT_EQ(catalog->scan(*query).size(), 1u);
    EXPECT_EQ(catalog->count(*QueryBuilder().metadata("n", 5).build()), 0u);
  }
  // An input over the limit is rejected before anything of its size is allocated.
  LoadOptions options;
  options.limits.input_bytes = 1000;
  const std::string large(64 << 20, ' ');
  const std::size_t grown = test::peak_bytes([&] {
    const auto refused = Catalog::load({large.data(), large.size() - Catalog::padding}, nullptr, options);
    if (refused || refused.error().limit != "input_bytes") std::abort();
  });
  if (!kSanitized) {
    EXPECT_LT(grown, 4u << 20);
  }
}

TEST(Threats, T07_NumbersAreExact) {
  const std::vector<std::vector<const char*>> classes = {
      {"42", "42.0", "4.2e1", "420e-1", "0.042E3"},
      {"9007199254740992", "9007199254740992.0"},
      {"9007199254740993", "9007199254740993.000"},
      {"9817290126226250029"},
      {"9817290126226250030"},
      {"0", "-0", "-0.0", "0e99"},
      {"1e-400", "0.1e-399"},
      {"1e400", "10e399"},
      {"0.1"},
      {"0.1000000000000000055511151231257827"},
      {"-1"},
      {"1", "1.0", "10e-1"},
  };
  std::string text;
  for (std::size_t c = 0; c < classes.size(); ++c) {
    for (const char* n : classes[c]) {
      text += "{\"id\":\"" + std::to_string(text.size()) + "\",\"name\":\"" + std::to_string(c) +
              "\",\"metadata\":{\"n\":" + n + ",\"l\":[{\"n\":" + n + ",\"m\":" + n + "}]}}\n";
    }
  }
  const Catalog catalog = *Catalog::load(text);
  for (std::size_t c = 0; c < classes.size(); ++c) {
    for (const char* n : classes[c]) {
      for (const std::string& pattern :
           {std::string("{\"n\":") + n + "}", std::string("{\"l\":[{\"n\":") + n + ",\"m\":" + n + "}]}"}) {
        const auto query = QueryBuilder().metadata(pattern).build();
        ASSERT_TRUE(query);
        const Matches matches = catalog.find(*query);
        EXPECT_EQ(matches.size(), classes[c].size()) << n;
        for (const Record r : matches) EXPECT_EQ(r.name(), std::to_string(c)) << n;
      }
    }
  }
}

TEST(Threats, T08_LongNumbersAreNotQuadratic) {
  LoadOptions options;
  options.limits.number_digits = 8'000'000;
  const auto with = [](std::size_t digits) {
    return "[{\"id\":\"1\",\"metadata\":{\"n\":" + std::string(digits, '7') + "}}]";
  };
  const std::string text = with(1'000'000);
  EXPECT_EQ(Catalog::load(text).error().limit, "number_digits");
  EXPECT_LT(test::allocations_of([&] { ASSERT_TRUE(Catalog::load(text, options)); }), 1'000u);
  Limits wide;
  wide.number_digits = 8'000'000;
  wide.pattern_bytes = 8'000'000;
  const std::string pattern = "{\"n\":" + std::string(1'000'000, '7') + "}";
  EXPECT_LT(test::allocations_of([&] { ASSERT_TRUE(QueryBuilder(wide).metadata(pattern).build()); }), 100u);
}

TEST(Threats, T09_LastDuplicateKeyWins) {
  const Catalog catalog = *Catalog::load(
      R"([{"id":"x","id":"1","provider":"a","provider":"stripe","metadata":{"n":1},"metadata":{"n":2,"n":3}}])");
  const Catalog lines = *Catalog::load(
      R"({"id":"x","id":"1","provider":"a","provider":"stripe","metadata":{"n":1},"metadata":{"n":2,"n":3}})"
      "\n");
  for (const Catalog& c : {catalog, lines}) {
    EXPECT_TRUE(c.find_id("1"));
    EXPECT_FALSE(c.find_id("x"));
    EXPECT_EQ(c.find_id("1")->provider(), "stripe");
    EXPECT_EQ(c.find_id("1")->metadata(), R"({"n":2,"n":3})");
    EXPECT_TRUE(c.find_id("1")->json().starts_with(R"({"id":"x","id":"1",)"));  // as it was loaded
    for (const auto& [pattern, matches] : {std::pair(R"({"provider":"stripe"})", 1u),
                                           {R"({"provider":"a"})", 0},
                                           {R"({"id":"x"})", 0},
                                           {R"({"metadata":{"n":3}})", 1},
                                           {R"({"metadata":{"n":2}})", 0},
                                           {R"({"metadata":{"n":1}})", 0},
                                           {R"({"metadata":{"n":1,"n":3}})", 1}}) {
      const auto query = Query::from_pattern(pattern);
      EXPECT_EQ(c.count(*query), matches) << pattern;
      EXPECT_FALSE(c.verify(*query)) << pattern;
    }
  }
  EXPECT_EQ(Catalog::load(R"({"data":[{"id":"1"}],"data":[]})").error().code, ErrorCode::ambiguous_framing);
  EXPECT_EQ(Catalog::load(R"({"data":[{"id":"1"}],"id":"2"})").error().code, ErrorCode::ambiguous_framing);
}

TEST(Threats, T10_InvalidUnicodeIsRejected) {
  const std::string bad[] = {
      "\xC0\x80", "\xED\xA0\x80",         "\xF4\x90\x80\x80", "\xE2\x82",         "\x80",
      "\xFE",     "\xF8\x88\x80\x80\x80", "\xE0\x80\xAF",     "\xF0\x80\x80\x80", "a\xC3"};
  for (const std::string& text : bad) {
    const std::string record = "{\"id\":\"1\",\"name\":\"" + text + "\"}";
    EXPECT_EQ(Catalog::load("[" + record + "]").error().code, ErrorCode::invalid_utf8);
    EXPECT_EQ(Catalog::load("{\"id\":\"1\",\"" + text + "\":1}").error().code, ErrorCode::invalid_utf8);
    EXPECT_EQ(parse_request("name=" + text).error().code, ErrorCode::invalid_utf8);
    EXPECT_EQ(parse_request("name=" + percent_encoded(text)).error().code, ErrorCode::invalid_utf8);
    EXPECT_EQ(QueryBuilder().name(text).build().error().code, ErrorCode::invalid_utf8);
    EXPECT_EQ(Query::from_pattern("{\"" + text + "\":1}").error().code, ErrorCode::invalid_utf8);
  }
  for (const char* escape : {R"(\ud800)", R"(\udc00)", R"(\ud800\ud800)", R"(\ud83dx)", R"(\ude00\ud83d)"}) {
    EXPECT_EQ(Catalog::load("[{\"id\":\"1\",\"x\":\"" + std::string(escape) + "\"}]").error().code,
              ErrorCode::invalid_utf8);
    EXPECT_FALSE(Query::from_pattern("{\"a\":\"" + std::string(escape) + "\"}"));
  }
  // Noncharacters and the last code point are valid Unicode.
  for (const char* text : {"\xEF\xBF\xBE", "\xF4\x8F\xBF\xBF", "\xED\x9F\xBF", "\xEE\x80\x80"}) {
    const Catalog catalog = *Catalog::load("[{\"id\":\"1\",\"name\":\"" + std::string(text) + "\"}]");
    EXPECT_EQ(catalog.count(parse_request("name=" + percent_encoded(text)).value().query), 1u);
    EXPECT_TRUE(oracle::is_utf8(catalog.explain(*QueryBuilder().name(text).build())));
  }
}

TEST(Threats, T11_NulBytesDoNotTruncate) {
  const Catalog catalog = *Catalog::load(
      R"([{"id":"1","provider":"stripe"},{"id":"2","provider":"stripe\u0000x"},{"id":"3\u0000","metadata":{"k\u0000":"v\u0000w"}}])");
  EXPECT_EQ(catalog.count(parse_request("provider=stripe").value().query), 1u);
  EXPECT_EQ(catalog.count(parse_request("provider=stripe%00x").value().query), 1u);
  EXPECT_EQ(catalog.count(parse_request("provider=stripe%00").value().query), 0u);
  EXPECT_EQ(catalog.count(parse_request(R"(metadata={"k\u0000":"v\u0000w"})").value().query), 1u);
  EXPECT_EQ(catalog.count(parse_request(R"(metadata={"k\u0000":"v"})").value().query), 0u);
  EXPECT_EQ(catalog.count(parse_request(R"(metadata={"k":"v\u0000w"})").value().query), 0u);
  EXPECT_EQ(catalog.find_id("2")->provider().size(), 8u);
  EXPECT_FALSE(catalog.find_id("3"));
  EXPECT_EQ(catalog.find_id(std::string_view("3\0", 2))->id().size(), 2u);
  EXPECT_FALSE(Catalog::load(std::string("[{\"id\":\"a\0b\"}]", 14)));
  EXPECT_FALSE(Query::from_pattern(std::string("{\"a\":\"\0\"}", 9)));
  const auto query = QueryBuilder().provider(std::string_view("stripe\0x", 8)).build();
  EXPECT_EQ(parse_request(query->to_url()).value().query, *query);
  EXPECT_EQ(catalog.count(*query), 1u);
}

}  // namespace
}  // namespace syncdex
