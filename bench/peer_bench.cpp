// The same queries, answered by what a host would use instead of syncdex.
#include <fmt/format.h>

#include <boost/multi_index/hashed_index.hpp>
#include <boost/multi_index/member.hpp>
#include <boost/multi_index_container.hpp>
#include <chrono>

#include "duckdb.h"
#include "peers.h"
#include "suite.h"

namespace syncdex::bench {
namespace {

// A plain Boost.MultiIndex container with the fields that a query by provider needs.
struct PlainRecord {
  std::string_view id, provider, name, text;
};
namespace mi = boost::multi_index;
using PlainMultiIndex = mi::multi_index_container<
    PlainRecord,
    mi::indexed_by<mi::hashed_unique<mi::member<PlainRecord, std::string_view, &PlainRecord::id>>,
                   mi::hashed_non_unique<mi::member<PlainRecord, std::string_view, &PlainRecord::provider>>,
                   mi::hashed_non_unique<mi::member<PlainRecord, std::string_view, &PlainRecord::name>>>>;

}  // namespace

void Suite::add_peers() {
  const auto catalog = catalog_;
  fmt::print(stderr, "{} records: loading the peers\n", size_);
  const auto plain = keep(std::make_shared<PlainMultiIndex>());
  for (const Record record : catalog->find(Query())) {
    plain->insert({record.id(), record.provider(), record.name(), record.json()});
  }
  const Query stripe = *Query::from_pattern(R"({"provider":"stripe"})");
  if (plain->get<1>().count(std::string_view("stripe")) != catalog->count(stripe)) std::abort();
  time(name("walk provider", "plain Boost.MultiIndex"), [plain](benchmark::State& state) {
    for (auto _ : state) {
      std::size_t bytes = 0;
      const auto [first, last] = plain->get<1>().equal_range(std::string_view("stripe"));
      for (auto at = first; at != last; ++at) bytes += at->text.size();
      benchmark::DoNotOptimize(bytes);
    }
  });
  figure({.what = "find + slices: provider",
          .ours = name("slices provider", "syncdex"),
          .baseline = name("walk provider", "plain Boost.MultiIndex"),
          .beside = "plain Boost.MultiIndex walk",
          .unit = "us"});
  const auto sqlite = keep(std::make_shared<Sqlite>(text_->records));
  // The loop over a pattern takes half a second for 1M records.
  const auto structs = n_ <= 100'000 ? keep(std::make_shared<Structs>(text_->records)) : nullptr;
  for (const NamedQuery& named : queries()) {
    const std::string what(named.name);
    const auto statement = sqlite->prepare(sqlite_where(named.name, named.pattern));
    const std::size_t expected = catalog->count(*Query::from_pattern(named.pattern));
    const auto start = std::chrono::steady_clock::now();
    const std::size_t found = Sqlite::count(statement);
    // A statement that scans the table runs once per repetition.
    const bool slow = std::chrono::steady_clock::now() - start > std::chrono::milliseconds(50);
    const Timing timing = slow ? Timing::slow : Timing::many;
    const std::string differs = found == expected ? "" : fmt::format(" (finds {}, not {})", found, expected);
    time(
        name("count " + what, "SQLite"),
        [statement](benchmark::State& state) {
          for (auto _ : state) benchmark::DoNotOptimize(Sqlite::count(statement));
        },
        timing);
    figure({.what = "count: " + what,
            .ours = name("count " + what, "syncdex"),
            .baseline = name("count " + what, "SQLite"),
            .beside = "SQLite, indexed" + differs,
            .unit = "us"});
    if (n_ <= 100'000) {
      const auto out = keep(std::make_shared<std::string>());
      time(
          name("texts " + what, "SQLite"),
          [statement, out](benchmark::State& state) {
            for (auto _ : state) benchmark::DoNotOptimize(Sqlite::texts(statement, *out));
          },
          timing);
      figure({.what = "find + slices: " + what,
              .ours = name("slices " + what, "syncdex"),
              .baseline = name("texts " + what, "SQLite"),
              .beside = "SQLite, texts in one buffer" + differs,
              .unit = "us"});
    }
    if (structs == nullptr) continue;
    const auto pattern = std::make_shared<nlohmann::json>(nlohmann::json::parse(named.pattern));
    if (structs->count(*pattern) != expected) std::abort();
    time(
        name("count " + what, "structs"),
        [structs, pattern](benchmark::State& state) {
          for (auto _ : state) benchmark::DoNotOptimize(structs->count(*pattern));
        },
        Timing::once);
    figure({.what = "count: " + what,
            .ours = name("count " + what, "syncdex"),
            .baseline = name("count " + what, "structs"),
            .beside = "loop over structs",
            .unit = "us"});
  }
  const auto all_structs = structs != nullptr ? structs : keep(std::make_shared<Structs>(text_->records));
  add_filter_peers(sqlite, all_structs);
  add_order_peers(sqlite, all_structs);
  add_figure_peers(sqlite);
  add_duckdb();
}

void Suite::add_duckdb() {
  if (std::getenv("SYNCDEX_DUCKDB") == nullptr) {
    fmt::print(stderr, "DuckDB: skipped, SYNCDEX_DUCKDB names no library\n");
    return;
  }
  const auto duckdb = keep(DuckDb::load(text_->records));
  const auto add = [&](const std::string& what, const std::string& ours, const std::string& figure_what,
                       std::string_view where, std::size_t expected) {
    const DuckDb::Count* const count = duckdb->prepare(where);
    if (count == nullptr) return;
    if (duckdb->count(count) != expected) std::abort();
    time_call(name(ours, "DuckDB"), [duckdb, count] { benchmark::DoNotOptimize(duckdb->count(count)); });
    figure({.what = figure_what + what,
            .ours = name(ours, "syncdex"),
            .baseline = name(ours, "DuckDB"),
            .beside = "DuckDB " + duckdb->version(),
            .unit = "us"});
  };
  for (const NamedQuery& named : queries()) {
    const std::string what(named.name);
    add(what, "count " + what, "count: ", sqlite_where(named.name, named.pattern),
        catalog_->count(*Query::from_pattern(named.pattern)));
  }
  for (const NamedFilter& named : filters()) {
    const std::string what(named.name);
    add(what, "filter count " + what, "count by filter: ", peers_of(named).where,
        catalog_->count(*Query::from_filter(named.json)));
  }
}

}  // namespace syncdex::bench
