// Benchmarks of filters: counts and slices, compared with SQLite and with loops that are written for each
// filter.
#include <fmt/format.h>

#include <cstdlib>

#include "peers.h"
#include "suite.h"

namespace syncdex::bench {

void Suite::add_filters() {
  const auto catalog = catalog_;
  const bool at_100k = n_ == 100'000;
  const bool at_1m = n_ == 1'000'000;
  const auto goal = [&](double for_100k, double for_1m) { return at_100k ? for_100k : at_1m ? for_1m : 0.0; };
  const auto kind = [](double bound) { return bound > 0 ? Figure::Goal::at_most : Figure::Goal::none; };
  for (const NamedFilter& named : filters()) {
    const Query query = *Query::from_filter(named.json);
    const std::size_t matches = catalog->count(query);
    if (catalog->verify(query) || (at_100k && matches != named.matches_100k)) std::abort();
    const std::string what(named.name);
    const std::string count = name("filter count " + what, "syncdex");
    time_call(count, [catalog, query] { benchmark::DoNotOptimize(catalog->count(query)); });
    const double count_goal = goal(named.goals.count_100k, named.goals.count_1m);
    figure({.what = "count by filter: " + what,
            .ours = count,
            .unit = "us",
            .goal = kind(count_goal),
            .bound = count_goal,
            .reference_dom_ns = kFilterDomNs});
    if (const double find_goal = goal(named.goals.find_100k, named.goals.find_1m); find_goal > 0) {
      const std::string find = name("filter find " + what, "syncdex");
      time_call(find, [catalog, query] { benchmark::DoNotOptimize(catalog->find(query).size()); });
      figure({.what = "find by filter: " + what,
              .ours = find,
              .unit = "us",
              .goal = kind(find_goal),
              .bound = find_goal,
              .reference_dom_ns = kFilterDomNs});
    }
    const std::string slices = name("filter slices " + what, "syncdex");
    time_call(slices, [catalog, query] {
      const Matches found = catalog->find(query);
      const auto all = found.slices();
      benchmark::DoNotOptimize(all.data());
    });
    const double slices_goal = goal(named.goals.slices_100k, named.goals.slices_1m);
    figure({.what = "find + slices by filter: " + what,
            .ours = slices,
            .unit = "us",
            .goal = kind(slices_goal),
            .bound = slices_goal,
            .reference_dom_ns = kFilterDomNs});
  }
}

void Suite::add_filter_peers(const std::shared_ptr<Sqlite>& sqlite, const std::shared_ptr<Structs>& structs) {
  for (const NamedFilter& named : filters()) {
    const std::string what(named.name);
    const std::size_t expected = catalog_->count(*Query::from_filter(named.json));
    const FilterPeers peers = peers_of(named);
    const auto statement = sqlite->prepare(peers.where);
    const auto texts = std::make_shared<std::vector<std::string_view>>();
    if (Sqlite::count(statement) != expected) std::abort();
    if (structs->run(peers.loop, texts.get()) != expected || texts->size() != expected) std::abort();
    const auto add = [&](const char* question, const char* figure_what, const char* who, const char* beside,
                         std::function<void()> body, double at_least) {
      const std::string baseline = name(fmt::format("filter {} {}", question, what), who);
      time_call(baseline, std::move(body));
      figure({.what = fmt::format("{} by filter: {}", figure_what, what),
              .ours = name(fmt::format("filter {} {}", question, what), "syncdex"),
              .baseline = baseline,
              .beside = beside,
              .unit = "us",
              .goal = at_least > 0 ? Figure::Goal::at_least : Figure::Goal::none,
              .bound = at_least});
    };
    add(
        "count", "count", "SQLite", "SQLite, indexed",
        [statement] { benchmark::DoNotOptimize(Sqlite::count(statement)); },
        n_ < 100'000 ? 0 : named.goals.sqlite);
    add(
        "slices", "find + slices", "SQLite", "SQLite, texts not copied",
        [statement] { benchmark::DoNotOptimize(Sqlite::bytes(statement)); }, 0);
    add(
        "count", "count", "structs", "loop over structs",
        [structs, loop = peers.loop] { benchmark::DoNotOptimize(structs->run(loop)); }, 0);
    if (options_.quick) continue;  // it takes little longer than the count
    add(
        "slices", "find + slices", "structs", "loop over structs",
        [structs, texts, loop = peers.loop] {
          texts->clear();
          benchmark::DoNotOptimize(structs->run(loop, texts.get()));
        },
        0);
  }
}

}  // namespace syncdex::bench
