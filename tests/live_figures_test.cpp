// Threat T42: after changes, merges and reconciles, whose segments become smaller and larger than the border
// below which providers and statuses are kept in another place, a catalog says of itself what a fresh load of
// its own text says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "support/hostile.h"
#include "support/random_records.h"
#include "syncdex/ostream.h"
#include "syncdex/syncdex.h"

namespace syncdex {
namespace {

using test::must;

// Everything that the calls of introspection and figures say, except sizes of memory and segments. Terms are
// counted with those of dead records.
std::string told(const Catalog& catalog, bool with_terms) {
  std::string out = "records " + std::to_string(catalog.size()) + '\n';
  const auto counts = [&](const char* what, const std::vector<ValueCount>& values) {
    out.append(what).append(":");
    for (const ValueCount& v : values)
      out.append(" ").append(v.value).append(" ").append(std::to_string(v.records));
    out += '\n';
  };
  const auto json_counts = [&](const std::string& what, const std::vector<JsonCount>& values) {
    out.append(what).append(":");
    for (const JsonCount& v : values)
      out.append(" ").append(v.json).append(" ").append(std::to_string(v.records));
    out += '\n';
  };
  const Stats stats = catalog.stats();
  out += "distinct " + std::to_string(stats.providers) + ' ' + std::to_string(stats.names) + ' ' +
         std::to_string(stats.statuses) + '\n';
  if (with_terms) out += std::to_string(stats.terms) + " terms\n";
  const Query queries[] = {
      Query(), *parse_request("provider=a").transform(&Request::query),
      *parse_request("status[ne]=s1").transform(&Request::query),
      *parse_request("metadata.n[gte]=3&provider[in]=a&provider[in]=b").transform(&Request::query)};
  for (const Query& query : queries) {
    out += query.text() + '\n';
    const Facets facets = catalog.facets(query);
    counts("provider", facets.provider);
    counts("status", facets.status);
    counts("health.status", facets.health_status);
    for (const Fields fields : {Fields::indexed, Fields::all}) {
      for (const PathSummary& p : catalog.paths(query, fields)) {
        out += p.path;
        for (const std::uint64_t n :
             {p.records, p.nulls, p.booleans, p.numbers, p.strings, p.arrays, p.objects, p.values})
          out += ' ' + std::to_string(n);
        out += '\n';
      }
    }
    for (const char* path :
         {"id", "provider", "status", "name", "health.status", "metadata.n", "metadata.tags[]", "x"}) {
      json_counts(path, must(catalog.values(path, query, {.limit = 1'000, .by_value = true})));
      if (std::string_view(path).ends_with("]")) continue;
      const Summary s = must(catalog.summary(path, query));
      out += std::to_string(s.records) + ' ' + std::to_string(s.none) + ' ' + std::to_string(s.strings) +
             ' ' + s.min + ' ' + s.max + ' ' + s.sum + '\n';
    }
    for (const SelectionFacet& f : must(catalog.facets(
             query, {{"provider", {"\"a\""}}, {"status", {"\"s0\"", "\"none\""}}, {"metadata.n", {}}}))) {
      json_counts("selection " + f.path, f.values);
    }
    const Histogram h = must(catalog.histogram("metadata.n", {.step = "2"}, query));
    for (const Histogram::Bucket& b : h.buckets) out += b.from + ' ' + std::to_string(b.records) + '\n';
  }
  for (const char* nothing : {"provider=zzz", "status=S0", "provider=a&status=none", "name=none",
                              "metadata={\"n\":1000}", "provider[prefix]=q", "metadata.n[gt]=1000"}) {
    out += catalog.hint(parse_request(nothing).value().query) + '\n';
  }
  for (const char* id : {"1", "7", "none"}) {
    const auto why = catalog.why_not(id, queries[3]);
    out += why ? to_string(*why) + '\n' : "matches\n";
  }
  return out;
}

std::string told(const Catalog& catalog) { return told(catalog, catalog.stats().dead_records == 0); }

std::string fresh(const Catalog& catalog) {
  std::string text;
  catalog.append_ndjson_to(text);
  return told(must(Catalog::load(text)), catalog.stats().dead_records == 0);
}

// Whether the segments of a catalog keep providers in their tables is decided at 16 KiB of text.
std::string sized_record(std::mt19937& random, std::size_t id, std::size_t bytes) {
  const auto below = [&](std::size_t n) { return random() % n; };
  std::string record = R"({"id":")" + std::to_string(id) + '"';
  if (below(10) > 0) record += R"(,"provider":")" + std::string(1, static_cast<char>('a' + below(3))) + '"';
  if (below(20) == 0) record += R"(,"provider":"b")";  // a duplicate key
  if (below(10) > 0) record += R"(,"status":"s)" + std::to_string(below(3)) + '"';
  if (below(4) == 0) record += R"(,"name":"n)" + std::to_string(below(3)) + '"';
  if (below(3) == 0) record += R"(,"health":{"status":"\u006fk"})";
  record += R"(,"metadata":{"n":)" + std::to_string(below(8)) + R"(,"tags":["t)" + std::to_string(below(4)) +
            "\"]}";
  if (below(5) == 0) record += R"(,"x":)" + std::to_string(below(3));
  return record + R"(,"pad":")" + std::string(bytes, 'p') + "\"}";
}

TEST(Threats, T42_ChangedCatalogsSayWhatAFreshLoadSays) {
  const std::size_t seeds = test::scaled(60);
  for (std::size_t seed = 1; seed <= std::max<std::size_t>(seeds, 4); ++seed) {
    std::mt19937 random(static_cast<unsigned>(seed));
    const std::size_t pad = 40 + random() % 200;
    std::vector<std::string> ids;
    std::string text;
    std::size_t next = 0;
    const auto add = [&](std::size_t n) {
      text.clear();
      for (std::size_t i = 0; i < n; ++i) {
        ids.push_back(std::to_string(next));
        text += sized_record(random, next++, pad) + '\n';
      }
    };
    add(random() % 2 == 0 ? 20 : 200);
    LiveOptions options;
    options.merge_on_change = random() % 2 == 0;
    LiveCatalog live(must(Catalog::load(text)), options);
    for (int step = 0; step < 12; ++step) {
      switch (random() % 4) {
        case 0:  // most records go: what is rewritten becomes small
        case 1: {
          Changes shrink;
          std::ranges::shuffle(ids, random);
          const std::size_t keep = std::min<std::size_t>(ids.size(), 10 + random() % 40);
          shrink.erases.assign(ids.begin() + static_cast<std::ptrdiff_t>(keep), ids.end());
          ids.resize(keep);
          ASSERT_TRUE(live.apply(std::move(shrink)));
          break;
        }
        case 2:  // many come: small segments are merged into a large one
          for (int batch = 0; batch < 9; ++batch) {
            add(8 + random() % 30);
            ASSERT_TRUE(live.apply({.upserts = text}));
          }
          break;
        default: {  // a poll that returns a part of the list, and changes
          std::string list;
          std::vector<std::string> left;
          const Catalog now = live.snapshot();
          for (const Record record : now.find(Query())) {
            if (random() % 3 == 0) continue;
            left.emplace_back(record.id());
            list += random() % 5 == 0 ? sized_record(random, std::stoul(left.back()), pad)
                                      : std::string(record.json());
            list += '\n';
          }
          if (left.empty()) continue;
          ASSERT_TRUE(live.reconcile(list));
          ids = left;
        }
      }
      if (random() % 2 == 0) live.maintain();
      const Catalog now = live.snapshot();
      ASSERT_EQ(told(now), fresh(now)) << "seed " << seed << " step " << step;
      ASSERT_FALSE(now.verify(Query())) << "seed " << seed << " step " << step;
    }
  }
}

TEST(Threats, T42_AReconcileThatShrinksASegmentCountsOnce) {
  const auto list = [](int n) {
    std::string text;
    for (int i = 0; i < n; ++i) {
      text += R"({"id":")" + std::to_string(i) + R"(","provider":")" + (i % 3 != 0 ? "stripe" : "github") +
              R"(","status":"active","pad":")" + std::string(60, 'x') + "\"}\n";
    }
    return text;
  };
  LiveCatalog live(must(Catalog::load(list(300))));
  ASSERT_TRUE(live.reconcile(list(150)));
  const Catalog now = live.snapshot();
  const Facets facets = now.facets();
  ASSERT_EQ(facets.provider.size(), 2u);
  EXPECT_EQ(facets.provider[0].records, 100u);
  EXPECT_EQ(facets.provider[1].records, 50u);
  EXPECT_EQ(now.hint(*QueryBuilder().provider("x").build()),
            R"(no record has provider = "x" (a string); 100 have "stripe", 50 have "github")");
  EXPECT_EQ(told(now), fresh(now));
}

}  // namespace
}  // namespace syncdex
