// Orders: their text, the order of values, pages, and the views behind them.
#include "syncdex/order.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "base/access.h"
#include "json/decimal.h"
#include "store/snapshot.h"
#include "store/view_search.h"
#include "support/hostile.h"
#include "syncdex/syncdex.h"
#include "terms/sort_key.h"

namespace syncdex {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Order order_of(std::string_view text) {
  auto order = Order::parse(text);
  EXPECT_TRUE(order) << text << to_string(order.error());
  return order ? *order : Order();
}

std::string ids(const Matches& matches) {
  std::string all;
  for (const Record record : matches) all.append(all.empty() ? "" : " ").append(record.id());
  return all;
}

std::string sorted(const Catalog& catalog, std::string_view order, const Query& query = {}) {
  return ids(catalog.find(query, order_of(order)));
}

TEST(Order, ReadsItsText) {
  EXPECT_TRUE(Order().is_load_order());
  EXPECT_EQ(Order().text(), "");
  EXPECT_EQ(order_of("-created_at,name").text(), "-created_at,name");
  EXPECT_EQ(order_of(R"("name",-metadata."a,b"."",-"-x")").text(), R"(name,-metadata."a,b"."",-"-x")");
  EXPECT_EQ(order_of(R"("n\u0061me")"), order_of("name"));
  EXPECT_TRUE(Order::parse(std::string(16'384, 'x')));
  EXPECT_EQ(Order::parse(std::string(16'385, 'x')).error().code, ErrorCode::invalid_value);
  EXPECT_NE(order_of("-name"), order_of("name"));
}

TEST(Order, HasPaths) {
  EXPECT_THAT(order_of("-created_at,\"a,b\".\"c\"").paths(), testing::ElementsAre("created_at", "\"a,b\".c"));
  EXPECT_TRUE(Order().paths().empty());
}

TEST(Order, SaysWhatIsWrongWithItsText) {
  const struct {
    const char* text;
    std::size_t offset;
    const char* message;
    ErrorCode code = ErrorCode::invalid_value;
  } cases[] = {
      {"", 0, "a path is missing"},
      {"name,", 5, "a path is missing"},
      {",name", 0, "a path is missing"},
      {"name,-", 6, "a path is missing"},
      {"name,metadata.tags[]", 5, "elements of an array have no order"},
      {"--name", 1, "begins with '-'"},
      {"a..b", 0, "a step of the path is empty"},
      {"name,-name", 6, "a path occurs twice"},
      {"a,b,c,d,e", 8, "at most 4 paths"},
      {R"("name)", 0, "not a JSON string"},
      {"name, id", 5, "a step of the path is empty"},
      {"name,credential.properties.key", 5, "would reveal", ErrorCode::invalid_filter},
      {"credential.properties", 0, "would reveal", ErrorCode::invalid_filter},
      {"-credential", 1, "would reveal", ErrorCode::invalid_filter},
      {"name,\xFF", 5, "UTF-8", ErrorCode::invalid_utf8},
  };
  for (const auto& c : cases) {
    const auto order = Order::parse(c.text);
    ASSERT_FALSE(order) << c.text;
    EXPECT_EQ(order.error().code, c.code) << c.text;
    EXPECT_EQ(order.error().offset, c.offset) << c.text;
    EXPECT_THAT(order.error().message, HasSubstr(c.message)) << c.text;
  }
}

TEST(Order, IsAParameterOfRequests) {
  const auto request = parse_request("order=-created_at,name&provider=stripe&limit=5");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->order.text(), "-created_at,name");
  EXPECT_TRUE(parse_request("").value().order.is_load_order());
  const auto wrong = parse_request("provider=a&order=name%2Ctags%5B%5D");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, ErrorCode::invalid_value);
  EXPECT_EQ(wrong.error().parameter, "order");
  EXPECT_EQ(wrong.error().offset, std::string_view("provider=a&order=name%2C").size());
  EXPECT_EQ(parse_request("order=").error().code, ErrorCode::invalid_value);
  EXPECT_EQ(parse_request("order=name&order=id").error().code, ErrorCode::repeated_parameter);
  EXPECT_TRUE(parse_request("order=name&order=name"));
  RequestOptions page_only;
  page_only.parameters = {"provider", "limit", "after"};
  EXPECT_EQ(parse_request("order=name", page_only).error().code, ErrorCode::unknown_parameter);
}

TEST(Order, FingerprintsTellRequestsApart) {
  const std::string next = "2.00000000.00000000.1";
  std::set<std::uint64_t> seen;
  const char* const requests[] = {
      "",        "provider=a", "order=name",         "order=-name",    "order=name&provider=a",
      "limit=1", "limit=2",    "order=name&limit=1", "provider=limit", "order=limit"};
  for (const char* const request : requests) {
    Request parsed = *parse_request(request);
    EXPECT_TRUE(seen.insert(parsed.fingerprint()).second) << request;
    parsed.page.after = next;
    EXPECT_TRUE(seen.insert(parsed.fingerprint()).second) << request;
  }
  EXPECT_EQ(parse_request("order=name&provider=a").value().fingerprint(),
            parse_request("provider=a&order=%22name%22").value().fingerprint());
  EXPECT_EQ(Request(*parse_request("provider=a")).fingerprint(),
            parse_request("provider=a").value().query.fingerprint());
}

TEST(Order, HostsBoundTheLimit) {
  RequestOptions options;
  options.default_limit = 20;
  options.max_limit = 50;
  EXPECT_EQ(parse_request("", options).value().page.limit, 20U);
  EXPECT_EQ(parse_request("limit=50", options).value().page.limit, 50U);
  const auto refused = parse_request("limit=51", options);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "limit must be a number from 1 to 50");
  options.max_limit = 5'000;
  EXPECT_EQ(parse_request("limit=1001", options).error().message, "limit must be a number from 1 to 1000");
  options.default_limit = 0;
  EXPECT_EQ(parse_request("", options).error().code, ErrorCode::invalid_value);
}

TEST(Order, OrdersKinds) {
  const Catalog catalog = *Catalog::load(R"([
    {"id":"object","metadata":{"x":{"b":1}}},{"id":"none","metadata":{}},{"id":"text","metadata":{"x":"a"}},
    {"id":"ten","metadata":{"x":10}},{"id":"null","metadata":{"x":null}},{"id":"array","metadata":{"x":[2]}},
    {"id":"true","metadata":{"x":true}},{"id":"two","metadata":{"x":2}},{"id":"array2","metadata":{"x":[1]}},
    {"id":"empty","metadata":{"x":""}},{"id":"false","metadata":{"x":false}},{"id":"10","metadata":{"x":1e1}},
    {"id":"last","metadata":{"x":{"a":1}}},{"id":"twice","metadata":{"x":5,"x":1}}])");
  EXPECT_EQ(sorted(catalog, "metadata.x"),
            "false true twice two ten 10 empty text array array2 object last none null");
  EXPECT_EQ(sorted(catalog, "-metadata.x"),
            "object last array array2 text empty ten 10 two twice true false none null");
  EXPECT_EQ(sorted(catalog, "metadata.y"),
            "object none text ten null array true two array2 empty false 10 last twice");
  EXPECT_EQ(sorted(catalog, "-metadata.x.a,metadata.x"),
            "last false true twice two ten 10 empty text array array2 object none null");
}

TEST(Order, OrdersTimesAsInstants) {
  const Catalog catalog = *Catalog::load(R"([
    {"id":"1","created_at":"2023-12-15 01:29:29"},{"id":"2","created_at":"2023-12-15T00:00:00Z"},
    {"id":"3","created_at":"yesterday"},{"id":"4","created_at":"2023-12-15T01:29:29.000000001Z"},
    {"id":"5","created_at":"2023-12-15T02:29:29+01:00"},{"id":"6"},{"id":"7","created_at":1702603769}])");
  EXPECT_EQ(sorted(catalog, "created_at"), "2 1 5 4 3 6 7");
  EXPECT_EQ(sorted(catalog, "-created_at"), "4 1 5 2 3 6 7");
}

TEST(Order, CutsLongStrings) {
  std::string text;
  const std::string prefix(250, 'x');
  for (const char* end : {"\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9zz", "\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9aa",
                          "\u00e9\u00e9\u00e9\u00e9\u00e9a", "\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9"}) {
    text += R"({"id":")" + std::to_string(text.empty() ? 0 : std::count(text.begin(), text.end(), '\n')) +
            R"(","name":")" + prefix + end + "\"}\n";
  }
  const Catalog catalog = *Catalog::load(text);
  EXPECT_EQ(sorted(catalog, "name"), "2 0 1 3");  // the first 256 code points of three are equal
  // Ranges compare all of it, and so does a pattern.
  const auto bound = [&](const char* op, const std::string& end) {
    return ids(catalog.find(
        *Query::from_filter(R"({"path":"name",")" + std::string(op) + "\":\"" + prefix + end + "\"}")));
  };
  const std::string six = "\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9";
  EXPECT_EQ(bound("gt", six), "0 1");
  EXPECT_EQ(bound("gte", six), "0 1 3");
  EXPECT_EQ(bound("lt", six + "b"), "1 2 3");
  EXPECT_EQ(bound("prefix", six + "z"), "0");
}

std::vector<std::string> walk(const Catalog& catalog, std::string_view order, std::uint32_t limit) {
  std::vector<std::string> pages;
  Request request({}, {limit, {}}, order_of(order));
  for (bool more = true; more;) {
    const auto page = catalog.list(request);
    EXPECT_TRUE(page) << to_string(page.error());
    if (!page) break;
    pages.push_back(ids(page->matches()));
    more = page->has_more();
    request.page.after = page->next();
  }
  return pages;
}

TEST(Order, Pages) {
  const Catalog catalog = *Catalog::load(R"([
    {"id":"1","name":"b","status":"x"},{"id":"2","name":"a"},{"id":"3","status":"y"},
    {"id":"4","name":"b","status":"y"},{"id":"5","name":null}])");
  EXPECT_THAT(walk(catalog, "name", 2), ElementsAre("2 1", "4 3", "5"));
  EXPECT_THAT(walk(catalog, "-name", 1), ElementsAre("1", "4", "2", "3", "5"));
  EXPECT_THAT(walk(catalog, "-status,name", 2), ElementsAre("4 3", "1 2", "5"));
  Request request({}, {2, {}}, order_of("name"));
  const auto page = catalog.list(request);
  ASSERT_TRUE(page);
  EXPECT_THAT(page->json(), HasSubstr("\"next\":\"3."));
  EXPECT_EQ(std::string(page->json()),
            R"({"data":[{"id":"2","name":"a"},{"id":"1","name":"b","status":"x"}],"has_more":true,"next":")" +
                page->next() + "\"}");
}

// The example of README.md, as it stands there.
TEST(Order, TheReadmeFindsTheNewestFailingSyncs) {
  std::ifstream file(std::string(SYNCDEX_DATA_DIR) + "/../README.md");
  const std::string readme(std::istreambuf_iterator<char>(file), {});
  const std::string request = "health.status=error&order=-created_at&limit=50";
  EXPECT_THAT(readme, HasSubstr("syncdex::parse_request(\"" + request +
                                "\");\nauto page = catalog->list(*request);\n"));
  const auto catalog = Catalog::load(R"([
    {"id":"1","health":{"status":"error"},"created_at":"2023-12-15T01:29:29Z"},
    {"id":"2","health":{"status":"healthy"},"created_at":"2024-12-15T01:29:29Z"},
    {"id":"3","health":{"status":"error"},"created_at":"2024-12-15T01:29:29Z"}])");
  EXPECT_EQ(ids(catalog->list(*parse_request(request)).value().matches()), "3 1");
}

TEST(Order, CursorsBelongToAnOrder) {
  const Catalog catalog = *Catalog::load(R"([{"id":"1","name":"b"},{"id":"2","name":"a"},{"id":"3"}])");
  Request request({}, {1, {}}, order_of("name"));
  const std::string next = catalog.list(request).value().next();
  const auto refused = [&](const Order& order, const std::string& after) {
    const auto page = catalog.list(Request({}, {1, after}, order));
    return page ? "accepted" : page.error().parameter + ": " + page.error().message;
  };
  EXPECT_THAT(refused(order_of("-name"), next), HasSubstr("after: the cursor is of a page of another query"));
  EXPECT_THAT(refused({}, next), HasSubstr("another query"));
  Request plain({}, {1, {}});
  EXPECT_THAT(refused(order_of("name"), catalog.list(plain).value().next()), HasSubstr("another query"));
  EXPECT_EQ(refused(order_of("name"), next), "accepted");
  // Whatever was done to it.
  const std::size_t values = next.rfind('.') + 1;
  for (const char* json :
       {"", "[", "[]", "{}", "[1,2]", "[[1]]", "[\"a\"", "\"a\"", "[\"\\ud800\"]", "[\xFF]"}) {
    std::string after = next.substr(0, values);
    for (const char* c = json; *c != '\0'; ++c) {
      constexpr const char* kDigits = "0123456789abcdef";
      after += {kDigits[static_cast<unsigned char>(*c) >> 4], kDigits[*c & 15]};
    }
    EXPECT_THAT(refused(order_of("name"), after), HasSubstr("not a valid cursor")) << json;
  }
  EXPECT_THAT(refused(order_of("name"), next.substr(0, next.size() - 1)), HasSubstr("not a valid cursor"));
  EXPECT_THAT(refused(order_of("name"), next + "."), HasSubstr("not a valid cursor"));
}

// A cursor holds the values of a record, and a record may hold numbers of 100 000 digits and strings of a
// million characters. Orders compare 500 digits and 256 code points, so a cursor has at most 16 KiB.
TEST(Threats, T45_CursorsAndExtremesAreBounded) {
  std::string text;
  const std::string digits(99'990, '7');
  const std::string controls = test::times(1'000, R"(\u0001)");
  for (int i = 0; i < 40; ++i) {
    const std::string n = std::to_string(i + 1);
    text += R"({"id":")" + n + R"(","metadata":{"a":)" + n + digits + R"(,"b":-0.)" + digits + n +
            R"(,"c":")" + n + controls + R"(","d":)" + n + "." + std::string(90'000, '0') + R"(,"e":1e-)" +
            n + R"(,"f":")" + controls + n + "\"}}\n";
  }
  const Catalog catalog = *Catalog::load(text);
  const auto walk = [&](const std::string& order) {
    Request request({}, {.limit = 7, .after = {}}, *Order::parse(order));
    std::vector<std::string> ids;
    for (;;) {
      const auto page = catalog.list(request);
      EXPECT_TRUE(page) << to_string(page.error());
      if (!page) return ids;
      for (const Record record : page->matches()) ids.emplace_back(record.id());
      if (!page->has_more()) return ids;
      EXPECT_LE(page->next().size(), std::size_t{16} << 10) << order;
      request.page.after = page->next();
      EXPECT_TRUE(parse_request("limit=7&order=" + test::percent_encoded(order) + "&after=" + page->next()));
    }
  };
  for (const char* order : {"metadata.a", "-metadata.b", "metadata.c", "metadata.d",
                            "metadata.a,metadata.b,-metadata.c,metadata.d", "metadata.c,metadata.f",
                            "metadata.f,metadata.c", "metadata.b,metadata.e"}) {
    std::vector<std::string> all = walk(order);
    std::vector<std::string> found;
    for (const Record record : catalog.find({}, *Order::parse(order))) found.emplace_back(record.id());
    EXPECT_EQ(all, found) << order;
    std::ranges::sort(all);
    EXPECT_EQ(std::unique(all.begin(), all.end()) - all.begin(), 40) << order;
  }
  const Summary numbers = *catalog.summary("metadata.a");
  EXPECT_LE(numbers.min.size(), 520u);
  EXPECT_LE(numbers.max.size(), 520u);
  const Summary strings = *catalog.summary("metadata.f");
  EXPECT_LE(strings.max.size(), 256u * 6 + 2);
}

// Numbers that agree in their first 500 digits are equal in an order, and only there.
TEST(Order, ComparesTheFirst500DigitsOfNumbers) {
  const std::string same(499, '3');
  const auto record = [&](const char* id, const std::string& n) {
    return R"({"id":")" + std::string(id) + R"(","x":)" + n + "}\n";
  };
  const std::string one = "1" + same + "9";
  const std::string two = "1" + same + "1";
  const Catalog catalog =
      *Catalog::load(record("a", one) + record("b", two) + record("c", "1" + same + "e1") +
                     record("d", "1" + same.substr(1) + "4" + "5") + record("e", "2") +
                     record("f", "-" + one) + record("g", "-" + two));
  EXPECT_EQ(sorted(catalog, "x"), "f g e a b c d");
  EXPECT_EQ(sorted(catalog, "-x"), "d a b c e f g");
  // Filters compare them exactly, also where a view of the path is kept.
  const auto count = [&](const std::string& filter) {
    const Query query = *Query::from_filter(R"({"path":"x",)" + filter + "}");
    EXPECT_FALSE(catalog.verify(query)) << filter;
    return catalog.count(query);
  };
  EXPECT_EQ(count(R"("gt":)" + two), 2u);
  EXPECT_EQ(count(R"("gte":)" + two), 3u);
  EXPECT_EQ(count(R"("gt":1)" + same + "e1"), 3u);
  EXPECT_EQ(count(R"("lt":-1)" + same + "e1"), 2u);
  EXPECT_EQ(count(R"("lte":2)"), 3u);
}

TEST(Order, KeepsTheViewsThatWereUsedLast) {
  LoadOptions options;
  options.limits.ordered_views = 2;
  std::string text;
  for (int i = 0; i < 1'000; ++i) {
    text += R"({"id":")" + std::to_string(i) + R"(","metadata":{"a":)" + std::to_string(i % 7) + R"(,"b":)" +
            std::to_string(i % 11) + R"(,"c":)" + std::to_string(i % 13) + "}}\n";
  }
  const Catalog catalog = *Catalog::load(text, options);
  EXPECT_EQ(catalog.stats().ordered_views, 0U);
  const std::uint64_t before = catalog.stats().view_bytes;
  const auto kept = [&] {
    std::string keys;
    for (const OrderedPath& path : Access::snapshot(catalog).parts().front().segment->views().paths()) {
      keys += path.keys.back();
    }
    std::ranges::sort(keys);
    return keys;
  };
  // The third path replaces one only once it was asked for twice since that one was used.
  const std::pair<const char*, const char*> steps[] = {
      {"metadata.a", "a"},  {"metadata.b", "ab"}, {"metadata.a", "ab"}, {"metadata.c", "ab"},
      {"metadata.b", "ab"}, {"metadata.a", "ab"}, {"metadata.c", "ab"}, {"-metadata.a", "ab"},
      {"metadata.c", "ac"}, {"metadata.a", "ac"}};
  for (const auto& [order, expected] : steps) {
    sorted(catalog, order);
    EXPECT_EQ(kept(), expected) << order;
    EXPECT_LE(catalog.stats().ordered_views, 2U);
  }
  const std::uint64_t views = catalog.stats().view_bytes - before;
  EXPECT_GT(views, 2 * 12'000U);
  EXPECT_LT(views, 2 * 12'200U + 4'000U);
  // Without room, answers are the same.
  options.limits.ordered_views = 0;
  const Catalog none = *Catalog::load(text, options);
  EXPECT_EQ(sorted(none, "-metadata.b,metadata.c"), sorted(catalog, "-metadata.b,metadata.c"));
  EXPECT_EQ(none.stats().ordered_views, 0U);
}

// Whoever leaves last frees it, not only the one that replaced it.
TEST(Order, AReplacedViewIsFreedWhenNobodyReadsIt) {
  std::string text;
  for (int i = 0; i < 1'000; ++i)
    text += R"({"id":")" + std::to_string(i) +
            R"(","name":"n","status":"s"})"
            "\n";
  LoadOptions options;
  options.limits.ordered_views = 1;
  const Catalog catalog = *Catalog::load(text, options);
  const OrderedViews& views = Access::snapshot(catalog).parts().front().segment->views();
  ASSERT_TRUE(catalog.prepare({"name"}));
  const std::size_t one = views.bytes();
  std::optional<OrderedViews::Reader> reader(std::in_place, views);
  ASSERT_TRUE(catalog.prepare({"status"}));
  EXPECT_GT(views.bytes(), one + 8'000);
  reader.reset();
  EXPECT_EQ(views.bytes(), one);
}

TEST(Order, AQuestionThatIsAskedOnceReadsItsFewRecordsAlone) {
  std::string text;
  for (int i = 0; i < 2'000; ++i) {
    text += R"({"id":")" + std::to_string(i) + R"(","provider":"p)" + std::to_string(i % 100) +
            R"(","metadata":{"a":)" + std::to_string(i * 7 % 2'000) + "}}\n";
  }
  const Catalog catalog = *Catalog::load(text);
  const Query few = *QueryBuilder().provider("p7").build();
  const std::string first = sorted(catalog, "-metadata.a", few);
  EXPECT_EQ(catalog.stats().ordered_views, 0U);
  EXPECT_EQ(sorted(catalog, "-metadata.a", few), first);
  EXPECT_EQ(catalog.stats().ordered_views, 1U);
  EXPECT_EQ(sorted(catalog, "-metadata.a", few), first);
}

TEST(Order, ExplainsItsViews) {
  const Catalog catalog = *Catalog::load(R"([{"id":"1"}])");
  EXPECT_THAT(
      catalog.explain({}, order_of("-created_at,\"a b\"")),
      testing::EndsWith("order      created_at descending in time: ordered views, kept in 0 of 1 segment\n"
                        "order      \"a b\" ascending: ordered views, kept in 0 of 1 segment\n"));
  sorted(catalog, "created_at");
  EXPECT_THAT(catalog.explain({}, order_of("-created_at")), HasSubstr("kept in 1 of 1 segment\n"));
  EXPECT_EQ(catalog.explain({}, Order()), catalog.explain({}));
}

TEST(Order, ViewsAreMadeAhead) {
  const Catalog catalog =
      *Catalog::load(R"([{"id":"1","name":"b","created_at":"2024-01-01","metadata":{"a":1}}])",
                     {.ordered = {"created_at", "metadata.a"}});
  EXPECT_EQ(catalog.stats().ordered_views, 2U);
  EXPECT_EQ(*catalog.prepare({"name"}), 3U);
  EXPECT_EQ(*catalog.prepare({"name", "metadata.a"}), 3U);
  EXPECT_EQ(catalog.prepare({"tags[]"}).error().code, ErrorCode::invalid_value);
  EXPECT_EQ(Catalog::load("[]", {.ordered = {"credential.properties.x"}}).error().code,
            ErrorCode::invalid_filter);
  EXPECT_EQ(*Catalog().prepare({"name"}), 0U);
}

TEST(Order, StaysWithinTheBudget) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) {
    text += R"({"id":")" + std::to_string(i) + R"(","metadata":{"a":)" + std::to_string(i) + ",\"pad\":\"" +
            std::string(100, 'x') + "\"}}\n";
  }
  const Catalog catalog = *Catalog::load(text);
  Limits none;
  none.work = 0;
  EXPECT_EQ(catalog.find_within({}, order_of("metadata.a"), none).error().code, ErrorCode::budget_exceeded);
  Limits one;
  one.work = 2;
  EXPECT_TRUE(catalog.find_within({}, order_of("metadata.a"), one));
  EXPECT_EQ(catalog.list(Request({}, {1, {}}, order_of("metadata.b")), none).error().code,
            ErrorCode::budget_exceeded);
}

// Two records of a tie are compared by what they hold, and that is charged.
TEST(Order, ChargesWhatComparingReads) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) {
    text += R"({"id":")" + std::to_string(i) + R"(","provider":"p","pad":")" + std::string(200, 'x') +
            R"(","z":"the same beginning )" + std::to_string(i * 7'919 % 20'000) + "\"}\n";
  }
  const Catalog catalog = *Catalog::load(text);
  ASSERT_TRUE(catalog.prepare({"provider", "z"}));
  const Order order = order_of("provider,z");
  EXPECT_TRUE(catalog.find_within({}, order, {}));
  Limits one;
  one.work = 1;  // of a text of 5 MB
  EXPECT_EQ(catalog.find_within({}, order, one).error().code, ErrorCode::budget_exceeded);
  EXPECT_EQ(catalog.list(Request({}, {1'000, {}}, order), one).error().code, ErrorCode::budget_exceeded);
}

// A page costs what it returns once the view is there.
TEST(Order, PagesReadFewRows) {
  std::string text;
  for (int i = 0; i < 50'000; ++i) {
    text += R"({"id":")" + std::to_string(i) + R"(","provider":"p)" + std::to_string(i % 4) +
            R"(","metadata":{"a":)" + std::to_string(i * 7919 % 50'000) + "}}\n";
  }
  const Catalog catalog = *Catalog::load(text);
  const Request all({}, {50, {}}, order_of("-metadata.a"));
  ASSERT_TRUE(catalog.list(all));
  const Request some(*QueryBuilder().provider("p1").build(), {50, {}}, order_of("-metadata.a"));
  Limits limits;
  for (const Request& request : {all, some}) {
    limits.work = 1;
    EXPECT_TRUE(catalog.list(request, limits));
  }
}

TEST(Order, AWindowOfNoRecordsIsSilent) {
  for (const char* const order : {"", "name", "name,provider"}) {
    for (const char* const filter : {R"({"and":[]})", R"({"path":"name","gte":"a"})"}) {
      LiveCatalog live;
      int calls = 0;
      const Subscription none =
          live.subscribe(*Query::from_filter(filter), *order != '\0' ? order_of(order) : Order(), 0,
                         [&](const WindowDelta&) { ++calls; });
      ASSERT_TRUE(live.apply(
          {.upserts = R"([{"id":"1","name":"a"},{"id":"2","name":"b"},{"id":"3"}])", .erases = {}}));
      ASSERT_TRUE(live.apply({.upserts = "", .erases = {"2"}}));
      EXPECT_EQ(calls, 0);
    }
  }
}

// Zeros that do not count are no part of a cursor.
TEST(Order, CursorsOfLongNumbersAreShort) {
  const std::string zeros(100'000, '0');
  const Catalog catalog =
      *Catalog::load(R"([{"id":"1","n":1e)" + zeros + R"(1},{"id":"2","n":1e)" + zeros + R"(2},{"id":"3"}])");
  EXPECT_THAT(walk(catalog, "n", 1), ElementsAre("1", "2", "3"));
  EXPECT_LT(catalog.list(Request({}, {1, {}}, order_of("n"))).value().next().size(), 100U);
}

TEST(Order, AReplacedListKeepsTheLimitOfViews) {
  LiveOptions options;
  options.load.limits.ordered_views = 0;
  LiveCatalog live(Catalog(), options);
  live.replace_all(*Catalog::load(R"([{"id":"1","name":"a"}])"));
  sorted(live.snapshot(), "name");
  EXPECT_EQ(live.snapshot().stats().ordered_views, 0U);
}

TEST(Order, AdvisesOnItsParameter) {
  EXPECT_THAT(parse_request("sort=-name").error().message, HasSubstr("order"));
  EXPECT_THAT(parse_request("order=name&order=id").error().message, testing::Not(HasSubstr("order[in]")));
}

TEST(SortKey, OrdersNumbers) {
  std::mt19937_64 random(7);
  std::vector<std::string> texts = {"0",
                                    "-0",
                                    "0.0",
                                    "1",
                                    "1.0",
                                    "-1",
                                    "1e400",
                                    "1e401",
                                    "-1e400",
                                    "1e-400",
                                    "-1e-400",
                                    "1e-320",
                                    "2e-320",
                                    "9007199254740992",
                                    "9007199254740993",
                                    "1e308",
                                    "2e308",
                                    "0.1",
                                    "0.10",
                                    "0.10000000000000001",
                                    "123456789012345",
                                    "123456789012346"};
  for (int i = 0; i < 600; ++i) {
    std::string text = random() % 2 == 0 ? "-" : "";
    text += std::to_string(random() % 10'000'000'000'000'000 >> random() % 50);
    if (random() % 2 == 0) text += '.' + std::to_string(random() % 100'000);
    if (random() % 3 == 0) text += 'e' + std::to_string(static_cast<int>(random() % 700) - 350);
    texts.push_back(text);
  }
  std::size_t exact = 0;
  for (const std::string& a : texts) {
    for (const std::string& b : texts) {
      const auto order = compare(parse_decimal(a), parse_decimal(b));
      const ExactKey x = sort_key(Kind::number, a);
      const ExactKey y = sort_key(Kind::number, b);
      ASSERT_TRUE(is_value(x.key));
      ASSERT_EQ(kind_of_key(x.key), Kind::number);
      if (std::is_eq(order)) {
        ASSERT_EQ(x.key, y.key) << a << ' ' << b;
      }
      if (x.key != y.key) {
        ASSERT_EQ(x.key < y.key, std::is_lt(order)) << a << ' ' << b;
      }
      if (x.exact && y.exact && x.key == y.key) {
        ASSERT_TRUE(std::is_eq(order)) << a << ' ' << b;
      }
      exact += x.exact;
    }
  }
  EXPECT_GT(exact, texts.size());
}

TEST(SortKey, OrdersStringsAndPrefixes) {
  std::mt19937_64 random(9);
  std::vector<std::string> texts = {"", std::string("\0", 1), std::string("\0\0", 2), "a",
                                    std::string("a\0", 2)};
  for (int i = 0; i < 500; ++i) {
    std::string text;
    for (std::size_t n = random() % 12; n > 0; --n) text += "\0a\x7F\xC3\xFF"[random() % 5];
    texts.push_back(text);
  }
  for (const std::string& a : texts) {
    for (const std::string& b : texts) {
      const ExactKey x = sort_key(Kind::string, a);
      const ExactKey y = sort_key(Kind::string, b);
      if (x.key != y.key) {
        ASSERT_EQ(x.key < y.key, a < b);
      }
      if (x.exact && y.exact) {
        ASSERT_EQ(x.key == y.key, a == b);
      }
      if (a == b) {
        ASSERT_EQ(x.key, y.key);
      }
      const bool between = x.key <= y.key && y.key <= last_key_with_prefix(a);
      if (b.starts_with(a)) {
        ASSERT_TRUE(between);
      }
      if (keys_decide_prefix(a)) {
        ASSERT_EQ(b.starts_with(a), between);
      }
    }
  }
}

TEST(SortKey, OrdersInstants) {
  const char* const times[] = {"0000-01-01T00:00:00+23:59",      "0000-01-01",
                               "1969-12-31T23:59:59.999999999Z", "1970-01-01",
                               "1970-01-01T00:00:00.000000001Z", "1970-01-01T00:00:00.000000031Z",
                               "1970-01-01T00:00:00.000000032Z", "2023-12-15T01:29:29.5Z",
                               "9999-12-31T23:59:59.999999999Z", "9999-12-31T23:59:59.999999999-23:59"};
  SortKey last = 0;
  for (const char* const text : times) {
    const ExactKey key = sort_key(*parse_instant(text));
    EXPECT_LE(last, key.key) << text;
    EXPECT_TRUE(is_value(key.key));
    if (key.exact) {
      EXPECT_TRUE(last < key.key) << text;
    }
    last = key.key;
  }
}

}  // namespace
}  // namespace syncdex
