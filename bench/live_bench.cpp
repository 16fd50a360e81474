// Benchmarks of live catalogs: the cost of a change, and its effect on readers, memory and standing queries.
#include <fmt/format.h>
#include <malloc.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "suite.h"

namespace syncdex::bench {
namespace {

using Clock = std::chrono::steady_clock;

// Produces upserts that cycle through all records in a scattered order. Each upsert has a new value.
class Writer {
 public:
  Writer(const Dataset& dataset, std::size_t n) : dataset_(dataset), n_(n) {}

  std::string next(std::size_t records) {
    std::string text;
    text.reserve(records * 1200);
    for (std::size_t i = 0; i < records; ++i) {
      const std::size_t at = text.size();
      dataset_.append_record(written_ * kStep % n_, text);
      text.insert(text.find("\"status\"", at), fmt::format("\"external_id\":\"write {}\",", written_++));
      text += '\n';
    }
    return text;
  }

 private:
  static constexpr std::size_t kStep =
      48'271;  // a prime that does not divide n: every record is written before any is repeated
  Dataset dataset_;
  std::size_t n_;
  std::size_t written_ = 1;
};

void apply(LiveCatalog& live, std::string upserts) {
  const auto diff = live.apply({.upserts = std::move(upserts)});
  if (!diff) std::abort();
  benchmark::DoNotOptimize(diff->version);
}

}  // namespace

int print_held_live(const Options& options, std::size_t n) {
  constexpr std::size_t kBatch = 1000;
  const Dataset dataset(1);
  const std::filesystem::path file = dataset.file(options.data, n);
  Writer writer(dataset, n);
  ::malloc_trim(0);
  const std::size_t before = resident();
  LiveCatalog live(*Catalog::load_file(file));
  ::malloc_trim(0);
  const std::size_t fresh = resident() - before;
  std::size_t most = 0;
  std::size_t last = 0;
  for (std::size_t i = 0; i < 10 * n / kBatch; ++i) {
    apply(live, writer.next(kBatch));
    if (i % 5 != 4) continue;
    ::malloc_trim(0);
    last = resident() - before;
    most = std::max(most, last);
  }
  fmt::print("{} {} {}\n", fresh, most, last);
  return live.snapshot().size() == n ? 0 : 1;
}

void Suite::add_changes() {
  const auto live = keep(std::make_shared<LiveCatalog>(*catalog_));
  const auto writer = keep(std::make_shared<Writer>(dataset_, n_));
  const bool judged = n_ >= 1'000'000;
  // Measure a catalog after many changes, when its first segments are about to be rewritten because of their
  // dead records.
  for (std::size_t i = 0; i < n_ * 3 / 10 / 1000; ++i) apply(*live, writer->next(1000));

  const auto upserts = [&](const std::string& what, std::size_t calls, std::size_t records) {
    time(
        name(what, "syncdex"),
        [live, writer, calls, records](benchmark::State& state) {
          for (auto _ : state) {
            double seconds = 0;
            for (std::size_t i = 0; i < calls; ++i) {
              std::string text = writer->next(records);
              const auto start = Clock::now();
              apply(*live, std::move(text));
              seconds += seconds_since(start);
            }
            state.SetIterationTime(seconds);
          }
        },
        Timing::given);
  };
  const std::size_t singles = options_.quick ? 2000 : 10'000;
  upserts("upsert of one", singles, 1);
  figure({.what = "one record upserted, merges included",
          .ours = name("upsert of one", "syncdex"),
          .per = static_cast<double>(singles),
          .unit = "us",
          .goal = judged ? Figure::Goal::at_most : Figure::Goal::none,
          .bound = 20});
  const std::size_t batches = options_.quick ? 20 : 100;
  upserts("upsert of 1000", batches, 1000);
  figure({.what = "batches of 1000 upserted, merges included",
          .ours = name("upsert of 1000", "syncdex"),
          .per = static_cast<double>(batches * 1000),
          .unit = "us a record",
          .goal = judged ? Figure::Goal::at_most : Figure::Goal::none,
          .bound = 1e6 / 300'000});

  // Compare look-ups in the changed catalog with those in a fresh load of the same records.
  apply(*live, writer->next(1));
  for (std::size_t i = 0; i < 500; ++i) apply(*live, writer->next(1 + i % 7));
  const auto many = keep(std::make_shared<Catalog>(live->snapshot()));
  std::string lines;
  many->append_ndjson_to(lines);
  const auto single = keep(std::make_shared<Catalog>(*Catalog::load(std::move(lines))));
  if (single->size() != many->size()) std::abort();
  std::vector<Query> by_id;
  std::vector<Query> by_user;
  for (std::size_t i = 0; i < 1000; ++i) {
    by_id.push_back(*QueryBuilder().id(dataset_.id(i * 7919 % n_)).build());
    const std::string user = dataset_.user_id(with_user_id(dataset_, i * 7919 % (n_ / 2)));
    by_user.push_back(*QueryBuilder().metadata("user_id", user).build());
  }
  const auto find = [&](const char* what, const std::vector<Query>& queries) {
    for (const auto& [who, catalog] : {std::pair("changed", many), std::pair("fresh", single)}) {
      for (const Query& query : queries) {
        if (catalog->count(query) != 1) std::abort();
      }
      time(name(fmt::format("find {} after changes", what), who),
           [catalog = catalog, queries](benchmark::State& state) {
             std::size_t i = 0;
             for (auto _ : state) {
               benchmark::DoNotOptimize(catalog->find(queries[i++ % queries.size()]).size());
             }
           });
    }
    figure({.what = fmt::format("find by {}, with {} segments", what, many->stats().segments),
            .ours = name(fmt::format("find {} after changes", what), "changed"),
            .baseline = name(fmt::format("find {} after changes", what), "fresh"),
            .beside = fmt::format("loaded afresh, {} segments", single->stats().segments),
            .unit = "us",
            .goal = n_ < 100'000 ? Figure::Goal::none : Figure::Goal::at_most,
            .bound = 1.5,
            .ours_over_baseline = true});
  };
  find("id", by_id);
  find("metadata.user_id", by_user);
}

// The 99th percentile of single look-ups, with and without a concurrent writer.
void Suite::add_readers_beside_a_writer() {
  const auto live = keep(std::make_shared<LiveCatalog>(*catalog_));
  std::vector<Query> queries;
  for (std::size_t i = 0; i < 1000; ++i) {
    queries.push_back(*QueryBuilder().id(dataset_.id(i * 7919 % n_)).build());
  }
  const auto read = [live, queries, calls = options_.quick ? 50'000 : 200'000] {
    std::vector<float> times;
    times.reserve(static_cast<std::size_t>(calls));
    for (int i = 0; i < calls; ++i) {
      const auto start = Clock::now();
      const Catalog now = live->snapshot();
      benchmark::DoNotOptimize(now.find(queries[static_cast<std::size_t>(i) % queries.size()]).size());
      times.push_back(static_cast<float>(seconds_since(start)));
    }
    const auto p99 = times.begin() + static_cast<std::ptrdiff_t>(times.size() * 99 / 100);
    std::nth_element(times.begin(), p99, times.end());
    return static_cast<double>(*p99);
  };
  time(
      name("reader p99", "idle"),
      [read](benchmark::State& state) {
        for (auto _ : state) state.SetIterationTime(read());
      },
      Timing::given);
  const auto beside = [&](const char* who, std::size_t records) {
    time(
        name("reader p99", who),
        [read, live, records, dataset = dataset_, n = n_](benchmark::State& state) {
          std::atomic<bool> stop = false;
          std::atomic<bool> started = false;
          std::thread thread([&] {
            Writer writer(dataset, n);
            while (!stop) {
              apply(*live, writer.next(records));
              started = true;
            }
          });
          while (!started) std::this_thread::yield();
          for (auto _ : state) state.SetIterationTime(read());
          stop = true;
          thread.join();
        },
        Timing::given);
    figure({.what = fmt::format("a reader's p99, snapshot and find by id, beside {}", who),
            .ours = name("reader p99", who),
            .baseline = name("reader p99", "idle"),
            .beside = "nobody writes",
            .unit = "us",
            .goal = n_ < 100'000 ? Figure::Goal::none : Figure::Goal::at_most,
            .bound = 1.5,
            .ours_over_baseline = true});
  };
  beside("upserts of one", 1);
  beside("batches of 1000", 1000);
}

void Suite::add_subscriptions() {
  // Each standing query is for one user id, so a change affects at most one of them.
  const std::size_t calls = options_.quick ? 300 : 2000;
  for (const std::size_t count : {std::size_t{0}, std::size_t{1}, std::size_t{100}, std::size_t{10'000}}) {
    const auto live = keep(std::make_shared<LiveCatalog>(*catalog_));
    const auto writer = keep(std::make_shared<Writer>(dataset_, n_));
    const auto told = keep(std::make_shared<std::size_t>(0));
    const auto all = keep(std::make_shared<std::vector<Subscription>>());
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint64_t record = with_user_id(dataset_, i * 31 % n_);
      const Query query = *QueryBuilder().metadata("user_id", dataset_.user_id(record)).build();
      all->push_back(live->subscribe(query, [told](const Delta&) { ++*told; }));
    }
    const std::string who = fmt::format("{} queries", count);
    time(
        name("upsert beside", who),
        [live, writer, calls, all](benchmark::State& state) {
          for (auto _ : state) {
            double seconds = 0;
            for (std::size_t i = 0; i < calls; ++i) {
              std::string text = writer->next(1);
              const auto start = Clock::now();
              apply(*live, std::move(text));
              seconds += seconds_since(start);
            }
            state.SetIterationTime(seconds);
          }
        },
        Timing::given);
    if (count == 0) continue;
    figure({.what = fmt::format("one upsert beside {} standing {}", count, count == 1 ? "query" : "queries"),
            .ours = name("upsert beside", who),
            .baseline = name("upsert beside", "0 queries"),
            .beside = "none",
            .per = static_cast<double>(calls),
            .unit = "us",
            .ours_over_baseline = true});
  }
}

void Suite::add_live_memory() {
  const std::size_t n = std::min<std::size_t>(n_, options_.quick ? 10'000 : 100'000);
  const std::string command =
      fmt::format("'{}' --held-live {} --data '{}'", std::filesystem::read_symlink("/proc/self/exe").string(),
                  n, options_.data.string());
  std::size_t fresh = 0;
  std::size_t most = 0;
  std::size_t last = 0;
  if (std::FILE* const pipe = ::popen(command.c_str(), "r")) {
    if (std::fscanf(pipe, "%zu %zu %zu", &fresh, &most, &last) != 3) fresh = 0;
    ::pclose(pipe);
  }
  if (fresh == 0) return;
  const auto held = [&](const char* when, std::size_t bytes, bool judged) {
    figure({.what = fmt::format("memory after {} upserts into {}, {}", size_name(10 * n), size_name(n), when),
            .unit = "x a fresh load",
            .goal = judged ? Figure::Goal::at_most : Figure::Goal::none,
            .bound = 1.6,
            .given = true,
            .value = static_cast<double>(bytes) / static_cast<double>(fresh)});
  };
  held("the most", most, true);
  held("at the end", last, false);
}

}  // namespace syncdex::bench
