// Tests for each threat, named after it: input that has broken libraries of this kind and must not break this
// one. SECURITY.md lists the threats.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <boost/functional/hash.hpp>
#include <boost/version.hpp>
#include <cstring>
#include <set>
#include <thread>

#include <simdjson.h>

#include "conformance.h"
#include "hostile.h"
#include "oracle.h"
#include "random_json.h"
#include "syncdex/syncdex.h"

namespace syncdex {
namespace {

using test::repeated;

#if defined(SYNCDEX_SANITIZED)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif
// Time bounds are for optimised builds, and three times the goal, since machines are shared. Other builds are
// about 20 times slower.
#if defined(NDEBUG) && defined(__OPTIMIZE__) && !defined(SYNCDEX_SANITIZED)
constexpr double kPatience = 3;
#else
constexpr double kPatience = 40;
#endif

std::string times(std::size_t n, std::string_view text) {
  std::string out;
  out.reserve(n * text.size());
  for (std::size_t i = 0; i < n; ++i) out += text;
  return out;
}

std::string nested(std::size_t depth, std::string_view open, std::string_view inner, std::string_view close) {
  return times(depth, open).append(inner) + times(depth, close);
}

// Unwraps a result that must not fail, and throws otherwise, in any build.
template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message + " " + result.error().limit);
  return *std::move(result);
}

LoadOptions skipping() {
  LoadOptions options;
  options.skip_bad = true;
  return options;
}

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    static const char* const kHex = "0123456789abcdef";
    out += '%';
    out += kHex[static_cast<unsigned char>(c) >> 4];
    out += kHex[static_cast<unsigned char>(c) & 15];
  }
  return out;
}

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
  static_cast<void>(live.snapshot().find_id(bytes));
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
      EXPECT_TRUE(live.snapshot().find_id("77")) << c.what;
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
    static_cast<void>(Catalog().find_id(bare.text()));
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
  EXPECT_LT(test::seconds([&] { ASSERT_TRUE(Catalog::load(text, options)); }), 0.05 * kPatience);
  Limits wide;
  wide.number_digits = 8'000'000;
  wide.pattern_bytes = 8'000'000;
  const std::string pattern = "{\"n\":" + std::string(1'000'000, '7') + "}";
  EXPECT_LT(test::seconds([&] { ASSERT_TRUE(QueryBuilder(wide).metadata(pattern).build()); }),
            0.05 * kPatience);
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
    EXPECT_EQ(catalog.count(parse_request("name=" + percent_encoded(text))->query), 1u);
    EXPECT_TRUE(oracle::is_utf8(catalog.explain(*QueryBuilder().name(text).build())));
  }
}

TEST(Threats, T11_NulBytesDoNotTruncate) {
  const Catalog catalog = *Catalog::load(
      R"([{"id":"1","provider":"stripe"},{"id":"2","provider":"stripe\u0000x"},{"id":"3\u0000","metadata":{"k\u0000":"v\u0000w"}}])");
  EXPECT_EQ(catalog.count(parse_request("provider=stripe")->query), 1u);
  EXPECT_EQ(catalog.count(parse_request("provider=stripe%00x")->query), 1u);
  EXPECT_EQ(catalog.count(parse_request("provider=stripe%00")->query), 0u);
  EXPECT_EQ(catalog.count(parse_request(R"(metadata={"k\u0000":"v\u0000w"})")->query), 1u);
  EXPECT_EQ(catalog.count(parse_request(R"(metadata={"k\u0000":"v"})")->query), 0u);
  EXPECT_EQ(catalog.count(parse_request(R"(metadata={"k":"v\u0000w"})")->query), 0u);
  EXPECT_EQ(catalog.find_id("2")->provider().size(), 8u);
  EXPECT_FALSE(catalog.find_id("3"));
  EXPECT_EQ(catalog.find_id(std::string_view("3\0", 2))->id().size(), 2u);
  EXPECT_FALSE(Catalog::load(std::string("[{\"id\":\"a\0b\"}]", 14)));
  EXPECT_FALSE(Query::from_pattern(std::string("{\"a\":\"\0\"}", 9)));
  const auto query = QueryBuilder().provider(std::string_view("stripe\0x", 8)).build();
  EXPECT_EQ(parse_request(query->to_url())->query, *query);
  EXPECT_EQ(catalog.count(*query), 1u);
}

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
  using Text = std::function<std::string(const std::vector<std::string>&, std::size_t)>;
  const std::pair<const char*, Text> uses[] = {
      {"ids",
       [](const auto& s, std::size_t n) {
         return repeated(
             n, [&](std::size_t i) { return "{\"id\":\"" + s[i] + "\"}"; }, '\n');
       }},
      {"names",
       [](const auto& s, std::size_t n) {
         return repeated(
             n,
             [&](std::size_t i) {
               return "{\"id\":\"" + std::to_string(i) + "\",\"name\":\"" + s[i] + "\"}";
             },
             '\n');
       }},
      {"providers",
       [](const auto& s, std::size_t n) {
         return repeated(
             n,
             [&](std::size_t i) {
               return "{\"id\":\"" + std::to_string(i) + "\",\"provider\":\"" + s[i] + "\"}";
             },
             '\n');
       }},
      {"keys",
       [](const auto& s, std::size_t n) {
         return "{\"id\":\"1\",\"metadata\":{" +
                repeated(n, [&](std::size_t i) { return "\"" + s[i] + "\":1"; }) + "}}";
       }},
      {"values",
       [](const auto& s, std::size_t n) {
         return "{\"id\":\"1\",\"metadata\":{\"v\":[" +
                repeated(n, [&](std::size_t i) { return "\"" + s[i] + "\""; }) + "]}}";
       }},
  };
  for (const auto* strings : {&standard, &boosts}) {
    const std::vector<std::string> plain = ordinary(strings->front().size());
    for (const auto& use : uses) {
      const char* const what = use.first;
      const Text& text = use.second;
      const auto load = [&](const std::vector<std::string>& s, std::size_t n) {
        const std::string json = text(s, n);
        return test::seconds([&] { ASSERT_TRUE(Catalog::load(json)); }, 5);
      };
      const double few = load(*strings, 4096);
      const double many = load(*strings, 16384);
      EXPECT_LT(few, 3 * load(plain, 4096) + 0.002 * kPatience) << what;
      EXPECT_LT(many, 3 * load(plain, 16384) + 0.002 * kPatience) << what;
    }
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
    double took[3];
    for (int k = 0; k < 3; ++k) {  // n, 2n, 4n
      std::string elements;
      for (std::size_t i = 0; elements.size() < std::size_t{250'000} << k; ++i)
        elements += (i > 0 ? "," : "") + c.element(i);
      // A second record contains each wanted value, so that no index rules the query out.
      const Catalog catalog = must(Catalog::load("[{\"id\":\"1\",\"metadata\":{\"a\":[" + elements +
                                                 "]}},{\"id\":\"2\",\"metadata\":{\"a\":[" +
                                                 repeated(c.leaves, c.wanted) + "]}}]"));
      took[k] = test::seconds(
          [&] {
            EXPECT_EQ(catalog.scan(query).size(), 1u) << c.what;
            EXPECT_EQ(catalog.find(query).size(), 1u) << c.what;
          },
          2);
      // The same answer, or none at all.
      const auto checked = catalog.find_within(query);
      EXPECT_EQ(checked ? checked->size() : 1, 1u) << c.what;
      EXPECT_TRUE(checked || checked.error().code == ErrorCode::budget_exceeded) << c.what;
    }
    EXPECT_LT(took[2], 2 * kPatience) << c.what;  // two calls
    EXPECT_LT(took[2], took[1] * 3.2 + 0.05 * kPatience) << c.what;
    EXPECT_LT(took[1], took[0] * 3.2 + 0.05 * kPatience) << c.what;
  }
  // Arrays of two elements, nested 18 deep.
  std::string stored = "0";
  for (int i = 0; i < 18; ++i) stored = "[" + stored + "," + stored + "]";
  std::string wanted = "1";
  for (int i = 0; i < 9; ++i)
    wanted = "[" + wanted + ",[" + wanted.substr(0, wanted.size() > 400 ? 0 : wanted.npos) + "]]";
  const Query doubled = must(QueryBuilder().metadata("{\"a\":" + wanted + "}").build());
  const Catalog in_depth = must(Catalog::load("[{\"id\":\"1\",\"metadata\":{\"a\":" + stored + "}}]"));
  EXPECT_LT(test::seconds([&] { EXPECT_EQ(in_depth.scan(doubled).size(), 0u); }), 1 * kPatience);
  // A thousand equal elements become one. Objects of 16 000 keys are matched by lookup.
  EXPECT_EQ(QueryBuilder()
                .metadata("{\"a\":[" + repeated(1000, [](std::size_t) { return "{\"x\":1}"; }) + "]}")
                .build()
                ->pattern(),
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
  EXPECT_LT(test::seconds([&] { EXPECT_FALSE(wide_object.verify(all)); }), 1 * kPatience);
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
  EXPECT_LT(test::seconds([&] { EXPECT_EQ(catalog.count(query), 0u); }), 1 * kPatience);
  EXPECT_EQ(catalog.find_within(query).error().code, ErrorCode::budget_exceeded);
}

// The worst known patterns, each against a megabyte, by the calls that are meant for untrusted queries.
TEST(Threats, T13_CheckedCallsEndWithinASecond) {
  const auto nested = [](std::size_t depth, const std::string& inner, bool cascade) {
    std::string open;
    for (std::size_t i = 0; i < depth; ++i) open += cascade ? "[1," : "[";
    return open + inner + std::string(depth, ']');
  };
  const auto number = [](std::size_t i) { return std::to_string(i); };
  double worst = 0;
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
      const double took = test::seconds([&] {
        const auto found = catalog.find_within(query);
        EXPECT_TRUE(found ? found->size() == 1 : found.error().code == ErrorCode::budget_exceeded);
      });
      EXPECT_LT(took, 1 * kPatience) << depth << (cascade ? ", a value at each level" : "");
      worst = std::max(worst, took);
    }
  }
  RecordProperty("worst_milliseconds", static_cast<int>(worst * 1000));
  std::printf("a checked call took %.2f s at most\n", worst);
}

// Loads and requests that are made to be slow, at n, 2n and 4n. None is worse than linear, except for a
// logarithm.
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
    double took[3];
    for (int k = 0; k < 3; ++k) {
      const std::string text = make(std::size_t{250'000} << k);
      took[k] = test::seconds([&] { EXPECT_TRUE(Catalog::load(text, skipping())) << what; });
    }
    EXPECT_LT(took[2], 1 * kPatience) << what;
    EXPECT_LT(took[2], took[1] * 3.2 + 0.05 * kPatience) << what;
    EXPECT_LT(took[1], took[0] * 3.2 + 0.05 * kPatience) << what;
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
    double took[3];
    for (int k = 0; k < 3; ++k) {
      const std::string text = make(std::size_t{250'000} << k);
      took[k] = test::seconds([&] { static_cast<void>(parse_request(text)); });
    }
    EXPECT_LT(took[2], 0.5 * kPatience) << what;
    EXPECT_LT(took[2], took[1] * 4 + 0.02 * kPatience) << what;
  }
}

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
    EXPECT_LT(test::seconds([&] { refused = !parse_request(flood); }), 0.01 * kPatience)
        << flood.substr(0, 20);
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
        EXPECT_EQ(own->list(*request)->json(), shared.list(*request)->json());
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
  EXPECT_EQ(parse_request(query->to_url())->query, *query);
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
  EXPECT_EQ(Catalog::load(lines)->find_id("1")->name(), odd);
}

// The build rejects older ones. This also rejects them in hosts that compile the sources in their own way.
TEST(Threats, T25_DependenciesMeetTheirMinimumVersions) {
  static_assert(BOOST_VERSION >= 107400);
  static_assert(simdjson::SIMDJSON_VERSION_MAJOR > 3 || simdjson::SIMDJSON_VERSION_MINOR > 0 ||
                simdjson::SIMDJSON_VERSION_REVISION >= 1);
}

}  // namespace
}  // namespace syncdex
