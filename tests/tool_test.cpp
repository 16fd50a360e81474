// Calls the tool as a function: failing streams, and faults that are hard to provoke in a process.
#include "tool.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "support/allocations.h"

namespace syncdex::cli {
namespace {

struct Outcome {
  int status;
  std::string out;
  std::string err;
};

constexpr const char* kRecords =
    "{\"id\":\"a\",\"provider\":\"stripe\"}\n{\"id\":\"b\\u0001\",\"metadata\":{\"n\":1}}\n"
    "{\"id\":\"c\\u0085\\u00e9\\\"\\\\\"}\n";

Outcome run(std::vector<std::string_view> words, std::string input = kRecords, std::FILE* out_file = nullptr,
            std::FILE* in_file = nullptr) {
  char* out = nullptr;
  char* err = nullptr;
  std::size_t out_size = 0;
  std::size_t err_size = 0;
  if (input.empty()) input = " ";
  const Streams io{in_file != nullptr ? in_file : ::fmemopen(input.data(), input.size(), "rb"),
                   out_file != nullptr ? out_file : ::open_memstream(&out, &out_size),
                   ::open_memstream(&err, &err_size)};
  const int status = run_tool(words, io);
  for (std::FILE* file : {io.in, io.out, io.err}) std::fclose(file);
  Outcome outcome{status, out != nullptr ? std::string(out, out_size) : "", std::string(err, err_size)};
  std::free(out);
  std::free(err);
  return outcome;
}

TEST(Tool, ReportsWriteErrors) {
  for (const auto& words : std::vector<std::vector<std::string_view>>{{"-"}, {"-", "--count"}, {"--help"}}) {
    std::FILE* const full = std::fopen("/dev/full", "wb");
    ASSERT_NE(full, nullptr);
    const Outcome outcome = run(words, kRecords, full);
    EXPECT_EQ(outcome.status, 1);
    EXPECT_NE(outcome.err.find("the output cannot be written: "), std::string::npos) << outcome.err;
  }
  // Without a buffer the first write fails, and nothing more is written.
  std::FILE* const full = std::fopen("/dev/full", "wb");
  std::setvbuf(full, nullptr, _IONBF, 0);
  EXPECT_EQ(run({"-", "--ids"}, kRecords, full).status, 1);
}

TEST(Tool, ReportsReadErrors) {
  std::FILE* const folder = std::fopen("/", "rb");
  ASSERT_NE(folder, nullptr);
  const Outcome outcome = run({"-"}, "", nullptr, folder);
  EXPECT_EQ(outcome.status, 1);
  EXPECT_NE(outcome.err.find("cannot be read: "), std::string::npos) << outcome.err;
  const auto open_files = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
  };
  const auto before = open_files();
  EXPECT_EQ(run({"-", "--queries", "/"}).status, 2);
  EXPECT_EQ(open_files(), before);
  EXPECT_EQ(run({"-", "--queries", "/no/such/file"}).status, 2);
  EXPECT_EQ(run({"/no/such/file"}).status, 1);
}

TEST(Tool, PrintsNoControlCharacters) {
  EXPECT_EQ(run({"-", "--ids"}).out, "a\n\"b\\u0001\"\n\"c\\u0085\xC3\xA9\\\"\\\\\"\n");
  EXPECT_EQ(run({"-", "pro\x01vider=\x7F"}).err.find('\x01'), std::string::npos);
  EXPECT_EQ(run({"-", "--queries", "-"}).status, 2);  // both would read standard input
  EXPECT_EQ(run({"-\x01-"}).status, 2);
}

TEST(Tool, SupportsEveryOutputMode) {
  EXPECT_EQ(run({"-", "--verify", "--provider", "stripe"}).out, "equal: 1\n");
  EXPECT_EQ(run({"-", "--limit", "1", "--ids"}).out, "a\n");
  EXPECT_NE(run({"-", "--limit", "1"}).out.find("\"has_more\":true,\"next\":"), std::string::npos);
  EXPECT_EQ(run({"-", "--input", "json", "--count"}).out, "3\n");
  EXPECT_EQ(run({"-", "--input", "ndjson", "--count"}).out, "3\n");
  EXPECT_EQ(run({"-", "--after", "nonsense"}).status, 2);
  EXPECT_EQ(run({"-", "--count", "--ids"}).status, 2);
  EXPECT_EQ(run({"-", "a=b", "--queries", "-"}).status, 2);
  EXPECT_EQ(run({}).status, 2);
  EXPECT_EQ(run({"-", "--name="}).out, "{\"data\":[]}\n");
  EXPECT_EQ(run({"-", "--where", R"({"metadata":{"n":1.0}})", "--count"}).out, "1\n");
  EXPECT_EQ(run({"-", "--skip-bad"}, "{\"id\":5}\n{\"id\":\"x\"}\n").status, 0);
  EXPECT_NE(run({"-", "--stats"}).out.find("records                    3\n"), std::string::npos);
  EXPECT_NE(run({"--version"}).out.find("syncdex "), std::string::npos);
}

TEST(Tool, ReportsOutOfMemory) {
#if defined(SYNCDEX_FOREIGN_NEW)
  GTEST_SKIP() << "allocations cannot be made to fail here";
#endif
  // Lets each allocation fail in turn, until the tool reports that it ran out of memory.
  bool said = false;
  for (std::size_t n = 0; n < 4000 && !said; ++n) {
    char* err = nullptr;
    std::size_t err_size = 0;
    std::string input = kRecords;
    const std::vector<std::string_view> words = {"-", "--count"};
    const Streams io{::fmemopen(input.data(), input.size(), "rb"), std::tmpfile(),
                     ::open_memstream(&err, &err_size)};
    int status = 0;
    bool failed = false;
    {
      const test::FailingAllocations failing(n, false);
      try {
        status = run_tool(words, io);
      } catch (const std::bad_alloc&) {
        ADD_FAILURE() << n;
      }
      failed = test::FailingAllocations::any_failed();
    }
    for (std::FILE* file : {io.in, io.out, io.err}) std::fclose(file);
    said = std::string(err, err_size).find("out of memory") != std::string::npos;
    EXPECT_TRUE(!said || status == 1);
    std::free(err);
    if (!failed) break;
  }
  EXPECT_TRUE(said);
}

}  // namespace
}  // namespace syncdex::cli
