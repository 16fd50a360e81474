// Makes each allocation of every public call fail, once or for ever. The call must throw std::bad_alloc, leak
// nothing (the sanitizers check), leave everything as it was, and succeed when it is repeated.
#include <gtest/gtest.h>

#include <unistd.h>
#include <filesystem>
#include <functional>

#include "support/allocations.h"
#include "syncdex/syncdex.h"

namespace syncdex {
namespace {

std::string records() {
  std::string text;
  for (int i = 0; i < 60; ++i) {
    const std::string n = std::to_string(i);
    text += R"({"id":")" + n + R"(","provider":"p)" + std::to_string(i % 5) + R"(","name":"n\u00e9)" + n +
            R"(","status":"active","health":{"status":"ok"},"metadata":{"n":)" + n + R"(,"t":["a",)" + n +
            R"(],"o":[{"a":1,"b":)" + n + R"(},{"a":2}],"k)" + n + R"(":1e3}})" + "\n";
  }
  return text;
}

std::string long_pattern() {
  std::string text = R"({"metadata":{"o":[)";
  for (int i = 0; i < 100; ++i) text += R"({"a":1,"b":)" + std::to_string(i) + "},";
  return text + R"({"a":[[1],{"x":"a longer text than fits in a string itself"}]}]}})";
}

// One public call. Returns a text that describes its result.
using Call = std::function<std::string()>;

void fails_cleanly(const char* name, const Call& call) {
  const std::string expected = call();  // also completes any one-time initialisation
  std::size_t points = 0;
  for (const bool for_ever : {false, true}) {
    bool failed = true;
    for (std::size_t n = 0; failed; ++n) {
      std::string got;
      bool thrown = false;
      {
        const test::FailingAllocations failing(n, for_ever);
        try {
          got = call();
        } catch (const std::bad_alloc&) {
          thrown = true;
        }
      }
      failed = test::FailingAllocations::any_failed();
      points += failed;
      // If an allocation failed and nothing was thrown, the call did without the memory.
      ASSERT_TRUE(thrown || got == expected) << name << ", allocation " << n;
    }
  }
  ASSERT_EQ(call(), expected) << name;
  ASSERT_GT(points, 0u) << name;
}

TEST(NoMemory, EveryCallSurvivesAnyFailedAllocation) {
#if defined(SYNCDEX_FOREIGN_NEW)
  GTEST_SKIP() << "allocations cannot be made to fail here";
#endif
  const std::string text = records();
  const std::string bad = text + "{\"id\":5}\n{\"id\":\"x\"\n" + text.substr(0, text.find('\n'));
  const std::string pattern = long_pattern();
  const std::string url =
      "provider=p1&status=active&metadata=%7B%22o%22%3A%5B%7B%22a%22%3A1%2C%22b%22%3A6%7D%5D%7D&limit=2";
  const Catalog catalog = *Catalog::load(text);
  const Query query = *Query::from_pattern(R"({"status":"active","metadata":{"o":[{"a":1,"b":7}]}})");
  const Query all;
  const Request paged = *parse_request("status=active&limit=3");
  const Matches matches = catalog.find(all);
  const Listing listing = *catalog.list(paged);
  const auto path =
      std::filesystem::temp_directory_path() / ("syncdex-no-memory-" + std::to_string(::getpid()));
  const auto number = [](auto n) { return std::to_string(n); };
  const auto told = [](const auto& result) { return result ? std::string("good") : result.error().message; };

  fails_cleanly("load", [&] { return number(Catalog::load(text).value().size()); });
  fails_cleanly("load, adopted", [&] {
    return number(Catalog::load({text.data(), text.size() - Catalog::padding}, nullptr, {.skip_bad = true})
                      .value()
                      .size());
  });
  fails_cleanly("load, skipping",
                [&] { return number(Catalog::load(bad, {.skip_bad = true}).value().report().bad.size()); });
  fails_cleanly("load, refused", [&] { return told(Catalog::load(bad)); });
  fails_cleanly("write_ndjson", [&] { return number(*catalog.write_ndjson(path)); });
  fails_cleanly("load_file", [&] { return number(Catalog::load_file(path).value().size()); });
  fails_cleanly("load_file, missing", [&] { return told(Catalog::load_file("/no/such/file/anywhere")); });
  std::filesystem::remove(path);
  fails_cleanly("Catalog()", [&] { return number(Catalog().size()); });
  fails_cleanly("copy", [&] { return number(Catalog(catalog).size()); });
  fails_cleanly("find", [&] { return catalog.find(query).json(); });
  fails_cleanly("find_within", [&] { return number(catalog.find_within(query).value().size()); });
  fails_cleanly("scan", [&] { return number(catalog.scan(query).size()); });
  fails_cleanly("verify", [&] { return number(catalog.verify(query).has_value()); });
  fails_cleanly("explain", [&] { return catalog.explain(query); });
  fails_cleanly("facets", [&] { return number(catalog.facets(query).provider.size()); });
  fails_cleanly("paths", [&] { return catalog.paths().back().path; });
  fails_cleanly("why_not", [&] {
    return to_string(*catalog.why_not(matches[0].id(), *QueryBuilder().name("x").build()));
  });
  fails_cleanly("hint",
                [&] { return catalog.hint(*QueryBuilder().metadata("o", "x").provider("p").build()); });
  fails_cleanly("to_postgres",
                [&] { return to_postgres(query).value().sql + to_postgres(paged).value().sql; });
  fails_cleanly("to_string(Stats)", [&] { return to_string(catalog.stats()).substr(0, 10); });
  fails_cleanly("stats", [&] { return number(catalog.stats().terms); });
  fails_cleanly("list", [&] { return catalog.list(paged).value().json(); });
  fails_cleanly("append_ndjson_to", [&] {
    std::string out;
    catalog.append_ndjson_to(out);
    return out;
  });
  fails_cleanly("Matches::json", [&] { return matches.json(); });
  fails_cleanly("Matches::slices", [&] { return number(matches.slices().size()); });
  fails_cleanly("Listing::json", [&] { return listing.json(); });
  fails_cleanly("Listing::slices", [&] { return number(listing.slices().size()); });
  fails_cleanly("from_pattern", [&] { return std::string(Query::from_pattern(pattern).value().pattern()); });
  fails_cleanly("from_pattern, refused", [&] { return told(Query::from_pattern(pattern + "x")); });
  fails_cleanly("parse_request", [&] { return std::string(parse_request(url).value().query.pattern()); });
  fails_cleanly("parse_request, refused",
                [&] { return to_api_json(parse_request(url + "&nothing=1").error()); });
  fails_cleanly("QueryBuilder", [&] {
    return std::string(QueryBuilder()
                           .id("a longer text than fits")
                           .metadata("k", 1)
                           .where(pattern)
                           .build()
                           .value()
                           .pattern());
  });
  fails_cleanly("to_url", [&] { return query.to_url(); });
  const std::string filter =
      R"({"or":[{"path":"name","substring":"3","ignore_case":true},{"and":[{"path":"metadata.n","gte":5,"lt":9},)"
      R"({"some":"metadata.o[]","is":{"and":[{"contains":{"a":1}},{"not":{"path":"b","in":[6,7,"a longer text"]}}]}}]},)"
      R"({"path":"metadata.t[]","kind":"array"},{"path":"provider","in":["p1","p2"]}]})";
  const Query filtered = *Query::from_filter(filter);
  Request filtered_page(filtered, {3, {}});
  fails_cleanly("from_filter", [&] { return Query::from_filter(filter).value().text(); });
  fails_cleanly("from_filter, refused", [&] { return told(Query::from_filter(filter + "x")); });
  fails_cleanly("Query::of", [&] {
    return Query::of(field("a").in({"x", "a longer text than fits"}) && !field("b").since("2024-01-01"))
        .value()
        .text();
  });
  fails_cleanly("parse_request, filter", [&] {
    return parse_request("provider[in]=a&provider[in]=b&created_at[gte]=2024-01-01&status=active")
        .value()
        .query.text();
  });
  fails_cleanly("all_of", [&] { return all_of(query, filtered).text(); });
  fails_cleanly("to_url, filter", [&] { return filtered.to_url(); });
  // Each time in a new catalog, since what queries learn of a path is kept.
  fails_cleanly("find, filter", [&] { return Catalog::load(text).value().find(filtered).json(); });
  fails_cleanly("count, filter", [&] { return number(catalog.count(filtered)); });
  fails_cleanly("scan, filter", [&] { return catalog.scan(filtered).json(); });
  fails_cleanly("list, filter", [&] { return catalog.list(filtered_page).value().json(); });
  fails_cleanly("explain, filter", [&] { return catalog.explain(filtered); });
  fails_cleanly("why_not, filter", [&] { return to_string(*catalog.why_not("0", filtered)); });
  fails_cleanly("hint, filter", [&] {
    return catalog.hint(*Query::of(field("provider").in({"q1", "q2"}) && field("id").gt("9")));
  });
  fails_cleanly("to_postgres, filter", [&] { return to_postgres(filtered).value().sql; });
  const Request ordered(filtered, {3, {}}, *Order::parse("-metadata.n,provider,name"));
  fails_cleanly("Order::parse",
                [&] { return std::string(Order::parse("-metadata.n,\"a b\"").value().text()); });
  fails_cleanly("Order::parse, refused",
                [&] { return told(Order::parse("metadata.a_long_key_of_many_letters[]")); });
  fails_cleanly("parse_request, order",
                [&] { return std::string(parse_request("order=-name,id").value().order.text()); });
  fails_cleanly("find, ordered",
                [&] { return Catalog::load(text).value().find(query, ordered.order).json(); });
  fails_cleanly("find, by view", [&] {
    return Catalog::load(text)
        .value()
        .find(*Query::of(field("metadata.n").gte(5) && field("name").prefix("n")))
        .json();
  });
  fails_cleanly("list, ordered", [&] {
    Request next = ordered;
    next.page.after = catalog.list(ordered).value().next();
    return catalog.list(next).value().json() + to_postgres(next).value().sql;
  });
  fails_cleanly("load, ordered", [&] {
    return number(Catalog::load(text, {.ordered = {"created_at", "name"}}).value().stats().ordered_views);
  });
  fails_cleanly("few views", [&] {
    LoadOptions options;
    options.limits.ordered_views = 1;
    const Catalog few = *Catalog::load(text, options);
    few.find(all, ordered.order);
    return few.find(query, *Order::parse("name")).json();
  });
  fails_cleanly("LiveCatalog, filter", [&] {
    LiveCatalog live(catalog);
    std::size_t heard = 0;
    const Subscription subscription =
        live.subscribe(filtered, [&](const Delta& delta) { heard += delta.version; });
    const auto diff = live.apply({.upserts = R"({"id":"7","provider":"p1"})", .erases = {"8", "9"}});
    return number(heard) + number(diff->changed.size());
  });
  fails_cleanly("LiveCatalog", [&] {
    LiveCatalog live(catalog);
    std::size_t heard = 0;
    const Subscription subscription =
        live.subscribe(query, [&](const Delta& delta) { heard += delta.version; });
    const auto diff = live.apply({.upserts = R"({"id":"7","status":"gone"})", .erases = {"8", "9"}});
    live.maintain();
    return number(heard) + number(diff->changed.size()) + number(live.snapshot().size());
  });
  EXPECT_EQ(catalog.find(query).size(), 1u);
  EXPECT_FALSE(catalog.verify(query));
}

// If an allocation fails, the string that is appended to keeps its content.
TEST(NoMemory, AppendingIsAllOrNothing) {
#if defined(SYNCDEX_FOREIGN_NEW)
  GTEST_SKIP() << "allocations cannot be made to fail here";
#endif
  const Catalog catalog = *Catalog::load(records());
  const Matches matches = catalog.find(Query());
  const Listing listing = *catalog.list({});
  const std::pair<const char*, std::function<void(std::string&)>> calls[] = {
      {"Matches::append_json_to", [&](std::string& out) { matches.append_json_to(out); }},
      {"Listing::append_json_to", [&](std::string& out) { listing.append_json_to(out); }},
      {"append_ndjson_to", [&](std::string& out) { catalog.append_ndjson_to(out); }}};
  for (const auto& [name, call] : calls) {
    bool failed = true;
    for (std::size_t n = 0; failed; ++n) {
      std::string out = "before";
      {
        const test::FailingAllocations failing(n, true);
        try {
          call(out);
        } catch (const std::bad_alloc&) {
        }
        failed = test::FailingAllocations::any_failed();
      }
      if (failed) {
        EXPECT_EQ(out, "before") << name << ", allocation " << n;
      }
    }
  }
}

}  // namespace
}  // namespace syncdex
