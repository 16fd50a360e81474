// The benchmark: each figure beside its baseline, in one process, repetitions interleaved at random,
// medians reported.
//
//   syncdex_bench [--quick] [--sizes 100000,1000000] [--report FOLDER] [Google Benchmark's flags]
//
// Data: dataset.h, seed 1, JSON Lines. A name is  what/size/who, who being syncdex or the baseline.
// Every query's number of matches is compared with the scan's before it is timed.

#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <simdjson.h>
#include <unistd.h>

#include <algorithm>
#include <boost/multi_index/hashed_index.hpp>
#include <boost/multi_index/member.hpp>
#include <boost/multi_index_container.hpp>
#include <cstring>
#include <fstream>
#include <functional>
#include <numeric>
#include <random>
#include <span>
#include <thread>

#include "dataset.h"
#include "peers.h"
#include "report.h"
#include "syncdex/syncdex.h"

namespace syncdex::bench {
namespace {

struct Options {
  bool quick = false;
  std::vector<std::size_t> sizes = {100'000, 1'000'000};
  std::filesystem::path report = "build/report";
};

std::string size_name(std::size_t n) {
  return n % 1'000'000 == 0 ? fmt::format("{}M", n / 1'000'000)
         : n % 1000 == 0    ? fmt::format("{}k", n / 1000)
                            : fmt::format("{}", n);
}

// Resident bytes of this process.
std::size_t resident() {
  std::ifstream in("/proc/self/statm");
  std::size_t total = 0;
  std::size_t pages = 0;
  in >> total >> pages;
  return pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

// Records in padded memory, and where each begins and ends.
struct Text {
  std::string bytes;
  std::vector<std::string_view> records;
  std::size_t size = 0;

  explicit Text(std::string text) : bytes(std::move(text)), size(bytes.size()) {
    bytes.append(Catalog::padding, '\0');
    const char* p = bytes.data();
    while (p < bytes.data() + size) {
      const auto* feed =
          static_cast<const char*>(std::memchr(p, '\n', static_cast<std::size_t>(bytes.data() + size - p)));
      records.emplace_back(p, static_cast<std::size_t>(feed - p));
      p = feed + 1;
    }
  }
  std::span<const char> span() const { return {bytes.data(), size}; }
};

// Each record as what a query by provider needs, in the container alone.
struct Row {
  std::string_view id, provider, name, text;
};
using PlainMultiIndex = boost::multi_index_container<
    Row, boost::multi_index::indexed_by<
             boost::multi_index::hashed_unique<boost::multi_index::member<Row, std::string_view, &Row::id>>,
             boost::multi_index::hashed_non_unique<
                 boost::multi_index::member<Row, std::string_view, &Row::provider>>,
             boost::multi_index::hashed_non_unique<
                 boost::multi_index::member<Row, std::string_view, &Row::name>>>>;

class Suite {
 public:
  explicit Suite(const Options& options) : options_(options) {}

  void add_size(std::size_t n) {
    n_ = n;
    size_ = size_name(n);
    const Dataset dataset(1);
    fmt::print(stderr, "generating {} records\n", size_);
    text_ = keep(std::make_shared<Text>(dataset.text(n)));
    load_figures(dataset);
    const std::size_t before = resident();
    catalog_ = keep(std::make_shared<Catalog>(*Catalog::load(text_->span(), text_)));
    const std::size_t after = resident();
    memory_figures(after - std::min(before, after));
    query_figures();
    random_key_figures(dataset);
    replaced_figures(dataset);
    response_figures();
    if (n <= 100'000 || !options_.quick) peer_figures();
    thread_figures();
  }

  void add_parsing() {
    const auto url = std::make_shared<std::string>(
        "provider=stripe&health.status=error&name=Choam+Corp+-+HubSpot+Production&metadata=%7B%22custom_"
        "property%22%3A42%7D");
    time("parse request/-/syncdex", [url](benchmark::State& state) {
      for (auto _ : state) benchmark::DoNotOptimize(parse_request(*url));
    });
    figure({.what = "parse a request of the page's four parameters",
            .size = "-",
            .ours = "parse request/-/syncdex",
            .unit = "us",
            .goal = Figure::Goal::at_most,
            .bound = 1});
  }

  const std::vector<Figure>& figures() const { return figures_; }

 private:
  template <class T>
  std::shared_ptr<T> keep(std::shared_ptr<T> thing) {
    kept_.push_back(thing);
    return thing;
  }

  std::string name(const std::string& what, const std::string& who) const {
    return what + "/" + size_ + "/" + who;
  }

  void time(const std::string& full_name, std::function<void(benchmark::State&)> body, bool once = false) {
    auto* const b = benchmark::RegisterBenchmark(
        full_name.c_str(), [body = std::move(body)](benchmark::State& state) { body(state); });
    b->Repetitions(options_.quick ? 3 : 7)->UseRealTime()->Unit(benchmark::kNanosecond);
    if (once) {
      b->Iterations(1);
    } else {
      b->MinTime(options_.quick ? 0.02 : 0.1);
    }
  }
  // For what takes long: one call a repetition.
  void time_once(const std::string& full_name, std::function<void()> body) {
    time(
        full_name,
        [body = std::move(body)](benchmark::State& state) {
          for (auto _ : state) body();
        },
        true);
  }
  void figure(Figure f) { figures_.push_back(std::move(f)); }

  // --- loading ---

  void load_figures(const Dataset& dataset) {
    const auto text = text_;
    const double n = static_cast<double>(n_);
    const auto parser = keep(std::make_shared<simdjson::dom::parser>());
    const auto parse_all = [text, parser] {
      for (const std::string_view record : text->records) {
        simdjson::dom::element root;
        if (parser->parse(record.data(), record.size(), false).get(root) != simdjson::SUCCESS) std::abort();
        benchmark::DoNotOptimize(root);
      }
    };
    parse_all();  // warm
    time_once(name("load", "simdjson DOM"), parse_all);
    const auto copy = keep(std::make_shared<std::string>(text->size, 'x'));
    time_once(name("load", "memcpy"), [text, copy] {
      std::memcpy(copy->data(), text->bytes.data(), text->size);
      benchmark::ClobberMemory();
    });
    const auto add = [&](const char* framing, const std::shared_ptr<Text>& input, const LoadOptions& options,
                         double bound) {
      const std::string ours = name("load", framing);
      time_once(ours, [input, options] {
        const auto catalog = Catalog::load(input->span(), input, options);
        if (!catalog) std::abort();
        benchmark::DoNotOptimize(catalog->size());
      });
      figure({.what = fmt::format("load, {}", framing),
              .size = size_,
              .ours = ours,
              .baseline = name("load", "simdjson DOM"),
              .beside = "warm simdjson DOM",
              .per = n,
              .unit = "ns a record",
              .goal = options.threads > 1 ? Figure::Goal::none : Figure::Goal::at_least,
              .bound = bound});
    };
    add("JSON Lines", text, {}, 0.6);
    const auto other = [&](Shape shape) {
      std::string bytes = dataset.text(n_, shape);
      auto whole = std::make_shared<Text>("");
      whole->size = bytes.size();
      whole->bytes = std::move(bytes);
      whole->bytes.append(Catalog::padding, '\0');
      return keep(whole);
    };
    if (!options_.quick) {
      add("envelope", other(Shape::envelope), {}, 0.6);
      add("array", other(Shape::array), {}, 0.6);
    }
    figure({.what = "memcpy of the same bytes",
            .size = size_,
            .ours = name("load", "memcpy"),
            .per = n,
            .unit = "ns a record"});
  }

  void memory_figures(std::size_t grown) {
    const Stats stats = catalog_->stats();
    const double text_bytes = static_cast<double>(stats.text_bytes);
    const auto times = [&](std::uint64_t bytes) { return 1 + static_cast<double>(bytes) / text_bytes; };
    figure({.what = "memory held, text included (by part)",
            .size = size_,
            .unit = "x the text",
            .goal = Figure::Goal::at_most,
            .bound = 1.2,
            .given = true,
            .value = times(stats.index_bytes())});
    figure({.what = "memory held, text included (process)",
            .size = size_,
            .unit = "x the text",
            .goal = Figure::Goal::at_most,
            .bound = 1.2,
            .given = true,
            .value = times(grown)});
    const auto part = [&](const char* what, std::uint64_t bytes) {
      figure({.what = fmt::format("bytes a record: {}", what),
              .size = size_,
              .unit = "bytes",
              .given = true,
              .value = static_cast<double>(bytes) / static_cast<double>(n_)});
    };
    part("text", stats.text_bytes);
    part("record table", stats.table_bytes);
    part("terms", stats.term_bytes);
    part("posting lists", stats.posting_bytes);
  }

  // --- queries ---

  void query_figures() {
    const auto catalog = catalog_;
    for (const NamedQuery& named : queries()) {
      const Query query = *Query::from_pattern(named.pattern);
      const std::size_t matches = catalog->count(query);
      if (catalog->verify(query) || (n_ == 100'000 && matches != named.matches_100k)) std::abort();
      const std::string what(named.name);
      time(name("count " + what, "syncdex"), [catalog, query](benchmark::State& state) {
        for (auto _ : state) benchmark::DoNotOptimize(catalog->count(query));
      });
      const bool one_term = what != "two tags" && what != "object in array" && what.find('+') == what.npos &&
                            what != "four terms" && what != "nobody";
      const double goal = one_term || what == "2^53+1" ? 0.1 : 0;
      figure({.what = "count: " + what,
              .size = size_,
              .ours = name("count " + what, "syncdex"),
              .unit = "us",
              .goal = goal > 0 ? Figure::Goal::at_most : Figure::Goal::none,
              .bound = goal});
      if (what == "provider + region") {
        figure({.what = "count of dense terms, a record: " + what,
                .size = size_,
                .ours = name("count " + what, "syncdex"),
                .per = static_cast<double>(n_),
                .unit = "ns a record",
                .goal = Figure::Goal::at_most,
                .bound = 0.02});
      }
      if (what == "region + tier + trial" || what == "four terms") {
        double shortest = static_cast<double>(n_);
        for (const char* part : {R"({"status":"disabled"})", R"({"metadata":{"plan":{"trial":true}}})"}) {
          if ((what == "four terms") == (std::string_view(part).find("status") != std::string_view::npos)) {
            shortest = static_cast<double>(catalog->count(*Query::from_pattern(part)));
          }
        }
        figure({.what = "count, a row of the shortest list: " + what,
                .size = size_,
                .ours = name("count " + what, "syncdex"),
                .per = shortest,
                .unit = "ns a row",
                .goal = Figure::Goal::at_most,
                .bound = 1});
      }
      time(name("slices " + what, "syncdex"), [catalog, query](benchmark::State& state) {
        for (auto _ : state) {
          const Matches found = catalog->find(query);
          const auto slices = found.slices();
          benchmark::DoNotOptimize(slices.data());
        }
      });
      const bool broad = matches > n_ / 100;
      figure({.what = "find + slices: " + what,
              .size = size_,
              .ours = name("slices " + what, "syncdex"),
              .unit = "us"});
      if (broad) {
        figure({.what = "slices, a match: " + what,
                .size = size_,
                .ours = name("slices " + what, "syncdex"),
                .per = static_cast<double>(matches),
                .unit = "ns a match",
                .goal = Figure::Goal::at_most,
                .bound = n_ > 100'000 ? 3.0 : 2.0});
      }
    }
  }

  // 1 000 different keys in random order, so that nothing stays in the nearest cache.
  void random_key_figures(const Dataset& dataset) {
    const auto catalog = catalog_;
    std::mt19937_64 random(3);
    const auto ask = [&](const char* what, const std::function<std::string(std::uint64_t)>& pattern) {
      auto all = std::make_shared<std::vector<Query>>();
      while (all->size() < 1000) {
        const std::uint64_t i = with_user_id(dataset, random() % (n_ - 100));
        all->push_back(*Query::from_pattern(pattern(i)));
        if (catalog->count(all->back()) != 1) std::abort();
      }
      for (const bool same : {false, true}) {
        const std::string who = same ? "one key" : "random keys";
        time(name(fmt::format("find {}", what), who), [catalog, all, same](benchmark::State& state) {
          std::size_t at = 0;
          for (auto _ : state) {
            const Matches found = catalog->find((*all)[at]);
            benchmark::DoNotOptimize(found.rows());
            if (!same && ++at == all->size()) at = 0;
          }
        });
        figure({.what = fmt::format("find one record by {}, {}", what, who),
                .size = size_,
                .ours = name(fmt::format("find {}", what), who),
                .unit = "us",
                .goal = same ? Figure::Goal::none : Figure::Goal::at_most,
                .bound = n_ > 100'000 ? 0.35 : 0.15});
      }
    };
    ask("id", [&](std::uint64_t i) { return R"({"id":")" + dataset.id(i) + "\"}"; });
    ask("name", [&](std::uint64_t i) { return R"({"name":")" + dataset.name(i) + "\"}"; });
    ask("metadata.user_id",
        [&](std::uint64_t i) { return R"({"metadata":{"user_id":")" + dataset.user_id(i) + "\"}}"; });
  }

  // 10 % of the records come a second time; the first ones are masked.
  void replaced_figures(const Dataset& dataset) {
    if (options_.quick && n_ > 100'000) return;
    std::string bytes = text_->bytes.substr(0, text_->size);
    for (std::size_t i = 0; i < n_; i += 10) {
      dataset.append_record(i, bytes);
      bytes += '\n';
    }
    LoadOptions options;
    options.skip_bad = true;
    const auto catalog = keep(std::make_shared<Catalog>(*Catalog::load(std::move(bytes), options)));
    if (catalog->size() != n_) std::abort();
    for (const char* what : {"provider", "nested string", "metadata number"}) {
      const auto named = std::ranges::find(queries(), what, &NamedQuery::name);
      const Query query = *Query::from_pattern(named->pattern);
      if (catalog->verify(query)) std::abort();
      const std::string ours = name(fmt::format("count {} with 10 % replaced", what), "syncdex");
      time(ours, [catalog, query](benchmark::State& state) {
        for (auto _ : state) benchmark::DoNotOptimize(catalog->count(query));
      });
      figure({.what = fmt::format("count: {}, 10 % of the records replaced", what),
              .size = size_,
              .ours = ours,
              .unit = "us",
              .goal = Figure::Goal::at_most,
              .bound = 0.5});
    }
  }

  // --- responses ---

  void response_figures() {
    const auto catalog = catalog_;
    const auto found =
        keep(std::make_shared<Matches>(catalog->find(*Query::from_pattern(R"({"provider":"stripe"})"))));
    const auto out = keep(std::make_shared<std::string>(found->json()));
    const auto slices = keep(std::make_shared<std::vector<std::string_view>>(found->slices()));
    time(name("one buffer", "syncdex"), [found, out](benchmark::State& state) {
      for (auto _ : state) {
        out->clear();
        found->append_json_to(*out);
        benchmark::DoNotOptimize(out->data());
      }
    });
    time(name("one buffer", "memcpy"), [slices, out](benchmark::State& state) {
      for (auto _ : state) {
        char* to = out->data();
        for (const std::string_view slice : *slices) {
          std::memcpy(to, slice.data(), slice.size());
          to += slice.size();
        }
        benchmark::DoNotOptimize(to);
      }
    });
    figure({.what = "response in one buffer: provider",
            .size = size_,
            .ours = name("one buffer", "syncdex"),
            .baseline = name("one buffer", "memcpy"),
            .beside = "memcpy of the same slices",
            .per = static_cast<double>(found->size()),
            .unit = "ns a match",
            .goal = Figure::Goal::at_most,
            .bound = 1.1,
            .ours_over_baseline = true});
  }

  // --- peers ---

  void peer_figures() {
    const auto catalog = catalog_;
    const auto text = text_;
    fmt::print(stderr, "loading {} records into the peers\n", size_);
    const auto sqlite = keep(std::make_shared<Sqlite>(text->records));
    const auto structs = n_ <= 100'000 ? keep(std::make_shared<Structs>(text->records)) : nullptr;
    const auto plain = keep(std::make_shared<PlainMultiIndex>());
    for (const Record record : catalog->find(Query()))
      plain->insert({record.id(), record.provider(), record.name(), record.json()});
    time(name("walk provider", "plain Boost.MultiIndex"), [plain](benchmark::State& state) {
      for (auto _ : state) {
        std::size_t bytes = 0;
        const auto [first, last] = plain->get<1>().equal_range(std::string_view("stripe"));
        for (auto at = first; at != last; ++at) bytes += at->text.size();
        benchmark::DoNotOptimize(bytes);
      }
    });
    figure({.what = "find + slices: provider",
            .size = size_,
            .ours = name("slices provider", "syncdex"),
            .baseline = name("walk provider", "plain Boost.MultiIndex"),
            .beside = "plain Boost.MultiIndex walk",
            .unit = "us"});
    for (const NamedQuery& named : queries()) {
      const std::string what(named.name);
      const Query query = *Query::from_pattern(named.pattern);
      const auto statement = sqlite->prepare(sqlite_where(named.name, named.pattern));
      const std::size_t expected = catalog->count(query);
      if (Sqlite::count(statement) != expected)
        fmt::print(stderr, "note: SQLite finds {} for \"{}\", not {}\n", Sqlite::count(statement), what,
                   expected);
      time(name("count " + what, "SQLite"), [statement](benchmark::State& state) {
        for (auto _ : state) benchmark::DoNotOptimize(Sqlite::count(statement));
      });
      const auto out = keep(std::make_shared<std::string>());
      time(name("texts " + what, "SQLite"), [statement, out](benchmark::State& state) {
        for (auto _ : state) benchmark::DoNotOptimize(Sqlite::texts(statement, *out));
      });
      figure({.what = "count: " + what,
              .size = size_,
              .ours = name("count " + what, "syncdex"),
              .baseline = name("count " + what, "SQLite"),
              .beside = "SQLite, indexed",
              .unit = "us"});
      figure({.what = "find + slices: " + what,
              .size = size_,
              .ours = name("slices " + what, "syncdex"),
              .baseline = name("texts " + what, "SQLite"),
              .beside = "SQLite, texts in one buffer",
              .unit = "us"});
      if (structs != nullptr) {
        const auto pattern = std::make_shared<nlohmann::json>(nlohmann::json::parse(named.pattern));
        time(name("count " + what, "structs"), [structs, pattern](benchmark::State& state) {
          for (auto _ : state) benchmark::DoNotOptimize(structs->count(*pattern));
        });
        figure({.what = "count: " + what,
                .size = size_,
                .ours = name("count " + what, "syncdex"),
                .baseline = name("count " + what, "structs"),
                .beside = "loop over parsed structs",
                .unit = "us"});
      }
    }
    // The scan, for what no index holds.
    const Query unindexed = *Query::from_pattern(R"({"rate_limit":{"allowed_requests":2000,"interval":60}})");
    time(name("scan", "syncdex"), [catalog, unindexed](benchmark::State& state) {
      for (auto _ : state) benchmark::DoNotOptimize(catalog->count(unindexed));
    });
    figure({.what = "count on paths that are not indexed (scan)",
            .size = size_,
            .ours = name("scan", "syncdex"),
            .per = static_cast<double>(n_),
            .unit = "ns a record",
            .goal = Figure::Goal::at_most,
            .bound = 240});
  }

  // --- threads ---

  // Two readers with a handle each, against two loops that share nothing.
  void thread_figures() {
    const auto catalog = catalog_;
    const Query query = *Query::from_pattern(R"({"metadata":{"custom_property":42}})");
    const auto both = [](const std::function<void()>& one) {
      std::thread other(one);
      one();
      other.join();
    };
    constexpr int kCalls = 100'000;
    const auto ours = [catalog, query] {
      const Catalog own = *catalog;
      for (int i = 0; i < kCalls; ++i) benchmark::DoNotOptimize(own.find(query).size());
    };
    // The same work without shared state: a list copied into an allocation of the same size.
    const auto rows = std::make_shared<std::vector<std::uint32_t>>(catalog->count(query));
    const auto alone = [rows] {
      const std::vector<std::uint32_t> own = *rows;
      for (int i = 0; i < kCalls; ++i) {
        auto copy = std::make_unique_for_overwrite<std::uint32_t[]>(own.size());
        for (int k = 0; k < 3; ++k) {
          std::memcpy(copy.get(), own.data(), own.size() * sizeof(std::uint32_t));
          benchmark::ClobberMemory();
        }
        benchmark::DoNotOptimize(copy.get());
      }
    };
    time_once(name("readers", "one, syncdex"), ours);
    time_once(name("readers", "two, syncdex"), [both, ours] { both(ours); });
    time_once(name("readers", "one, alone"), alone);
    time_once(name("readers", "two, alone"), [both, alone] { both(alone); });
    figure({.what = "one reader, one find",
            .size = size_,
            .ours = name("readers", "one, syncdex"),
            .per = kCalls,
            .unit = "ns"});
    figure({.what = "two readers, one find each",
            .size = size_,
            .ours = name("readers", "two, syncdex"),
            .baseline = name("readers", "one, syncdex"),
            .beside = "one reader",
            .per = kCalls,
            .unit = "ns",
            .goal = Figure::Goal::none});
    figure({.what = "two loops that share nothing",
            .size = size_,
            .ours = name("readers", "two, alone"),
            .baseline = name("readers", "one, alone"),
            .beside = "one loop",
            .per = kCalls,
            .unit = "ns"});
  }

  Options options_;
  std::size_t n_ = 0;
  std::string size_;
  std::shared_ptr<Text> text_;
  std::shared_ptr<Catalog> catalog_;
  std::vector<std::shared_ptr<void>> kept_;
  std::vector<Figure> figures_;
};

// Keeps every repetition's time, and says where it is.
class Collector : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      if (run.run_type != Run::RT_Iteration || run.error_occurred) continue;
      std::string name = run.run_name.function_name;
      times[name].push_back(run.real_accumulated_time / static_cast<double>(run.iterations));
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

Facts facts(const Options& options) {
  std::string sizes;
  for (const std::size_t n : options.sizes) sizes += (sizes.empty() ? "" : ", ") + size_name(n);
  return {{"machine", command_output("grep -m1 'model name' /proc/cpuinfo | cut -d: -f2 | sed 's/^ *//'") +
                          ", " + std::to_string(std::thread::hardware_concurrency()) + " cores"},
          {"compiler", fmt::format("{} {}", SYNCDEX_BENCH_COMPILER, __VERSION__)},
          {"flags", SYNCDEX_BENCH_FLAGS},
          {"simdjson", fmt::format("{}, {} kernel", SIMDJSON_STRINGIFY(SIMDJSON_VERSION),
                                   simdjson::get_active_implementation()->name())},
          {"commit", command_output("git describe --always --dirty 2>/dev/null")},
          {"data", fmt::format("seed 1, {} records", sizes)},
          {"repetitions",
           options.quick ? "3, interleaved at random, medians" : "7, interleaved at random, medians"}};
}

}  // namespace
}  // namespace syncdex::bench

int main(int argc, char** argv) {
  using namespace syncdex::bench;
  Options options;
  std::vector<char*> rest = {argv[0]};
  for (int i = 1; i < argc; ++i) {
    const std::string_view arg = argv[i];
    if (arg == "--quick") {
      options.quick = true;
      options.sizes = {100'000};
    } else if (arg == "--sizes" && i + 1 < argc) {
      options.sizes.clear();
      for (const char* p = argv[++i]; *p != '\0';) {
        char* end = nullptr;
        options.sizes.push_back(std::strtoull(p, &end, 10));
        p = *end == ',' ? end + 1 : end;
      }
    } else if (arg == "--report" && i + 1 < argc) {
      options.report = argv[++i];
    } else {
      rest.push_back(argv[i]);
    }
  }
  std::string interleave = "--benchmark_enable_random_interleaving=true";
  rest.push_back(interleave.data());
  int count = static_cast<int>(rest.size());
  benchmark::Initialize(&count, rest.data());
  if (benchmark::ReportUnrecognizedArguments(count, rest.data())) return 2;

  Suite suite(options);
  suite.add_parsing();
  for (const std::size_t n : options.sizes) suite.add_size(n);
  Collector collector;
  benchmark::RunSpecifiedBenchmarks(&collector);
  const Facts about = facts(options);
  const auto judged = judge(suite.figures(), collector.times);
  print_table(judged, about);
  write_report(options.report, judged, about);
  return 0;
}
