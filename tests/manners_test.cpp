// Tests what C++ hosts expect of any type: printing, hashing, error codes, ranges.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <unordered_map>
#include <unordered_set>

#include "syncdex/fmt.h"
#include "syncdex/fwd.h"
#include "syncdex/ostream.h"
#include "syncdex/syncdex.h"

namespace syncdex {
namespace {

using testing::ElementsAre;

template <class T>
std::string streamed(const T& value) {
  std::ostringstream out;
  out << value;
  return out.str();
}

Catalog catalog() {
  return *Catalog::load(R"([{"id":"b","name":"2"},{"id":"a","name":"1"},{"id":"c","name":"3"}])");
}

TEST(Manners, StreamAndFmtPrintTheSame) {
  const Query query = *Query::from_pattern(R"({"name":"x", "metadata":{"b":1.0,"a":2}})");
  EXPECT_EQ(streamed(query), R"({"contains":{"metadata":{"a":2,"b":1},"name":"x"}})");
  EXPECT_EQ(fmt::format("{}", query), streamed(query));
  EXPECT_EQ(fmt::format("{:>60}", query).size(), 60u);
  const Query filter = *Query::from_filter(R"({"not":{"path":"metadata.a","gt":1}})");
  EXPECT_EQ(streamed(filter), filter.text());
  EXPECT_EQ(fmt::format("{}", filter), filter.text());

  const Error error = Catalog::load("{\"id\":\"1\"}\n{\"id\":\"2\",\"provider\":7}").error();
  EXPECT_EQ(streamed(error),
            "wrong_type: record 1: provider must be a string, found a number (line 2, byte 32)");
  EXPECT_EQ(fmt::format("{}", error), streamed(error));
  const Error request = parse_request("provider=a&limit=0").error();
  EXPECT_EQ(streamed(request).substr(0, 22), "invalid_value: limit: ");
  EXPECT_EQ(fmt::format("{}", ErrorCode::wrong_type) + streamed(ErrorCode::io_error), "wrong_typeio_error");

  const Catalog records = catalog();
  const Matches all = records.find(Query());
  EXPECT_EQ(streamed(all[1]), R"({"id":"a","name":"1"})");
  EXPECT_EQ(fmt::format("{}", all[1]), streamed(all[1]));
  EXPECT_EQ(streamed(records.stats()).substr(0, 21), "records=3 segments=1 ");
  EXPECT_EQ(fmt::format("{}", records.stats()), streamed(records.stats()));
  EXPECT_EQ(streamed(*records.why_not("x", Query())), "no record has this id");
  EXPECT_EQ(fmt::format("{}", *records.why_not("x", Query())), "no record has this id");
}

TEST(Manners, QueriesWorkAsHashMapKeys) {
  const Query a = *Query::from_pattern(R"({"name":"x","provider":"y"})");
  const Query b = *Query::from_pattern(R"({"provider":"y","name":"\u0078"})");
  std::unordered_map<Query, int> map{{a, 1}};
  ++map[b];
  ++map[Query()];
  EXPECT_EQ(map.size(), 2u);
  EXPECT_EQ(map[a], 2);
}

TEST(Manners, ErrorCodesConvertToStdErrorCode) {
  static_assert(std::is_error_code_enum_v<ErrorCode>);
  const std::error_code code = Catalog::load_file("/no/such/file").error().code;
  EXPECT_TRUE(code);
  EXPECT_EQ(code, ErrorCode::io_error);
  EXPECT_EQ(code, std::errc::io_error);
  EXPECT_STREQ(code.category().name(), "syncdex");
  EXPECT_EQ(code.message(), "io_error");
  EXPECT_EQ(make_error_code(ErrorCode::cancelled), std::errc::operation_canceled);
  EXPECT_EQ(make_error_code(ErrorCode::malformed_json), std::errc::invalid_argument);
  EXPECT_NE(make_error_code(ErrorCode::limit_exceeded), std::errc::invalid_argument);
  EXPECT_NE(make_error_code(ErrorCode::malformed_json), make_error_code(ErrorCode::invalid_utf8));
  try {
    throw std::system_error(ErrorCode::stale_cursor, "list");
  } catch (const std::system_error& e) {
    EXPECT_STREQ(e.what(), "list: stale_cursor");
  }
}

// As std::expected: only the first error counts, and a function is not called after it.
TEST(Manners, ResultsChain) {
  const Catalog catalog = *Catalog::load(R"([{"id":"1","provider":"a"},{"id":"2","provider":"b"}])");
  const auto matches_of = [&](const Request& request) { return catalog.find_within(request.query); };
  EXPECT_EQ(parse_request("provider=a").and_then(matches_of).transform(&Matches::size).value_or(9U), 1U);
  EXPECT_EQ(parse_request("provder=a").and_then(matches_of).transform(&Matches::size).value_or(9U), 9U);
  EXPECT_EQ(parse_request("provder=a").and_then(matches_of).error().code, ErrorCode::unknown_parameter);
  // Values that can only be moved.
  using Owner = std::unique_ptr<int>;
  const auto twice = [](Owner&& n) { return std::make_unique<int>(*n * 2); };
  EXPECT_EQ(*Result<Owner>(std::make_unique<int>(21)).transform(twice).value(), 42);
  EXPECT_EQ(Result<Owner>(Error{}).value_or(nullptr), nullptr);
  static_assert(std::is_same_v<decltype(std::declval<const Result<int>&>().transform(
                                   [](const int&) { return std::string(); })),
                               Result<std::string>>);
  // A temporary Result gives its value away: under AddressSanitizer this loop would report a dangling value.
  std::size_t values = 0;
  for (const JsonCount& value : *catalog.values("provider")) values += value.json.size();
  EXPECT_EQ(values, 6U);
}

TEST(Manners, MatchesWorkWithRangeAlgorithms) {
  static_assert(std::ranges::random_access_range<const Matches> && std::ranges::sized_range<const Matches> &&
                std::ranges::common_range<const Matches> && !std::ranges::borrowed_range<Matches>);
  static_assert(std::same_as<std::ranges::range_value_t<Matches>, Record>);
  const Catalog records = catalog();
  const Matches all = records.find(Query());
  std::string ids;
  for (const Record record : all) ids += record.id();
  EXPECT_EQ(ids, "bac");
  EXPECT_EQ(std::ranges::find(all, "a", &Record::id) - all.begin(), 1);
  EXPECT_EQ(std::ranges::max(all, {}, &Record::name).id(), "c");
  EXPECT_EQ(std::ranges::distance(all), 3);
  EXPECT_EQ(std::count_if(all.begin(), all.end(), [](Record r) { return r.name() > "1"; }), 2);
  // Indexed iterators, and algorithms that copy, work without ranges.
  std::vector<Record> sorted(all.begin(), all.end());
  std::sort(sorted.begin(), sorted.end(), [](Record a, Record b) { return a.id() < b.id(); });
  EXPECT_EQ(sorted.front().id(), all[1].id());
  EXPECT_EQ(all.end()[-1].id(), "c");
  std::vector<std::string_view> slices;
  all.for_each_slice([&](std::string_view slice) { slices.push_back(slice); });
  EXPECT_EQ(slices, all.slices());
}

}  // namespace
}  // namespace syncdex
