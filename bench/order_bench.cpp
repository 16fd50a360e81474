// Benchmarks of orders: pages, whole answers, and the making of views, compared with SQLite, which has an
// index for each of these pages, and with a loop that selects and sorts.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "peers.h"
#include "suite.h"

namespace syncdex::bench {
namespace {

struct NamedPage {
  const char* name;
  const char* pattern;
  const char* where;
  bool (*meets)(const Structs::Sync& sync);
};

// About every, every fourth, and every five hundredth record.
const std::array kPages = {
    NamedPage{"all", "{}", "TRUE", [](const Structs::Sync&) { return true; }},
    NamedPage{"one provider", R"({"provider":"stripe"})", "provider = 'stripe'",
              [](const Structs::Sync& s) { return s.provider == "stripe"; }},
    NamedPage{"four terms",
              R"({"provider":"stripe","status":"disabled","health":{"status":"healthy"},)"
              R"("metadata":{"plan":{"tier":"growth"}}})",
              "provider = 'stripe' AND status = 'disabled' AND health = 'healthy' AND tier = 'growth'",
              [](const Structs::Sync& s) {
                if (s.provider != "stripe" || s.status != "disabled" || s.health_status != "healthy")
                  return false;
                const auto plan = s.metadata.find("plan");
                return plan != s.metadata.end() && plan->is_object() && plan->value("tier", "") == "growth";
              }}};
constexpr std::uint32_t kLimit = 50;

Order newest() { return *Order::parse("-created_at"); }

}  // namespace

void Suite::add_orders() {
  const auto catalog = catalog_;
  const bool at_100k = n_ == 100'000;
  const bool judged = at_100k || n_ == 1'000'000;
  const auto figure_of = [&](std::string what, const std::string& ours, double goal) {
    figure({.what = std::move(what),
            .ours = ours,
            .unit = "us",
            .goal = judged && goal > 0 ? Figure::Goal::at_most : Figure::Goal::none,
            .bound = goal,
            .reference_dom_ns = kFilterDomNs});
  };
  const double page_goal = at_100k ? 12 : 40;
  for (const NamedPage& page : kPages) {
    const Query query = *Query::from_pattern(page.pattern);
    const Request first(query, {kLimit, {}}, newest());
    Request second = first;
    const auto listing = catalog->list(first);
    second.page.after = listing->next();
    for (const auto& [what, request] : {std::pair("newest 50", first), std::pair("next 50", second)}) {
      const std::string ours = name(fmt::format("{} of {}", what, page.name), "syncdex");
      time_call(ours, [catalog, request = request] {
        benchmark::DoNotOptimize(catalog->list(request).value().matches().size());
      });
      figure_of(fmt::format("{} of {}", what, page.name), ours, page_goal);
    }
  }
  const std::string whole = name("all by created_at", "syncdex");
  time_call(whole, [catalog] { benchmark::DoNotOptimize(catalog->find(Query(), newest()).size()); });
  figure_of("find all, ordered by created_at", whole, 0);
  const std::string two = name("newest 50 by status and time", "syncdex");
  const Request by_two({}, {kLimit, {}}, *Order::parse("status,-created_at"));
  time_call(two,
            [catalog, by_two] { benchmark::DoNotOptimize(catalog->list(by_two).value().matches().size()); });
  figure_of("first 50 by status and -created_at", two, 0);

  // A catalog that keeps no view makes one for each answer.
  LoadOptions options;
  options.limits.ordered_views = 0;
  const auto forgetful = keep(std::make_shared<Catalog>(*Catalog::load(text_->span(), text_, options)));
  for (const auto& [path, filter] : {std::pair("created_at", R"({"path":"created_at","lt":"2000-01-01"})"),
                                     std::pair("name", R"({"path":"name","lt":"A"})")}) {
    const Query query = *Query::from_filter(filter);
    const std::string made = name(fmt::format("make the view of {}", path), "syncdex");
    const std::string scan = name(fmt::format("scan {}", path), "syncdex");
    time_call(made, [forgetful, query] { benchmark::DoNotOptimize(forgetful->count(query)); });
    time_call(scan, [forgetful, query] { benchmark::DoNotOptimize(forgetful->scan(query).size()); });
    figure({.what = fmt::format("first use of {}", path),
            .ours = made,
            .baseline = scan,
            .beside = "a scan of it",
            .per = n(),
            .unit = "ns a record",
            .goal = judged ? Figure::Goal::at_most : Figure::Goal::none,
            .bound = 1.5,
            .ours_over_baseline = true});
  }
  // All records, newest first, 1 000 a page.
  const auto walk = [catalog] {
    Request request(Query(), {1'000, {}}, newest());
    std::size_t records = 0;
    for (;;) {
      const auto page = catalog->list(request);
      records += page->matches().size();
      if (!page->has_more()) break;
      request.page.after = page->next();
    }
    if (records != catalog->size()) std::abort();
  };
  const auto all_at_once = [catalog] { benchmark::DoNotOptimize(catalog->find(Query(), newest()).size()); };
  time_once(name("full walk", "syncdex"), walk);
  time_once(name("full walk", "one answer"), all_at_once);
  figure({.what = "full walk, newest first, 1000 a page",
          .ours = name("full walk", "syncdex"),
          .baseline = name("full walk", "one answer"),
          .beside = "the same in one answer",
          .per = n(),
          .unit = "ns a record",
          .ours_over_baseline = true});
  const std::uint64_t before = catalog->stats().view_bytes;
  if (!catalog->prepare({"updated_at"})) std::abort();
  figure({.what = "memory of one view",
          .unit = "bytes a record",
          .goal = judged ? Figure::Goal::at_most : Figure::Goal::none,
          .bound = 12.5,
          .given = true,
          .value = static_cast<double>(catalog->stats().view_bytes - before) / n()});
}

void Suite::add_order_peers(const std::shared_ptr<Sqlite>& sqlite, const std::shared_ptr<Structs>& structs) {
  for (const NamedPage& page : kPages) {
    const std::string what = fmt::format("newest 50 of {}", page.name);
    const auto listing = catalog_->list(Request(*Query::from_pattern(page.pattern), {kLimit, {}}, newest()));
    const auto statement =
        sqlite->prepare(fmt::format("{} ORDER BY created_at DESC, seq LIMIT {}", page.where, kLimit));
    std::size_t bytes = 0;
    listing->matches().for_each_slice([&](std::string_view slice) { bytes += slice.size(); });
    if (Sqlite::bytes(statement) != bytes) std::abort();
    time_call(name(what, "SQLite"), [statement] { benchmark::DoNotOptimize(Sqlite::bytes(statement)); });
    const auto found = std::make_shared<std::vector<const Structs::Sync*>>();
    const auto loop = [structs, found, meets = page.meets] {
      found->clear();
      for (const Structs::Sync& sync : structs->all()) {
        if (meets(sync)) found->push_back(&sync);
      }
      const auto end =
          found->begin() + std::min<std::ptrdiff_t>(kLimit, static_cast<std::ptrdiff_t>(found->size()));
      std::partial_sort(found->begin(), end, found->end(), [](const auto* a, const auto* b) {
        return a->created_at != b->created_at ? a->created_at > b->created_at : a < b;
      });
      benchmark::DoNotOptimize(found->data());
    };
    loop();
    for (std::size_t i = 0; i < listing->matches().size(); ++i) {
      if ((*found)[i]->id != listing->matches()[i].id()) std::abort();
    }
    time_call(name(what, "structs"), loop);
    for (const auto& [who, beside] : {std::pair("SQLite", "SQLite, an index made for it"),
                                      std::pair("structs", "loop over structs and a partial sort")}) {
      figure({.what = what,
              .ours = name(what, "syncdex"),
              .baseline = name(what, who),
              .beside = beside,
              .unit = "us",
              .goal = n_ >= 100'000 ? Figure::Goal::at_least : Figure::Goal::none,
              .bound = 1});
    }
  }
}

}  // namespace syncdex::bench
