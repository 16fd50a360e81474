// Tests that a load with several threads gives the same errors, reports and records as with one, wherever the
// text is cut. Sizes are tiny, so that boundaries fall everywhere.
#include <chrono>
#include <cstring>
#include <stdexcept>
#include <string>

#include "load/loader.h"
#include "support/hostile.h"
#include "support/load_outcome.h"
#include "support/random_json.h"

namespace syncdex {
namespace {

constexpr LoadSizes kTiny{
    .window = 64, .piece = 16, .small_array = 48, .segment_rows = 3, .segments = 4, .segment_bytes = 200};

struct Text {
  explicit Text(std::string_view text)
      : owner(new char[text.size() + Catalog::padding]), input{owner, {owner.get(), text.size()}} {
    std::memcpy(owner.get(), text.data(), text.size());
    std::memset(owner.get() + text.size(), '"', Catalog::padding);
  }
  std::shared_ptr<char[]> owner;
  Input input;
};

// Compares a load with one thread and default sizes to one with several threads and tiny sizes.
void expect_same(const std::string& text, LoadOptions options, unsigned threads) {
  const Text padded(text);
  options.threads = 1;
  const std::string serial = test::outcome(load_records(padded.input, options), text);
  options.threads = threads;
  EXPECT_EQ(test::outcome(load_records(padded.input, options, kTiny), text), serial)
      << threads << " threads, skip_bad " << options.skip_bad << ": " << text;
}

TEST(ConcurrencyThreats, T27_TinyPiecesLoadTheSameAsOneThread) {
  test::RandomJson random(27);
#if defined(NDEBUG)
  constexpr int kRounds = 4000;
#else
  constexpr int kRounds = 600;
#endif
  for (int round = 0; round < kRounds; ++round) {
    // Nested objects that begin with the records' first key invite wrong cuts. Bad records, duplicate ids and
    // missing brackets cause every kind of fault.
    const std::size_t records = random.below(30);
    const std::size_t framing = random.below(4);  // array, envelope, lines, documents of every kind
    const std::size_t faults = random.below(4) == 0 ? 4 : random.below(3);
    std::vector<std::string> all;
    for (std::size_t i = 0; i < records; ++i) {
      std::string record =
          random.record("id-" + std::to_string(random.below(faults > 0 ? 40 : 100'000)), true);
      if (random.below(3) == 0) {
        record = "{\"id\":\"n" + std::to_string(i) +
                 "\",\"list\":[{\"id\":\"a\"},{\"id\":\"b\"},\n{\"id\":\"c\"}]}";
      }
      if (framing == 2) std::ranges::replace(record, '\n', ' ');
      if (faults > 0 && random.below(12) == 0) {
        constexpr const char* kBad[] = {"{\"id\":7}",
                                        "{}",
                                        "{\"id\":\"x\",\"status\":[]}",
                                        "7",
                                        "{\"id\":\"\\ud800\"}",
                                        "{\"id\":\"y\",\"n\":01}"};
        record = kBad[random.below(std::size(kBad))];
      }
      if (faults == 4 && random.below(20) == 0) record.resize(random.below(record.size()) + 1);
      if (faults == 4 && random.below(12) == 0) record += ']';  // the array ends, and records follow
      all.push_back(std::move(record));
    }
    std::string text = framing == 0 ? "[" : framing == 1 ? "{\"x\":1,\"data\": [" : "";
    for (const std::string& record : all) {
      if (&record != &all.front())
        text += framing >= 2 ? (random.below(5) == 0 ? "\n \n" : "\n") : random.below(2) ? "," : " ,\n ";
      const std::size_t kind = framing == 3 ? random.below(8) : 8;
      text += kind == 0 ? "[" + record + "]" : kind == 1 ? "{\"data\":[" + record + "]}" : record;
      if (kind == 2)
        text += record.starts_with('{') ? "{\"id\":\"z" + std::to_string(text.size()) + "\"}" : " ";
    }
    text += framing == 0 ? "]" : framing == 1 ? "],\"more\":null}" : random.below(2) ? "\n" : "";
    LoadOptions options;
    options.skip_bad = random.below(2) == 0;
    if (random.below(10) == 0) options.limits.records = random.below(8);
    if (random.below(10) == 0) options.limits.record_bytes = 60;
    expect_same(text, options, static_cast<unsigned>(2 + random.below(7)));
    if (HasFailure()) break;
  }
}

// An array that ends right before a cut, followed by records.
TEST(ConcurrencyThreats, T27_ArrayMayEndBeforeACut) {
  for (int end = 0; end < 40; ++end) {
    std::string text = "[";
    for (int i = 0; i < 40; ++i) {
      text += (i > 0 ? ",{\"id\":\"" : "{\"id\":\"") + std::to_string(i) + (i == end ? "\"}]" : "\"}");
    }
    for (const unsigned threads : {0u, 2u, 3u, 8u}) {
      expect_same(text + "]", {}, threads);
      expect_same(text + "]", {.skip_bad = true}, threads);
    }
  }
}

// The last line is longer than several pieces: the cuts that would fall into it fall past the end of the
// input.
TEST(ConcurrencyThreats, T27_LineAcrossTheLastCutsIsReadOnce) {
  const std::string text = "{\"id\":\"1\"}\n{\"id\":\"2\",\"x\":\"" + std::string(3'700'000, 'a') + "\"}\n";
  for (const std::string_view end : {"", "\n", "\n \n"}) {
    const test::GuardedText guarded(text + std::string(end), Catalog::padding, '{');
    for (const unsigned threads : {0u, 2u, 3u, 4u, 8u}) {
      LoadOptions options;
      options.threads = threads;
      const Input input{nullptr, guarded.text()};
      const auto loaded = load_records(input, options);
      ASSERT_TRUE(loaded) << loaded.error().message;
      EXPECT_EQ(loaded->report.records, 2u);
      for (const std::size_t piece : {16u, 1000u, 300'000u}) {
        EXPECT_EQ(load_records(input, options, LoadSizes{.piece = piece}).value().report.records, 2u);
      }
    }
  }
  for (std::size_t size = 0; size < 200; ++size) {
    expect_same(std::string(size, '\n'), {}, 3);
    expect_same("{\"id\":\"1\"}\n" + std::string(size, ' ') + "{\"id\":\"2\"}", {}, 8);
  }
}

std::string lines(int n, const std::string& in_the_middle = "") {
  std::string text;
  for (int i = 0; i < n; ++i) {
    text += "{\"id\":\"" + std::to_string(i) + "\",\"x\":\"" + std::string(80, 'x') + "\"}\n";
    if (i == n / 2) text += in_the_middle;
  }
  return text;
}

TEST(ConcurrencyThreats, ProgressOfAThreadedLoadNeverDecreases) {
  constexpr LoadSizes kSmall{.window = 1000, .piece = 1000};
  for (const std::string bad : {"", "{\"id\":7}\n", "{\"id\":\"1\"}\n"}) {
    for (const bool skip_bad : {false, true}) {
      const Text padded(lines(4000, bad));
      LoadOptions options;
      options.threads = 5;
      options.skip_bad = skip_bad;
      std::uint64_t last_bytes = 0;
      std::uint64_t last_records = 0;
      options.progress = [&](std::uint64_t bytes, std::uint64_t total, std::uint64_t records) {
        EXPECT_GE(bytes, last_bytes);
        EXPECT_GE(records, last_records);
        EXPECT_LE(bytes, total);
        last_bytes = bytes;
        last_records = records;
        return true;
      };
      const auto loaded = load_records(padded.input, options, kSmall);
      ASSERT_EQ(loaded.has_value(), skip_bad || bad.empty());
      if (loaded) {
        EXPECT_EQ(last_bytes, padded.input.text.size());
      }
    }
  }
}

// A bad record costs only its own piece. The other pieces are kept, each with a segment.
TEST(ConcurrencyThreats, BadRecordAffectsOnlyItsPiece) {
  constexpr LoadSizes kSmall{.piece = 1000};
  for (const std::string bad : {"{\"id\":7}\n", "{\"id\":\"1\"}\n", "{\n", "x\n"}) {
    const Text padded(lines(4000, bad));
    LoadOptions options;
    options.threads = 8;
    options.skip_bad = true;
    const auto loaded = load_records(padded.input, options, kSmall);
    ASSERT_TRUE(loaded);
    EXPECT_EQ(loaded->report.bad.size(), 1u);
    EXPECT_GE(loaded->segments.size(), 7u) << bad;
  }
}

TEST(ConcurrencyThreats, AProgressCallbackThatThrowsStopsTheWorkers) {
  const Text padded(lines(100'000));
  LoadOptions options;
  options.threads = 4;
  std::atomic<int> calls = 0;
  options.progress = [&](std::uint64_t, std::uint64_t, std::uint64_t) -> bool {
    ++calls;
    throw std::runtime_error("enough");
  };
  EXPECT_THROW(static_cast<void>(load_records(padded.input, options, LoadSizes{.window = 1000})),
               std::runtime_error);
  // Of some thousand windows, each worker reports no more than the one that it was at.
  EXPECT_LE(calls, 4);
}

// The calling thread fails at once, while workers are inside envelopes. Being stopped is not a fault.
TEST(ConcurrencyThreats, T27_StoppedWorkersReportNoErrors) {
  std::string text = "{\"id\":7}\n";
  for (int i = 0; i < 400; ++i) {
    text += "{\"data\":[";
    for (int k = 0; k < 6; ++k)
      text += (k > 0 ? ",{\"id\":\"" : "{\"id\":\"") + std::to_string(i * 6 + k) + "\"}";
    text += "]}\n";
  }
  for (int round = 0; round < 100; ++round) {
    const Text padded(text);
    LoadOptions options;
    options.threads = 8;
    const auto loaded = load_records(padded.input, options, kTiny);
    ASSERT_FALSE(loaded);
    EXPECT_EQ(to_string(loaded.error()), to_string(load_records(padded.input, {}).error()));
  }
}

TEST(Loader, RecordLimitIsClampedToRowNumbers) {
  const Text padded("{\"id\":\"1\"}");
  LoadOptions options;
  options.limits.records = ~std::uint64_t{0};
  EXPECT_TRUE(load_records(padded.input, options));
}

}  // namespace
}  // namespace syncdex
