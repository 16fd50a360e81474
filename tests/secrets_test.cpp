// Values at or below credential.properties are secret. They are in the records' bytes, where the host put
// them, and in nothing that syncdex derives from these: no index, no text, no error.
#include <gtest/gtest.h>

#include "base/access.h"
#include "store/segment.h"
#include "store/snapshot.h"
#include "syncdex/syncdex.h"
#include "terms/term_index.h"

namespace syncdex {
namespace {

constexpr const char* kCanary = "CANARY";
constexpr const char* kProperties =
    R"({"secret":"CANARY","CANARYKEY":["CANARY",{"x":"CANARY"}],"n":314159265})";

bool tells(std::string_view text) {
  return text.find(kCanary) != text.npos || text.find("314159265") != text.npos;
}

std::string record(int i) {
  const std::string n = std::to_string(i);
  return R"({"id":")" + n + R"(","provider":"p","status":"s","name":"n)" + n +
         R"(","credential":{"id":"c","properties":)" + kProperties + R"(},"metadata":{"n":)" + n + "}}\n";
}

std::string records() {
  std::string text;
  for (int i = 0; i < 50; ++i) text += record(i);
  return text;
}

// Returns all that the indexes of a catalog hold: the terms' values, the paths, the keys.
std::string dump(const Catalog& catalog) {
  std::string out;
  const Snapshot& snapshot = Access::snapshot(catalog);
  for (PathId path = 0; path < snapshot.paths().size(); ++path) {
    out.append(snapshot.paths().step(path).key).append("\n");
  }
  for (const Part& part : snapshot.parts()) {
    for (const Term& term : part.segment->terms().terms()) {
      const char* const at = part.segment->text().text + term.offset;
      const Kind kind = kind_of(*at);
      out.append(kind < Kind::array ? value_text(at) : std::string_view(at, 1)).append("\n");
    }
    for (Row row = 0; row < part.size(); ++row) {
      const Entry entry = part.segment->entry(row);
      for (const StringRef ref : {entry.id, entry.provider, entry.name, entry.status}) {
        if (ref.is_string()) out.append(part.segment->text().view(ref)).append("\n");
      }
    }
  }
  return out;
}

TEST(Secrets, AreNotIndexed) {
  Catalog catalog = *Catalog::load(records());
  const std::string held = dump(catalog);
  EXPECT_NE(held.find("n49"), held.npos);  // the dump is not vacuous
  EXPECT_FALSE(tells(held));
  LiveCatalog live(catalog);
  for (int i = 40; i < 120; ++i) ASSERT_TRUE(live.apply({.upserts = record(i), .erases = {}}));
  live.maintain();
  EXPECT_FALSE(tells(dump(live.snapshot())));
  ASSERT_TRUE(live.replace_all(records() + record(77)));
  EXPECT_FALSE(tells(dump(live.snapshot())));
  // The bytes themselves are returned, and can be searched.
  const Query asked = *Query::from_pattern(R"({"credential":{"properties":{"secret":"CANARY"}}})");
  EXPECT_EQ(live.snapshot().count(asked), 51u);
  EXPECT_TRUE(tells(live.snapshot().find(asked).json()));
}

TEST(Secrets, AreHiddenInExplanations) {
  const Catalog catalog = *Catalog::load(records());
  for (const std::string& pattern :
       {std::string(R"({"credential":{"properties":)") + kProperties + "}}",
        std::string(R"({"credential":{"properties":{"secret":"CANARY"}},"provider":"p"})"),
        std::string(R"({"credential":{"properties":"CANARY"}})"),
        std::string(R"({"credential":{"properties":["CANARY"]},"metadata":{"n":7}})")}) {
    const Query query = *Query::from_pattern(pattern);
    const auto mismatch = catalog.why_not("8", query);
    const std::string text =
        catalog.explain(query) + catalog.hint(query) + (mismatch ? to_string(*mismatch) : "");
    EXPECT_FALSE(tells(text)) << text;
    EXPECT_NE(text.find("<hidden>"), text.npos);
    EXPECT_FALSE(catalog.verify(query));
  }
}

TEST(Secrets, AreNotLeakedByErrors) {
  const auto silent = [](const Error& error) {
    EXPECT_FALSE(tells(error.message)) << error.message;
    EXPECT_FALSE(tells(error.parameter));
    EXPECT_FALSE(tells(to_api_json(error)));
  };
  // Each kind of fault at each byte of a record, and the record cut off at each byte.
  const std::string good = record(1);
  for (std::size_t cut = 0; cut + 1 < good.size(); ++cut) {
    const auto catalog = Catalog::load(good.substr(0, cut));
    if (!catalog) silent(catalog.error());
    std::string changed = good;
    for (const char c : {'"', '\\', ',', '\xFF', '\x01', '}', '9'}) {
      changed[cut] = c;
      const auto other = Catalog::load(changed + record(2), {.skip_bad = true});
      if (!other) {
        silent(other.error());
        continue;
      }
      for (const BadRecord& bad : other->report().bad) {
        EXPECT_FALSE(tells(bad.reason)) << bad.reason;
        EXPECT_FALSE(tells(bad.id.value_or("")));
      }
    }
  }
  LoadOptions limits;
  limits.limits.string_bytes = 5;
  silent(Catalog::load(good, limits).error());
  limits.limits.string_bytes = 100;
  limits.limits.number_digits = 5;
  silent(Catalog::load(good, limits).error());
  silent(Catalog::load(record(1) + record(1)).error());
  LiveCatalog live;
  silent(live.apply({.upserts = good.substr(0, good.size() - 3), .erases = {}}).error());
  // A request's text belongs to its caller, but is not quoted either.
  for (const char* request :
       {"where={\"credential\":{\"properties\":{\"secret\":\"CANARY\"", "CANARY=1", "limit=CANARY",
        "after=CANARY", "metadata=CANARY", "provider=CANARY%", "name=CANARY&name=b"}) {
    const auto parsed = parse_request(request);
    if (!parsed) {
      EXPECT_FALSE(tells(parsed.error().message)) << parsed.error().message;
    } else {
      silent(Catalog().list(*parsed).error());
    }
  }
}

TEST(Secrets, AreNotCountedInStatistics) {
  const Catalog catalog = *Catalog::load(records());
  const Stats stats = catalog.stats();
  // The terms: 50 numbers in metadata.n; provider, status and the kind of metadata; the id of each
  // credential.
  const Catalog without = [&] {
    std::string text;
    for (int i = 0; i < 50; ++i) {
      std::string r = record(i);
      const std::size_t at = r.find(kProperties);
      text += r.replace(at, std::string_view(kProperties).size(), "null");
    }
    return *Catalog::load(text);
  }();
  EXPECT_EQ(stats.terms, without.stats().terms);
}

}  // namespace
}  // namespace syncdex
