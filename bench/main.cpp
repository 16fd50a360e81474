// The benchmark program. Figures and their baselines run in one process. Repetitions are interleaved at
// random, and medians are reported.
//
//   syncdex_bench [--quick] [--sizes 100000,1000000] [--report FOLDER] [--data FOLDER]
//                 [--against OTHER_BUILD] [--ours] [Google Benchmark's flags]
//
//   --quick     100 000 records, fewer repetitions
//   --against   runs this build and another one alternately, with --quick and --ours
//   --ours      no baselines that take long
//
// The data is that of dataset.h with seed 1, written once to the --data folder. The program calls itself with
// --held, --held-live and --samples.

#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <simdjson.h>
#include <unistd.h>

#include <cstdio>
#include <thread>

#include "compare.h"
#include "suite.h"

namespace syncdex::bench {
namespace {

// Collects the time of every repetition.
class Collector : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      if (run.run_type != Run::RT_Iteration || run.error_occurred) continue;
      times[run.run_name.function_name].push_back(run.real_accumulated_time /
                                                  static_cast<double>(run.iterations));
    }
  }
  Times times;
};

std::string command_output(const char* command) {
  std::string out;
  if (std::FILE* const pipe = ::popen(command, "r")) {
    char line[256];
    while (std::fgets(line, sizeof line, pipe) != nullptr) out += line;
    ::pclose(pipe);
  }
  while (!out.empty() && out.back() == '\n') out.pop_back();
  return out;
}

Facts facts(const Options& options, const std::vector<Judged>& judged) {
  std::string sizes;
  for (const std::size_t n : options.sizes) sizes += (sizes.empty() ? "" : ", ") + size_name(n);
  Facts facts = {
      {"machine", command_output("grep -m1 'model name' /proc/cpuinfo | cut -d: -f2 | sed 's/^ *//'") + ", " +
                      std::to_string(std::thread::hardware_concurrency()) + " cores"},
      {"compiler", fmt::format("{} {}", SYNCDEX_BENCH_COMPILER, __VERSION__)},
      {"flags", SYNCDEX_BENCH_FLAGS},
      {"simdjson", fmt::format("{}, {} kernel", SIMDJSON_STRINGIFY(SIMDJSON_VERSION),
                               simdjson::get_active_implementation()->name())},
      {"date", command_output("date +%F")},
      {"commit", command_output("git describe --always --dirty 2>/dev/null")},
      {"data", fmt::format("seed 1, {} records", sizes)},
      {"repetitions",
       options.quick ? "3, interleaved at random, medians" : "7, interleaved at random, medians"}};
  for (const Judged& j : judged) {
    if (j.figure.what != kDomFigure) continue;
    facts.emplace_back("speed", fmt::format("{} ns a record for a warm simdjson DOM at {}; goals in seconds "
                                            "were set where it takes {}",
                                            static_cast<int>(j.value), j.figure.size, kReferenceDomNs));
  }
  return facts;
}

// Runs all benchmarks of one size, then frees its memory.
void run_size(const Options& options, std::size_t n, std::vector<Figure>& figures, Collector& collector) {
  Suite suite(options, n);
  suite.add_all();
  benchmark::RunSpecifiedBenchmarks(&collector);
  benchmark::ClearRegisteredBenchmarks();
  figures.insert(figures.end(), suite.figures().begin(), suite.figures().end());
}

std::vector<std::size_t> parse_sizes(const char* text) {
  std::vector<std::size_t> sizes;
  for (const char* p = text; *p != '\0';) {
    char* end = nullptr;
    sizes.push_back(std::strtoull(p, &end, 10));
    p = *end == ',' ? end + 1 : end + std::string_view(end).size();
  }
  return sizes;
}

// 10M records need about 14 GB, plus page cache for the file.
bool has_memory_for_10m() {
  return static_cast<double>(::sysconf(_SC_PHYS_PAGES)) * static_cast<double>(::sysconf(_SC_PAGESIZE)) > 20e9;
}

}  // namespace
}  // namespace syncdex::bench

int main(int argc, char** argv) {
  using namespace syncdex::bench;
  Options options;
  std::vector<char*> rest = {argv[0]};
  std::vector<std::string> forwarded;
  std::string other;
  std::string samples;
  std::vector<std::size_t> held;
  std::vector<std::size_t> held_live;
  for (int i = 1; i < argc; ++i) {
    const std::string_view arg = argv[i];
    const bool more = i + 1 < argc;
    if (arg == "--quick") {
      options.quick = true;
    } else if (arg == "--ours") {
      options.peers = false;
    } else if (arg == "--sizes" && more) {
      options.sizes = parse_sizes(argv[++i]);
    } else if (arg == "--report" && more) {
      options.report = argv[++i];
    } else if (arg == "--data" && more) {
      options.data = argv[++i];
    } else if (arg == "--against" && more) {
      other = argv[++i];
    } else if (arg == "--held" && more) {
      held = parse_sizes(argv[++i]);
    } else if (arg == "--held-live" && more) {
      held_live = parse_sizes(argv[++i]);
    } else if (arg == "--samples" && more) {
      samples = argv[++i];
    } else {
      rest.push_back(argv[i]);
    }
  }
  if (!held.empty()) return print_held(options, held.front());
  if (!held_live.empty()) return print_held_live(options, held_live.front());
  if (!other.empty()) {
    forwarded = {"--quick", "--ours"};
    std::string sizes;
    for (const std::size_t n : options.sizes) sizes += (sizes.empty() ? "" : ",") + std::to_string(n);
    if (!sizes.empty()) forwarded.insert(forwarded.end(), {"--sizes", sizes});
    forwarded.insert(forwarded.end(), rest.begin() + 1, rest.end());
    return compare("/proc/self/exe", other, forwarded, 5) ? 0 : 1;
  }
  if (options.sizes.empty()) {
    options.sizes = options.quick ? parse_sizes("100000") : parse_sizes("10000,100000,1000000");
    if (!options.quick && has_memory_for_10m()) options.sizes.push_back(10'000'000);
  }
  std::string interleave = "--benchmark_enable_random_interleaving=true";
  rest.push_back(interleave.data());
  int count = static_cast<int>(rest.size());
  benchmark::Initialize(&count, rest.data());
  if (benchmark::ReportUnrecognizedArguments(count, rest.data())) return 2;

  std::vector<Figure> figures;
  Collector collector;
  for (const std::size_t n : options.sizes) run_size(options, n, figures, collector);
  if (!samples.empty()) {
    write_samples(samples, collector.times);
    return 0;
  }
  const auto judged = judge(figures, collector.times);
  const Facts about = facts(options, judged);
  print_table(judged, about);
  write_report(options.report, judged, about);
  return 0;
}
