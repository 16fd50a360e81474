// What is measured, for one size of data: the benchmarks and the figures that are made of them.
//
// A benchmark's name is  what/size/who, who being syncdex or the baseline. All that a figure compares
// runs in one process, repetitions interleaved at random. Every query's number of matches is proved
// against the scan before it is timed.
#pragma once

#include <benchmark/benchmark.h>

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
  bool peers = true;  // and the baselines that take long
  std::vector<std::size_t> sizes;
  std::filesystem::path report = "build/report";
  std::filesystem::path data = "build/bench-data";  // where generated records are kept
};

// Loads the file of n records in this process, which has done nothing else, and prints by how many bytes
// that made it larger, the text left out.
int print_held(const Options& options, std::size_t n);
// The same for a live catalog: after the load, and the most and the last while all its records are written
// anew ten times.
int print_held_live(const Options& options, std::size_t n);

// From here on, only what one catalog needs is measured: loading the file, looking up, counting.
constexpr std::size_t kHuge = 5'000'000;

std::string size_name(std::size_t n);

// Resident bytes of this process.
std::size_t resident();

std::string read_file(const std::filesystem::path& path);

// Records in padded memory, and where each begins and ends.
struct Text {
  std::string bytes;
  std::size_t size = 0;
  std::vector<std::string_view> records;  // of JSON Lines

  Text(std::string text, bool lines);
  std::span<const char> span() const { return {bytes.data(), size}; }
};

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
  // thread_bench.cpp
  void add_readers();
  // live_bench.cpp
  void add_changes();
  void add_replace_all();
  void add_readers_beside_a_writer();
  void add_subscriptions();
  void add_live_memory();

  std::string name(const std::string& what, const std::string& who) const {
    return what + "/" + size_ + "/" + who;
  }
  // How a benchmark's time is taken: many calls a repetition; one, for what takes long, and fewer of
  // them for what takes very long; or one that says itself how long the part took that is meant.
  enum class Timing { many, once, slow, given, given_slow };
  void time(const std::string& full_name, std::function<void(benchmark::State&)> body,
            Timing timing = Timing::many);
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
