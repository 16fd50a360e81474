// Benchmarks of figures, compared with SQLite and with loops.
#include <fmt/format.h>

#include <simdjson.h>
#include <algorithm>
#include <cstdlib>
#include <map>
#include <queue>

#include "peers.h"
#include "suite.h"

namespace syncdex::bench {
namespace {

Query failing() { return *Query::from_pattern(R"({"health":{"status":"error"}})"); }

std::vector<Selection> five_selections() {
  return {{"provider", {R"("stripe")", R"("hubspot")"}},
          {"status", {R"("active")"}},
          {"health.status", {}},
          {"metadata.region", {R"("eu-west-1")"}},
          {"metadata.plan.tier", {}}};
}

constexpr const char* kSince = "2024-06-01T00:00:00Z";

// What a nightly job prints, in one number to compare.
std::size_t report(const Catalog& catalog) {
  std::size_t n = 0;
  for (const char* path : {"provider", "metadata.region", "metadata.plan.tier"}) {
    const auto values = catalog.values(path);
    for (const JsonCount& count : *values) n = n * 31 + count.records;
  }
  const Request newest(failing(), {10, {}}, *Order::parse("-created_at"));
  const auto listing = catalog.list(newest);
  for (const Record record : listing->matches()) n = n * 31 + record.id().size();
  return n * 31 + catalog.count(*Query::of(field("updated_at").before(kSince)));
}

// The same by a loop over the file that parses each record once, as one would write it with simdjson alone.
std::size_t report_by_loop(std::span<const char> text) {
  std::map<std::string, std::size_t, std::less<>> providers, regions, tiers;
  const auto add = [](auto& counts, std::string_view value) {
    const auto at = counts.find(value);
    if (at != counts.end()) {
      ++at->second;
    } else {
      counts.emplace(value, 1);
    }
  };
  using Failing = std::pair<std::string, std::string>;  // created_at and id
  std::priority_queue<Failing, std::vector<Failing>, std::greater<>> newest;
  std::size_t old = 0;
  simdjson::dom::parser parser;
  for (const char* p = text.data(); p < text.data() + text.size();) {
    const auto* const end = static_cast<const char*>(
        std::memchr(p, '\n', static_cast<std::size_t>(text.data() + text.size() - p)));
    simdjson::dom::element record;
    if (parser.parse(p, static_cast<std::size_t>(end - p), false).get(record)) std::abort();
    std::string_view value;
    if (!record["provider"].get(value)) add(providers, value);
    if (!record["metadata"]["region"].get(value)) add(regions, value);
    if (!record["metadata"]["plan"]["tier"].get(value)) add(tiers, value);
    if (!record["health"]["status"].get(value) && value == "error") {
      std::string_view created, id;
      if (record["created_at"].get(created) || record["id"].get(id)) std::abort();
      newest.emplace(created, id);
      if (newest.size() > 10) newest.pop();
    }
    if (!record["updated_at"].get(value)) old += value < kSince;
    p = end + 1;
  }
  std::size_t n = 0;
  for (const auto* counts : {&providers, &regions, &tiers}) {
    std::vector<std::pair<std::size_t, std::string>> sorted;
    for (const auto& [text_value, count] : *counts) sorted.emplace_back(count, text_value);
    std::ranges::sort(sorted, [](const auto& a, const auto& b) {
      return a.first != b.first ? a.first > b.first : a.second < b.second;
    });
    for (const auto& [count, text_value] : sorted) n = n * 31 + count;
  }
  std::vector<std::size_t> sizes;
  for (; !newest.empty(); newest.pop()) sizes.push_back(newest.top().second.size());
  for (const std::size_t size : sizes) n = n * 31 + size;
  return n * 31 + old;
}

}  // namespace

void Suite::add_figures() {
  const auto catalog = catalog_;
  const bool at_100k = n_ == 100'000;
  const bool judged = at_100k || n_ == 1'000'000;
  const auto add = [&](const char* what, std::function<void()> body, double for_100k, double for_1m) {
    const std::string ours = name(what, "syncdex");
    time_call(ours, std::move(body));
    const double goal = at_100k ? for_100k : for_1m;
    figure({.what = what,
            .ours = ours,
            .unit = "us",
            .goal = judged && goal > 0 ? Figure::Goal::at_most : Figure::Goal::none,
            .bound = goal,
            .reference_dom_ns = kFilterDomNs});
  };
  add(
      "providers of failing syncs",
      [catalog, query = failing()] {
        benchmark::DoNotOptimize(catalog->values("provider", query).value().size());
      },
      5, 50);
  add(
      "five facets, all but their own",
      [catalog, selections = five_selections()] {
        benchmark::DoNotOptimize(catalog->facets({}, selections).value().size());
      },
      20, 200);
  add(
      "sum of a number",
      [catalog] { benchmark::DoNotOptimize(catalog->summary("metadata.custom_property").value().numbers); },
      0, 0);
  add(
      "histogram of a number",
      [catalog] {
        benchmark::DoNotOptimize(
            catalog->histogram("metadata.custom_property", {.step = "50"}).value().buckets.size());
      },
      0, 0);
  const auto text = text_;
  if (report(*catalog) != report_by_loop(text->span())) std::abort();
  time_call(name("report", "syncdex"),
            [text] { benchmark::DoNotOptimize(report(*Catalog::load(text->span(), text))); });
  time_call(name("report", "loop"), [text] { benchmark::DoNotOptimize(report_by_loop(text->span())); });
  figure({.what = "report: load, three counts, newest failing, old ones",
          .ours = name("report", "syncdex"),
          .baseline = name("report", "loop"),
          .beside = "one loop with a simdjson DOM",
          .per = n(),
          .unit = "ns a record"});
}

void Suite::add_figure_peers(const std::shared_ptr<Sqlite>& sqlite) {
  const auto statement =
      sqlite->prepare_all("SELECT provider, count(*) FROM syncs WHERE health = 'error' GROUP BY provider");
  const std::string baseline = name("providers of failing syncs", "SQLite");
  if (Sqlite::rows(statement) != catalog_->values("provider", failing()).value().size()) std::abort();
  time_call(baseline, [statement] { benchmark::DoNotOptimize(Sqlite::rows(statement)); });
  figure({.what = "providers of failing syncs",
          .ours = name("providers of failing syncs", "syncdex"),
          .baseline = baseline,
          .beside = "SQLite, indexed",
          .unit = "us"});
}

}  // namespace syncdex::bench
