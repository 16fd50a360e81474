// What filters mean, in each spelling: every operator, errors and their places, canonical texts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "syncdex/syncdex.h"

namespace syncdex {
namespace {

using testing::HasSubstr;

std::string ids(const Matches& matches) {
  std::string all;
  for (const Record record : matches) all.append(all.empty() ? "" : " ").append(record.id());
  return all;
}

// Five records: of each operator something matches, and something does not.
const Catalog& catalog() {
  static const Catalog one = *Catalog::load(R"([
{"id":"1","provider":"stripe","name":"Acme, Inc","status":"active","health":{"status":"ok"},
 "collection_ids":["hubspot:contact","x"],"created_at":"2023-12-15 01:29:29","max_age_days":365,
 "metadata":{"seats":10,"region":"eu","tags":["eu-1","us-1"],"contacts":[{"email":"ops@a","primary":true},{"email":"x@a"}]}},
{"id":"2","provider":"github","name":"acme corp","status":"paused","health":{"status":"error"},"collection_ids":[],
 "created_at":"2023-12-15T00:00:00Z","max_age_days":30,
 "metadata":{"seats":100,"region":null,"tags":[],"contacts":[{"email":"ops@b","primary":false},{"email":"y@b","primary":true}]}},
{"id":"3","provider":"stripe","name":"Zenith","status":"active","created_at":"soon","metadata":{"seats":"10","region":"us"}},
{"id":"4","provider":null,"name":"","health":null,"created_at":null,"metadata":{"seats":10.5,"tags":"eu-1"}},
{"id":"5","status":"disabled","credential":{"properties":{"secret":"s3"}},"metadata":{"seats":1e400,"tags":[["eu-1"],{"a":1}]}}
])");
  return one;
}

std::string answer(const Result<Query>& query) {
  if (!query) return to_string(query.error());
  EXPECT_FALSE(catalog().verify(*query));
  EXPECT_EQ(*Query::from_filter(query->text()), *query) << query->text();
  const auto parsed = parse_request(query->to_url());
  EXPECT_TRUE(parsed) << query->to_url() << to_string(parsed.error());
  EXPECT_TRUE(!parsed || parsed->query == *query) << query->to_url();
  return ids(catalog().find(*query));
}
std::string answer(const char* json) { return answer(Query::from_filter(json)); }
std::string answer(const Filter& filter) { return answer(Query::of(filter)); }
std::string from_url(std::string_view url) {
  auto request = parse_request(url);
  if (!request) return to_string(request.error());
  return answer(std::move(request->query));
}
std::string canonical(const char* json) {
  const auto query = Query::from_filter(json);
  return query ? query->text() : to_string(query.error());
}

TEST(Filter, ComparesForEquality) {
  EXPECT_EQ(answer(R"({"path":"provider","eq":"stripe"})"), "1 3");
  EXPECT_EQ(answer(R"({"path":"metadata.seats","eq":1.0e1})"), "1");
  EXPECT_EQ(answer(R"({"path":"metadata.seats","in":[10,"10"]})"), "1 3");
  EXPECT_EQ(answer(R"({"path":"metadata.region","in":["eu",null]})"), "1 2");
  EXPECT_EQ(answer(R"({"path":"provider","ne":"stripe"})"), "2 4 5");
  EXPECT_EQ(answer(R"({"path":"provider","nin":["stripe","github"]})"), "4 5");
  EXPECT_EQ(answer(R"({"path":"provider","in":[]})"), "");
  EXPECT_EQ(answer(R"({"path":"provider","nin":[]})"), "1 2 3 4 5");
  EXPECT_EQ(answer(R"({"path":"name","eq":"ACME CORP","ignore_case":true})"), "2");
  EXPECT_EQ(answer(R"({"path":"name","in":["ACME CORP","zenith"],"ignore_case":true})"), "2 3");
  EXPECT_EQ(answer(R"({"path":"name","eq":"acme corp","in":["Zenith","acme corp"]})"), "2");
  EXPECT_EQ(answer(field("provider").in({"stripe", "github"})), "1 2 3");
  EXPECT_EQ(answer(field("metadata.seats").eq(10)), "1");
  EXPECT_EQ(answer(field("metadata.seats").eq(10.5)), "4");
  EXPECT_EQ(answer(field("metadata.region").ne(nullptr)), "1 3 4 5");
  EXPECT_EQ(from_url("provider[ne]=stripe"), "2 4 5");
  EXPECT_EQ(from_url("provider[eq]=stripe"), "1 3");
  EXPECT_EQ(from_url("provider[in]=stripe&provider[in]=github"), "1 2 3");
  EXPECT_EQ(from_url("provider[nin]=stripe&provider[nin]=github"), "4 5");
  EXPECT_EQ(from_url("name[in]=Acme%2C+Inc&name[in]=Zenith"), "1 3");  // no comma splits a value
  EXPECT_EQ(from_url("metadata.seats=10"), "1");
  EXPECT_EQ(from_url("metadata.seats=%2210%22"), "3");
  EXPECT_EQ(from_url("metadata.region[eq]=null"), "2");
  EXPECT_EQ(from_url("metadata.tags[]=%22us-1%22"), "1");
  EXPECT_EQ(from_url("collection_ids[]=x"), "1");
}

TEST(Filter, ComparesOrder) {
  EXPECT_EQ(answer(R"({"path":"metadata.seats","gte":10,"lt":100})"), "1 4");
  EXPECT_EQ(answer(R"({"path":"metadata.seats","gt":10,"lte":100})"), "2 4");
  EXPECT_EQ(answer(R"({"path":"metadata.seats","gt":1e399})"), "5");
  EXPECT_EQ(answer(R"({"not":{"path":"metadata.seats","lte":100}})"), "3 5");
  EXPECT_EQ(answer(R"({"path":"name","gte":"Z"})"), "2 3");  // by code point: Z < a
  EXPECT_EQ(answer(R"({"path":"metadata.seats","gt":100,"lt":10})"), "");
  EXPECT_EQ(answer(R"({"path":"metadata.seats","gte":"1"})"), "3");
  EXPECT_EQ(answer(field("metadata.seats").gte(10).lt(100)), "1 4");
  EXPECT_EQ(from_url("metadata.seats[gte]=10&metadata.seats[lt]=100"), "1 4");
  EXPECT_EQ(from_url("max_age_days[lte]=30"), "2");
  EXPECT_EQ(from_url("name[gt]=Acme%2C+Inc"), "2 3");
}

TEST(Filter, ComparesTimes) {
  // As text the first would be before the second: a space sorts before T.
  EXPECT_EQ(answer(R"({"path":"created_at","gte":"2023-12-15T01:00:00Z"})"), "1");
  EXPECT_EQ(answer(R"({"path":"created_at","lt":"2023-12-15T01:29:29.5+00:00"})"), "1 2");
  EXPECT_EQ(answer(R"({"path":"created_at","eq":"2023-12-14T23:29:29-02:00"})"), "1");
  EXPECT_EQ(answer(R"({"path":"created_at","eq":null})"), "4");
  EXPECT_EQ(answer(R"({"path":"created_at","eq":"soon","as":"text"})"), "3");
  EXPECT_EQ(answer(R"({"path":"created_at","prefix":"2023-12-15 ","as":"text"})"), "1");
  EXPECT_EQ(answer(R"({"not":{"path":"created_at","gte":"2000-01-01"}})"), "3 4 5");
  EXPECT_EQ(answer(field("created_at").since("2023-12-15").before("2023-12-15T01:00")), "2");
  EXPECT_EQ(from_url("created_at[gte]=2023-12-15T01:00:00Z"), "1");
  EXPECT_EQ(from_url("created_at=2023-12-15"), "2");
  EXPECT_EQ(from_url("created_at[set]=false"), "4 5");
}

TEST(Filter, LooksForPartsOfStrings) {
  EXPECT_EQ(answer(R"({"path":"name","prefix":"Acme"})"), "1");
  EXPECT_EQ(answer(R"({"path":"name","prefix":"ACME","ignore_case":true})"), "1 2");
  EXPECT_EQ(answer(R"({"path":"name","suffix":"corp"})"), "2");
  EXPECT_EQ(answer(R"({"path":"name","substring":"ni"})"), "3");
  EXPECT_EQ(answer(R"({"path":"name","prefix":""})"), "1 2 3 4");
  EXPECT_EQ(answer(R"({"path":"metadata.tags[]","prefix":"eu-"})"), "1");
  EXPECT_EQ(answer(field("name").prefix("a").suffix("p").substring("me c")), "2");
  EXPECT_EQ(from_url("name[prefix]=Acme"), "1");
  EXPECT_EQ(from_url("name[suffix]=corp"), "2");
  EXPECT_EQ(from_url("name[substring]=e"), "1 2 3");
  EXPECT_EQ(from_url("metadata.region[prefix]=%22e%22"), "1");
}

TEST(Filter, AsksWhatIsThere) {
  EXPECT_EQ(answer(R"({"path":"provider","exists":true})"), "1 2 3 4");
  EXPECT_EQ(answer(R"({"path":"provider","exists":false})"), "5");
  EXPECT_EQ(answer(R"({"path":"provider","set":true})"), "1 2 3");
  EXPECT_EQ(answer(R"({"path":"provider","set":false})"), "4 5");
  EXPECT_EQ(answer(R"({"path":"metadata.seats","kind":"string"})"), "3");
  EXPECT_EQ(answer(R"({"path":"metadata.tags","kind":["string","array"]})"), "1 2 4 5");
  EXPECT_EQ(answer(R"({"path":"metadata.tags[]","kind":"object"})"), "5");
  EXPECT_EQ(answer(R"({"path":"metadata.tags","size":0})"), "2");
  EXPECT_EQ(answer(R"({"path":"metadata.tags","size":{"gte":1,"lt":3}})"), "1 5");
  EXPECT_EQ(answer(field("health.status").exists()), "1 2");
  EXPECT_EQ(answer(!field("health").set()), "3 4 5");
  EXPECT_EQ(answer(field("metadata.tags").size(1, 2)), "1 5");
  EXPECT_EQ(answer(field("metadata.tags").kind({"string", "array"})), "1 2 4 5");
  EXPECT_EQ(from_url("provider[exists]=true"), "1 2 3 4");
  EXPECT_EQ(from_url("provider[set]=false"), "4 5");
  EXPECT_EQ(from_url("metadata.seats[kind]=string"), "3");
  EXPECT_EQ(from_url("metadata.tags[kind]=string&metadata.tags[kind]=array"), "1 2 4 5");
  EXPECT_EQ(from_url("metadata.tags[size]=2"), "1 5");
}

TEST(Filter, JoinsConditions) {
  EXPECT_EQ(answer(R"({"and":[]})"), "1 2 3 4 5");
  EXPECT_EQ(answer(R"({"or":[]})"), "");
  EXPECT_EQ(
      answer(
          R"({"or":[{"contains":{"health":{"status":"error"}}},{"path":"metadata.tags[]","prefix":"eu-"}]})"),
      "1 2");
  EXPECT_EQ(
      answer(
          R"({"and":[{"path":"provider","eq":"stripe"},{"not":{"path":"metadata.seats","kind":"number"}}]})"),
      "3");
  EXPECT_EQ(answer(field("provider").eq("stripe") && !field("health").exists()), "3");
  EXPECT_EQ(answer(field("provider").eq("github") || field("status").eq("disabled") || field("id").eq("4")),
            "2 4 5");
  EXPECT_EQ(answer(contains(R"({"provider":"stripe"})") && contains(R"({"status":"active"})")), "1 3");
  EXPECT_EQ(answer(Filter()), "1 2 3 4 5");
  EXPECT_EQ(from_url("provider=stripe&health[exists]=false"), "3");
  EXPECT_EQ(from_url("filter=%7B%22path%22%3A%22provider%22,%22exists%22%3Afalse%7D&status=disabled"), "5");
}

TEST(Filter, LooksIntoArrays) {
  EXPECT_EQ(
      answer(
          R"({"some":"metadata.contacts[]","is":{"and":[{"contains":{"primary":true}},{"path":"email","prefix":"ops@"}]}})"),
      "1");
  EXPECT_EQ(answer(R"({"not":{"some":"metadata.tags[]","is":{"not":{"path":"","kind":"string"}}}})"),
            "1 2 3 4");
  EXPECT_EQ(answer(R"({"path":"metadata.tags[]","ne":"eu-1"})"), "2 3 4 5");
  EXPECT_EQ(answer(R"({"path":"metadata.tags[][]","eq":"eu-1"})"), "5");
  EXPECT_EQ(answer(R"({"some":"metadata.tags[]","is":{"contains":{}}})"), "5");
  EXPECT_EQ(answer(R"({"some":"metadata.tags[]","is":{"and":[]}})"), "1 5");
  EXPECT_EQ(answer(some("metadata.contacts[]", field("email").prefix("ops@") && field("primary").eq(true))),
            "1");
}

// The three examples of README.md, as they stand there.
TEST(Filter, ReadmeExamplesMeanWhatTheySay) {
  std::ifstream file(std::string(SYNCDEX_DATA_DIR) + "/../README.md");
  const std::string readme{std::istreambuf_iterator<char>(file), {}};
  const std::string url =
      "provider[in]=stripe&provider[in]=github&created_at[gte]=2024-01-01&metadata.seats[lt]=100";
  const std::string json =
      R"({"or":[{"contains":{"health":{"status":"error"}}},{"path":"metadata.tags[]","prefix":"eu-"}]})";
  const std::string builder = R"(field("status").ne("paused") && !field("metadata.trial").set())";
  for (const std::string& line : {url, json, builder}) EXPECT_THAT(readme, HasSubstr("\n" + line + "\n"));
  EXPECT_EQ(from_url(url), "");
  EXPECT_EQ(answer(json.c_str()), "1 2");
  EXPECT_EQ(answer(field("status").ne("paused") && !field("metadata.trial").set()), "1 3 4 5");
  for (const char* op : {"eq", "in", "ne", "nin", "gt", "gte", "lt", "lte", "prefix", "suffix", "substring",
                         "exists", "set", "kind", "size", "and", "or", "not", "some"}) {
    EXPECT_THAT(readme, HasSubstr('`' + std::string(op) + '`'));
  }
}

TEST(Filter, HasOneCanonicalText) {
  EXPECT_EQ(canonical(R"({"and":[{"and":[{"contains":{"b":1}}]},{"contains":{"a":2.0}}]})"),
            R"({"contains":{"a":2,"b":1}})");
  EXPECT_EQ(canonical(R"({"not":{"not":{"path":"a","gt":1e1}}})"), R"({"path":"a","gt":10})");
  EXPECT_EQ(canonical(R"({"path":"a","in":["b","a","b"]})"), R"({"path":"a","in":["a","b"]})");
  EXPECT_EQ(canonical(R"({"path":"a","in":["b"]})"), R"({"contains":{"a":"b"}})");
  EXPECT_EQ(canonical(R"({"path":"","eq":"b"})"), R"({"path":"","eq":"b"})");
  EXPECT_EQ(canonical(R"({"path":"a[].b","ne":1})"), R"({"not":{"some":"a[]","is":{"contains":{"b":1}}}})");
  EXPECT_EQ(canonical(R"({"path":"created_at","lt":"2024-01-01T02:00+02:00"})"),
            R"({"path":"created_at","lt":"2024-01-01T00:00:00Z","as":"time"})");
  EXPECT_EQ(canonical(R"({"path":"created_at","lt":"x","as":"text"})"),
            R"({"path":"created_at","lt":"x","as":"text"})");
  EXPECT_EQ(canonical(R"({"path":"a","gt":"9999-12-31T23:59:59-00:01","as":"time"})"),
            R"({"path":"a","gt":"9999-12-31T00:01:59-23:59","as":"time"})");
  EXPECT_EQ(canonical(R"({"path":"\"a b\".\"\"","gt":1})"), R"({"path":"\"a b\".\"\"","gt":1})");
  EXPECT_EQ(canonical(R"({"path":"a","size":{"gt":0,"lte":1}})"), R"({"path":"a","size":1})");
  EXPECT_EQ(canonical(R"({"path":"a","gt":2,"lt":1})"), R"({"or":[]})");
  EXPECT_EQ(canonical(R"({"and":[{"contains":{"a":1}},{"contains":{"a":2}}]})"), R"({"or":[]})");
  EXPECT_EQ(canonical(R"({"or":[{"path":"a","gt":2},{"and":[]}]})"), R"({"and":[]})");
  EXPECT_EQ(canonical(R"({"contains":{}})"), R"({"and":[]})");
  EXPECT_EQ(*Query::from_filter(R"({"contains":{"a":1}})"), *Query::from_pattern(R"({"a":1})"));
  EXPECT_EQ(Query::from_pattern(R"({"a":1})").value().text(), R"({"contains":{"a":1}})");
  EXPECT_EQ(Query().text(), R"({"and":[]})");
  EXPECT_EQ(Query::from_filter(R"({"and":[{"contains":{"a":1}},{"path":"b","gt":1}]})").value().pattern(),
            R"({"a":1})");
  EXPECT_TRUE(Query::from_filter(R"({"or":[]})").value().never());
  // A filter and a pattern of the same text are not the same query.
  EXPECT_NE(Query::from_filter(R"({"path":"a","gt":1})").value().fingerprint(),
            Query::from_pattern(R"({"path":"a","gt":1})").value().fingerprint());
}

TEST(Filter, PolicyBoundsAnyQuery) {
  const Query policy = *Query::from_filter(R"({"path":"provider","set":true})");
  for (const char* query : {R"({"and":[]})", R"({"or":[]})", R"({"not":{"path":"provider","set":true}})",
                            R"({"or":[{"path":"id","gt":"2"},{"path":"provider","exists":false}]})"}) {
    const Query both = all_of(*Query::from_filter(query), policy);
    EXPECT_FALSE(catalog().verify(both));
    for (const Record record : catalog().find(both)) {
      EXPECT_FALSE(catalog().why_not(record.id(), policy)) << query;
      EXPECT_FALSE(catalog().why_not(record.id(), *Query::from_filter(query))) << query;
    }
  }
  EXPECT_EQ(ids(catalog().find(all_of(Query(), policy))), "1 2 3");
  EXPECT_EQ(all_of(policy, Query()), policy);
}

TEST(Filter, ErrorsNameThePlaceAndWhatIsExpected) {
  const auto error = [](std::string_view json) {
    const auto query = Query::from_filter(json);
    if (query) return "valid: " + query->text();
    EXPECT_TRUE(query.error().code == ErrorCode::invalid_filter) << json << to_string(query.error());
    return std::to_string(query.error().offset) + " " + query.error().message;
  };
  EXPECT_THAT(error("[]"), HasSubstr("0 a filter is expected"));
  EXPECT_THAT(error("{}"), HasSubstr("0 a filter needs one of contains, and, or, not, path, some"));
  EXPECT_THAT(error(R"({"and":[{"or":{}}]})"), HasSubstr("14 \"or\" needs an array"));
  EXPECT_THAT(error(R"({"and":[],"or":[]})"), HasSubstr("10 a filter has only one of"));
  EXPECT_THAT(error(R"({"not":{"and":[]},"x":1})"), HasSubstr("18 unexpected key"));
  EXPECT_THAT(error(R"({"path":"a"})"), HasSubstr("no operator"));
  EXPECT_THAT(error(R"({"path":"a","gtt":1})"), HasSubstr("12 no such operator; did you mean gt"));
  EXPECT_THAT(error(R"({"path":"a","gt":1,"gt":1})"), HasSubstr("19 the operator is given twice"));
  EXPECT_THAT(error(R"({"path":"a..b","gt":1})"), HasSubstr("8 a step of the path is empty"));
  EXPECT_THAT(error(R"({"path":"-a","gt":1})"), HasSubstr("must be in quotes"));
  EXPECT_THAT(error(R"({"path":"a","gt":1,"gte":2})"), HasSubstr("19 \"gt\" and \"gte\""));
  EXPECT_THAT(error(R"({"path":"a","gt":1,"lt":"x"})"), HasSubstr("same kind"));
  EXPECT_THAT(error(R"({"path":"a","gt":true})"), HasSubstr("17 \"gt\" needs a number or a string"));
  EXPECT_THAT(error(R"({"path":"a","ne":1,"gt":0})"), HasSubstr("stand alone"));
  EXPECT_THAT(error(R"({"path":"a","exists":true,"as":"time"})"), HasSubstr("\"as\""));
  EXPECT_THAT(error(R"({"path":"a","gt":1,"ignore_case":true})"), HasSubstr("\"ignore_case\""));
  EXPECT_THAT(error(R"({"path":"a","kind":[]})"), HasSubstr("at least one kind"));
  EXPECT_THAT(error(R"({"path":"a","kind":"text"})"), HasSubstr("a kind is expected"));
  EXPECT_THAT(error(R"({"path":"a","size":-1})"), HasSubstr("whole number"));
  EXPECT_THAT(error(R"({"path":"a","size":1.5})"), HasSubstr("whole number"));
  EXPECT_THAT(error(R"({"some":"a","is":{"and":[]}})"), HasSubstr("8 the path of \"some\" must end in []"));
  EXPECT_THAT(error(R"({"some":"a[]"})"), HasSubstr("needs \"is\""));
  EXPECT_THAT(error(R"({"path":"created_at","gt":"soon"})"), HasSubstr("26 a time is expected"));
  EXPECT_THAT(error(R"({"path":"created_at","prefix":"2"})"), HasSubstr("add \"as\":\"text\""));
  EXPECT_THAT(error(R"({"contains":{"a":}})"), HasSubstr("17 a JSON value is expected"));
  EXPECT_THAT(error(R"({"contains":{"a":1})"), HasSubstr("19 ',' or '}' is expected"));
  EXPECT_THAT(error(R"({"and":[]} x)"), HasSubstr("11 text follows"));
  EXPECT_THAT(error("{\"and\":[\n{\"path\":\"a\",\"eq\":[1]}]}"), HasSubstr("objects and arrays"));
  EXPECT_EQ(Query::from_filter("{\"and\":[\n{}]}").error().line, 2U);
  EXPECT_THAT(error(Filter(field("a").eq(1.0 / 0.0)).json()), HasSubstr("a JSON value is expected"));
}

TEST(Filter, ParametersReportTheirErrors) {
  const auto error = [](const char* url) {
    const auto request = parse_request(url);
    if (request) return "valid: " + request->query.text();
    return std::string(to_string(request.error().code)) + " " + request.error().parameter + "@" +
           std::to_string(request.error().offset) + " " + request.error().message;
  };
  EXPECT_THAT(error("metadata.region[eq]=eu"), HasSubstr(R"(write "eu" in quotes)"));
  EXPECT_THAT(error("status=a&metadata.region=eu"), HasSubstr("invalid_filter metadata.region@25"));
  EXPECT_THAT(error("providr[in]=a"),
              HasSubstr("unknown_parameter providr[in]@0 no such parameter; did you mean provider[in]?"));
  EXPECT_THAT(error("metadata[plan][eq]=pro"), HasSubstr("write metadata.plan[eq]"));
  EXPECT_THAT(error("metadata.x[as]=time"),
              HasSubstr("operators are eq, in, ne, nin, gt, gte, lt, lte, prefix, suffix, "
                        "substring, exists, set, kind, size"));
  EXPECT_THAT(error("provider=a&provider[eq]=b"), HasSubstr("repeated_parameter"));
  EXPECT_EQ(error("provider=a&provider[eq]=a"), R"(valid: {"contains":{"provider":"a"}})");
  EXPECT_THAT(error("provider[inn]=a"), HasSubstr("did you mean provider[in]?"));
  EXPECT_THAT(error("provider[]=a"), HasSubstr("provider[in]"));
  EXPECT_THAT(error("provider=a&provider=b"), HasSubstr("repeat provider[in]"));
  EXPECT_THAT(error("created_at[gt]=2024-01-01&created_at[gt]=2024-01-02"), HasSubstr("repeated_parameter"));
  EXPECT_THAT(error("created_at[gt]=2024-01-01&created_at[gte]=2024-01-01"),
              HasSubstr("cannot be given together"));
  EXPECT_THAT(error("created_at[gte]=2024-01-01T00:00:00+02:00"), HasSubstr("%2B"));
  EXPECT_THAT(error("initial_backfill_completed_at[eq]=null"), HasSubstr("[set]=false"));
  EXPECT_THAT(error("filter=%7B%22path%22%3A%22a%22%7D"),
              HasSubstr("invalid_filter filter@7 the condition has no operator"));
  EXPECT_THAT(error("filter=%7B%22and%22%3A%5B1%5D%7D"), HasSubstr("filter@25 a filter is expected"));
  EXPECT_THAT(error("metadata.seats[size]=x"), HasSubstr("a number of elements"));
  EXPECT_THAT(error("provider[exists]=yes"), HasSubstr("true or false"));
  EXPECT_THAT(error("created_after=2024-01-01"), HasSubstr("created_at[gte]"));
}

TEST(Filter, HostsOfferWhatTheyWant) {
  RequestOptions options;
  options.parameters = {"provider", "name", "health.status", "metadata", "created_at[*]"};
  EXPECT_TRUE(parse_request("provider=a&metadata=%7B%7D&created_at[gte]=2024-01-01", options));
  for (const char* url : {"provider[ne]=a", "filter=%7B%22and%22%3A%5B%5D%7D", "where=%7B%7D", "limit=1"}) {
    const auto refused = parse_request(url, options);
    ASSERT_FALSE(refused) << url;
    EXPECT_EQ(refused.error().code, ErrorCode::unknown_parameter) << url;
    EXPECT_THAT(refused.error().message, HasSubstr("offered are provider, name"));
  }
  options.ignore_unknown = true;
  EXPECT_EQ(parse_request("provider=a&status=b", options).value().query,
            *QueryBuilder().provider("a").build());
}

TEST(Filter, ExplainsWhyARecordDoesNotMatch) {
  const auto why = [](const char* id, const char* json) {
    const auto mismatch = catalog().why_not(id, *Query::from_filter(json));
    return mismatch ? to_string(*mismatch) : "matches";
  };
  EXPECT_EQ(why("1", R"({"path":"metadata.seats","gte":11})"),
            R"(metadata.seats: wanted {"gte":11}, found 10)");
  EXPECT_EQ(why("5", R"({"path":"provider","prefix":"s"})"),
            R"(provider: wanted {"prefix":"s"}, but it is absent)");
  EXPECT_EQ(why("1", R"({"not":{"path":"metadata.seats","gte":10}})"),
            R"(metadata.seats: {"gte":10} is excluded, found 10)");
  EXPECT_EQ(
      why("1", R"({"and":[{"contains":{"provider":"stripe"}},{"path":"metadata.tags[]","prefix":"x"}]})"),
      R"(metadata.tags: no element contains {"path":"","prefix":"x"}; found ["eu-1","us-1"])");
  EXPECT_EQ(why("1", R"({"or":[{"contains":{"provider":"x"}},{"path":"name","prefix":"x"}]})"),
            R"(provider: wanted "x", found "stripe")");
  EXPECT_EQ(why("1", R"({"path":"metadata.seats","gte":10})"), "matches");
  EXPECT_EQ(why("5", R"({"path":"credential.properties.secret","in":["x","y"]})"),
            "credential.properties.secret: wanted <hidden>, found <hidden>");
}

TEST(Filter, HintsAtWhatIsThere) {
  const auto hint = [](const char* json) { return catalog().hint(*Query::from_filter(json)); };
  EXPECT_EQ(hint(R"({"path":"metadata.seets","gte":1})"),
            "no record has metadata.seets; 5 have metadata.seats");
  EXPECT_EQ(hint(R"({"path":"metadata.region","gte":1})"),
            R"(no record has metadata.region {"gte":1}; 2 have a string there, such as "eu")");
  EXPECT_THAT(hint(R"({"path":"metadata.region","lt":"2024-01-01","as":"time"})"), HasSubstr("not a time"));
  EXPECT_THAT(hint(R"({"path":"provider","in":["strpe","gitub"]})"), HasSubstr(R"(1 has "github")"));
  EXPECT_EQ(
      hint(R"({"and":[{"contains":{"provider":"github"}},{"path":"metadata.seats","lt":11}]})"),
      R"(no record meets all conditions at once: 1 has {"provider":"github"}, 2 have {"path":"metadata.seats","lt":11})");
  EXPECT_EQ(hint(R"({"path":"provider","exists":true})"), "");
}

TEST(Filter, ExplainsThePlan) {
  const Query query = *Query::from_filter(
      R"({"and":[{"path":"provider","in":["stripe","github"]},{"not":{"path":"created_at","gte":"2023-01-01"}}]})");
  const std::string head =
      "query      "
      "{\"and\":[{\"not\":{\"path\":\"created_at\",\"gte\":\"2023-01-01T00:00:00Z\",\"as\":\"time\"}},"
      "{\"path\":\"provider\",\"in\":[\"github\",\"stripe\"]}]}\n"
      "filter     and: 1 record\n";
  const Catalog fresh = *Catalog::load(catalog().find(Query()).json());
  const std::string first = fresh.explain(query);
  EXPECT_TRUE(first.starts_with(head)) << first;
  EXPECT_THAT(first, testing::HasSubstr("(ordered view, made now in "));
  EXPECT_EQ(fresh.explain(query),
            head +
                "             not: 3 records\n"
                "               {\"path\":\"created_at\",\"gte\":\"2023-01-01T00:00:00Z\",\"as\":\"time\"}: "
                "2 records (ordered view)\n"
                "             {\"path\":\"provider\",\"in\":[\"github\",\"stripe\"]}: 3 records\n"
                "answer     1 record in 1 segment\n");
  EXPECT_THAT(fresh.explain(*Query::from_filter(R"({"path":"created_at","substring":"3","as":"text"})")),
              testing::HasSubstr("0 records certain, 5 to recheck"));
}

}  // namespace
}  // namespace syncdex
