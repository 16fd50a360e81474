// Benchmarks of queries: parsing, counting, finding, and building responses.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <random>

#include "peers.h"
#include "suite.h"

namespace syncdex::bench {

void Suite::add_parsing() {
  const auto url = std::make_shared<std::string>(
      "provider=stripe&health.status=error&name=Choam+Corp+-+HubSpot+Production&metadata=%7B%22custom_"
      "property%22%3A42%7D");
  time(name("parse request", "syncdex"), [url](benchmark::State& state) {
    for (auto _ : state) benchmark::DoNotOptimize(parse_request(*url));
  });
  figure({.what = "parse a request of the page's four parameters",
          .ours = name("parse request", "syncdex"),
          .unit = "us",
          .goal = Figure::Goal::at_most,
          .bound = 1});

  // The cost of a refusal per MB of the request. Of the 63 patterns of 1020 values, two exceed the limit.
  const auto refused = std::make_shared<std::string>();
  for (int i = 0; i < 63 * 1020; ++i) {
    *refused += i % 1020 != 0 ? "%2C" : i == 0 ? "where=" : "%5D%7D%7D&where=";
    if (i % 1020 == 0) *refused += "%7B%22metadata%22%3A%7B%22a%22%3A%5B";
    for (const char c : std::to_string(i)) *refused += fmt::format("%{:02X}", c);
  }
  *refused += "%5D%7D%7D";
  RequestOptions options;
  options.limits.request_bytes = refused->size();
  if (parse_request(*refused, options).error().code != ErrorCode::limit_exceeded) std::abort();
  time(name("refuse request", "syncdex"), [refused, options](benchmark::State& state) {
    for (auto _ : state) benchmark::DoNotOptimize(parse_request(*refused, options));
  });
  figure({.what = "refuse a request of 63 large patterns",
          .ours = name("refuse request", "syncdex"),
          .per = static_cast<double>(refused->size()) / 1e6,
          .unit = "us a MB",
          .goal = Figure::Goal::at_most,
          .bound = 10'000});
}

void Suite::add_queries() {
  const auto catalog = catalog_;
  const bool at_100k = n_ == 100'000;
  const bool judged = n_ >= 100'000 && n_ < kHuge;
  for (const NamedQuery& named : queries()) {
    const Query query = *Query::from_pattern(named.pattern);
    const std::size_t matches = catalog->count(query);
    if (catalog->verify(query) || (at_100k && matches != named.matches_100k)) std::abort();
    const std::string what(named.name);
    const std::string count = name("count " + what, "syncdex");
    time(count, [catalog, query](benchmark::State& state) {
      for (auto _ : state) benchmark::DoNotOptimize(catalog->count(query));
    });
    const bool one_term = named.terms.empty();
    figure({.what = "count: " + what,
            .ours = count,
            .unit = "us",
            .goal = at_100k || (judged && one_term) ? Figure::Goal::at_most : Figure::Goal::none,
            .bound = at_100k ? named.goal_count_us : 0.1});
    if (judged && !one_term && matches > 10) {
      std::size_t shortest = n_;
      bool dense = true;  // if all lists are dense, they are intersected word by word
      for (const std::string& term : named.terms) {
        const std::size_t length = catalog->count(*Query::from_pattern(term));
        shortest = std::min(shortest, length);
        dense = dense && length * 32 > n_;
      }
      figure({.what = (dense ? "count of dense terms: " : "count, by the shortest list: ") + what,
              .ours = count,
              .per = static_cast<double>(dense ? n_ : shortest),
              .unit = dense ? "ns a record" : "ns a row",
              .goal = Figure::Goal::at_most,
              .bound = dense ? 0.02 : 1.0});
    }
    const std::string slices = name("slices " + what, "syncdex");
    time(slices, [catalog, query](benchmark::State& state) {
      for (auto _ : state) {
        const Matches found = catalog->find(query);
        const auto all = found.slices();
        benchmark::DoNotOptimize(all.data());
      }
    });
    figure({.what = "find + slices: " + what,
            .ours = slices,
            .unit = "us",
            .goal = at_100k && named.goal_slices_us > 0 ? Figure::Goal::at_most : Figure::Goal::none,
            .bound = named.goal_slices_us});
    if (judged && one_term && matches > n_ / 100) {
      figure({.what = "find + slices, a match: " + what,
              .ours = slices,
              .per = static_cast<double>(matches),
              .unit = "ns a match",
              .goal = Figure::Goal::at_most,
              .bound = n_ > 100'000 ? 3.0 : 2.0});
    }
  }
}

// 1000 random keys, so that look-ups miss the nearest cache.
void Suite::add_random_keys() {
  const auto catalog = catalog_;
  std::mt19937_64 random(3);
  const auto ask = [&](const char* what, const std::function<std::string(std::uint64_t)>& pattern) {
    auto all = std::make_shared<std::vector<Query>>();
    while (all->size() < 1000) {
      const std::uint64_t i = with_user_id(dataset_, random() % (n_ - 100));
      all->push_back(*Query::from_pattern(pattern(i)));
      if (catalog->count(all->back()) != 1) std::abort();
    }
    for (const bool same : {false, true}) {
      const std::string who = same ? "one key" : "random keys";
      const std::string full = name(fmt::format("find {}", what), who);
      time(full, [catalog, all, same](benchmark::State& state) {
        std::size_t at = 0;
        for (auto _ : state) {
          const Matches found = catalog->find((*all)[at]);
          benchmark::DoNotOptimize(found.rows());
          if (!same && ++at == all->size()) at = 0;
        }
      });
      const bool judged = !same && n_ >= 100'000 && n_ < kHuge;
      figure({.what = fmt::format("find one record by {}, {}", what, who),
              .ours = full,
              .unit = "us",
              .goal = judged ? Figure::Goal::at_most : Figure::Goal::none,
              .bound = n_ > 100'000 ? 0.35 : 0.15});
    }
  };
  ask("id", [&](std::uint64_t i) { return R"({"id":")" + dataset_.id(i) + "\"}"; });
  ask("name", [&](std::uint64_t i) { return R"({"name":")" + dataset_.name(i) + "\"}"; });
  ask("metadata.user_id",
      [&](std::uint64_t i) { return R"({"metadata":{"user_id":")" + dataset_.user_id(i) + "\"}}"; });
}

// 10 % of the records occur twice; the first occurrence is masked.
void Suite::add_replaced() {
  std::string bytes = text_->bytes.substr(0, text_->size);
  for (std::size_t i = 0; i < n_; i += 10) {
    dataset_.append_record(i, bytes);
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
            .ours = ours,
            .unit = "us",
            .goal = n_ < 100'000 ? Figure::Goal::none : Figure::Goal::at_most,
            .bound = 0.5});
  }
}

void Suite::add_responses() {
  const auto found =
      keep(std::make_shared<Matches>(catalog_->find(*Query::from_pattern(R"({"provider":"stripe"})"))));
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
          .ours = name("one buffer", "syncdex"),
          .baseline = name("one buffer", "memcpy"),
          .beside = "memcpy of the same slices",
          .per = static_cast<double>(found->size()),
          .unit = "ns a match",
          .goal = n_ < 100'000 ? Figure::Goal::none : Figure::Goal::at_most,
          .bound = 1.1,
          .ours_over_baseline = true});
}

// Queries on paths that are not indexed: a scan of every record's bytes, compared with a loop over parsed
// documents.
void Suite::add_scan() {
  const auto catalog = catalog_;
  const char* const pattern = R"({"rate_limit":{"allowed_requests":2000,"interval":60}})";
  const Query query = *Query::from_pattern(pattern);
  if (catalog->verify(query)) std::abort();
  time(name("scan", "syncdex"), [catalog, query](benchmark::State& state) {
    for (auto _ : state) benchmark::DoNotOptimize(catalog->count(query));
  });
  figure({.what = "count on paths that are not indexed",
          .ours = name("scan", "syncdex"),
          .per = n(),
          .unit = "ns a record"});
  // A page costs only what is needed to fill it. All pages together cost little more than the whole answer.
  const Request first_page{query, {.limit = 1, .after = {}}};
  time(name("first page", "syncdex"), [catalog, first_page](benchmark::State& state) {
    for (auto _ : state) benchmark::DoNotOptimize(catalog->list(first_page));
  });
  figure({.what = "page of one record on paths that are not indexed",
          .ours = name("first page", "syncdex"),
          .unit = "us",
          .goal = Figure::Goal::at_most,
          .bound = 100});
  time(name("all pages", "syncdex"), [catalog, query](benchmark::State& state) {
    for (auto _ : state) {
      Request request{query, {.limit = 100, .after = {}}};
      for (;;) {
        const auto page = catalog->list(request);
        if (!page->has_more()) break;
        request.page.after = page->next();
      }
    }
  });
  figure({.what = "all pages of 100 records on paths that are not indexed",
          .ours = name("all pages", "syncdex"),
          .baseline = name("scan", "syncdex"),
          .beside = "count of the same query",
          .per = n(),
          .unit = "ns a record",
          .goal = n_ < 100'000 ? Figure::Goal::none : Figure::Goal::at_most,
          .bound = 1.5,
          .ours_over_baseline = true});
  if (n_ > 100'000 || !options_.peers) return;
  const auto documents = keep(std::make_shared<Documents>(text_->records));
  const auto wanted = keep(std::make_shared<Documents::Pattern>(pattern));
  if (documents->count(*wanted) != catalog->count(query)) std::abort();
  time(name("scan", "RapidJSON"), [documents, wanted](benchmark::State& state) {
    for (auto _ : state) benchmark::DoNotOptimize(documents->count(*wanted));
  });
  figure({.what = "count on paths that are not indexed",
          .ours = name("scan", "syncdex"),
          .baseline = name("scan", "RapidJSON"),
          .beside = "loop over RapidJSON documents",
          .per = n(),
          .unit = "ns a record",
          .goal = n_ < 100'000 ? Figure::Goal::none : Figure::Goal::at_most,
          .bound = 1.0,
          .ours_over_baseline = true});
}

}  // namespace syncdex::bench
