// Runs the tool as a process. Its behaviour is a contract.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace {

struct Outcome {
  int status;
  std::string out;
  std::string err;
};

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class Cli : public testing::Test {
 protected:
  Cli() {
    std::string name = (std::filesystem::temp_directory_path() / "syncdex-cli-XXXXXX").string();
    dir_ = ::mkdtemp(name.data());
  }
  ~Cli() override { std::filesystem::remove_all(dir_); }

  std::string file(const std::string& name, const std::string& content) {
    std::ofstream(dir_ / name, std::ios::binary) << content;
    return (dir_ / name).string();
  }

  Outcome run(std::vector<std::string> args, const std::string& input = "", const char* out_path = nullptr) {
    args.insert(args.begin(), SYNCDEX_TOOL);
    const std::string in = file("stdin", input);
    const std::string out = out_path != nullptr ? out_path : (dir_ / "stdout").string();
    const std::string err = (dir_ / "stderr").string();
    const pid_t child = ::fork();
    if (child == 0) {
      const auto redirect = [](const std::string& path, int flags, int to) {
        const int fd = ::open(path.c_str(), flags, 0600);
        ::dup2(fd, to);
      };
      redirect(in, O_RDONLY, 0);
      redirect(out, O_WRONLY | O_CREAT | O_TRUNC, 1);
      redirect(err, O_WRONLY | O_CREAT | O_TRUNC, 2);
      std::vector<char*> argv;
      for (std::string& arg : args) argv.push_back(arg.data());
      argv.push_back(nullptr);
      ::execv(argv[0], argv.data());
      ::_exit(127);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
            out_path != nullptr ? "" : read_file(out), read_file(err)};
  }

  const std::string records_ =
      R"([{"id":"a","provider":"stripe","name":"A b","status":"active","health":{"status":"ok"},"metadata":{"n":42}},)"
      R"({"id":"b","provider":"github","metadata":{"n":42.0,"t":["x"]}},{"id":"c\nd","provider":"stripe"}])";
  std::filesystem::path dir_;
};

TEST_F(Cli, PrintsTheResponse) {
  const std::string f = file("s.json", records_);
  const Outcome r = run({f, "provider=github"});
  EXPECT_EQ(r.status, 0);
  EXPECT_EQ(r.out,
            "{\"data\":[{\"id\":\"b\",\"provider\":\"github\",\"metadata\":{\"n\":42.0,\"t\":[\"x\"]}}]}\n");
  EXPECT_EQ(r.err, "");
  EXPECT_EQ(run({f, "provider=nobody"}).out, "{\"data\":[]}\n");
  EXPECT_EQ(run({"-", "id=b"}, records_).out, r.out);
  EXPECT_EQ(run({"-"}, "[]").out, "{\"data\":[]}\n");
}

TEST_F(Cli, FlagsSetRequestParameters) {
  const std::string f = file("s.json", records_);
  EXPECT_EQ(run({f, "--provider", "stripe", "--count"}).out, "2\n");
  EXPECT_EQ(run({f, "--provider=stripe", "--status", "active", "--ids"}).out, "a\n");
  EXPECT_EQ(run({f, "--name", "A b", "--health-status", "ok", "--count"}).out, "1\n");
  EXPECT_EQ(run({f, "--metadata", R"({"n":42})", "--count"}).out, "2\n");
  EXPECT_EQ(run({f, "--metadata", R"({"n":42})", "--metadata", R"({"t":["x"]})", "--count"}).out, "1\n");
  EXPECT_EQ(run({f, "--where", R"({"metadata":{"t":[]}})", "--count"}).out, "1\n");
  EXPECT_EQ(run({f, "provider=stripe", "--provider", "stripe", "--count"}).out, "2\n");
  const Outcome repeated = run({f, "provider=stripe", "--provider", "github"});
  EXPECT_EQ(repeated.status, 2);
  EXPECT_EQ(
      repeated.err,
      "syncdex: query: provider: the parameter is given twice, with different values; for one of several, "
      "repeat provider[in] (byte 0)\n");
  EXPECT_EQ(run({f, "--provider", "a", "--provider", "b"}).status, 2);
  EXPECT_EQ(run({f, "--metadata", R"({"n":x})"}).err,
            "syncdex: query: metadata: a JSON value is expected (byte 5)\n");
}

TEST_F(Cli, ErrorOffsetsReferToTheArgument) {
  const std::string f = file("s.json", records_);
  EXPECT_NE(run({f, "metadata={", "--provider", "x"}).err.find("(byte 10)"), std::string::npos);
  EXPECT_NE(run({f, "--provider", "aaaaaaaa", "--provider", "b"}).err.find("(byte 0)"), std::string::npos);
  EXPECT_NE(run({f, "--metadata", R"({"n":)", "--provider", "b"}).err.find("(byte 5)"), std::string::npos);
}

TEST_F(Cli, AcceptsEmptyValues) {
  const std::string f = file("s.json", records_);
  EXPECT_EQ(run({f, "--name=", "--count"}).out, "0\n");
  EXPECT_EQ(run({f, "--name", "", "--count"}).out, "0\n");
  EXPECT_EQ(run({f, "--count=false"}).status, 2);
  EXPECT_EQ(run({f, "", "--queries", "-"}).status, 2);
}

// A stderr that cannot be written does not change the exit status, and quoted text cannot control the
// terminal.
TEST_F(Cli, StandardErrorMayFailAndIsEscaped) {
  const std::string bad = file("bad.json", R"([{"id":"1"},{"x":1}])");
  const std::string tool = SYNCDEX_TOOL;
  const auto status = [](const std::string& command) { return WEXITSTATUS(std::system(command.c_str())); };
  EXPECT_EQ(status(tool + " " + bad + " 2>/dev/full"), 1);
  EXPECT_EQ(status(tool + " " + bad + " --skip-bad 2>/dev/full >/dev/null"), 0);
  EXPECT_EQ(status(tool + " --help >/dev/full"), 1);
  const Outcome r = run({file("s.json", records_), "a%0Ab%1b[31m=1"});
  EXPECT_EQ(r.err,
            "syncdex: query: a\\x0ab\\x1b[31m: no such parameter; known are provider, name, health.status, "
            "metadata, status, id, org_id, stream_id, external_id, credential_id, sync_frequency, "
            "collection_ids, where, filter, order, limit, after (byte 0)\n");
}

TEST_F(Cli, IdsAreDecodedAndEscaped) {
  const std::string f = file("s.json", records_);
  EXPECT_EQ(run({f, "--ids"}).out, "a\nb\n\"c\\u000ad\"\n");
  EXPECT_EQ(run({f, "--ids", "--limit", "1"}).out, "a\n");
}

TEST_F(Cli, Pages) {
  const std::string f = file("s.json", records_);
  const Outcome first = run({f, "--limit", "2", "provider=stripe", "--limit", "2"});
  EXPECT_EQ(first.status, 0);
  EXPECT_NE(first.out.find(R"("has_more":false})"), std::string::npos);
  const Outcome page = run({f, "limit=1"});
  const auto at = page.out.find("\"next\":\"") + 8;
  const std::string cursor = page.out.substr(at, page.out.find('"', at) - at);
  EXPECT_EQ(run({f, "limit=1", "--after", cursor, "--ids"}).out, "b\n");
  const Outcome stale = run({file("t.json", "[{\"id\":\"x\"}]"), "--after", cursor});
  EXPECT_EQ(stale.status, 2);
  EXPECT_EQ(stale.out, "");
  EXPECT_EQ(stale.err,
            "syncdex: query: after: the list has been replaced since the cursor's page: start again from the "
            "first page\n");
}

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

TEST_F(Cli, RunsABatchOfQueries) {
  const std::string f = file("s.json", records_);
  const std::string lines =
      "provider=stripe\n\n{\"provider\":\"github\"}\nprovder=x\n{\"a\":}\nlimit=1&provider=stripe\nname=%\n";
  const Outcome r = run({f, "--queries", "-"}, lines);
  EXPECT_EQ(r.status, 2);
  EXPECT_EQ(r.err, "");
  const std::string head =
      "{\"count\":2,\"ids\":[\"a\",\"c\\u000ad\"]}\n"
      "{\"count\":3,\"ids\":[\"a\",\"b\",\"c\\u000ad\"]}\n"
      "{\"count\":1,\"ids\":[\"b\"]}\n"
      "{\"error\":{\"code\":\"unknown_parameter\",\"message\":\"no such parameter; did you mean provider? "
      "known are "
      "provider, name, health.status, metadata, status, id, org_id, stream_id, external_id, credential_id, "
      "sync_frequency, collection_ids, where, filter, order, limit, "
      "after\",\"parameter\":\"provder\",\"offset\":0}}\n"
      "{\"error\":{\"code\":\"invalid_pattern\",\"message\":\"a JSON value is "
      "expected\",\"parameter\":\"where\",\"offset\":5}}\n"
      "{\"ids\":[\"a\"],\"has_more\":true,\"next\":\"2.";
  EXPECT_EQ(r.out.substr(0, head.size()), head);
  EXPECT_NE(r.out.find("\"code\":\"malformed_encoding\""), std::string::npos);
  EXPECT_EQ(run({f, "--queries", file("q", "provider=stripe\nprovider=github"), "--count"}).out,
            "{\"count\":2}\n{\"count\":1}\n");
  EXPECT_EQ(run({f, "--queries", file("q", ""), "--count"}).out, "");
  EXPECT_EQ(run({f, "--queries", file("q", "\n"), "--count", "--provider", "github"}).out, "{\"count\":1}\n");
  EXPECT_EQ(run({f, "--queries", file("q", "provider=stripe\n"), "--provider", "github", "--count"}).status,
            2);
  EXPECT_EQ(run({f, "--queries", file("q", "provider=stripe&limit=1\n"), "--count"}).out, "{\"count\":2}\n");
}

TEST_F(Cli, QueryFileMayBeginWithAByteOrderMark) {
  const std::string f = file("s.json", records_);
  EXPECT_EQ(
      run({f, "--queries", file("q", "\xEF\xBB\xBFprovider=stripe\n{\"provider\":\"stripe\"}\n"), "--count"})
          .out,
      "{\"count\":2}\n{\"count\":2}\n");
}

TEST_F(Cli, AcceptsAPatternAsTheQuery) {
  const std::string f = file("s.json", records_);
  EXPECT_EQ(run({f, R"({"provider":"stripe"})", "--count"}).out, "2\n");
  EXPECT_EQ(run({f, R"( {"provider":"stripe"})", "--status", "active", "--count"}).out, "1\n");
  EXPECT_EQ(run({f, R"({"provider":})"}).err, "syncdex: query: where: a JSON value is expected (byte 12)\n");
}

TEST_F(Cli, WarnsThatTheListIsIncomplete) {
  const std::string f = file("page.json", R"({"data":[{"id":"a"}],"has_more":true,"next":"cur"})");
  const Outcome r = run({f, "--count"});
  EXPECT_EQ(r.status, 0);
  EXPECT_EQ(r.out, "1\n");
  EXPECT_EQ(r.err, "syncdex: " + f + ": the list is incomplete: its envelope says that more follows\n");
}

TEST_F(Cli, LoadsEveryFraming) {
  EXPECT_EQ(run({file("pretty", "{\n  \"id\": \"a\"\n}\n{\n  \"id\": \"b\"\n}\n"), "--ids"}).out, "a\nb\n");
  const std::string items = file("items", R"({"success":true,"items":[{"id":"a"}]})");
  EXPECT_EQ(run({items, "--ids", "--records-key", "items"}).out, "a\n");
  EXPECT_EQ(run({items}).err,
            "syncdex: " + items +
                ":1: record 0: the record has no id; did you mean --records-key items? (byte 0)\n");
  const std::string lines = file("first", "{\"id\":\"a\"}x\n{\"id\":\"b\"}\n");
  const Outcome skipped = run({lines, "--skip-bad", "--ids"});
  EXPECT_EQ(skipped.out, "b\n");
  EXPECT_EQ(skipped.err, "syncdex: " + lines +
                             ":1: record 0: malformed_json: an array or an object is expected (byte 10)\n");
}

TEST_F(Cli, EveryLimitHasAFlag) {
  const std::string f = file("s.json", records_);
  const Outcome r = run({f, "--limit-record-bytes", "10"});
  EXPECT_EQ(r.status, 1);
  EXPECT_NE(r.err.find("the record is too large (limit record_bytes: 10)"), std::string::npos) << r.err;
  for (const char* name :
       {"input-bytes", "record-bytes", "records", "string-bytes", "depth", "number-digits", "exponent",
        "request-bytes", "parameters", "pattern-bytes", "pattern-leaves", "work"}) {
    const std::string flag = std::string("--limit-") + name;
    EXPECT_EQ(run({f, flag, "1000000", "--count"}).out, "3\n") << flag;
    EXPECT_EQ(run({f, flag, "x"}).status, 2) << flag;
    EXPECT_EQ(run({f, flag + "=-1"}).status, 2) << flag;
  }
  EXPECT_EQ(run({f, "provider=a&name=b", "--limit-parameters", "1"}).err,
            "syncdex: query: the request has too many parameters (limit parameters: 1) (byte 11)\n");
}

TEST_F(Cli, ReportsThatMoreRecordsFollow) {
  const std::string f = file("s.json", records_);
  for (const std::vector<std::string>& mode : {std::vector<std::string>{"--ids"}, {"--format", "table"}}) {
    std::vector<std::string> args = {f, "--limit", "2"};
    args.insert(args.end(), mode.begin(), mode.end());
    const Outcome r = run(args);
    const std::string said = "syncdex: more follow: --after ";
    ASSERT_TRUE(r.err.starts_with(said)) << r.err;
    args.insert(args.end(), {"--after", r.err.substr(said.size(), r.err.size() - said.size() - 1)});
    const Outcome rest = run(args);
    EXPECT_EQ(rest.status, 0);
    EXPECT_EQ(rest.err, "");
    EXPECT_NE(rest.out, "");
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

TEST_F(Cli, RejectsInvalidUsage) {
  const std::string f = file("s.json", records_);
  const std::vector<std::vector<std::string>> wrong = {
      {},
      {f, "--count", "--ids"},
      {f, "--explain", "--verify"},
      {f, "--stats", "--queries", "-"},
      {f, "a=b", "--queries", "-"},
      {"-", "--queries", "-"},
      {f, "--nonsense"},
      {f, "--input", "xml"},
      {f, "provder=x"},
      {f, "limit=0"},
      {f, "--limit", "x"},
      {f, "a", "b", "c"},
      {f, "--queries", "/nowhere"},
  };
  for (const auto& args : wrong) {
    const Outcome r = run(args);
    EXPECT_EQ(r.status, 2) << (args.empty() ? "" : args.back());
    EXPECT_EQ(r.out, "");
    EXPECT_TRUE(r.err.starts_with("syncdex: ")) << r.err;
  }
}

TEST_F(Cli, ReportsWhereTheInputIsInvalid) {
  const std::string f = file("bad.ndjson", "{\"id\":\"a\"}\n{\"id\":\"b\",\"provider\":7}\n{\"id\":\"c\"}\n");
  const Outcome r = run({f});
  EXPECT_EQ(r.status, 1);
  EXPECT_EQ(r.out, "");
  EXPECT_EQ(r.err, "syncdex: " + f + ":2: record 1: provider must be a string, found a number (byte 32)\n");
  const Outcome skipped = run({f, "--skip-bad", "--ids"});
  EXPECT_EQ(skipped.status, 0);
  EXPECT_EQ(skipped.out, "a\nc\n");
  EXPECT_EQ(
      skipped.err,
      "syncdex: " + f + ":2: record 1: wrong_type: provider must be a string, found a number (byte 32)\n");
  EXPECT_EQ(run({file("empty", "")}).status, 1);
  EXPECT_EQ(run({"/nowhere"}).err, "syncdex: /nowhere: cannot be read: No such file or directory\n");
  EXPECT_EQ(run({"-"}, "{\"id\":\"a\"}\n\"b\"").err,
            "syncdex: -:2: an array or an object is expected (byte 11)\n");
  EXPECT_EQ(run({"-", "--input", "ndjson", "--count"}, "{\"id\":\"a\"}\n{\"id\":\"b\"}").out, "2\n");
}

TEST_F(Cli, HelpAndVersion) {
  const Outcome help = run({"--help"});
  EXPECT_EQ(help.status, 0);
  for (const char* flag :
       {"--provider", "--name", "--status", "--health-status", "--metadata", "--where", "--limit", "--after",
        "--count", "--ids", "--explain", "--verify", "--stats", "--queries", "--input", "--skip-bad"}) {
    EXPECT_NE(help.out.find(flag), std::string::npos) << flag;
  }
  EXPECT_EQ(run({"--version"}).out, "syncdex 0.2.0\n");
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

TEST_F(Cli, TakesTheQueryOfAPastedUrl) {
  const std::string f = file("s.json", records_);
  EXPECT_EQ(run({f, "https://api.example.com/v1/syncs?provider=github#top", "--ids"}).out, "b\n");
  EXPECT_EQ(run({f, "/v1/syncs?provider=github", "--ids"}).out, "b\n");
  EXPECT_EQ(run({f, "http://x/v1/syncs", "--count"}).out, "3\n");
  EXPECT_NE(run({f, "/v1/syncs?id=1&x=1"}).err.find("(byte 15)"), std::string::npos);
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
  EXPECT_NE(run({"/no/such", "order=-created_at", "--sql"})
                .out.find("ORDER BY syncdex_time(doc -> 'created_at') DESC"),
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

TEST_F(Cli, CompletionKnowsEachFlag) {
  const auto complete = [&](const std::string& line) {
    const std::string out = (dir_ / "completed").string();
    const std::string script =
        file("c.sh",
             "compopt() { echo files; }\n. " SYNCDEX_COMPLETION "\nCOMP_WORDS=(" + line +
                 ")\nCOMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n_syncdex\nprintf '%s\\n' \"${COMPREPLY[@]}\"\n");
    return std::system(("bash " + script + " > " + out + " 2>&1").c_str()) == 0 ? read_file(out) : "failed";
  };
  EXPECT_EQ(complete("syncdex s.json --format t"), "table\n");
  EXPECT_EQ(complete("syncdex s.json --fa"), "--facets\n");
  EXPECT_EQ(complete("syncdex s.js").substr(0, 5), "files");
  EXPECT_EQ(complete("syncdex s.json --provider s"), "\n");
  const std::string all = complete("syncdex --");
  std::istringstream help(run({"--help"}).out);
  std::size_t flags = 0;
  for (std::string word; help >> word;) {
    if (!word.starts_with("--") || word.size() < 4) continue;
    word.resize(std::min(word.find('='), word.size()));
    while (!word.empty() && !(std::isalpha(static_cast<unsigned char>(word.back())) != 0)) word.pop_back();
    EXPECT_NE(all.find(word + "\n"), all.npos) << word;
    ++flags;
  }
  EXPECT_GT(flags, 20u);
}

// The lines of README.md, as they stand there.
TEST_F(Cli, TheReadmesLinesWork) {
  const std::string readme = read_file(SYNCDEX_SOURCE_DIR "/README.md");
  const std::size_t section = readme.find("## The tool");
  const std::size_t begin = readme.find("```sh\n", section) + 6;
  std::istringstream lines(readme.substr(begin, readme.find("```\n", begin) - begin));
  std::size_t n = 0;
  for (std::string line; std::getline(lines, line); ++n) {
    ASSERT_TRUE(line.starts_with("syncdex ")) << line;
    const std::string out = (dir_ / "out").string();
    const std::string command = "cd " SYNCDEX_SOURCE_DIR " && " SYNCDEX_TOOL +
                                line.substr(7, line.find("  #") - 7) + " > " + out + " 2>&1 < /dev/null";
    EXPECT_EQ(std::system(command.c_str()), 0) << line;
    EXPECT_FALSE(read_file(out).empty()) << line;
    const std::size_t said = line.find("  # status: ");
    if (said != line.npos) {
      EXPECT_EQ(read_file(out), line.substr(said + 4) + "\n");
    }
  }
  EXPECT_EQ(n, 9U);
  const Outcome hint =
      run({SYNCDEX_SOURCE_DIR "/data/demo.ndjson", "--metadata", R"({"custom_property":"7"})"});
  std::string text = readme.substr(readme.find("`no record has metadata.custom_property") + 1);
  text.resize(text.find('`'));
  std::ranges::replace(text, '\n', ' ');
  EXPECT_EQ(hint.err, "syncdex: " + text + "\n");
}

// The help is what the manual page and the completion of zsh must agree with.
TEST_F(Cli, HelpManualAndCompletionAgree) {
  const std::string help = run({"--help"}).out;
  EXPECT_EQ(run({"--man"}).out, read_file(SYNCDEX_MANUAL)) << "syncdex --man > src/cli/syncdex.1";
  const std::string zsh = read_file(SYNCDEX_ZSH_COMPLETION);
  std::istringstream lines(help);
  std::size_t flags = 0;
  for (std::string line; std::getline(lines, line);) {
    EXPECT_LE(line.size(), 80U) << line;
    const std::size_t at = line.find("--");
    if (at != 2 && !line.starts_with("  -h, --")) continue;
    const std::string flag = line.substr(at, line.find(' ', at) - at);
    EXPECT_NE(zsh.find(flag + "["), std::string::npos) << flag;
    ++flags;
  }
  EXPECT_GT(flags, 40U);
}

TEST_F(Cli, FailsWhenOutputCannotBeWritten) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP();
  const Outcome r = run({file("s.json", records_)}, "", "/dev/full");
  EXPECT_EQ(r.status, 1);
  EXPECT_EQ(r.err, "syncdex: the output cannot be written: No space left on device\n");
}

TEST_F(Cli, ExitsQuietlyOnAClosedPipe) {
  std::string many;
  for (int i = 0; i < 20'000; ++i)
    many += "{\"id\":\"" + std::to_string(i) + "\",\"x\":\"" + std::string(50, 'x') + "\"}\n";
  const std::string command = std::string(SYNCDEX_TOOL) + " " + file("m.ndjson", many) + " 2>" +
                              (dir_ / "err").string() + " | head -c 10 >/dev/null";
  EXPECT_EQ(std::system(command.c_str()), 0);
  EXPECT_EQ(read_file(dir_ / "err"), "");
}

// Each process hashes with its own seed. No output depends on the seed, except for the times.
TEST_F(Cli, OutputDoesNotDependOnTheHashSeed) {
  std::string records;
  std::string queries;
  for (int i = 0; i < 500; ++i) {
    const std::string n = std::to_string(i);
    records += R"({"id":"id-)" + n + R"(","provider":"p)" + std::to_string(i % 7) + R"(","name":"n)" +
               std::to_string(i % 50) + R"(","status":"s)" + std::to_string(i % 3) + R"(","metadata":{"k)" +
               std::to_string(i % 90) + R"(":)" + n + R"(,"o":[{"a":)" + std::to_string(i % 5) + R"(,"b":)" +
               std::to_string(i % 4) + "}]}}\n";
  }
  records += records.substr(0, records.find('\n')) + "\n{\"id\":5}\n";
  for (int i = 0; i < 90; ++i) {
    queries += "provider=p" + std::to_string(i % 7) + "&limit=3\n";
    queries += R"({"metadata":{"o":[{"a":)" + std::to_string(i % 5) + R"(,"b":2}]},"status":"s1"})" + "\n";
  }
  const std::string data = file("seeds.ndjson", records);
  const std::string asked = file("asked", queries);
  const auto without_times = [](const std::string& text) {
    std::string out;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) {
      if (!line.starts_with("load ")) out += line + "\n";
    }
    return out;
  };
  const std::vector<std::vector<std::string>> calls = {
      {data, "--skip-bad"},
      {data, "--skip-bad", "--stats"},
      {data, "--skip-bad", "--queries", asked},
      {data, "--skip-bad", "--explain", "--where",
       R"({"metadata":{"o":[{"a":1,"b":2}],"k7":97},"provider":"p6"})"},
      {data, "--skip-bad", "--explain", "provider=p1&status=s1&name=n7"},
      {data}};
  for (const auto& call : calls) {
    const Outcome first = run(call);
    EXPECT_NE(first.out + first.err, "");
    for (int seed = 0; seed < 5; ++seed) {
      const Outcome again = run(call);
      EXPECT_EQ(again.status, first.status);
      EXPECT_EQ(without_times(again.out), without_times(first.out));
      EXPECT_EQ(again.err, first.err);
    }
  }
}

}  // namespace
