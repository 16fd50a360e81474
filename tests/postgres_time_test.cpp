// Times in PostgreSQL: what the function of the schema reads, and what filters of times select.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/postgres_fixture.h"
#include "syncdex/syncdex.h"

namespace syncdex {
namespace {

using test::Answer;
using test::judged;
using test::server;
using testing::ElementsAre;

class PostgresTime : public test::PostgresFilterTest {};

TEST_F(PostgresTime, ReadsTimes) {
  const struct {
    const char* text;
    const char* seconds;  // null: it is not a time
  } cases[] = {
      {"2023-12-15", "1702598400"},
      {"2023-12-15T01:29", "1702603740"},
      {"2023-12-15T01:29:29", "1702603769"},
      {"2023-12-15t01:29:29z", "1702603769"},
      {"2023-12-15 01:29:29Z", "1702603769"},
      {"2023-12-15 01:29Z", "1702603740"},
      {"2023-12-15T01:29:29.5", "1702603769.5"},
      {"2023-12-15T01:29:29.000000001Z", "1702603769.000000001"},
      {"2023-12-15T01:29:29.123456789+00:00", "1702603769.123456789"},
      {"2023-12-15T01:29:29+01", "1702600169"},
      {"2023-12-15T01:29:29+0130", "1702598369"},
      {"2023-12-15T01:29:29+01:30", "1702598369"},
      {"2023-12-15T01:29:29-01:30", "1702609169"},
      {"2023-12-15T01:29-23:59", "1702690080"},
      {"2023-12-15T00:00:00-00:00", "1702598400"},
      {"1970-01-01", "0"},
      {"1969-12-31T23:59:59.25Z", "-0.75"},
      {"1969-12-31T23:59:58.999999999Z", "-1.000000001"},
      {"2024-02-29", "1709164800"},
      {"2000-02-29", "951782400"},
      {"1900-03-01", "-2203891200"},
      {"0000-01-01", "-62167219200"},
      {"0000-01-01T00:00:00+23:59", "-62167305540"},
      {"0000-02-29T00:00:00Z", "-62162121600"},
      {"0000-03-01", "-62162035200"},
      {"9999-12-31T23:59:59.999999999Z", "253402300799.999999999"},
      {"9999-12-31T23:59-23:59", "253402387080"},
      {"2023-02-29", nullptr},
      {"1900-02-29", nullptr},
      {"2024-02-30", nullptr},
      {"2023-04-31", nullptr},
      {"2023-13-01", nullptr},
      {"2023-00-01", nullptr},
      {"2023-01-00", nullptr},
      {"2023-01-32", nullptr},
      {"2023-12-15T24:00", nullptr},
      {"2023-12-15T23:60", nullptr},
      {"2023-12-15T23:59:60", nullptr},
      {"2023-12-15T01", nullptr},
      {"2023-12-15T", nullptr},
      {"2023-12-15Z", nullptr},
      {"2023-12-15+01:00", nullptr},
      {"2023-12-15  01:29", nullptr},
      {"2023-12-15T01:29.5", nullptr},
      {"2023-12-15T01:29:29.", nullptr},
      {"2023-12-15T01:29:29,5", nullptr},
      {"2023-12-15T01:29:29.0000000001", nullptr},
      {"2023-12-15T01:29:29 Z", nullptr},
      {"2023-12-15T01:29:29ZZ", nullptr},
      {"2023-12-15T01:29:29+24:00", nullptr},
      {"2023-12-15T01:29:29+01:60", nullptr},
      {"2023-12-15T01:29:29+1", nullptr},
      {"2023-12-15T01:29:29+01:", nullptr},
      {"2023-12-15T01:29:29+01:3", nullptr},
      {"2023-12-15T01:29:29+01:30:00", nullptr},
      {" 2023-12-15", nullptr},
      {"2023-12-15 ", nullptr},
      {"2023-12-15\\n", nullptr},
      {"2023-12-15\\nT01:29", nullptr},
      {"2023-12-15T01:29:29Z\\n", nullptr},
      {"\\n2023-12-15", nullptr},
      {"10000-01-01", nullptr},
      {"-0001-01-01", nullptr},
      {"23-12-15", nullptr},
      {"20231215T012929Z", nullptr},
      {"2023-12-1\xD9\xA5", nullptr},  // a digit, but not of ASCII
      {"2023-12-1\xEF\xBC\x95", nullptr},
      {"infinity", nullptr},
      {"now", nullptr},
      {"", nullptr},
  };
  std::string array = "[";
  for (const auto& c : cases) {
    const std::string id = std::to_string(&c - cases);
    array += (id == "0" ? "" : ",") + std::string(R"({"id":")") + id + R"(","created_at":")" + c.text + "\"}";
    const Answer seconds = server().run("SELECT syncdex_time($1::jsonb) = $2::numeric",
                                        {std::string("\"") + c.text + '"', c.seconds ? c.seconds : "0"});
    ASSERT_TRUE(seconds.good()) << seconds.error();
    EXPECT_THAT(seconds.column(0), ElementsAre(c.seconds ? "t" : "")) << c.text;
  }
  load(array + R"(,{"id":"null","created_at":null},{"id":"number","created_at":1702598400},
                   {"id":"list","created_at":["2023-12-15"]},{"id":"none"}])");
  // Each against each.
  for (const auto& c : cases) {
    if (c.seconds == nullptr) continue;
    for (const char* op : {"eq", "gt", "gte", "lt", "lte"}) {
      answer_and_rest(std::string(R"({"path":"created_at",")") + op + "\":\"" + c.text + "\"}");
    }
  }
  EXPECT_EQ(answer(R"({"path":"created_at","eq":"2023-12-15T02:29:29+01:00"})"), "2 3 4");
  EXPECT_EQ(
      answer(R"({"path":"created_at","gt":"2023-12-15T01:29:29Z","lt":"2023-12-15T01:29:29.000000002Z"})"),
      "7");
  EXPECT_EQ(answer(R"({"path":"created_at","eq":null})"), "null");
  EXPECT_EQ(answer(R"({"path":"created_at","in":[null,"1970-01-01T01:00+01"]})"), "15 null");
  EXPECT_EQ(answer(R"({"path":"created_at","in":[null,"1970-01-01"],"gte":"1970-01-01"})"), "15");
  EXPECT_EQ(answer(R"({"path":"created_at","eq":null,"kind":"null"})"), "null");
  EXPECT_EQ(answer(R"({"path":"created_at","prefix":"0000-0","as":"text"})"), "21 22 23 24");
  EXPECT_EQ(answer(R"({"path":"created_at[]","eq":"2023-12-15T00:00Z","as":"time"})"), "list");
  EXPECT_EQ(answer(R"({"path":"created_at","lt":"0000-01-01"})"), "22");
  EXPECT_EQ(answer(R"({"path":"created_at","gt":"9999-12-31T23:59:59.999999999Z"})"), "26");
}

TEST_F(PostgresTime, TimesFollowTheCalendar) {
  // The first and the last day of each month of the years 1 to 9999, by PostgreSQL's own calendar.
  const Answer wrong = server().run(R"(
      SELECT day FROM (
        SELECT (timestamp '0001-01-01' + make_interval(months => m) + make_interval(days => d))::date AS day
        FROM generate_series(0, 9999 * 12 - 13) AS m, generate_series(-1, 0) AS d WHERE m > 0 OR d = 0) AS days
      WHERE syncdex_time(to_jsonb(to_char(day, 'YYYY-MM-DD'))) IS DISTINCT FROM
            extract(epoch FROM day::timestamp)::numeric)");
  ASSERT_TRUE(wrong.good()) << wrong.error();
  EXPECT_THAT(wrong.column(0), testing::IsEmpty());
}

// The function is made and used under settings that change how texts are read.
TEST_F(PostgresTime, DoesNotDependOnSettings) {
  load(R"([{"id":"1","created_at":"2023-12-15 01:29:29.5"},{"id":"2","created_at":"2023-12-15 01:29:29x5"},
           {"id":"3","created_at":"2023-12-15T01:29:29.5+01:00"},{"id":"4","name":"a\\b\"c"}])");
  const char* const settings[] = {
      "standard_conforming_strings = off", "DateStyle = 'SQL, DMY'", "TimeZone = 'Asia/Kathmandu'",
      "IntervalStyle = 'sql_standard'",    "backslash_quote = off",  "extra_float_digits = -15"};
  for (const char* setting : settings) ASSERT_TRUE(server().run(std::string("SET ") + setting).good());
  EXPECT_TRUE(server().run(postgres_schema({.table = "other"})).good());
  EXPECT_EQ(answer(R"({"path":"created_at","gte":"2023-12-15T01:29:29Z"})"), "1");
  EXPECT_EQ(answer(R"({"path":"created_at","lt":"2023-12-15T00:29:29.500000001Z"})"), "3");
  EXPECT_EQ(answer(R"({"path":"name","prefix":"a\\b\""})"), "4");
  EXPECT_EQ(answer(R"({"path":"name","suffix":"\\b\"c"})"), "4");
  EXPECT_TRUE(server().run("RESET ALL; DROP TABLE other").good());
}

TEST_F(PostgresTime, TwoTablesFitIntoOneDatabase) {
  const PostgresOptions other{.table = "other"};
  const Answer made = server().run(postgres_schema(other));
  ASSERT_TRUE(made.good()) << made.error();
  ASSERT_TRUE(server().run(postgres_upsert(other), {R"({"id":"1","updated_at":"2024-01-01"})"}).good());
  const Query query = *Query::from_filter(R"({"path":"updated_at","lte":"2024-01-01"})");
  EXPECT_THAT(judged(*to_postgres(query, other)), ElementsAre("1"));
  EXPECT_TRUE(judged(*to_postgres(query)).empty());
  EXPECT_TRUE(server().run("DROP TABLE other").good());
}

}  // namespace
}  // namespace syncdex
