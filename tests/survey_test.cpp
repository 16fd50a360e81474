// Tests introspection: facets and paths, and why a record or a query does not match.
#include "exec/survey.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <set>

#include "support/hostile.h"
#include "support/oracle.h"
#include "support/random_json.h"
#include "syncdex/syncdex.h"

namespace syncdex {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::string kRecords = R"([
  {"id":"1","provider":"stripe","status":"active","name":"Ann","health":{"status":"ok"},
   "metadata":{"custom_property":42,"tier":"growth","tags":["a","b","a"],"plan":{"seats":5}}},
  {"id":"2","provider":"stripe","status":"paused","health":{"status":"error"},
   "metadata":{"custom_property":"42","tags":"a","on":true}},
  {"id":"3","provider":"github","status":null,"metadata":{"custom_property":42.0,"tier":"Growth","tags":[],"on":false}},
  {"id":"4","credential":{"properties":{"secret":"CANARY"}},"metadata":null,"collection_ids":["x","y"]}])";

std::string text(const std::vector<ValueCount>& counts) {
  std::string out;
  for (const ValueCount& c : counts) {
    if (!out.empty()) out += ' ';
    out += c.value + ":" + std::to_string(c.records);
  }
  return out;
}

TEST(Survey, FacetsCountTheValuesOfMatches) {
  const Catalog catalog = *Catalog::load(kRecords);
  const Facets all = catalog.facets();
  EXPECT_EQ(all.records, 4u);
  EXPECT_EQ(text(all.provider), "stripe:2 github:1");
  EXPECT_EQ(text(all.status), "active:1 paused:1");
  EXPECT_EQ(text(all.health_status), "error:1 ok:1");
  const Facets some = catalog.facets(*QueryBuilder().metadata("on", true).build());
  EXPECT_EQ(some.records, 1u);
  EXPECT_EQ(text(some.provider), "stripe:1");
  EXPECT_EQ(text(some.status), "paused:1");
  EXPECT_EQ(catalog.facets(*QueryBuilder().name("nobody").build()).records, 0u);
  EXPECT_THAT(Catalog().facets().provider, IsEmpty());
}

std::string text(const PathSummary& p) {
  std::string out = p.path + " " + std::to_string(p.records) + ":";
  const auto add = [&](const char* what, std::uint64_t n) {
    if (n > 0) out += std::string(" ") + what + " " + std::to_string(n);
  };
  add("null", p.nulls);
  add("boolean", p.booleans);
  add("number", p.numbers);
  add("string", p.strings);
  add("array", p.arrays);
  add("object", p.objects);
  add("values", p.values);
  return out;
}

std::vector<std::string> texts(const std::vector<PathSummary>& paths) {
  std::vector<std::string> all;
  for (const PathSummary& p : paths) all.push_back(text(p));
  return all;
}

TEST(Survey, PathsListWhatCanBeQueried) {
  EXPECT_THAT(
      texts(Catalog::load(kRecords).value().paths()),
      ElementsAre("collection_ids 1: array 1", "collection_ids[] 1: string 1 values 2", "health 2: object 2",
                  "health.status 2: string 2 values 2", "id 4: string 4 values 4",
                  "metadata 4: null 1 object 3 values 1",
                  "metadata.custom_property 3: number 2 string 1 values 2",
                  "metadata.on 2: boolean 2 values 2", "metadata.plan 1: object 1",
                  "metadata.plan.seats 1: number 1 values 1", "metadata.tags 3: string 1 array 2 values 1",
                  "metadata.tags[] 1: string 1 values 2", "metadata.tier 2: string 2 values 2",
                  "name 1: string 1 values 1", "provider 3: string 3 values 2",
                  "status 3: null 1 string 2 values 3"));
  EXPECT_THAT(Catalog().paths(), IsEmpty());
}

// --- against the oracle ---

std::string key_text(const std::string& key) {
  bool plain = !key.empty();
  for (const char c : key)
    plain = plain && static_cast<unsigned char>(c) > ' ' && c != '.' && c != '[' && c != '"' && c != 0x7F;
  if (plain) return key;
  std::string out = "\"";
  for (const char c : key) {
    static const std::map<char, std::string> kShort = {{'"', "\\\""}, {'\\', "\\\\"}, {'\b', "\\b"},
                                                       {'\f', "\\f"}, {'\n', "\\n"},  {'\r', "\\r"},
                                                       {'\t', "\\t"}};
    if (const auto found = kShort.find(c); found != kShort.end()) {
      out += found->second;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      char hex[8];
      std::snprintf(hex, sizeof hex, "\\u%04x", static_cast<unsigned>(c));
      out += hex;
    } else {
      out += c;
    }
  }
  return out + '"';
}

struct Expected {
  std::map<std::string, PathSummary> paths;
  std::map<std::string, std::vector<oracle::Value>> values;
};

void walk(const oracle::Value& value, const std::string& path, std::map<std::string, std::set<int>>& kinds,
          Expected& out, Fields fields) {
  if (!path.empty()) {
    kinds[path].insert(value.kind);
    if (value.kind < oracle::Value::array) {
      auto& seen = out.values[path];
      if (std::find(seen.begin(), seen.end(), value) == seen.end()) seen.push_back(value);
    }
  }
  for (const auto& [key, member] : value.members) {
    static const std::set<std::string> kFields = {
        "id",          "provider",      "name",           "status", "org_id",   "stream_id",
        "external_id", "credential_id", "sync_frequency", "health", "metadata", "collection_ids"};
    if (fields == Fields::indexed && path.empty() && !kFields.contains(key)) continue;
    if (fields == Fields::indexed && path == "health" && key != "status") continue;
    if ((path == "credential" || path == "credential[]") && key == "properties") continue;
    walk(member, path.empty() ? key_text(key) : path + "." + key_text(key), kinds, out, fields);
  }
  for (const oracle::Value& element : value.elements) walk(element, path + "[]", kinds, out, fields);
}

std::vector<std::string> expected_paths(const std::vector<oracle::Value>& records,
                                        Fields fields = Fields::indexed) {
  Expected out;
  for (const oracle::Value& record : records) {
    std::map<std::string, std::set<int>> kinds;
    walk(record, "", kinds, out, fields);
    for (const auto& [path, here] : kinds) {
      PathSummary& p = out.paths[path];
      p.path = path;
      ++p.records;
      p.nulls += here.contains(oracle::Value::null);
      p.booleans += here.contains(oracle::Value::boolean);
      p.numbers += here.contains(oracle::Value::number);
      p.strings += here.contains(oracle::Value::string);
      p.arrays += here.contains(oracle::Value::array);
      p.objects += here.contains(oracle::Value::object);
    }
  }
  std::vector<std::string> texts;
  for (auto& [path, p] : out.paths) {
    p.values = out.values[path].size();
    texts.push_back(text(p));
  }
  return texts;
}

std::string member(const oracle::Value& record, const std::string& field) {
  const auto found = record.members.find(field);
  return found != record.members.end() && found->second.kind == oracle::Value::string ? found->second.text
                                                                                      : "\1";
}

std::string expected_counts(const std::vector<const oracle::Value*>& records, const std::string& field) {
  std::map<std::string, std::uint64_t> counts;
  for (const oracle::Value* record : records) {
    const auto health = record->members.find("health");
    if (field != "health.status") {
      ++counts[member(*record, field)];
    } else if (health != record->members.end()) {
      ++counts[member(health->second, "status")];
    }
  }
  counts.erase("\1");
  std::vector<ValueCount> all;
  for (const auto& [value, n] : counts) all.push_back({value, n});
  std::ranges::stable_sort(all, std::ranges::greater(), &ValueCount::records);
  return text(all);
}

// In a loaded catalog, and in a live one whose records were replaced; with small segments and large ones.
TEST(Survey, AgreesWithTheOracle) {
  for (unsigned seed = 0; seed < 24; ++seed) {
    test::RandomJson random(seed + 77);
    const std::size_t n = seed % 4 == 0 ? 400 : 12;
    std::map<std::string, std::string> now;
    LiveCatalog live;
    for (int round = 0; round < 3; ++round) {
      std::map<std::string, std::string> batch;
      const auto apply = [&] {
        std::string text;
        for (const auto& [id, record] : batch) text += (text.empty() ? "[" : ",") + record;
        const auto applied = live.apply({.upserts = text.empty() ? "" : text + "]"});
        ASSERT_TRUE(applied) << applied.error().message;
        batch.clear();
      };
      for (std::size_t i = 0; i < n; ++i) {
        const std::string id = "id" + std::to_string(random.below(n * 2));
        batch[id] = now[id] = random.record(id, false);
        if (i % 8 == 0) apply();
      }
      apply();
    }
    std::vector<oracle::Value> records;
    for (const auto& [id, record] : now) records.push_back(*oracle::parse(record));
    for (const Catalog& catalog : {live.snapshot(), *Catalog::load([&] {
                                     std::string all = "[";
                                     for (const auto& [id, record] : now)
                                       all += (all.size() > 1 ? "," : "") + record;
                                     return all + "]";
                                   }())}) {
      ASSERT_EQ(catalog.size(), records.size());
      ASSERT_EQ(texts(catalog.paths()), expected_paths(records)) << seed;
      ASSERT_EQ(texts(catalog.paths({}, Fields::all)), expected_paths(records, Fields::all)) << seed;
      for (int q = 0; q < 20; ++q) {
        const Query query =
            q == 0 ? Query()
                   : *Query::from_pattern(random.pattern(
                         std::next(now.begin(), static_cast<long>(random.below(now.size())))->second));
        std::vector<const oracle::Value*> matching;
        const oracle::Value pattern = *oracle::parse(query.never() ? "0" : query.pattern());
        for (const oracle::Value& record : records) {
          if (oracle::contains(record, pattern)) matching.push_back(&record);
        }
        const Facets facets = catalog.facets(query);
        ASSERT_EQ(facets.records, matching.size());
        ASSERT_EQ(text(facets.provider), expected_counts(matching, "provider")) << query.pattern();
        ASSERT_EQ(text(facets.status), expected_counts(matching, "status")) << query.pattern();
        ASSERT_EQ(text(facets.health_status), expected_counts(matching, "health.status")) << query.pattern();
      }
    }
  }
}

TEST(Survey, FacetsCountTheLastDuplicateKey) {
  std::string text_of_many;
  for (int i = 0; i < 3000; ++i) {
    const std::string id = std::to_string(i);
    text_of_many +=
        R"({"id":")" + id + R"(","provider":"a","provider":"b","health":{"status":"x","status":"y"}})" + "\n";
    text_of_many += R"({"id":"-)" + id + R"(","provider":"a","health":{"status":"x"}})" + "\n";
  }
  const Facets facets = Catalog::load(text_of_many).value().facets();
  EXPECT_EQ(text(facets.provider), "a:3000 b:3000");
  EXPECT_EQ(text(facets.health_status), "x:3000 y:3000");
}

// A long key above many paths: their texts would take 4 GB.
TEST(Survey, PathsOmitVeryLongKeys) {
  std::string inner;
  for (int i = 0; i < 20'000; ++i) inner += (i > 0 ? ",\"" : "\"") + std::to_string(i) + "\":1";
  const Catalog catalog = *Catalog::load(R"({"id":"1","metadata":{"n":{"m":1},")" +
                                         std::string(200'000, 'k') + "\":{" + inner + "}}}");
  EXPECT_THAT(texts(catalog.paths()),
              ElementsAre("id 1: string 1 values 1", "metadata 1: object 1", "metadata.n 1: object 1",
                          "metadata.n.m 1: number 1 values 1"));
  EXPECT_LT(catalog.hint(*QueryBuilder().metadata(std::string(50'000, 'k'), 1).build()).size(), 500u);
}

TEST(Survey, PathsCountTheLastDuplicateField) {
  std::string records = R"({"id":"1","status":null,"status":"active","name":"x","name":null})";
  EXPECT_THAT(
      texts(Catalog::load(records).value().paths()),
      ElementsAre("id 1: string 1 values 1", "name 1: null 1 values 1", "status 1: string 1 values 1"));
  // The same in a large segment.
  for (int i = 2; i <= 3000; ++i) {
    records +=
        "\n"
        R"({"id":")" +
        std::to_string(i) + R"(","status":null,"status":"active","name":"x","name":null})";
  }
  EXPECT_THAT(texts(Catalog::load(records).value().paths()),
              ElementsAre("id 3000: string 3000 values 3000", "name 3000: null 3000 values 1",
                          "status 3000: string 3000 values 1"));
}

// --- why ---

std::string why(const Catalog& catalog, std::string_view id, std::string_view pattern) {
  const auto mismatch = catalog.why_not(id, *Query::from_pattern(pattern));
  return mismatch ? to_string(*mismatch) : "it matches";
}

TEST(Why, NamesTheFirstConditionThatFails) {
  const Catalog catalog = *Catalog::load(kRecords);
  EXPECT_EQ(why(catalog, "1", R"({"provider":"stripe","metadata":{"tags":["b"]}})"), "it matches");
  EXPECT_EQ(why(catalog, "9", "{}"), "no record has this id");
  EXPECT_EQ(why(catalog, "1", R"({"provider":"github"})"), R"(provider: wanted "github", found "stripe")");
  EXPECT_EQ(why(catalog, "2", R"({"metadata":{"custom_property":42}})"),
            R"(metadata.custom_property: wanted 42, found "42")");
  EXPECT_EQ(why(catalog, "1", R"({"metadata":{"custom_property":41}})"),
            "metadata.custom_property: wanted 41, found 42");
  EXPECT_EQ(why(catalog, "1", R"({"metadata":{"a.b":1,"plan":{"seats":6}}})"),
            R"(metadata."a.b": wanted 1, but it is absent)");
  EXPECT_EQ(why(catalog, "1", R"({"metadata":{"plan":{"seats":6},"tier":"x"}})"),
            "metadata.plan.seats: wanted 6, found 5");
  EXPECT_EQ(why(catalog, "1", R"({"metadata":{"tags":["a","c"]}})"),
            R"(metadata.tags: no element contains "c"; found ["a","b","a"])");
  EXPECT_EQ(why(catalog, "2", R"({"metadata":{"tags":["a"]}})"), R"(metadata.tags: wanted ["a"], found "a")");
  EXPECT_EQ(why(catalog, "4", R"({"metadata":{}})"), "metadata: wanted {}, found null");
  EXPECT_EQ(why(catalog, "4", R"({"credential":{"id":"x"}})"),
            R"(credential.id: wanted "x", but it is absent)");
  const auto never = catalog.why_not("1", *QueryBuilder().provider("a").provider("b").build());
  ASSERT_TRUE(never);
  EXPECT_EQ(never->reason, Mismatch::Reason::contradiction);
  EXPECT_EQ(to_string(*never), "the conditions contradict each other");
}

TEST(Why, HidesSecrets) {
  const Catalog catalog = *Catalog::load(kRecords);
  for (const char* pattern :
       {R"({"credential":{"properties":{"secret":"x"}}})", R"({"credential":{"properties":"x"}})",
        R"({"credential":"x"})", R"({"credential":{"properties":{"secret":["x"]}}})",
        R"({"credential":["x"]})", R"({"credential":[{"properties":{"secret":"CANARY"}}]})",
        R"({"credential":{"properties":{"secret":{"a":1}}}})"}) {
    const std::string said = why(catalog, "4", pattern);
    EXPECT_EQ(said.find("CANARY"), said.npos) << said;
    EXPECT_EQ(catalog.hint(*Query::from_pattern(pattern)).find("CANARY"), said.npos);
  }
  EXPECT_EQ(why(catalog, "4", R"({"credential":{"properties":{"secret":"guess"}}})"),
            "credential.properties.secret: wanted <hidden>, found <hidden>");
  EXPECT_EQ(why(catalog, "4", R"({"credential":"x"})"), R"(credential: wanted <hidden>, found an object)");
}

// The array is walked a few times, however many elements are wanted.
TEST(Why, FindsTheMissingElementByBisection) {
  std::string elements;
  for (int i = 0; i < 50'000; ++i) elements += (i > 0 ? ",{\"i\":" : "{\"i\":") + std::to_string(i) + "}";
  const Catalog catalog = *Catalog::load(R"([{"id":"1","metadata":{"a":[)" + elements + "]}}]");
  for (const int missing : {0, 1, 449, 899}) {
    std::string wanted;
    for (int i = 0; i < 900; ++i) {
      wanted += (i > 0 ? ",{\"i\":" : "{\"i\":") + std::to_string(i == missing ? 70'000 : i + 10'000) + "}";
    }
    const Query query = *QueryBuilder().metadata("{\"a\":[" + wanted + "]}").build();
    std::optional<Mismatch> mismatch;
    const std::size_t made = test::allocations_of([&] { mismatch = catalog.why_not("1", query); });
    EXPECT_LT(made, 2'000u);  // one by one, 900 patterns would be made
    ASSERT_TRUE(mismatch);
    EXPECT_EQ(mismatch->wanted, R"({"i":70000})") << missing;
    EXPECT_LT(to_string(*mismatch).size(), 400u);
    EXPECT_EQ(mismatch->found.size(), elements.size() + 2);
  }
}

TEST(Why, IsEmptyOnlyForMatches) {
  for (unsigned seed = 0; seed < 60; ++seed) {
    test::RandomJson random(seed + 5);
    std::vector<std::string> records;
    std::string all;
    for (int i = 0; i < 20; ++i) {
      records.push_back(random.record("id" + std::to_string(i), seed % 2 == 0));
      all += records.back() + "\n\n";
    }
    const Catalog catalog = *Catalog::load("[" + [&] {
      std::string joined;
      for (const std::string& r : records) joined += (joined.empty() ? "" : ",") + r;
      return joined;
    }() + "]");
    for (int q = 0; q < 40; ++q) {
      const Query query = *Query::from_pattern(random.pattern(records[random.below(records.size())]));
      for (int i = 0; i < 20; ++i) {
        const std::string id = "id" + std::to_string(i);
        const bool matches =
            !query.never() && oracle::contains(records[static_cast<std::size_t>(i)], query.pattern());
        const auto mismatch = catalog.why_not(id, query);
        ASSERT_EQ(!mismatch.has_value(), matches) << query.pattern() << "\n"
                                                  << records[static_cast<std::size_t>(i)];
        // A value that is reported as found occurs in the record.
        if (mismatch && mismatch->reason == Mismatch::Reason::different && mismatch->found.front() != '<' &&
            !mismatch->found.starts_with("an ")) {
          ASSERT_NE(records[static_cast<std::size_t>(i)].find(mismatch->found), std::string::npos);
        }
      }
      ASSERT_EQ(catalog.hint(query).empty(), catalog.count(query) > 0) << query.pattern();
    }
  }
}

TEST(Hint, SuggestsNearMisses) {
  const Catalog catalog = *Catalog::load(kRecords);
  const auto hint = [&](std::string_view pattern) { return catalog.hint(*Query::from_pattern(pattern)); };
  EXPECT_EQ(hint(R"({"provider":"stripe"})"), "");
  EXPECT_EQ(
      hint(R"({"metadata":{"custom_property":"42"},"id":"3"})"),
      R"(no record meets all conditions at once: 1 has id = "3", 1 has metadata.custom_property = "42")");
  EXPECT_EQ(hint(R"({"metadata":{"plan":{"seats":"5"}}})"),
            R"(no record has metadata.plan.seats = "5" (a string); 1 has the number 5)");
  EXPECT_EQ(hint(R"({"metadata":{"on":"true"}})"),
            R"(no record has metadata.on = "true" (a string); 1 has the boolean true)");
  EXPECT_EQ(hint(R"({"metadata":{"custom_property":43}})"),
            R"(no record has metadata.custom_property = 43 (a number); 2 have 42, 1 has "42")");
  EXPECT_EQ(hint(R"({"metadata":{"tags":"b"}})"),
            R"(no record has metadata.tags = "b" (a string); 1 has it in an array)");
  EXPECT_EQ(hint(R"({"metadata":{"tier":["growth"]}})"),
            "no record has metadata.tier[]; 2 have metadata.tier");
  EXPECT_EQ(hint(R"({"provider":"stirpe"})"),
            R"(no record has provider = "stirpe" (a string); 2 have "stripe")");
  EXPECT_EQ(hint(R"({"provider":"GitHub"})"),
            R"(no record has provider = "GitHub" (a string); 1 has "github")");
  EXPECT_EQ(hint(R"({"name":"ann"})"), R"(no record has name = "ann" (a string); 1 has "Ann")");
  EXPECT_EQ(hint(R"({"metadata":{"custom_propert":42}})"),
            "no record has metadata.custom_propert; 3 have metadata.custom_property");
  EXPECT_EQ(hint(R"({"metadata":{"nothing":{"like":1}}})"), "no record has metadata.nothing.like");
  EXPECT_EQ(hint(R"({"credential":{"properties":{"secret":"guess"}}})"),
            R"(no record contains {"credential":{"properties":<hidden>}})");
  // A condition that no index answers is not reported as absent if some record meets it.
  const Catalog others =
      *Catalog::load(R"([{"id":"1","provider":"a","max_age_days":7},{"id":"2","provider":"b",
    "max_age_days":null,"metadata":{"n":null}}])");
  EXPECT_EQ(others.hint(*Query::from_pattern(R"({"provider":"b","max_age_days":7})")),
            R"(no record meets all conditions at once: 1 has provider = "b", 1 has {"max_age_days":7})");
  EXPECT_EQ(others.hint(*Query::from_pattern(R"({"provider":"b","max_age_days":8})")),
            R"(no record contains {"max_age_days":8}; 1 has 7, 1 has null)");
  EXPECT_EQ(others.hint(*Query::from_pattern(R"({"max_age_day":7})")),
            "no record has max_age_day; 2 have max_age_days");
  EXPECT_EQ(others.hint(*QueryBuilder().metadata("n", 1).build()),
            "no record has metadata.n = 1 (a number); 1 has null");
  EXPECT_EQ(others.hint(*Query::from_pattern(R"({"provider":null})")),
            R"(no record has provider = null; 1 has "a", 1 has "b")");
  EXPECT_LT(others.hint(*QueryBuilder().metadata("n", std::string(50'000, 'x')).build()).size(), 1000u);
  EXPECT_EQ(catalog.hint(*QueryBuilder().id("1").id("2").build()), "the conditions contradict each other");
  EXPECT_EQ(Catalog().hint(Query()), "there are no records");
}

// A hint shows existing values: the nearest one, or the most frequent ones.
TEST(Hint, ListsExistingValues) {
  const auto hint = [](std::string_view records, std::string_view pattern) {
    return Catalog::load(std::string(records)).value().hint(*Query::from_pattern(pattern));
  };
  EXPECT_EQ(
      hint(
          R"([{"id":"1","provider":"stripe"},{"id":"2","provider":"Stripe"},{"id":"3","provider":"Stripe"}])",
          R"({"provider":"stripe "})"),
      R"(no record has provider = "stripe " (a string); 1 has "stripe")");
  constexpr std::string_view kStatuses =
      R"([{"id":"1","status":"a-one"},{"id":"2","status":"b-two"},{"id":"3","status":"b-two"},{"id":"4","status":"c-three"},{"id":"5","status":"d-four"}])";
  EXPECT_EQ(
      hint(kStatuses, R"({"status":"something"})"),
      R"(no record has status = "something" (a string); 2 have "b-two", 1 has "a-one", 1 has "c-three", ...)");
  // Outside metadata, indexed or not.
  constexpr std::string_view kFields =
      R"([{"id":"1","org_id":"o1","rate_limit":{"interval":60,"list":[{"a":1}]}},{"id":"2","rate_limit":{"interval":30}}])";
  EXPECT_EQ(hint(kFields, R"({"org_idd":"o1"})"), "no record has org_idd; 1 has org_id");
  EXPECT_EQ(hint(kFields, R"({"rate_limit":{"intervall":60}})"),
            "no record has rate_limit.intervall; 2 have rate_limit.interval");
  EXPECT_EQ(hint(kFields, R"({"rate_limit":{"interval":61}})"),
            R"(no record contains {"rate_limit":{"interval":61}}; 1 has 30, 1 has 60)");
  EXPECT_EQ(hint(kFields, R"({"rate_limit":{"list":[{"b":1}]}})"), "no record has rate_limit.list.b");
  EXPECT_EQ(hint(kFields, R"({"credential":{"a":1}})"), R"(no record contains {"credential":{"a":1}})");
  // Texts that look alike are distinguished by their escapes.
  EXPECT_EQ(hint("[{\"id\":\"1\",\"name\":\"M\xC3\xBCller\"}]", "{\"name\":\"Mu\xCC\x88ller\"}"),
            "no record has name = \"Mu\xCC\x88ller\" (a string: \"Mu\\u0308ller\"); 1 has \"M\xC3\xBCller\" "
            "(\"M\\u00fcller\")");
  EXPECT_EQ(hint("[{\"id\":\"1\",\"name\":\"\xF0\x9F\x98\x80\"}]", "{\"name\":\"x\"}"),
            "no record has name = \"x\" (a string: \"x\"); 1 has \"\xF0\x9F\x98\x80\" (\"\\ud83d\\ude00\")");
}

// A name of many records has a posting list besides its entry in the record table.
TEST(Hint, CountsEachRecordOfANameOnce) {
  std::string text;
  for (int i = 0; i < 40; ++i) {
    text += "{\"id\":\"" + std::to_string(i) + "\",\"name\":\"" +
            (i % 2 == 0 ? "Choam" : "Acme " + std::to_string(i)) + "\"}\n";
  }
  const Catalog catalog = *Catalog::load(text);
  EXPECT_EQ(catalog.hint(*Query::from_pattern(R"({"name":"Chaom"})")),
            R"(no record has name = "Chaom" (a string); 20 have "Choam")");
  // Ids and names are not terms, however many records share one.
  EXPECT_EQ(catalog.stats().terms, 0u);
}

TEST(Hint, CoversUnindexedFields) {
  const auto hint = [](std::string_view records, std::string_view pattern) {
    return Catalog::load(std::string(records)).value().hint(*Query::from_pattern(pattern));
  };
  EXPECT_EQ(
      hint("[{\"id\":\"a\",\"rate\":{\"i\":\"M\xC3\xBCller\"}}]", "{\"rate\":{\"i\":\"Mu\xCC\x88ller\"}}"),
      "no record contains {\"rate\":{\"i\":\"Mu\xCC\x88ller\"}} ({\"rate\":{\"i\":\"Mu\\u0308ller\"}}); 1 "
      "has "
      "\"M\xC3\xBCller\" (\"M\\u00fcller\")");
  EXPECT_EQ(
      hint(
          R"([{"id":"a","rate":{"i":"slow"}},{"id":"b","rate":{"i":"slow"}},{"id":"c","rate":{"i":"fast"}}])",
          R"({"rate":{"i":"fastt"}})"),
      R"(no record contains {"rate":{"i":"fastt"}}; 1 has "fast")");
  EXPECT_EQ(hint(R"([{"id":"a","tags":[{"n":"v1"},{"n":"v2"}]}])", R"({"tags":[{"n":"other"}]})"),
            R"(no record contains {"tags":[{"n":"other"}]}; 1 has "v1", 1 has "v2")");
  EXPECT_EQ(hint(R"([{"id":"a","rate":{"i":1},"rate":{"i":2}}])", R"({"rate":{"i":60}})"),
            R"(no record contains {"rate":{"i":60}}; 1 has 2)");
  // A deep path costs two walks, not one per level.
  std::string deep;
  for (int i = 0; i < 2000; ++i) {
    deep += "{\"id\":\"" + std::to_string(i) + "\",\"x\":" + std::string();
    for (int d = 0; d < 300; ++d) deep += "{\"a\":";
    deep += "1" + std::string(300, '}') + "}\n";
  }
  std::string pattern = "{\"x\":";
  for (int d = 0; d < 300; ++d) pattern += "{\"a\":";
  pattern += "2" + std::string(300, '}') + "}";
  EXPECT_LT(hint(deep, pattern).size(), 3000u);
}

TEST(Paths, CountOnlyMatchingRecords) {
  const Catalog catalog = *Catalog::load(
      R"([{"id":"1","provider":"a","metadata":{"x":1,"y":"s"}},{"id":"2","provider":"a","metadata":{"x":2}},{"id":"3","provider":"b","metadata":{"x":2,"z":null}}])");
  const auto paths = [&](const Query& query) {
    std::string out;
    for (const PathSummary& p : catalog.paths(query)) {
      out += p.path + " " + std::to_string(p.records) + "/" + std::to_string(p.values) + ";";
    }
    return out;
  };
  EXPECT_EQ(paths(*QueryBuilder().provider("a").build()),
            "id 2/2;metadata 2/0;metadata.x 2/2;metadata.y 1/1;provider 2/1;");
  EXPECT_EQ(paths(*QueryBuilder().provider("b").build()),
            "id 1/1;metadata 1/0;metadata.x 1/1;metadata.z 1/1;provider 1/1;");
  EXPECT_EQ(paths(*QueryBuilder().provider("c").build()), "");
  // Of all fields. Of duplicate keys, the last value counts.
  const Catalog odd = *Catalog::load(
      R"([{"id":"1","rate":{"n":[1,{"a":true}],"n":{"\u0061":1.0}},"x":"\u0061"},{"id":"2","rate":{"n":{"a":1}},"x":"a"},)"
      R"({"id":"3","credential":{"id":"c","properties":{"key":"sk"}},"x":[[],["a"]]}])");
  std::string all;
  for (const PathSummary& p : odd.paths({}, Fields::all)) {
    all += p.path + " " + std::to_string(p.records) + "/" + std::to_string(p.values) + ";";
  }
  EXPECT_EQ(
      all,
      "credential 1/0;credential.id 1/1;id 3/3;rate 2/0;rate.n 2/0;rate.n.a 2/1;x 3/1;x[] 1/0;x[][] 1/1;");
  EXPECT_EQ(paths(Query()), paths(*Query::from_pattern(R"({"metadata":{}})")));
}

}  // namespace
}  // namespace syncdex
