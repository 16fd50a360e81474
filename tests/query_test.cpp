// Tests patterns, the builder and requests: what they mean, what they reject, how they print.
#include "syncdex/query.h"

#include <gtest/gtest.h>

#include <set>

#include "syncdex/catalog.h"

namespace syncdex {
namespace {

std::string canonical(std::string_view pattern) {
  const auto query = Query::from_pattern(pattern);
  return query ? std::string(query->pattern())
               : std::string(to_string(query.error().code)) + "@" + std::to_string(query.error().offset);
}

struct Case {
  const char* name;
  const char* in;
  const char* out;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.in; }
std::string name_of(const testing::TestParamInfo<Case>& info) { return info.param.name; }

class Canonical : public testing::TestWithParam<Case> {};
TEST_P(Canonical, Form) { EXPECT_EQ(canonical(GetParam().in), GetParam().out); }
INSTANTIATE_TEST_SUITE_P(
    Query, Canonical,
    testing::Values(
        Case{"Empty", " {} ", "{}"}, Case{"KeysSorted", R"({"b":1,"a":2})", R"({"a":2,"b":1})"},
        Case{"LastOfEqualKeys", R"({"a":1,"\u0061":2})", R"({"a":2})"},
        Case{"LastWinsWhole", R"({"a":{"x":1},"a":{"y":2}})", R"({"a":{"y":2}})"},
        Case{"ArraysSorted", R"({"a":["b","a",3,1,null,true,false,[],{}]})",
             R"({"a":[null,false,true,1,3,"a","b",[],{}]})"},
        Case{"NoRepeats", R"({"a":[1,1.0,"x","\u0078",{"k":1},{"k":1e0}]})", R"({"a":[1,"x",{"k":1}]})"},
        Case{"Numbers", R"({"a":[42.0,-0,1e2,0.00001,1e-7,1e22,-1.50,123456789012345678901234567890]})",
             R"({"a":[-1.5,0,1e-7,0.00001,42,100,1e22,1.2345678901234567890123456789e29]})"},
        Case{"Strings", R"({"a":"\u00e9\/\n\u0000\ud83d\ude00"})",
             "{\"a\":\"\xC3\xA9/\\n\\u0000\xF0\x9F\x98\x80\"}"},
        Case{"NotAnObject", "[1]", "invalid_pattern@0"}, Case{"Nothing", "  ", "invalid_pattern@2"},
        Case{"CutOff", R"({"a":)", "invalid_pattern@5"}, Case{"NotClosed", R"({"a":1)", "invalid_pattern@6"},
        Case{"StringNotClosed", R"({"a":"x)", "invalid_pattern@5"},
        Case{"NoColon", R"({"a" 1})", "invalid_pattern@5"},
        Case{"TrailingComma", R"({"a":1,})", "invalid_pattern@7"},
        Case{"ArrayComma", R"({"a":[1,]})", "invalid_pattern@8"},
        Case{"TextBehind", "{} x", "invalid_pattern@3"},
        Case{"BadEscape", R"({"a":"\x"})", "invalid_pattern@6"},
        Case{"Surrogate", R"({"a":"\ud800"})", "invalid_pattern@6"},
        Case{"BadNumber", R"({"a":01})", "invalid_pattern@5"},
        Case{"BadWord", R"({"a":nul})", "invalid_pattern@5"},
        Case{"Utf8", "{\"a\":\"\xFF\"}", "invalid_utf8@6"},
        Case{"Control", "{\"a\":\"\t\"}", "invalid_pattern@6"}),
    name_of);

std::string request(std::string_view url) {
  const auto r = parse_request(url);
  if (!r) {
    return std::string(to_string(r.error().code)) + " " + r.error().parameter + "@" +
           std::to_string(r.error().offset) + (r.error().limit.empty() ? "" : " " + r.error().limit);
  }
  return std::string(r->query.pattern()) + (r->page.limit ? " limit " + std::to_string(*r->page.limit) : "") +
         (r->page.after.empty() ? "" : " after " + r->page.after);
}

class Requests : public testing::TestWithParam<Case> {};
TEST_P(Requests, AreParsed) { EXPECT_EQ(request(GetParam().in), GetParam().out); }
INSTANTIATE_TEST_SUITE_P(
    Query, Requests,
    testing::Values(
        Case{"Nothing", "", "{}"}, Case{"EmptyPairs", "&&", "{}"},
        Case{"Provider", "provider=stripe", R"({"provider":"stripe"})"},
        Case{"Health", "health.status=ok", R"({"health":{"status":"ok"}})"},
        Case{"Metadata", "metadata=%7B%22custom_property%22:42%7D", R"({"metadata":{"custom_property":42}})"},
        Case{"MetadataWithSpace", "metadata=+{\"a\":1}%0a", R"({"metadata":{"a":1}})"},
        Case{"MetadataEmpty", "metadata={}", R"({"metadata":{}})"},
        Case{"MetadataTwiceAddsUp", "metadata={\"a\":1}&metadata={\"b\":2}", R"({"metadata":{"a":1,"b":2}})"},
        Case{"MetadataContradicts", "metadata={\"a\":1}&metadata={\"a\":2}", "false"},
        Case{"MetadataKindsContradict", "metadata={\"a\":1}&metadata={\"a\":{}}", "false"},
        Case{"MetadataSameNumber", "metadata={\"a\":1}&metadata={\"a\":1.0}", R"({"metadata":{"a":1}})"},
        Case{"ArraysConcatenate", "metadata={\"a\":[2]}&metadata={\"a\":[1,2]}",
             R"({"metadata":{"a":[1,2]}})"},
        Case{"Collections", "collection_ids=b&collection_ids=a", R"({"collection_ids":["a","b"]})"},
        Case{"Where", "where={\"credential\":{\"provider\":\"x\"}}", R"({"credential":{"provider":"x"}})"},
        Case{"WhereMerges", "provider=a&where={\"provider\":\"b\"}", "false"},
        Case{"EmptyValue", "provider=", R"({"provider":""})"},
        Case{"NoEquals", "provider", R"({"provider":""})"},
        Case{"EncodedName", "pr%6fvider=a+b%2Bc", R"({"provider":"a b+c"})"},
        Case{"SecondEquals", "name=a=b", R"({"name":"a=b"})"},
        Case{"Semicolon", "name=a;b=c", R"({"name":"a;b=c"})"},
        Case{"DecodedOnce", "name=%2541", R"({"name":"%41"})"},
        Case{
            "AllFields",
            "id=1&org_id=2&stream_id=3&external_id=4&credential_id=5&sync_frequency=4h&status=active",
            R"({"credential_id":"5","external_id":"4","id":"1","org_id":"2","status":"active","stream_id":"3","sync_frequency":"4h"})"},
        Case{"Limit", "limit=10", "{} limit 10"}, Case{"LimitZeros", "limit=0010", "{} limit 10"},
        Case{"Cursor", "limit=1&after=2.00c0ffee.a7649365.2a", "{} limit 1 after 2.00c0ffee.a7649365.2a"},
        Case{"CursorOfAnotherQuery", "id=1&after=2.00c0ffee.a7649365.2a", "invalid_value after@11"},
        Case{"RepeatedSame", "provider=a&provider=a", R"({"provider":"a"})"},
        Case{"Repeated", "provider=a&provider=b", "repeated_parameter provider@11"},
        Case{"RepeatedLimit", "limit=1&limit=2", "repeated_parameter limit@8"},
        Case{"Unknown", "provder=a", "unknown_parameter provder@0"},
        Case{"CaseMatters", "x=1&Provider=a", "unknown_parameter x@0"},
        Case{"DataIsNoParameter", "data=1", "unknown_parameter data@0"},
        Case{"HealthIsNoParameter", "health=1", "unknown_parameter health@0"},
        Case{"QuestionMark", "?provider=a", "unknown_parameter ?provider@0"},
        Case{"BadPercent", "name=%4", "malformed_encoding name@5"},
        Case{"BadPercentU", "name=a%u0041", "malformed_encoding name@6"},
        Case{"BadPercentInName", "na%me=1", "malformed_encoding @2"},
        Case{"BadUtf8", "name=%41%FF", "invalid_utf8 name@8"},
        Case{"MetadataNoObject", "metadata=[1]", "invalid_pattern metadata@9"},
        Case{"MetadataText", "provider=a&metadata=%22%7B%7D%22", "invalid_pattern metadata@20"},
        Case{"MetadataOffsetIsRaw", "metadata=%7B%22a%22%3A+x%7D", "invalid_pattern metadata@23"},
        Case{"MetadataEmptyValue", "metadata=", "invalid_pattern metadata@9"},
        Case{"LimitZero", "limit=0", "invalid_value limit@6"},
        Case{"LimitMany", "limit=1001", "invalid_value limit@6"},
        Case{"LimitSign", "limit=%2B1", "invalid_value limit@6"},
        Case{"LimitHuge", "limit=99999999999999999999", "invalid_value limit@6"},
        Case{"LimitEmpty", "limit=", "invalid_value limit@6"},
        Case{"CursorBad", "after=x", "invalid_value after@6"},
        Case{"CursorCapital", "after=2.00C0FFEE.0badf00d.2a", "invalid_value after@6"},
        Case{"CursorZeros", "after=2.00c0ffee.0badf00d.02", "invalid_value after@6"},
        Case{"CursorEmpty", "after=", "invalid_value after@6"}),
    name_of);

TEST(Query, NamesTheExceededLimit) {
  const auto refused = [](const auto& result) {
    return result ? "none" : std::string(to_string(result.error().code)) + " " + result.error().limit;
  };
  const auto nested = [](std::size_t depth) {
    std::string text = "{\"a\":";
    for (std::size_t i = 1; i < depth; ++i) text += "[";
    text += "1";
    for (std::size_t i = 1; i < depth; ++i) text += "]";
    return text + "}";
  };
  EXPECT_EQ(refused(Query::from_pattern(nested(512))), "none");
  EXPECT_EQ(refused(Query::from_pattern(nested(513))), "limit_exceeded depth");
  EXPECT_EQ(refused(QueryBuilder().metadata(nested(511)).build()), "none");
  EXPECT_EQ(refused(QueryBuilder().metadata(nested(512)).build()), "limit_exceeded depth");
  EXPECT_EQ(refused(Query::from_pattern("{\"a\":\"" + std::string(65'528, 'x') + "\"}")), "none");
  EXPECT_EQ(refused(Query::from_pattern("{\"a\":\"" + std::string(65'529, 'x') + "\"}")),
            "limit_exceeded pattern_bytes");
  const auto array = [](int n) {
    std::string text = "{\"a\":[0";
    for (int i = 1; i < n; ++i) text += "," + std::to_string(i);
    return text + "]}";
  };
  EXPECT_EQ(refused(Query::from_pattern(array(1024))), "none");
  EXPECT_EQ(refused(Query::from_pattern(array(1025))), "limit_exceeded pattern_leaves");
  EXPECT_EQ(refused(QueryBuilder().where(array(1024)).metadata("a", 1).build()),
            "limit_exceeded pattern_leaves");
  EXPECT_EQ(refused(Query::from_pattern(R"({"a":1e100000})")), "none");
  EXPECT_EQ(refused(Query::from_pattern(R"({"a":1e-100001})")), "limit_exceeded exponent");
  EXPECT_EQ(refused(Query::from_pattern(R"({"a":1e99999999999999999999999})")), "limit_exceeded exponent");
  Limits digits;
  digits.number_digits = 5;
  EXPECT_EQ(refused(Query::from_pattern(R"({"a":123456})", digits)), "limit_exceeded number_digits");
  std::string many;
  for (int i = 0; i < 64; ++i) many += "collection_ids=" + std::to_string(i) + "&";
  EXPECT_EQ(refused(parse_request(many)), "none");
  EXPECT_EQ(refused(parse_request(many + "id=1")), "limit_exceeded parameters");
  EXPECT_EQ(refused(parse_request("name=" + std::string(1 << 20, 'x'))), "limit_exceeded request_bytes");
}

TEST(Query, IgnoresUnknownParametersOnRequest) {
  RequestOptions options;
  options.ignore_unknown = true;
  const auto r = parse_request("utm=1&provider=a", options);
  ASSERT_TRUE(r);
  EXPECT_EQ(r->query.pattern(), R"({"provider":"a"})");
}

TEST(Query, ReportsALeadingQuestionMark) {
  EXPECT_NE(parse_request("?provider=a").error().message.find('?'), std::string::npos);
}

TEST(Query, BuilderAndRequestAgree) {
  const auto built = QueryBuilder()
                         .provider("stripe")
                         .health_status("error")
                         .collection_id("hubspot:contact")
                         .metadata(R"({"a":1})")
                         .metadata("custom_property", 42)
                         .metadata("big", std::uint64_t{18'446'744'073'709'551'615u})
                         .metadata("minus", -1)
                         .metadata("half", 0.5)
                         .metadata("yes", true)
                         .metadata("text", "x")
                         .metadata("none", nullptr)
                         .build();
  ASSERT_TRUE(built) << built.error().message;
  EXPECT_EQ(
      built->pattern(),
      R"({"collection_ids":["hubspot:contact"],"health":{"status":"error"},"metadata":{"a":1,"big":18446744073709551615,)"
      R"("custom_property":42,"half":0.5,"minus":-1,"none":null,"text":"x","yes":true},"provider":"stripe"})");
  const auto again = parse_request(built->to_url());
  ASSERT_TRUE(again);
  EXPECT_EQ(again->query, *built);
  EXPECT_EQ(std::hash<Query>{}(again->query), std::hash<Query>{}(*built));
}

TEST(Query, ReadsDecodedParameters) {
  const auto read = [](std::vector<Parameter> parameters) { return parse_request(parameters); };
  const auto request = read({{"provider", "a&b=+%41 c"}, {"metadata", R"({"x":"\u00e9"})"}, {"limit", "7"}});
  ASSERT_TRUE(request);
  EXPECT_EQ(request->query, *QueryBuilder().provider("a&b=+%41 c").metadata("x", "\xC3\xA9").build());
  EXPECT_EQ(request->page.limit, 7U);
  EXPECT_EQ(read({}).value().query, Query());
  const auto refused = [&](std::vector<Parameter> parameters) {
    const auto bad = read(std::move(parameters));
    EXPECT_FALSE(bad);
    return bad ? ""
               : bad.error().parameter + " " + std::to_string(bad.error().offset) + " " +
                     std::string(to_string(bad.error().code));
  };
  EXPECT_EQ(refused({{"name", "x y"}, {"provder", "a"}}), "provder 0 unknown_parameter");
  EXPECT_EQ(refused({{"", ""}}), " 0 unknown_parameter");
  EXPECT_EQ(refused({{"name", "x"}, {"metadata", "{\"\xC3\xA9 \": }"}, {"id", "1"}}),
            "metadata 8 invalid_pattern");
  EXPECT_EQ(refused({{"name", "a&%\xFF"}, {"limit", "1"}}), "name 3 invalid_utf8");
  EXPECT_EQ(refused({{"limit", "0"}}), "limit 0 invalid_value");
}

TEST(Query, BuilderKeepsTheFirstError) {
  const auto built = QueryBuilder().metadata("[]").where("{").build();
  ASSERT_FALSE(built);
  EXPECT_EQ(built.error().parameter, "metadata");
  EXPECT_EQ(QueryBuilder().metadata("x", std::numeric_limits<double>::infinity()).build().error().code,
            ErrorCode::invalid_value);
  EXPECT_EQ(QueryBuilder().provider("\xFF").build().error().code, ErrorCode::invalid_utf8);
}

TEST(Query, BuilderCopiesAreIndependent) {
  QueryBuilder base;
  base.provider("stripe");
  QueryBuilder more = base;
  more.status("active");
  EXPECT_EQ(base.build().value().pattern(), R"({"provider":"stripe"})");
  EXPECT_EQ(more.build().value().pattern(), R"({"provider":"stripe","status":"active"})");
}

TEST(Query, ContradictionRoundTripsThroughItsUrl) {
  const auto never = parse_request("status=a&where={\"status\":7}");
  ASSERT_TRUE(never);
  EXPECT_TRUE(never->query.never());
  const auto again = parse_request(never->query.to_url());
  ASSERT_TRUE(again);
  EXPECT_EQ(again->query, never->query);
}

TEST(Query, ManyCollectionIdsRoundTripThroughAUrl) {
  QueryBuilder builder;
  for (int i = 0; i < 300; ++i) builder.collection_id(std::to_string(i));
  const auto query = builder.build();
  ASSERT_TRUE(query);
  const auto again = parse_request(query->to_url());
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->query, *query);
}

TEST(Query, ExtremeNumbersPrintWithinTheLimits) {
  for (const char* number :
       {"0.001e-100000", "1234e100000", "-0.5e-99999", "100e99999", "1e100000", "1e-100000"}) {
    const auto query = Query::from_pattern("{\"a\":" + std::string(number) + "}");
    ASSERT_TRUE(query) << number;
    const auto again = Query::from_pattern(query->pattern());
    ASSERT_TRUE(again) << query->pattern();
    EXPECT_EQ(*again, *query);
  }
}

TEST(Error, MapsToHttpStatusAndApiJson) {
  EXPECT_EQ(http_status(parse_request("a=%").error()), 400);
  EXPECT_EQ(http_status(parse_request("name=%FF").error()), 400);
  EXPECT_EQ(http_status(parse_request("x=1").error()), 400);
  EXPECT_EQ(http_status(parse_request("id=1&id=2").error()), 400);
  EXPECT_EQ(http_status(parse_request("metadata=1").error()), 422);
  EXPECT_EQ(http_status(parse_request("where=1").error()), 422);
  EXPECT_EQ(http_status(parse_request("limit=x").error()), 422);
  EXPECT_EQ(http_status(parse_request("after=x").error()), 422);
  EXPECT_EQ(http_status(parse_request("metadata={\"a\":\"" + std::string(70'000, 'x') + "\"}").error()), 422);
  EXPECT_EQ(
      to_api_json(parse_request("metadata=1").error()),
      R"({"summary":"metadata: a JSON object is expected","validation_errors":{"metadata":["a JSON object is expected"]},"code":"invalid_pattern"})");
}

// The error suggests what was probably meant.
TEST(Error, SuggestsTheIntendedRequest) {
  const auto message = [](std::string_view request) { return parse_request(request).error().message; };
  constexpr const char* kKnown =
      " known are provider, name, health.status, metadata, status, id, org_id, stream_id, external_id, "
      "credential_id, sync_frequency, collection_ids, where, filter, order, limit, after";
  EXPECT_EQ(message("provder=a"), std::string("no such parameter; did you mean provider?") + kKnown);
  EXPECT_EQ(message("Provider=a"), std::string("no such parameter; did you mean provider?") + kKnown);
  EXPECT_EQ(message("per_page=5"), std::string("no such parameter; did you mean limit?") + kKnown);
  EXPECT_EQ(
      message("page=2"),
      std::string("no such parameter; did you mean after, with the \"next\" cursor of the previous page?") +
          kKnown);
  EXPECT_EQ(message("nonsense_that_is_far=5"), std::string("no such parameter;") + kKnown);
  EXPECT_EQ(message("?provider=a"), "no such parameter; the query string begins behind the '?'");
  EXPECT_EQ(message("metadata[plan]=pro"), R"(no such parameter; write metadata={"plan":"pro"})");
  EXPECT_EQ(message("metadata%5Bplan%5D%5Bseats%5D=5"),
            R"(no such parameter; write metadata={"plan":{"seats":5}})");
  EXPECT_EQ(message("metadata.plan.tier=a%22b"), R"(a JSON value is expected: write "a\"b" in quotes)");
  const std::string no_object = "a JSON object is expected; ";
  EXPECT_EQ(message("metadata=plan=pro"), no_object + R"(write metadata={"plan":"pro"})");
  EXPECT_EQ(message("where=status=active"), no_object + R"(write where={"status":"active"})");
  EXPECT_EQ(message("metadata=%257B%2522a%2522%253A1%257D"),
            no_object + "it is percent-encoded twice: encode it once");
  EXPECT_EQ(message("metadata=%22%7B%5C%22a%5C%22:1%7D%22"),
            no_object + "it is quoted once more than it should be: send the object itself");
  EXPECT_EQ(message("metadata=%27%7B%22a%22:1%7D%27"),
            no_object + "the shell's quotes are part of it: remove them");
  EXPECT_EQ(message("metadata=%22custom_property%22:42"),
            no_object +
                "its braces are missing: curl removes them, unless it is called with -g or --data-urlencode");
  EXPECT_EQ(message("metadata=1"), "a JSON object is expected");
}

TEST(Error, MessagesNameTheLimitAndItsValue) {
  RequestOptions options;
  options.limits.pattern_leaves = 2;
  options.limits.parameters = 3;
  EXPECT_EQ(parse_request("where={\"a\":[1,2,3]}", options).error().message,
            "the pattern has too many values (limit pattern_leaves: 2)");
  EXPECT_EQ(parse_request("id=1&id=1&id=1&id=1", options).error().message,
            "the request has too many parameters (limit parameters: 3)");
  EXPECT_EQ(Catalog::load("[{\"id\":\"abc\"}]", {.limits = {.string_bytes = 2}}).error().message,
            "record 0: a string is too long (limit string_bytes: 2)");
  EXPECT_EQ(Catalog::load("[{\"id\":\"abc\"}]", {.limits = {.input_bytes = 2}}).error().message,
            "the input is too large (limit input_bytes: 2)");
}

TEST(Error, CodesHaveUniqueNames) {
  std::set<std::string_view> names;
  for (int i = 1; i <= static_cast<int>(ErrorCode::budget_exceeded); ++i)
    names.insert(to_string(static_cast<ErrorCode>(i)));
  EXPECT_EQ(names.size(), 18u);
  EXPECT_FALSE(names.contains("unknown"));
}

}  // namespace
}  // namespace syncdex
