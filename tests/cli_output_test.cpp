// Runs the tool as a process: what it prints for people, in each form.
#include "support/cli_fixture.h"

namespace {

using syncdex::test::Outcome;
using syncdex::test::read_file;
using Cli = syncdex::test::Cli;

TEST_F(Cli, ExplainsVerifiesAndCounts) {
  const std::string f = file("s.json", records_);
  EXPECT_NE(run({f, "provider=stripe", "--explain"}).out.find("driver     provider = \"stripe\": 2 records"),
            std::string::npos);
  EXPECT_EQ(run({f, "provider=stripe", "--verify"}).out, "equal: 2\n");
  const std::string stats = run({f, "--stats"}).out;
  for (const char* line :
       {"records                    3\n", "segments                   1\n", "providers                  2\n",
        "text                  0.0 MB   1.00 x the text\n", "record table ", "posting lists ", "all ",
        "load ", "MB/s\n"}) {
    EXPECT_NE(stats.find(line), std::string::npos) << line;
  }
}

TEST_F(Cli, EscapesInvisibleCharacters) {
  const std::string f = file("s.json",
                             "[{\"id\":\"a\xE2\x80\xAE\",\"name\":\"invoice-\xE2\x80\xAEgnp.exe\","
                             "\"provider\":\"\xF3\xA0\x81\x81\"}]");
  EXPECT_EQ(run({f, "--ids"}).out, "\"a\\u202e\"\n");
  const std::string table = run({f, "--format", "table"}).out;
  EXPECT_NE(table.find("invoice-\\u202egnp.exe"), std::string::npos) << table;
  EXPECT_NE(table.find("\\U000e0041"), std::string::npos) << table;
  EXPECT_EQ(run({f, "--queries", "-"}, "\n").out, "{\"count\":1,\"ids\":[\"a\\u202e\"]}\n");
  EXPECT_EQ(run({f, "name=\xE2\x80\xAEx"}).err.find("\xE2\x80\xAE"), std::string::npos);
  const std::string explained = run({f, "name=\xE2\x80\xAEx", "--explain"}).out;
  EXPECT_EQ(explained.find("\xE2\x80\xAE"), std::string::npos);
  EXPECT_NE(explained.find("\\u202e"), std::string::npos) << explained;
}

TEST_F(Cli, PrintsFacetsAndPaths) {
  const std::string f = file("s.json", records_);
  EXPECT_EQ(run({f, "--facets"}).out,
            "3 records\n"
            "\nrecords  provider\n      2  stripe\n      1  github\n"
            "\nrecords  status\n      1  active\n      2  (null or absent)\n"
            "\nrecords  health.status\n      1  ok\n      2  (null or absent)\n"
            "\nrecords  coverage  values  path           kinds     values (records), if few\n"
            "      1      33 %       -  health         1 object\n"
            "      1      33 %       1  health.status  1 string  \"ok\" (1)\n"
            "      3     100 %       3  id             3 string  \"a\" (1), \"b\" (1), \"c\\nd\" (1)\n"
            "      2      67 %       -  metadata       2 object\n"
            "      2      67 %       1  metadata.n     2 number  42 (2)\n"
            "      1      33 %       -  metadata.t     1 array\n"
            "      1      33 %       1  metadata.t[]   1 string  \"x\" (1)\n"
            "      1      33 %       1  name           1 string  \"A b\" (1)\n"
            "      3     100 %       2  provider       3 string  \"stripe\" (2), \"github\" (1)\n"
            "      1      33 %       1  status         1 string  \"active\" (1)\n");
  EXPECT_NE(run({f, "status=active", "--facets"}).out.find("1     100 %       1  status"), std::string::npos);
  EXPECT_EQ(run({f, "provider=github", "--facets"}).out.substr(0, 47),
            "1 record\n\nrecords  provider\n      1  github\n\nre");
  EXPECT_EQ(run({file("e.json", "[]"), "--facets"}).status, 0);
}

TEST_F(Cli, ExplainsWhyARecordDoesNotMatch) {
  const std::string f = file("s.json", records_);
  EXPECT_EQ(run({f, "--why", "b", "metadata={\"n\":41}"}).out, "metadata.n: wanted 41, found 42.0\n");
  EXPECT_EQ(run({f, "--why", "b", "metadata={\"t\":[\"y\"]}"}).out,
            "metadata.t: no element contains \"y\"; found [\"x\"]\n");
  EXPECT_EQ(run({f, "--why", "b"}).out, "it matches\n");
  EXPECT_EQ(run({f, "--why", "nobody"}).out, "no record has this id\n");
}

TEST_F(Cli, PrintsAHintWhenNothingMatches) {
  const std::string f = file("s.json", records_);
  for (const char* form : {"--ids", "--count", "--format=table", "--format=json"}) {
    const Outcome r = run({f, "metadata={\"n\":\"42\"}", form});
    EXPECT_EQ(r.status, 0);
    EXPECT_EQ(r.err, "syncdex: no record has metadata.n = \"42\" (a string); 2 have the number 42\n") << form;
  }
  EXPECT_EQ(run({f, "metadata={\"n\":42}"}).err, "");
  EXPECT_EQ(run({f, "name=x%1b[31m", "--count"}).err.find('\x1b'), std::string::npos);
}

TEST_F(Cli, PrintsTables) {
  const std::string f = file("s.json", records_);
  EXPECT_EQ(run({f, "--format", "table"}).out,
            "id      name  provider  status  health.status  metadata\n"
            "a       A b   stripe    active  ok             {\"n\":42}\n"
            "b             github                           {\"n\":42.0,\"t\":[\"x\"]}\n"
            "c\\x0ad        stripe\n"
            "3 records\n");
  const std::string wide = "[{\"id\":\"\u00e9\",\"name\":\"" + std::string(90, 'x') +
                           "\",\"metadata\":{\n  \"a\":\t1}},{\"id\":\"e\u009b31m\\u001b[31m\"}]";
  const std::string out = run({file("w.json", wide), "--format", "table"}).out;
  EXPECT_EQ(out.find('\x1b'), out.npos);
  EXPECT_NE(out.find(std::string(59, 'x') + "… "), out.npos) << out;
  EXPECT_NE(out.find("{ \"a\": 1}"), out.npos) << out;
}

TEST_F(Cli, TablesHaveTheColumnsThatAreAskedFor) {
  const std::string f = file("s.json", records_);
  EXPECT_EQ(run({f, "--format", "table", "--columns", "id,metadata.n,metadata.\"a,b\""}).out,
            "id      metadata.n  metadata.\"a,b\"\na       42\nb       42.0\nc\\x0ad\n3 records\n");
  EXPECT_EQ(run({f, "--columns", "id"}).status, 2);
  EXPECT_EQ(run({f, "--format", "table", "--columns", "a..b"}).status, 2);
}

// script(1) gives the tool a terminal.
TEST_F(Cli, TablesFitTheTerminal) {
  const std::string f =
      file("w.json", "[{\"id\":\"1\",\"name\":\"\u65e5\u672c\u8a9e\u65e5\u672c\u8a9e" + std::string(60, 'x') +
                         "\",\"metadata\":{\"n\":\"" + std::string(300, 'y') + "\"}}]");
  for (const int width : {80, 140}) {
    const std::string out = (dir_ / "typescript").string();
    const std::string command = "script -qec 'stty cols " + std::to_string(width) +
                                "; NO_COLOR=1 " SYNCDEX_TOOL " " + f + " --format table' /dev/null > " + out +
                                " < /dev/null";
    if (std::system(command.c_str()) != 0) GTEST_SKIP() << "no script(1)";
    std::istringstream lines(read_file(out));
    for (std::string line; std::getline(lines, line);) {
      // Wide characters have three bytes and two columns.
      const auto bytes = static_cast<int>(line.size());
      const auto wide = static_cast<int>(std::ranges::count(line, '\xE6') + std::ranges::count(line, '\xE8'));
      EXPECT_LE(bytes - wide, width + 1) << line;
    }
  }
}

TEST_F(Cli, PrintsLinesAndPrettyJson) {
  const std::string f =
      file("p.json", "[{\"id\":\"1\",\n\"a\":[ ],\"b\":{\"c\":[1.50,\"x:,{}\\\"\"]}},{\"id\":\"2\"}]");
  EXPECT_EQ(run({f, "--format", "ndjson"}).out,
            "{\"id\":\"1\", \"a\":[ ],\"b\":{\"c\":[1.50,\"x:,{}\\\"\"]}}\n{\"id\":\"2\"}\n");
  EXPECT_EQ(
      run({f, "id=1", "--format", "pretty"}).out,
      "{\n  \"data\": [\n    {\n      \"id\": \"1\",\n      \"a\": [],\n      \"b\": {\n        \"c\": [\n"
      "          1.50,\n          \"x:,{}\\\"\"\n        ]\n      }\n    }\n  ]\n}\n");
}

TEST_F(Cli, FacetsCutLongLists) {
  std::string text;
  for (int i = 0; i < 1'045; ++i) {
    text += "{\"id\":\"" + std::to_string(i) + "\",\"provider\":\"p" + std::to_string(i % 45) +
            "\",\"metadata\":{\"b\":" + (i % 2 == 0 ? "true" : "null") + ",\"long\":\"" +
            std::string(80, 'x') + "\",\"o\":{\"a\":[1]}}}\n";
  }
  const std::string out = run({file("many.json", text), "--facets"}).out;
  EXPECT_EQ(out.substr(0, 14), "1,045 records\n");
  EXPECT_NE(out.find("(5 more values)"), out.npos) << out;
  EXPECT_NE(out.find("true (523), null (522)"), out.npos) << out;
  EXPECT_NE(out.find("523 boolean, 522 null"), out.npos) << out;
  EXPECT_NE(out.find("\"" + std::string(22, 'x') + "… (1,045)"), out.npos) << out;
  EXPECT_NE(
      run({file("many.json", text), "--summary", "metadata.b"}).out.find("booleans  523\nnulls     522\n"),
      out.npos);
  EXPECT_NE(run({file("many.json", text), "--summary", "metadata.o"}).out.find("objects   1045\n"), out.npos);
  EXPECT_EQ(
      run({file("many.json", text), "--format", "table", "--limit", "1", "--columns", "metadata.o"}).out,
      "metadata.o\n{\"a\":[1]}\n1 record\n");
}

TEST_F(Cli, SaysHowLongItTook) {
  const Outcome r = run({file("s.json", records_), "--count", "--time"});
  EXPECT_EQ(r.out, "3\n");
  EXPECT_NE(r.err.find("3 records: read in "), std::string::npos) << r.err;
  EXPECT_NE(r.err.find("answered in "), std::string::npos) << r.err;
}

TEST_F(Cli, PrintsFigures) {
  const std::string f = file("figures.json", R"([
    {"id":"1","provider":"stripe","created_at":"2023-12-15","metadata":{"n":4}},
    {"id":"2","provider":"stripe","created_at":"2024-01-02","metadata":{"n":12.5}},
    {"id":"3","provider":"a\u001b[31m","created_at":"2024-01-31","metadata":{"n":"x"}},{"id":"4"}])");
  EXPECT_EQ(run({f, "--values", "provider"}).out,
            "           2  \"stripe\"\n           1  \"a\\u001b[31m\"\n");
  EXPECT_EQ(run({f, "provider=stripe", "--summary", "metadata.n"}).out,
            "records   2\nnumbers   2\nmin       4\nmax       12.5\nsum       16.5\n");
  EXPECT_EQ(
      run({f, "--summary", "metadata.n"}).out,
      "records   4\nnumbers   2\nstrings   1\nnone      1\nmin       4\nmax       \"x\"\nsum       16.5\n");
  EXPECT_EQ(run({f, "--histogram", "metadata.n", "--step", "5"}).out,
            " 0            1\n 5            0\n10            1\n(other)            2\n");
  EXPECT_EQ(run({f, "--histogram", "created_at", "--step", "month"}).out,
            "\"2023-12-01T00:00:00Z\"            1\n\"2024-01-01T00:00:00Z\"            2\n"
            "               (other)            1\n");
  EXPECT_EQ(run({f, "--histogram", "metadata.n"}).status, 2);
  EXPECT_EQ(run({f, "--step", "5"}).status, 2);
  EXPECT_EQ(run({f, "--histogram", "metadata.n", "--step", "0"}).status, 2);
  EXPECT_EQ(run({f, "--values", "a..b"}).status, 2);
  EXPECT_EQ(run({f, "--values", "provider", "--count"}).status, 2);
}

TEST_F(Cli, OrdersAnswers) {
  const std::string f = file("order.json", R"([
    {"id":"1","created_at":"2023-12-15"},{"id":"2"},{"id":"3","created_at":"2024-01-31"}])");
  EXPECT_EQ(run({f, "--order=-created_at", "--ids"}).out, "3\n1\n2\n");
  EXPECT_EQ(run({f, "--order", "created_at,id", "--ids"}).out, "1\n3\n2\n");
  EXPECT_EQ(run({f, "order=-created_at&limit=1", "--ids"}).out, "3\n");
  EXPECT_EQ(run({f, "--order", "created_at"}).err, "");
  EXPECT_EQ(run({f, "--order", "created_at,creatd_at", "--ids"}).err,
            "syncdex: no record has creatd_at; did you mean created_at?\n");
  EXPECT_NE(run({f, "--values", "metadata.teir"}).err.find("no record has metadata.teir"), std::string::npos);
  EXPECT_NE(run({f, "--order", "tags[]"}).err.find("(byte 0)"), std::string::npos);
  EXPECT_EQ(run({f, "--order", "tags[]"}).status, 2);
  EXPECT_NE(run({"/no/such", "order=-created_at", "--sql"}).out.find("ORDER BY created_time DESC"),
            std::string::npos);
}

TEST_F(Cli, PrintsSql) {
  EXPECT_EQ(run({"/no/such/file", "provider=stripe&limit=3", "--sql"}).out,
            "SELECT id, doc FROM \"syncs\" WHERE doc @> $1::jsonb ORDER BY position LIMIT 3;\n"
            "-- $1 = {\"provider\":\"stripe\"}\n");
  EXPECT_EQ(run({"-", "metadata={\"a\":\"\\u0000\"}", "--sql"}).status, 2);
  EXPECT_NE(run({"-", "name=%C2%9B31m%7F%1B", "--sql"}).out.find(R"({"name":"\u009b31m\u007f\u001b"})"),
            std::string::npos);
}

// Output is coloured only on a terminal, and not if NO_COLOR is set.
TEST_F(Cli, ColoursOnlyTerminalOutput) {
  const std::string f = file("s.json", records_);
  const auto on_terminal = [&](const std::string& environment) {
    const std::string out = (dir_ / "typed").string();
    const std::string command = "script --quiet --return --command '" + environment + " " + SYNCDEX_TOOL +
                                " " + f + " --facets' /dev/null > " + out + " < /dev/null";
    return std::system(command.c_str()) == 0 ? read_file(out) : "";
  };
  const std::string seen = on_terminal("env");
  if (seen.empty()) GTEST_SKIP() << "there is no script(1)";
  EXPECT_NE(seen.find("\x1b[1mrecords  provider\x1b[0m"), seen.npos) << seen;
  EXPECT_EQ(on_terminal("env NO_COLOR=1").find('\x1b'), seen.npos);
  EXPECT_EQ(run({f, "--facets"}).out.find('\x1b'), seen.npos);
}

}  // namespace
