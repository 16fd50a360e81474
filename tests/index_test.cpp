// Tests the parts of a segment: path table, term index, record table.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "base/input.h"
#include "load/loader.h"
#include "store/record_table.h"
#include "store/segment.h"
#include "terms/path_table.h"
#include "terms/term_builder.h"
#include "terms/term_index.h"

namespace syncdex {
namespace {

PathId intern(PathTable& table, PathId parent, PathStep step) {
  return table.intern(parent, step, child_path_hash(hash_seed(), table.hash(parent), step));
}

TEST(PathTable, InternsEachPathOnce) {
  PathTable table;
  const PathId metadata = intern(table, kRootPath, {"metadata", false});
  const PathId tags = intern(table, metadata, {"tags", false});
  const PathId element = intern(table, tags, {{}, true});
  const PathId empty = intern(table, tags, {"", false});
  EXPECT_NE(element, empty) << "an element is not the key \"\"";
  EXPECT_EQ(intern(table, metadata, {"tags", false}), tags);
  EXPECT_NE(intern(table, kRootPath, {"tags", false}), tags);
  EXPECT_EQ(table.parent(element), tags);
  EXPECT_EQ(table.step(tags).key, "tags");
  EXPECT_EQ(table.find(kRootPath, {"nobody", false}, 7), kNoPath);
}

TEST(PathTable, GrowsAndAbsorbsAnotherTable) {
  PathTable one;
  PathTable other;
  for (int i = 0; i < 5000; ++i)
    intern(one, i % 7 == 0 ? kRootPath : static_cast<PathId>(i / 2), {"k" + std::to_string(i), false});
  intern(other, kRootPath, {"first", false});
  const std::vector<PathId> mapped = other.merge_from(one);
  ASSERT_EQ(mapped.size(), one.size());
  for (PathId p = 1; p < one.size(); ++p) {
    EXPECT_EQ(other.step(mapped[p]), one.step(p));
    EXPECT_EQ(other.parent(mapped[p]), mapped[one.parent(p)]);
  }
  const std::string long_key(100'000, 'x');
  const PathId p = intern(one, kRootPath, {long_key, false});
  intern(one, kRootPath, {"after", false});
  EXPECT_EQ(one.step(p).key, long_key);
}

TEST(PathTable, AssignsRolesByPath) {
  PathTable table;
  const auto traits = [&](std::initializer_list<PathStep> steps) {
    PathId at = kRootPath;
    for (const PathStep& step : steps) at = intern(table, at, step);
    return table.traits(at);
  };
  EXPECT_EQ(traits({{"health"}, {"status"}}).role, Role::health_status);
  EXPECT_EQ(traits({{"health"}, {"other"}}).indexed, false);
  EXPECT_EQ(traits({{"collection_ids"}, {{}, true}}).role, Role::collection_id);
  EXPECT_TRUE(traits({{"metadata"}, {"a"}, {{}, true}, {"b"}}).indexed);
  EXPECT_FALSE(traits({{"credential"}, {"metadata"}}).indexed);
  EXPECT_TRUE(traits({{"credential"}, {"properties"}, {"secret"}}).secret);
  EXPECT_FALSE(traits({{"credential"}, {"properties"}, {"metadata"}}).indexed);
  EXPECT_FALSE(traits({{"x"}, {"provider"}}).indexed);
  EXPECT_FALSE(traits({{"data"}}).indexed);
}

// One path with many rows: repeated and new spellings, frequent and rare values.
TEST(TermIndex, FindsEverySpelling) {
  std::string text;
  std::vector<std::pair<std::size_t, std::size_t>> values;
  const std::vector<std::string> spellings = {
      "42", "42.0", "4.2e1", "\"eu\"", "\"\\u0065u\"", "7", "true", "\"a longer value\"",
      "0",  "-0.0", "null"};
  constexpr std::size_t kRows = 5000;
  std::vector<std::size_t> which(kRows);
  for (std::size_t i = 0; i < kRows; ++i) {
    which[i] = (i * i + i / 3) % spellings.size();
    values.emplace_back(text.size(), spellings[which[i]].size());
    text += spellings[which[i]] + ",";
  }
  text.append(64, ' ');
  TermBuilder builder;
  builder.begin(text.data(), 16);
  TermBuilder::Path& path = builder.add_path(1, 99);
  for (std::size_t i = 0; i < kRows; ++i) {
    const char* const at = text.data() + values[i].first;
    const auto length = static_cast<std::uint32_t>(values[i].second);
    if (*at == '"') {
      builder.add_string(path, at, length - 2, std::memchr(at, '\\', length) != nullptr);
    } else if (kind_of(*at) == Kind::number) {
      builder.add_number(path, at, length);
    } else {
      builder.add_kind(path, kind_of(*at), at);
    }
    if (i % 10 == 3) {
      builder.discard();  // as if the record were bad
    } else {
      builder.commit(static_cast<Row>(i));
    }
  }
  const TermIndex index = builder.finish(kRows);
  EXPECT_EQ(index.size(), 7u);
  const auto expect = [&](Kind kind, std::string_view value, std::initializer_list<const char*> spelled) {
    std::vector<Row> expected;
    for (std::size_t i = 0; i < kRows; ++i) {
      if (i % 10 == 3) continue;
      for (const char* s : spelled) {
        if (spellings[which[i]] == s) expected.push_back(static_cast<Row>(i));
      }
    }
    const TermId term = index.find({hash_term(hash_seed(), 99, kind, value), 1, kind, value});
    ASSERT_NE(term, kNoTerm) << value;
    const PostingList list = index.list(term);
    ASSERT_EQ(list.count, expected.size()) << value;
    std::vector<Row> rows;
    if (list.dense()) {
      for (Row r = 0; r < kRows; ++r) {
        if (test_bit(list.bits(), r)) rows.push_back(r);
      }
    } else {
      rows.assign(list.rows(), list.rows() + list.count);
    }
    EXPECT_EQ(rows, expected) << value;
  };
  expect(Kind::number, "42", {"42", "42.0", "4.2e1"});
  expect(Kind::string, "eu", {"\"eu\"", "\"\\u0065u\""});
  expect(Kind::number, "7", {"7"});
  expect(Kind::number, "0", {"0", "-0.0"});
  expect(Kind::boolean_true, "", {"true"});
  expect(Kind::null, "", {"null"});
  expect(Kind::string, "a longer value", {"\"a longer value\""});
  EXPECT_EQ(index.find({hash_term(hash_seed(), 99, Kind::string, "42"), 1, Kind::string, "42"}), kNoTerm);
  EXPECT_EQ(index.find({hash_term(hash_seed(), 99, Kind::number, "42"), 2, Kind::number, "42"}), kNoTerm)
      << "another path";
}

// All terms have the same hash. Lookups stay exact, because equality is checked on the text.
TEST(TermIndex, DistinguishesTermsWithCollidingHashes) {
  const std::string text = R"("one","two",3,)" + std::string(64, ' ');
  HashSlots slots;
  const std::vector<Term> terms = {{1, 0, 1, 10}, {1, 6, 1, 20}, {1, 12, 1, 30}};
  for (TermId t = 0; t < 3; ++t) slots.insert(0, t);
  const TermIndex index(text.data(), terms, slots, {}, {}, 1);
  EXPECT_EQ(index.find({7, 1, Kind::string, "two"}), 1u);
  EXPECT_EQ(index.find({7, 1, Kind::number, "3"}), 2u);
  EXPECT_EQ(index.find({7, 1, Kind::string, "three"}), kNoTerm);
  EXPECT_EQ(index.find({7, 1, Kind::string, "on"}), kNoTerm);
  EXPECT_EQ(index.find({7, 1, Kind::string, "one\""}), kNoTerm);
}

TEST(HashSlots, GrowShrinkAndWrap) {
  HashSlots slots(1);
  std::vector<std::uint32_t> tags;
  for (std::uint32_t n = 0; n < 3000; ++n) {
    // Half of the tags fall at the end of the table, so that probing wraps around.
    tags.push_back(n % 2 == 0 ? ~std::uint32_t{0} - n : n * 0x9E37'79B9U);
    slots.insert(tags.back(), n);
  }
  slots.shrink();
  for (std::uint32_t n = 0; n < 3000; ++n) {
    EXPECT_EQ(slots.find(tags[n], [&](std::uint32_t c) { return c == n; }), n);
  }
  EXPECT_EQ(slots.find(12345, [](std::uint32_t) { return false; }), HashSlots::kNone);
}

TEST(HashSlots, ReplaceReturnsTheNumberBefore) {
  HashSlots slots(0);
  for (std::uint32_t n = 0; n < 500; ++n) {
    EXPECT_EQ(slots.replace(n % 7, n, [&](std::uint32_t) { return false; }), std::nullopt);  // all collide
  }
  for (std::uint32_t n = 0; n < 500; ++n) {
    EXPECT_EQ(slots.replace(n % 7, n + 1000, [&](std::uint32_t c) { return c == n; }), n);
    EXPECT_EQ(slots.find(n % 7, [&](std::uint32_t c) { return c == n; }), HashSlots::kNone);
  }
}

TEST(RecordTable, FindsByIdNameAndGroups) {
  std::string text;
  std::string decoded;
  std::vector<Entry> entries;
  const auto put = [&](const std::string& value) {
    text += value + "\"";
    return StringRef::in_text(static_cast<std::uint32_t>(text.size() - value.size() - 1));
  };
  constexpr Row kRows = 3000;
  std::vector<StringRef> providers;
  for (const char* value : {"p0", "p1", "p2", "p3"}) providers.push_back(put(value));
  for (Row row = 0; row < kRows; ++row) {
    Entry e;
    e.row = row;
    e.id = put("id" + std::to_string(row));
    e.id_hash = short_hash("id" + std::to_string(row));
    e.name = put("n" + std::to_string(row / 3));
    e.name_hash = short_hash("n" + std::to_string(row / 3));
    e.provider = row % 5 == 0 ? StringRef::null() : providers[row % 4];
    e.status = StringRef::absent();
    entries.push_back(e);
  }
  // Row 7 has lost its id to row 8, as a duplicate.
  entries[7].id = StringRef::absent();
  entries[7].id_hash = entries[8].id_hash;
  text.append(64, ' ');
  const RecordTable table({text.data(), &decoded}, entries, providers, {});
  EXPECT_EQ(table.size(), kRows);
  for (Row row = 0; row < kRows; ++row) {
    EXPECT_EQ(table.entry(row).row, row);
    const std::string id = "id" + std::to_string(row);
    const auto found = table.find_id(id, short_hash(id));
    EXPECT_EQ(found.value_or(kNoRow), row == 7 ? kNoRow : row);
  }
  EXPECT_FALSE(table.find_id("id", short_hash("id")));
  EXPECT_FALSE(table.find_id("id1\"", short_hash("id1\"")));
  std::vector<Row> rows;
  table.for_each_name("n5", short_hash("n5"), [&](Row row) { return rows.push_back(row), true; });
  std::ranges::sort(rows);
  EXPECT_EQ(rows, (std::vector<Row>{15, 16, 17}));
  std::size_t n = 0;
  table.for_each_provider("p1", [&](Row row) { return n += row % 4 == 1, true; });
  EXPECT_EQ(n, 600u);
  table.for_each_status("active", [&](Row) { return ADD_FAILURE(), false; });
  int stopped = 0;
  table.for_each_provider("p1", [&](Row) { return ++stopped < 3; });
  EXPECT_EQ(stopped, 3);
}

// The largest group that the record table may have to list: the shortest records, all with one status.
TEST(Segment, ListsTheLargestShortGroup) {
  const std::string record = R"({"id":"1","status":""})";
  std::string text;
  while (text.size() + record.size() <= kShortGroupBytes) text += record;
  LoadTools tools;
  tools.last_wins = true;
  auto loaded = load_records(own_text(text), {}, tools);
  ASSERT_TRUE(loaded);
  ASSERT_EQ(loaded->segments.size(), 1u);
  const Segment& segment = *loaded->segments[0];
  RowBuffer buffer;
  TermId term = 0;
  const std::uint64_t root = loaded->paths.hash(kRootPath);
  const std::uint64_t path = child_path_hash(hash_seed(), root, {"status", false});
  const PathId id = loaded->paths.find(kRootPath, {"status", false}, path);
  const ValueKey key{{hash_text_value(hash_seed(), path, ""), id, Kind::string, ""}, Role::status, 0};
  const PostingList list = segment.list(key, buffer, term);
  EXPECT_EQ(list.count, segment.size());
  EXPECT_LE(list.count, kShortGroupRows);
  EXPECT_GE(list.count, kShortGroupRows - 2);
  EXPECT_EQ(term, kNoTerm) << "no posting list";
}

}  // namespace
}  // namespace syncdex
