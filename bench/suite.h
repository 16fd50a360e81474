// The benchmarks and figures for one size of data.
//
// A benchmark is named what/size/who, where `who` is syncdex or a baseline. All benchmarks that a figure
// compares run in one process, with repetitions interleaved at random. The named queries of dataset.h are
// verified against the scan before they are timed.
#pragma once

#include <benchmark/benchmark.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dataset.h"
#include "report.h"
#include "syncdex/syncdex.h"

namespace syncdex::bench {

struct Options {
  bool quick = false;
  bool peers = true;  // include the baselines that take long
  std::vector<std::size_t> sizes;
  std::filesystem::path report = "build/report";
  std::filesystem::path data = "build/bench-data";  // for generated records
};

// Loads the file of n records and prints by how many bytes the process grew, not counting the text. Must be
// the first thing that the process does.
int print_held(const Options& options, std::size_t n);
// The same for a live catalog, with the text. Prints three numbers: after the load, and the maximum and the
// last while each record is rewritten ten times.
int print_held_live(const Options& options, std::size_t n);

// From this size on, only one catalog is held, and only loading the file, look-ups and counts are measured.
constexpr std::size_t kHuge = 5'000'000;

std::string size_name(std::size_t n);

inline double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// Resident bytes of this process.
std::size_t resident();

std::string read_file(const std::filesystem::path& path);

// Records in padded memory, and a view of each.
struct Text {
  std::string bytes;
  std::size_t size = 0;
  std::vector<std::string_view> records;  // set for JSON Lines only

  Text(std::string text, bool lines);
  std::span<const char> span() const { return {bytes.data(), size}; }
};

class Sqlite;
class Structs;

class Suite {
 public:
  Suite(const Options& options, std::size_t n) : options_(options), n_(n), size_(size_name(n)) {}

  void add_all();
  const std::vector<Figure>& figures() const { return figures_; }

 private:
  // load_bench.cpp
  void add_loads();
  void add_file_loads();
  void add_memory();
  // query_bench.cpp
  void add_parsing();
  void add_queries();
  void add_random_keys();
  void add_replaced();
  void add_responses();
  void add_scan();
  // peer_bench.cpp
  void add_peers();
  void add_duckdb();  // if it is at hand
  void add_filter_peers(const std::shared_ptr<Sqlite>& sqlite, const std::shared_ptr<Structs>& structs);
  // filter_bench.cpp
  void add_filters();
  // order_bench.cpp
  void add_orders();
  void add_order_peers(const std::shared_ptr<Sqlite>& sqlite, const std::shared_ptr<Structs>& structs);
  // figure_bench.cpp
  void add_figures();
  void add_figure_peers(const std::shared_ptr<Sqlite>& sqlite);
  // thread_bench.cpp
  void add_readers();
  // live_bench.cpp
  void add_changes();
  void add_readers_beside_a_writer();
  void add_subscriptions();
  void add_live_memory();
  // poll_bench.cpp
  void add_polling();
  // hostile_bench.cpp
  void add_hostile();

  std::string name(const std::string& what, const std::string& who) const {
    return what + "/" + size_ + "/" + who;
  }
  // How a benchmark is timed.
  //   many        many calls per repetition
  //   once        one call per repetition
  //   slow        one call per repetition, fewer repetitions
  //   given       one call per repetition, which reports the time itself
  //   given_slow  the same, fewer repetitions
  enum class Timing { many, once, slow, given, given_slow };
  void time(const std::string& full_name, std::function<void(benchmark::State&)> body,
            Timing timing = Timing::many);
  // Calls the body once, and chooses the timing by how long that takes.
  void time_call(const std::string& full_name, std::function<void()> body);
  void time_once(const std::string& full_name, std::function<void()> body);
  void figure(Figure f) {
    f.size = size_;
    figures_.push_back(std::move(f));
  }
  template <class T>
  std::shared_ptr<T> keep(std::shared_ptr<T> thing) {
    kept_.push_back(thing);
    return thing;
  }
  double n() const { return static_cast<double>(n_); }

  Options options_;
  Dataset dataset_{1};
  std::size_t n_;
  std::string size_;
  std::shared_ptr<Text> text_;
  std::shared_ptr<Catalog> catalog_;
  std::vector<std::shared_ptr<void>> kept_;
  std::vector<Figure> figures_;
};

}  // namespace syncdex::bench
