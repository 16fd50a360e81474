// What hostile input costs: texts, requests, filters and lists that are made to be slow, each at a quarter of
// a megabyte and at one. Tests count allocations and work; here is the time, which should grow as the text
// does. Measured once, beside 100 000 records.
#include <fmt/format.h>

#include <cstdlib>
#include <string>
#include <utility>

#include "suite.h"

namespace syncdex::bench {
namespace {

std::string repeated(std::size_t n, const std::function<std::string(std::size_t)>& make,
                     const char* between = ",") {
  std::string out;
  for (std::size_t i = 0; i < n; ++i) {
    if (i > 0) out += between;
    out += make(i);
  }
  return out;
}

std::string digits(std::size_t i) { return std::to_string(i); }

std::string in_metadata(const std::string& inner) { return R"({"id":"1","metadata":{)" + inner + "}}"; }

using Make = std::function<std::string(std::size_t)>;

// Each returns a text of about n bytes.
const std::pair<const char*, Make> kTexts[] = {
    {"distinct keys",
     [](std::size_t n) {
       return in_metadata(repeated(n / 10, [](std::size_t i) { return '"' + digits(i) + "\":1"; }));
     }},
    {"a path for every two bytes",
     [](std::size_t n) {
       return in_metadata(repeated(n / 1'000, [](std::size_t i) {
         return '"' + digits(i) + "\":" + std::string(490, '[') + std::string(490, ']');
       }));
     }},
    {"distinct numbers",
     [](std::size_t n) { return in_metadata("\"a\":[" + repeated(n / 7, digits) + "]"); }},
    {"bad lines",
     [](std::size_t n) {
       return repeated(
           n / 3, [](std::size_t) { return "{}"; }, "\n");
     }},
    {"one id",
     [](std::size_t n) {
       return repeated(
           n / 11, [](std::size_t) { return R"({"id":"1"})"; }, "\n");
     }},
    {"lines that do not end",
     [](std::size_t n) {
       return "{\"id\":\"1\"}\n" + repeated(
                                       n / 9, [](std::size_t) { return "{\"a\":[{"; }, "\n");
     }},
    {"one long line",
     [](std::size_t n) {
       return repeated(
           n / 17, [](std::size_t i) { return "{\"id\":\"" + digits(i) + "\"}"; }, " ");
     }},
};

const std::pair<const char*, Make> kRequests[] = {
    {"values of one list",
     [](std::size_t n) {
       return repeated(
           n / 250, [](std::size_t i) { return "provider[in]=p" + digits(i); }, "&");
     }},
    {"names of many steps",
     [](std::size_t n) {
       return "metadata." +
              repeated(
                  n / 2, [](std::size_t) { return "a"; }, ".") +
              "[gt]=1";
     }},
    {"long names",
     [](std::size_t n) {
       return repeated(
           60, [&](std::size_t i) { return "metadata." + std::string(n / 60, 'k') + digits(i) + "[gt]=1"; },
           "&");
     }},
};

}  // namespace

void Suite::add_hostile() {
  if (n_ != 100'000) return;
  LoadOptions skipping;
  skipping.skip_bad = true;
  const auto grows = [&](const std::string& what, const Make& make,
                         const std::function<void(const std::string&)>& run, double bound) {
    constexpr std::size_t kMegabyte = 1'000'000;
    for (const std::size_t part : {4U, 1U}) {
      const auto text = keep(std::make_shared<std::string>(make(kMegabyte / part)));
      const std::string which = part == 1 ? "1 MB" : "250 kB";
      time_once(name(what, which), [text, run] { run(*text); });
      figure({.what = what + ", " + which,
              .ours = name(what, which),
              .per = static_cast<double>(text->size()) / 1e6,
              .unit = "us a MB",
              .goal = part == 1 ? Figure::Goal::at_most : Figure::Goal::none,
              .bound = bound});
    }
  };
  constexpr double kText = 300'000;  // us a MB, as SECURITY.md says
  constexpr double kRequest = 15'000;
  for (const auto& [what, make] : kTexts) {
    grows(
        fmt::format("hostile text: {}", what), make,
        [skipping](const std::string& text) { benchmark::DoNotOptimize(Catalog::load(text, skipping)); },
        kText);
  }
  for (const auto& [what, make] : kRequests) {
    grows(
        fmt::format("hostile request: {}", what), make,
        [](const std::string& request) { benchmark::DoNotOptimize(parse_request(request)); }, kRequest);
  }
  grows(
      "hostile substring: every place matches almost to the end",
      [](std::size_t n) { return std::string(n, 'a'); },
      [](const std::string& text) {
        const Catalog catalog = *Catalog::load(R"({"id":"1","x":")" + text + "\"}");
        const Query query =
            *Query::from_filter(R"({"path":"x","substring":")" + text.substr(0, text.size() / 8) + "b\"}");
        if (catalog.count(query) != 0) std::abort();
      },
      kText);
  grows(
      "hostile list for reconcile: short records under the id of a long one",
      [](std::size_t n) { return repeated(n / 11, [](std::size_t) { return R"({"id":"X"})"; }); },
      [](const std::string& many) {
        const std::string record = R"({"id":"X","a":")" + std::string(many.size(), 'x') + "\"}";
        LiveCatalog live(*Catalog::load(record));
        if (live.reconcile("[" + many + "," + record + "]")) std::abort();
      },
      kText);

  // The worst checked calls: deep paths, each of which needs a view.
  std::string deep;
  for (std::size_t i = 0; i < 500; ++i) {
    deep += R"({"id":")" + digits(i) + R"(","x":)" +
            repeated(
                500, [](std::size_t) { return R"({"a":)"; }, "") +
            "1" + std::string(500, '}') + "}\n";
  }
  std::string path = "x";
  for (int i = 0; i < 480; ++i) path += ".a";
  const Query ranges = *Query::from_filter(
      R"({"or":[)" +
      repeated(12,
               [&](std::size_t i) {
                 return R"({"path":")" + path.substr(0, path.size() - 2 * i) + R"(","lt":"a"})";
               }) +
      "]}");
  LoadOptions without_views;
  without_views.limits.ordered_views = 0;
  const auto catalog = keep(std::make_shared<Catalog>(*Catalog::load(deep, without_views)));
  time_once(name("hostile paths", "syncdex"),
            [catalog, ranges] { benchmark::DoNotOptimize(catalog->count_within(ranges)); });
  figure({.what = "hostile filter: ranges on 12 paths of 480 steps, on records as deep",
          .ours = name("hostile paths", "syncdex"),
          .per = static_cast<double>(deep.size()) / 1e6,
          .unit = "us a MB",
          .goal = Figure::Goal::at_most,
          .bound = 100'000});
  const Query nobody = *Query::from_pattern(R"({"x":{"late":2}})");
  const auto records = catalog_;
  time_once(name("hint", "syncdex"), [records, nobody] { benchmark::DoNotOptimize(records->hint(nobody)); });
  figure({.what = "hint for a field that no index covers",
          .ours = name("hint", "syncdex"),
          .unit = "us",
          .goal = Figure::Goal::at_most,
          .bound = 5'000});
}

}  // namespace syncdex::bench
