// Runs the tool as a process: its arguments, errors and exit status are a contract.
#include "support/cli_fixture.h"

namespace {

using syncdex::test::Outcome;
using syncdex::test::read_file;
using Cli = syncdex::test::Cli;

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

TEST_F(Cli, TakesTheQueryOfAPastedUrl) {
  const std::string f = file("s.json", records_);
  EXPECT_EQ(run({f, "https://api.example.com/v1/syncs?provider=github#top", "--ids"}).out, "b\n");
  EXPECT_EQ(run({f, "/v1/syncs?provider=github", "--ids"}).out, "b\n");
  EXPECT_EQ(run({f, "http://x/v1/syncs", "--count"}).out, "3\n");
  EXPECT_NE(run({f, "/v1/syncs?id=1&x=1"}).err.find("(byte 15)"), std::string::npos);
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

// Runs each line of the README's section on the tool.
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

// The manual page and the completion of zsh have every flag of the help text.
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
