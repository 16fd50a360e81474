// LiveCatalog::reconcile(): a list that is handed over again. See also support/live_model.cpp.
#include "live/reconcile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>

#include "base/access.h"
#include "support/allocations.h"
#include "support/hostile.h"
#include "support/live_records.h"
#include "support/random_json.h"
#include "syncdex/syncdex.h"

namespace syncdex {
namespace {

using test::ids;
using test::load;
using test::RandomJson;
using test::record;
using testing::ElementsAre;
using testing::IsEmpty;

std::string envelope(const std::vector<std::string>& records, std::string_view rest = "") {
  std::string text = R"({"data":[)";
  for (const std::string& r : records) text += (text.back() == '[' ? "" : ", ") + r;
  return text + "]" + std::string(rest) + "}";
}

TEST(Reconcile, KeepsWhatIsUnchanged) {
  LiveOptions options;
  options.merge_on_change = false;
  LiveCatalog live(load(envelope({record("1"), record("2"), record("3"), record("4")})), options);
  const Catalog before = live.snapshot();
  const auto diff = *live.reconcile(envelope({record("4"), record("5"), record("2", "error"), record("1")}));
  EXPECT_EQ(diff.version, 2U);
  EXPECT_THAT(ids(diff.added), ElementsAre("5"));
  EXPECT_THAT(ids(diff.changed), ElementsAre("2"));
  ASSERT_EQ(diff.before.size(), 1U);
  EXPECT_EQ(diff.before[0].json(), record("2"));
  EXPECT_THAT(ids(diff.removed), ElementsAre("3"));
  EXPECT_THAT(ids(diff.unchanged), ElementsAre("1", "4"));
  EXPECT_THAT(ids(live.snapshot()), ElementsAre("1", "4", "5", "2"));
  // It is the same memory.
  const Catalog after = live.snapshot();
  EXPECT_EQ(after.find_id("4")->json().data(), before.find_id("4")->json().data());
}

TEST(Reconcile, ATextWithoutEffectMakesNoVersion) {
  LiveCatalog live(load(envelope({record("1"), record("2")})));
  for (const std::string& text :
       {envelope({record("1"), record("2")}), envelope({record("2"), record("1")}, R"(,"has_more":false)"),
        record("2") + "\n" + record("1"), " [" + record("1") + "\n,\t" + record("2") + " ] \n",
        "\xEF\xBB\xBF" + record("1") + record("2"), envelope({record("1")}) + envelope({record("2")})}) {
    const auto diff = live.reconcile(text);
    ASSERT_TRUE(diff) << text << to_string(diff.error());
    EXPECT_EQ(diff->version, 1U) << text;
    EXPECT_EQ(diff->unchanged.size(), 2U) << text;
  }
}

// A string that is moved in is used without a copy if the whole text is loaded.
TEST(Reconcile, TakesTextThatIsGivenAway) {
  LiveCatalog live;
  std::string text = envelope({record("1"), record("2")});
  text.reserve(text.size() + Catalog::padding);
  const char* const at = text.data();
  ASSERT_TRUE(live.reconcile(std::move(text)));
  const Catalog now = live.snapshot();
  EXPECT_EQ(now.find_id("1")->json().data(), at + 9);
  ASSERT_TRUE(live.reconcile(R"([{"id":"3"}])"));
  EXPECT_EQ(live.snapshot().size(), 1U);
}

TEST(Reconcile, CursorsStayValid) {
  LiveCatalog live(load(envelope({record("1"), record("2"), record("3"), record("4")})));
  const auto page = *live.snapshot().list(*parse_request("limit=2"));
  ASSERT_TRUE(live.reconcile(envelope({record("1"), record("3", "x"), record("4"), record("5")})));
  Request next = *parse_request("limit=9");
  next.page.after = page.next();
  EXPECT_THAT(ids(live.snapshot().list(next).value().matches()), ElementsAre("4", "3", "5"));
}

TEST(Reconcile, RefusesAnIncompleteList) {
  const std::string text = envelope({record("1")}, R"(,"has_more":true)");
  LiveCatalog live(load(envelope({record("1"), record("2")})));
  EXPECT_EQ(live.reconcile(text).error().code, ErrorCode::incomplete_list);
  EXPECT_EQ(live.snapshot().size(), 2U);
  LiveOptions options;
  options.allow_incomplete = true;
  LiveCatalog other(load(envelope({record("1"), record("2")})), options);
  EXPECT_THAT(ids(other.reconcile(text).value().removed), ElementsAre("2"));
}

TEST(Reconcile, SaysWhatIsWrongAsALoadDoes) {
  LiveCatalog live(load(envelope({record("1"), record("2"), record("3")})));
  for (const std::string& text : {envelope({record("1"), record("2"), record("1")}),
                                  envelope({record("1"), record("1", "x")}),
                                  envelope({record("9"), record("9")}),
                                  envelope({record("1"), R"({"id":7})"}),
                                  envelope({record("1"), "{}"}),
                                  envelope({record("1"), record("2")}) + "]",
                                  envelope({record("1"), record("2") + ","}),
                                  envelope({record("1")}, R"(,"data":[])"),
                                  "[" + record("1") + record("2") + "]",
                                  "[" + record("1"),
                                  record("1") + "," + record("2"),
                                  envelope({record("1"), R"({"id":"\ud800"})"}),
                                  envelope({record("1")}, ",\"x\":\xFF"),
                                  envelope({record("1")}, R"(,"id":"1")"),
                                  std::string(),
                                  std::string(" \n"),
                                  R"({"data":[)" + record("1") + "]",
                                  R"({"data":[)" + record("1") + "] x}",
                                  R"({"data":[)" + record("1") + "],x}",
                                  R"({"data":[)" + record("1") + R"(],"k})",
                                  R"({"data":[)" + record("1") + R"(],"k" 1})",
                                  R"({"data":[)" + record("1") + R"(],"k":)",
                                  R"({"data":[)" + record("1") + R"(],"k":]})",
                                  R"({"data":[)" + record("1") + R"(],"k":1)",
                                  R"({"data":[)" + record("1") + "],",
                                  std::string(R"({"data":[)"),
                                  std::string("["),
                                  "[" + record("1"),
                                  "[" + record("1") + " x]",
                                  "[" + record("1") + ",1]",
                                  "[" + record("1") + ",]",
                                  record("1") + "x",
                                  record("1") + R"({"id":"2)",
                                  std::string("[\"1\"]")}) {
    const auto loaded = Catalog::load(text);
    const auto diff = live.reconcile(text);
    ASSERT_FALSE(loaded) << text;
    ASSERT_FALSE(diff) << text;
    EXPECT_EQ(to_string(diff.error()), to_string(loaded.error())) << text;
    EXPECT_EQ(diff.error().offset, loaded.error().offset) << text;
    EXPECT_EQ(live.version(), 1U);
  }
}

TEST(Reconcile, LeavesBadRecordsOut) {
  LiveOptions options;
  options.load.skip_bad = true;
  LiveCatalog live(load(envelope({record("1"), record("2"), record("3")})), options);
  const auto diff = live.reconcile(envelope({record("1"), R"({"id":2})", record("3"), record("3")}));
  ASSERT_TRUE(diff);
  EXPECT_THAT(ids(live.snapshot()), ElementsAre("1", "3"));
  ASSERT_EQ(diff->bad.size(), 2U);
  EXPECT_EQ(diff->bad[0].position, 1U);
  EXPECT_EQ(diff->bad[1].code, ErrorCode::duplicate_id);
  const auto other = live.reconcile(envelope({record("1"), R"({"id":2})", record("3")}));
  ASSERT_EQ(other->bad.size(), 1U);
  EXPECT_EQ(other->bad[0].position, 1U);
}

TEST(Reconcile, KeepsToTheLimits) {
  LiveOptions options;
  options.load.limits.records = 3;
  LiveCatalog live(load(envelope({record("1"), record("2"), record("3")})), options);
  EXPECT_EQ(live.reconcile(envelope({record("1"), record("2"), record("3"), record("4")})).error().limit,
            "records");
  EXPECT_TRUE(live.reconcile(envelope({record("1"), record("2"), record("4")})));
  // Records that are there already are judged too, if they were loaded with wider limits.
  LiveOptions narrow;
  narrow.load.limits.record_bytes = 40;
  LiveCatalog other(load(envelope({record("1"), record("2")})), narrow);
  EXPECT_EQ(other.reconcile(envelope({record("1"), record("2")})).error().limit, "record_bytes");
  options.load.limits.input_bytes = 10;
  LiveCatalog small(load(envelope({record("1")})), options);
  EXPECT_EQ(small.reconcile(envelope({record("1")})).error().limit, "input_bytes");
}

TEST(Reconcile, ComparesValuesIfAsked) {
  LiveCatalog live(
      load(R"([{"id":"1","metadata":{"a":1.0,"b":"\u00e9"},"x":[1,{"y":null,"z":2}]},{"id":"2"}])"));
  const std::string other =
      "[{\"metadata\" : {\"b\":\"\xC3\xA9\",\"a\":10e-1}, \"x\":[ 1,{\"z\":2,\"y\":0,\"y\":null}],\n"
      "\"id\":\"1\"},{\"id\":\"2\",\"name\":\"new\"}]";
  const auto diff = live.reconcile(other, {.compare = ReconcileOptions::Compare::value});
  ASSERT_TRUE(diff);
  EXPECT_THAT(ids(diff->unchanged), ElementsAre("1"));
  EXPECT_THAT(ids(diff->changed), ElementsAre("2"));
  const Catalog now = live.snapshot();
  EXPECT_THAT(now.find_id("1")->json(), testing::HasSubstr("1.0"));
  EXPECT_THAT(ids(live.reconcile(other).value().changed), ElementsAre("1"));
  const Limits limits;
  EXPECT_FALSE(is_same_value(R"({"a":[1,2]})", R"({"a":[2,1]})", limits));
  EXPECT_FALSE(is_same_value(R"({"a":1})", R"({"a":"1"})", limits));
  EXPECT_FALSE(is_same_value(R"({"a":{}})", R"({"a":[]})", limits));
  EXPECT_FALSE(is_same_value(R"({"a":1})", R"({"a":1,"b":null})", limits));
  EXPECT_TRUE(is_same_value(R"({"":{"a":1},"b":[]})", R"({"b":[ ],"":{"a":1}})", limits));
}

// The repeated records and those of the rest are together the records of the text.
TEST(Reconcile, TheRestAndTheRepeatedAreTheText) {
  std::size_t searched = 0;
  std::size_t repeated_records = 0;
  for (std::uint64_t seed = 0; seed < 4'000; ++seed) {
    RandomJson random(seed);
    std::vector<std::string> records;
    for (std::size_t i = 0; i < random.below(12); ++i)
      records.push_back(random.record(std::to_string(i), true));
    const Catalog catalog = load(records.empty() ? "[]" : envelope(records));
    for (std::string& r : records) {
      if (random.below(4) == 0) r = random.record(std::to_string(random.below(20)), true);
    }
    if (random.below(2) == 0) std::ranges::reverse(records);
    // Documents of all kinds.
    std::string text;
    for (std::size_t i = 0; i < records.size();) {
      const std::size_t n = std::min(records.size() - i, 1 + random.below(4));
      const std::vector<std::string> some(records.begin() + static_cast<std::ptrdiff_t>(i),
                                          records.begin() + static_cast<std::ptrdiff_t>(i + n));
      switch (random.below(4)) {
        case 0: text += envelope(some, random.below(2) == 0 ? "" : R"(, "total" : [{"a]":"}"}])"); break;
        case 1: {
          const std::string page = envelope(some);
          text += page.substr(8, page.size() - 9);
          break;
        }
        case 2: text += R"({"page":{"x":[1]},"data":)" + random.space() + envelope(some).substr(8); break;
        default:
          for (const std::string& r : some) text += r + random.space();
      }
      text += random.space();
      i += n;
    }
    const Snapshot& version = Access::snapshot(catalog);
    const RepeatedSizes sizes{.trial = random.below(2) == 0 ? std::size_t{1} << 20 : random.below(2'000),
                              .few = random.below(3),
                              .one_in = 1 + random.below(4)};
    const auto repeated = find_repeated(version, text, "data", sizes);
    if (!repeated) continue;
    ++searched;
    repeated_records += repeated->rows.size();
    std::multimap<std::string, std::string> found;
    for (const Row row : repeated->rows) {
      found.emplace(version.record(row).id(), version.record(row).json());
    }
    const auto rest = Catalog::load(repeated->rest);
    const auto all = Catalog::load(text);
    if (!all) continue;  // two records of one id
    ASSERT_TRUE(rest || repeated->rest.find('{') == std::string::npos) << text << "\n" << repeated->rest;
    if (rest) {
      for (const Record r : rest->find(Query())) found.emplace(r.id(), r.json());
    }
    std::multimap<std::string, std::string> expected;
    for (const Record r : all->find(Query())) expected.emplace(r.id(), r.json());
    ASSERT_EQ(found, expected) << text;
  }
  EXPECT_GT(searched, 1'000U);
  EXPECT_GT(repeated_records, 5'000U);
}

// A list that has been reordered.
TEST(Reconcile, FindsRecordsInAnyOrder) {
  std::vector<std::string> records;
  for (int i = 0; i < 3'000; ++i) records.push_back(record(std::to_string(i)));
  LiveCatalog live(load(envelope(records)));
  std::vector<std::string> shuffled = records;
  std::shuffle(shuffled.begin(), shuffled.end(), std::mt19937_64(3));
  shuffled[7] = record("new");
  const auto repeated = find_repeated(Access::snapshot(live.snapshot()), envelope(shuffled), "data");
  ASSERT_TRUE(repeated);
  EXPECT_EQ(repeated->rows.size(), 2'999U);
  EXPECT_EQ(repeated->rest, "{\"data\":[" + record("new") + "]}\n");
  EXPECT_EQ(live.reconcile(envelope(shuffled)).value().removed.size(), 1U);
}

TEST(Reconcile, NeedsLittleMemory) {
  std::vector<std::string> records;
  for (int i = 0; i < 20'000; ++i) records.push_back(record(std::to_string(i), std::string(300, 'x')));
  LiveCatalog live(load(envelope(records)));
  records[77] = record("77", "changed");
  const std::string text = envelope(records);
  const test::MemoryUse use;
  ASSERT_TRUE(live.reconcile(text));
  EXPECT_LT(use.peak(), text.size() / 5);
  // The same for a sequence of documents.
  std::string lines;
  for (const std::string& r : records) lines += r + "\n";
  for (const std::string& again : {lines, lines.substr(lines.find('\n') + 1)}) {
    const test::MemoryUse less;
    ASSERT_TRUE(live.reconcile(again));
    EXPECT_LT(less.peak(), text.size() / 5);
  }
}

// A catalog that starts empty, with narrower limits than the default ones.
TEST(Reconcile, KeepsWhatItHasLoadedItself) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += record(std::to_string(i), std::string(300, 'x')) + "\n";
  LiveOptions options;
  options.load.limits.record_bytes = 1 << 20;
  LiveCatalog live(Catalog(), options);
  ASSERT_TRUE(live.reconcile(text));
  const test::MemoryUse use;
  ASSERT_TRUE(live.reconcile(text));
  EXPECT_LT(use.peak(), text.size() / 5);
}

// The paths of a refused list do not stay in memory.
TEST(Reconcile, RefusedListsLeaveNothingBehind) {
  LiveCatalog live(load(envelope({record("1")})));
  const test::MemoryUse use;
  for (int i = 0; i < 20'000; ++i) {
    const std::string key = std::string(40, 'k') + std::to_string(i);
    ASSERT_FALSE(live.reconcile(R"({"data":[{"id":"1","metadata":{")" + key + R"(":1}}],"has_more":true})"));
  }
  EXPECT_LT(use.held(), 1'000'000U);
}

// With skip_bad, the same records are left out as in a load.
TEST(Reconcile, BadRecordsAreThoseOfALoad) {
  std::size_t bad = 0;
  for (std::uint64_t seed = 0; seed < 3'000; ++seed) {
    RandomJson random(seed);
    LiveOptions options;
    options.load.skip_bad = true;
    options.load.framing = std::array{Framing::automatic, Framing::json, Framing::ndjson}[random.below(3)];
    std::vector<std::string> records;
    for (std::size_t i = 0; i < random.below(6); ++i) records.push_back(record(std::to_string(i)));
    const Catalog before = load(records.empty() ? "[]" : envelope(records));
    std::string text;
    const auto space = [&] { return random.below(3) == 0 ? "\n" : ""; };
    const bool array = random.below(2) == 0;
    if (array) text = std::string("[") + space();
    for (std::size_t i = 0; i < records.size(); ++i) {
      if (array && i > 0) text += std::string(",") + space();
      std::string one = random.below(4) == 0 ? record(std::to_string(random.below(8)), "x") : records[i];
      if (random.below(5) == 0) one.insert(1, "\n");
      if (random.below(6) == 0) one = random.below(2) == 0 ? R"({"id":7})" : "{}";
      text += one;
      if (!array) text += random.below(6) == 0 ? " " : "\n";
    }
    if (array) text += std::string(space()) + "]\n";
    if (random.below(4) == 0 && !text.empty()) text[random.below(text.size())] = "{}[],:\"x"[random.below(8)];
    const auto loaded = Catalog::load(text, options.load);
    LiveCatalog live(before, options);
    const auto diff = live.reconcile(text);
    ASSERT_EQ(loaded.has_value(), diff.has_value()) << text;
    if (!loaded) continue;
    const auto places = [](const std::vector<BadRecord>& all) {
      std::vector<std::pair<std::uint64_t, std::uint64_t>> found;
      for (const BadRecord& b : all) found.emplace_back(b.position, b.offset);
      return found;
    };
    ASSERT_EQ(places(loaded->report().bad), places(diff->bad)) << text;
    bad += diff->bad.size();
    std::vector<std::string> expected = ids(*loaded);
    std::vector<std::string> got = ids(live.snapshot());
    std::ranges::sort(expected);
    std::ranges::sort(got);
    ASSERT_EQ(got, expected) << text;
  }
  EXPECT_GT(bad, 1'000U);
}

}  // namespace
}  // namespace syncdex
