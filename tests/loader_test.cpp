// Tests framings, record boundaries and faults: tables of the rules, and the careful path as the reference
// for the fast one.
#include "load/loader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstring>

#include "support/random_json.h"
#include "syncdex/syncdex.h"

namespace syncdex {
namespace {

// Text in memory, with padding that would mislead a loader that reads it.
struct Padded {
  explicit Padded(std::string_view text, char fill = '"') : bytes(new char[text.size() + Catalog::padding]) {
    if (!text.empty()) std::memcpy(bytes.get(), text.data(), text.size());
    std::memset(bytes.get() + text.size(), fill, Catalog::padding);
    input = {bytes, {bytes.get(), text.size()}};
  }
  std::shared_ptr<char[]> bytes;
  Input input;
};

// Renders the outcome of a load as one line.
std::string outcome(const Result<Loaded>& loaded) {
  if (!loaded) {
    const Error& e = loaded.error();
    return "error " + std::string(to_string(e.code)) + (e.limit.empty() ? "" : "(" + e.limit + ")") + " at " +
           std::to_string(e.offset) + " line " + std::to_string(e.line) +
           (e.record ? " record " + std::to_string(*e.record) : "");
  }
  std::string text = "ids";
  for (std::size_t s = 0; s < loaded->segments.size(); ++s) {
    const Segment& segment = *loaded->segments[s];
    for (Row row = 0; row < segment.size(); ++row) {
      if (std::ranges::binary_search(loaded->dead[s], row)) continue;
      text += ' ';
      text += segment.text().view(segment.entry(row).id);
    }
  }
  for (const BadRecord& bad : loaded->report.bad) {
    text += "; bad " + std::to_string(bad.position) + " line " + std::to_string(bad.line) + " at " +
            std::to_string(bad.offset) + " " + (bad.id ? *bad.id : "?") + " " +
            std::string(to_string(bad.code));
  }
  return text;
}

std::string load(std::string_view text, LoadOptions options = {}) {
  const Padded padded(text);
  const std::string fast = outcome(load_records(padded.input, options));
  const std::string careful = outcome(load_records_carefully(padded.input, options));
  EXPECT_EQ(fast, careful) << text;
  return fast;
}

std::string load_good(std::string_view text, Framing framing = Framing::automatic) {
  LoadOptions options;
  options.skip_bad = true;
  options.framing = framing;
  return load(text, options);
}

struct Case {
  const char* name;
  std::string text;
  const char* strict;
  const char* skipping;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.text; }

class Framings : public testing::TestWithParam<Case> {};

TEST_P(Framings, AreDetected) {
  const Case& c = GetParam();
  EXPECT_EQ(load(c.text), c.strict);
  EXPECT_EQ(load_good(c.text), c.skipping);
}

const Case kCases[] = {
    {"EmptyArray", "[]", "ids", "ids"},
    {"EmptyEnvelope", R"({"data":[]})", "ids", "ids"},
    {"Nothing", "", "error malformed_json at 0 line 1", "error malformed_json at 0 line 1"},
    {"OnlySpace", " \n ", "error malformed_json at 3 line 2", "error malformed_json at 3 line 2"},
    {"OnlyBom", "\xEF\xBB\xBF", "error malformed_json at 3 line 1", "error malformed_json at 3 line 1"},
    {"Scalar", "42", "error malformed_json at 0 line 1", "error malformed_json at 0 line 1"},
    {"Array", R"([{"id":"a"},{"id":"b"}])", "ids a b", "ids a b"},
    {"ArrayWithBomAndSpace", "\xEF\xBB\xBF \n[ {\"id\":\"a\"} , {\"id\":\"b\"} ] \n", "ids a b", "ids a b"},
    {"OneRecord", R"({"id":"a"})", "ids a", "ids a"},
    {"OneRecordOverLines", "{\n\"id\":\n\"a\"\n}\n", "ids a", "ids a"},
    {"Envelope", R"({"data":[{"id":"a"},{"id":"b"}]})", "ids a b", "ids a b"},
    {"EnvelopeWithOtherKeys", R"({"meta":{"n":[1,2]},"data":[{"id":"a"}],"next":null})", "ids a", "ids a"},
    {"EnvelopeWithEscapedKey", R"({"d\u0061ta":[{"id":"a"}]})", "ids a", "ids a"},
    {"IdBeforeDataIsARecord", R"({"id":"a","data":[{"id":"b"}]})", "ids a", "ids a"},
    {"DataIsNoArray", R"({"data":{},"id":"a"})", "ids a", "ids a"},
    {"IdAfterData", R"({"data":[{"id":"b"}],"id":"a"})", "error ambiguous_framing at 21 line 1",
     "error ambiguous_framing at 21 line 1"},
    {"DataTwice", R"({"data":[],"data":[]})", "error ambiguous_framing at 11 line 1",
     "error ambiguous_framing at 11 line 1"},
    {"BadValueInEnvelope", R"({"x":nul,"data":[]})", "error malformed_json at 5 line 1",
     "error malformed_json at 5 line 1"},
    {"BadValueBehindData", R"({"data":[{"id":"a"}],"x":[1,]})", "error malformed_json at 28 line 1",
     "error malformed_json at 28 line 1"},
    {"TextBehindArray", R"([{"id":"a"}] x)", "error malformed_json at 13 line 1",
     "error malformed_json at 13 line 1"},
    {"TrailingComma", R"([{"id":"a"},])", "error malformed_json at 12 line 1",
     "error malformed_json at 12 line 1"},
    {"LeadingComma", R"([,{"id":"a"}])", "error malformed_json at 1 line 1",
     "error malformed_json at 1 line 1"},
    {"NoComma", R"([{"id":"a"}{"id":"b"}])", "error malformed_json at 11 line 1",
     "error malformed_json at 11 line 1"},
    {"NotClosed", R"([{"id":"a"})", "error malformed_json at 11 line 1", "error malformed_json at 11 line 1"},
    {"RecordNotClosed", R"([{"id":"a")", "error malformed_json at 10 line 1",
     "error malformed_json at 10 line 1"},
    {"StringNotClosed", R"([{"id":"a)", "error malformed_json at 7 line 1",
     "error malformed_json at 7 line 1"},
    {"BracketsDoNotMatch", R"([{"id":"a","x":[}]])", "error malformed_json at 16 line 1 record 0",
     "error malformed_json at 16 line 1"},
    {"ElementIsNoObject", R"([{"id":"a"},7,{"id":"b"}])", "error wrong_type at 12 line 1 record 1",
     "ids a b; bad 1 line 1 at 12 ? wrong_type"},
    {"ElementIsAnArray", R"([[{"id":"a"}]])", "error wrong_type at 1 line 1 record 0",
     "ids; bad 0 line 1 at 1 ? wrong_type"},
    // JSON Lines.
    {"Lines", "{\"id\":\"a\"}\n{\"id\":\"b\"}\n", "ids a b", "ids a b"},
    {"LinesCrlfAndBlanks", "\r\n{\"id\":\"a\"}\r\n\r\n  {\"id\":\"b\"}\r\n \t\r\n", "ids a b", "ids a b"},
    {"LinesLastWithoutFeed", "{\"id\":\"a\"}\n{\"id\":\"b\"}", "ids a b", "ids a b"},
    {"LinesOfEnvelopes",
     "{\"data\":[{\"id\":\"a\"}]}\n{\"data\":[{\"id\":\"b\"},{\"id\":\"c\"}]}\n{\"id\":\"d\"}\n",
     "ids a b c d", "ids a b c d"},
    {"TwoOnALine", "{\"id\":\"a\"}\n{\"id\":\"b\"}{\"id\":\"c\"}\n{\"id\":\"d\"}\n", "ids a b c d",
     "ids a b c d"},
    {"TwoOnABadLine", "{\"id\":\"a\"}\n{\"id\":\"b\"} {\"id\":7}{\"id\":\"c\"}\n{\"id\":\"d\"}\n",
     "error wrong_type at 28 line 2 record 2",
     "ids a d; bad 1 line 2 at 28 b wrong_type; bad 2 line 2 at 28 ? wrong_type; bad 3 line 2 at 28 c "
     "wrong_type"},
    {"TextBehindALine", "{\"id\":\"a\"}\n{\"id\":\"b\"}x\n{\"id\":\"c\"}\n",
     "error malformed_json at 21 line 2", "ids a c; bad 1 line 2 at 21 b malformed_json"},
    {"ArrayAsALine", "{\"id\":\"a\"}\n[{\"id\":\"b\"}]\n{\"id\":\"c\"}\n", "ids a b c", "ids a b c"},
    {"BomInside", "{\"id\":\"a\"}\n\xEF\xBB\xBF{\"id\":\"b\"}\n", "error malformed_json at 11 line 2",
     "ids a; bad 1 line 2 at 11 b malformed_json"},
    {"LineCutOff", "{\"id\":\"a\"}\n{\"id\":\"b\",\n{\"id\":\"c\"}\n",
     "error malformed_json at 21 line 2 record 1", "ids a c; bad 1 line 2 at 21 b malformed_json"},
    {"LineWithStrayQuote", "{\"id\":\"a\"}\n{\"id\":\"b\"\"}\n{\"id\":\"c\"}\n",
     "error malformed_json at 20 line 2 record 1", "ids a c; bad 1 line 2 at 20 b malformed_json"},
    {"LastLineCutOff", "{\"id\":\"a\"}\n{\"id\":\"b", "error malformed_json at 17 line 2 record 1",
     "ids a; bad 1 line 2 at 17 ? malformed_json"},
    {"LineWithBadEnvelope", "{\"id\":\"a\"}\n{\"data\":[{\"id\":\"b\"}],\"id\":\"x\"}\n{\"id\":\"c\"}\n",
     "error ambiguous_framing at 32 line 2", "ids a c; bad 1 line 2 at 32 b ambiguous_framing"},
    {"LineWithBadRecordInEnvelope",
     "{\"id\":\"a\"}\n{\"data\":[{\"id\":\"b\"},{\"id\":7}]}\n{\"id\":\"c\"}\n",
     "error wrong_type at 37 line 2 record 2",
     "ids a c; bad 1 line 2 at 37 b wrong_type; bad 2 line 2 at 37 ? wrong_type"},
    // Sequences of documents.
    {"PrettyRecords", "{\n  \"id\": \"a\"\n}\n{\n  \"id\": \"b\"\n}\n", "ids a b", "ids a b"},
    {"PrettyBehindALine", "{\"id\":\"a\"}\n{\n\"id\":\"b\"\n}\n[\n{\"id\":\"c\"}]", "ids a b c", "ids a b c"},
    {"PrettyWithABadRecord", "{\n\"id\":\"a\"\n}\n{\n\"id\":7\n}\n{\n\"id\":\"c\"\n}",
     "error wrong_type at 20 line 5 record 1", "ids a c; bad 1 line 5 at 20 ? wrong_type"},
    {"PrettyBehindALineBad", "{\"id\":\"a\"}\n{\n\"id\":7\n}\n{\"id\":\"c\"}",
     "error wrong_type at 18 line 3 record 1", "ids a c; bad 1 line 3 at 18 ? wrong_type"},
    {"NothingBetween", R"({"id":"a"}{"id":"b"}[{"id":"c"}]{"data":[{"id":"d"}]}[])", "ids a b c d",
     "ids a b c d"},
    {"PagesOverLines", "{\n\"data\":[{\"id\":\"a\"}],\n\"next\":\"x\"\n}\n{\"data\":[{\"id\":\"b\"}]}\n",
     "ids a b", "ids a b"},
    {"CarriageReturnsAlone", "{\"id\":\"a\"}\r{\"id\":\"b\"}\r", "ids a b", "ids a b"},
    {"EnvelopeOfOneRecord", R"({"status":"success","data":{"id":"a"}})", "ids a", "ids a"},
    {"EnvelopeOfOneBadRecord", R"({"data":{"id":7}})", "error wrong_type at 14 line 1 record 0",
     "ids; bad 0 line 1 at 14 ? wrong_type"},
    {"DataObjectAndIdIsARecord", R"({"data":{"id":"b"},"id":"a"})", "ids a", "ids a"},
    {"FirstLineBad", "{\"id\":\"a\"}x\n{\"id\":\"b\"}\n{\"id\":\"c\"}\n", "error malformed_json at 10 line 1",
     "ids b c; bad 0 line 1 at 10 a malformed_json"},
    {"FirstLineCut", "ovider\":\"stripe\"}\n{\"id\":\"b\"}\n{\"id\":\"c\"}\n",
     "error malformed_json at 0 line 1", "ids b c; bad 0 line 1 at 0 ? malformed_json"},
    {"CommasBehindLines", "{\"id\":\"a\"},\n{\"id\":\"b\"},\n{\"id\":\"c\"}\n",
     "error malformed_json at 10 line 1",
     "ids c; bad 0 line 1 at 10 a malformed_json; bad 1 line 2 at 22 b malformed_json"},
    {"UnbalancedWithoutAnyLine", "[{\"id\":\"a\"},\n{\"id\":\"b\"", "error malformed_json at 22 line 2",
     "error malformed_json at 22 line 2"},
    {"CutLinesDoNotSwallowOthers",
     "{\"id\":\"a\"}\n{\"id\":\"b\",\"na\n{\"id\":\"c\"}\n{\"id\":\"d\",\"na\n{\"id\":\"e\"}\n",
     "error malformed_json at 24 line 2 record 1",
     "ids a c e; bad 1 line 2 at 21 b malformed_json; bad 3 line 4 at 46 d malformed_json"},
    // Faults within a record.
    {"NoId", R"([{"name":"x"},{"id":"b"}])", "error missing_id at 1 line 1 record 0",
     "ids b; bad 0 line 1 at 1 ? missing_id"},
    {"IdNull", R"([{"id":null}])", "error missing_id at 1 line 1 record 0",
     "ids; bad 0 line 1 at 1 ? missing_id"},
    {"IdEmpty", R"([{"id":""}])", "error missing_id at 1 line 1 record 0",
     "ids; bad 0 line 1 at 1 ? missing_id"},
    {"IdNumber", R"([{"id":7}])", "error wrong_type at 7 line 1 record 0",
     "ids; bad 0 line 1 at 7 ? wrong_type"},
    {"ProviderNumber", R"([{"id":"a","provider":7}])", "error wrong_type at 22 line 1 record 0",
     "ids; bad 0 line 1 at 22 a wrong_type"},
    {"HealthString", R"([{"id":"a","health":"ok"}])", "error wrong_type at 20 line 1 record 0",
     "ids; bad 0 line 1 at 20 a wrong_type"},
    {"HealthStatusNumber", R"([{"id":"a","health":{"status":7}}])", "error wrong_type at 30 line 1 record 0",
     "ids; bad 0 line 1 at 30 a wrong_type"},
    {"MetadataArray", R"([{"id":"a","metadata":[]}])", "error wrong_type at 22 line 1 record 0",
     "ids; bad 0 line 1 at 22 a wrong_type"},
    {"CollectionIdsString", R"([{"id":"a","collection_ids":"x"}])", "error wrong_type at 28 line 1 record 0",
     "ids; bad 0 line 1 at 28 a wrong_type"},
    {"CollectionIdsElement", R"([{"id":"a","collection_ids":["x",7,8]}])",
     "error wrong_type at 33 line 1 record 0", "ids; bad 0 line 1 at 33 a wrong_type"},
    {"NullsAreFine", R"([{"id":"a","provider":null,"health":null,"metadata":null,"collection_ids":null}])",
     "ids a", "ids a"},
    {"SmallestOffsetFirst", R"([{"status":1,"id":"a","provider":2}])",
     "error wrong_type at 11 line 1 record 0", "ids; bad 0 line 1 at 11 a wrong_type"},
    {"LastValueCounts", R"([{"id":7,"id":"a","provider":1,"provider":"x"}])", "ids a", "ids a"},
    {"LastValueCountsAgainst", R"([{"id":"a","provider":"x","provider":1}])",
     "error wrong_type at 37 line 1 record 0", "ids; bad 0 line 1 at 37 a wrong_type"},
    {"LostHealthIsForgotten", R"([{"id":"a","health":{"status":1},"health":{}}])", "ids a", "ids a"},
    {"LostValueMustBeJson", R"([{"id":"a","x":nul,"x":1}])", "error malformed_json at 15 line 1 record 0",
     "ids; bad 0 line 1 at 15 a malformed_json"},
    {"InvalidUtf8", "[{\"id\":\"a\",\"name\":\"\xFF\"},{\"id\":\"b\"}]",
     "error invalid_utf8 at 19 line 1 record 0", "ids b; bad 0 line 1 at 19 a invalid_utf8"},
    {"LoneSurrogate", R"([{"id":"a","name":"\ud800"},{"id":"b"}])",
     "error invalid_utf8 at 19 line 1 record 0", "ids b; bad 0 line 1 at 19 a invalid_utf8"},
    {"ControlCharacter", "[{\"id\":\"a\",\"name\":\"x\ty\"}]", "error malformed_json at 20 line 1 record 0",
     "ids; bad 0 line 1 at 20 a malformed_json"},
    {"BadEscape", R"([{"id":"a","name":"\q"}])", "error malformed_json at 19 line 1 record 0",
     "ids; bad 0 line 1 at 19 a malformed_json"},
    {"NulInString", R"([{"id":"a\u0000b"}])", nullptr, nullptr},
    {"RawNul", std::string("[{\"id\":\"a\",\"x\":\0}]", 18), "error malformed_json at 15 line 1 record 0",
     "ids; bad 0 line 1 at 15 a malformed_json"},
    {"FirstFaultOfTwo", "[{\"id\":\"a\",\"x\":nul,\"name\":\"\xFF\"}]",
     "error malformed_json at 15 line 1 record 0", "ids; bad 0 line 1 at 15 a malformed_json"},
    {"FirstFaultOfTwoBytes", "[{\"id\":\"a\",\"name\":\"\xFF\",\"x\":nul}]",
     "error invalid_utf8 at 19 line 1 record 0", "ids; bad 0 line 1 at 19 a invalid_utf8"},
    // Duplicate ids.
    {"DuplicateId", "[{\"id\":\"a\",\"n\":1},\n{\"id\":\"b\"},\n{\"id\":\"a\",\"n\":2}]",
     "error duplicate_id at 31 line 3 record 2", "ids b a; bad 0 line 1 at 1 a duplicate_id"},
    {"DuplicateIdThrice", R"([{"id":"a"},{"id":"a"},{"id":"a"}])", "error duplicate_id at 12 line 1 record 1",
     "ids a; bad 0 line 1 at 1 a duplicate_id; bad 1 line 1 at 12 a duplicate_id"},
    {"DuplicateIdInDisguise", R"([{"id":"a"},{"id":"\u0061"}])", "error duplicate_id at 12 line 1 record 1",
     "ids a; bad 0 line 1 at 1 a duplicate_id"},
    {"DuplicateBeforeFault", R"([{"id":"a"},{"id":"a"},{"id":7}])",
     "error duplicate_id at 12 line 1 record 1",
     "ids a; bad 0 line 1 at 1 a duplicate_id; bad 2 line 1 at 29 ? wrong_type"},
    {"FaultBeforeDuplicate", R"([{"id":"a"},{"id":7},{"id":"a"}])", "error wrong_type at 18 line 1 record 1",
     "ids a; bad 0 line 1 at 1 a duplicate_id; bad 1 line 1 at 18 ? wrong_type"},
};

INSTANTIATE_TEST_SUITE_P(Loader, Framings, testing::ValuesIn([] {
                           std::vector<Case> cases;
                           for (const Case& c : kCases) {
                             if (c.strict != nullptr) cases.push_back(c);
                           }
                           return cases;
                         }()),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(Loader, KeepsNulInAString) {
  const auto catalog = Catalog::load(R"([{"id":"a\u0000b","provider":"stripe\u0000x"}])");
  ASSERT_TRUE(catalog);
  EXPECT_EQ(catalog->count(*QueryBuilder().provider("stripe").build()), 0u);
  EXPECT_EQ(catalog->count(*QueryBuilder().provider(std::string_view("stripe\0x", 8)).build()), 1u);
  EXPECT_EQ(catalog->find_id(std::string_view("a\0b", 3))->id(), std::string_view("a\0b", 3));
  EXPECT_FALSE(catalog->find_id("a"));
}

// The framing option decides only how the loader recovers from faults.
TEST(Loader, FramingOptionAffectsOnlyRecovery) {
  const std::string lines = "{\"id\":\"a\"}\n{\"id\":7} {\"id\":\"c\"}\n";
  for (const Framing framing : {Framing::automatic, Framing::ndjson}) {
    EXPECT_EQ(load_good(lines, framing),
              "ids a; bad 1 line 2 at 17 ? wrong_type; bad 2 line 2 at 17 c wrong_type");
  }
  EXPECT_EQ(load_good(lines, Framing::json), "ids a c; bad 1 line 2 at 17 ? wrong_type");
  EXPECT_EQ(load_good("{\"id\":\"a\"}\n{\"id\":\n", Framing::json), "error malformed_json at 18 line 3");
  EXPECT_EQ(load_good("[{\"id\":\"a\"}]", Framing::ndjson), "ids a");
  EXPECT_EQ(load_good("[\n{\"id\":\"a\"}\n]", Framing::ndjson),
            "ids a; bad 0 line 1 at 1 ? malformed_json; bad 2 line 3 at 13 ? malformed_json");
}

// A bracket is missing in one line, and a later line has one too many: balanced, but not a document.
TEST(Loader, KeepsLinesBetweenTwoBadOnes) {
  EXPECT_EQ(load_good("{\"id\":\"a\"}\n{\"id\":\"b\"\n{\"id\":\"c\"}\n{\"id\":\"d\"}\n{\"id\":\"e\"}}\n"),
            "ids a c d; bad 1 line 2 at 20 b malformed_json; bad 4 line 5 at 53 e malformed_json");
  // Lines that together form a document are read as one.
  EXPECT_EQ(load_good("{\"id\":\"a\"}\n{\"data\":[\n{\"id\":\"b\"},\n{\"id\":\"c\"}\n]}\n"), "ids a b c");
}

// Only unbalanced brackets or quotes make a load start again, line by line.
TEST(Loader, OnlyUnbalancedTextIsRetriedByLine) {
  const std::string head = "{\"id\":\"a\"}\n{\n\"id\":\"b\"}\n";
  LoadOptions options;
  options.skip_bad = true;
  options.limits.records = 2;
  EXPECT_EQ(load(head + "{\"id\":\"c\"}\n", options), "error limit_exceeded(records) at 23 line 4");
  EXPECT_EQ(load_good(head + "{\"id\":\"c\"}\n"), "ids a b c");
  EXPECT_EQ(load_good(head + "{\"data\":[{\"id\":\"c\"}],\"data\":[]}\n{\"id\":\"d\"}\n"),
            "error ambiguous_framing at 44 line 4");
  std::string text = head;
  for (int i = 0; i < 100'000; ++i) text += "{\"id\":\"" + std::to_string(i) + "\",\"x\":\"0123456789\"}\n";
  options.limits = {};
  int calls = 0;
  options.progress = [&](std::uint64_t, std::uint64_t, std::uint64_t) { return ++calls != 3; };
  const Padded padded(text);
  const auto cancelled = load_records(padded.input, options);
  ASSERT_FALSE(cancelled);
  EXPECT_EQ(cancelled.error().code, ErrorCode::cancelled);
  EXPECT_EQ(calls, 3);
}

// A load that starts again, line by line, reads text that the first attempt has already put into segments.
TEST(Loader, RetriesByLineAfterManySegments) {
  std::string text = "[]";
  std::string expected = "ids";
  for (int i = 0; i < 20; ++i) {
    text += "{\"id\":\"" + std::to_string(i) + "\"}\n";
    if (i > 0) expected += " " + std::to_string(i);
  }
  text += "{\"id\":";
  const Padded padded(text);
  LoadOptions options;
  options.skip_bad = true;
  const LoadSizes sizes{.window = 32, .segment_rows = 2, .segment_bytes = 50};
  // The first line holds an array and a record: a valid line of two documents.
  EXPECT_TRUE(outcome(load_records(padded.input, options, sizes)).starts_with("ids 0" + expected.substr(3)))
      << outcome(load_records(padded.input, options, sizes));
}

// Each window used to search for the end of a line that has none. bench/hostile_bench.cpp has the time.
TEST(Loader, LoadsOneLongLineInManyWindows) {
  std::string text;
  for (int i = 0; text.size() < 8'000'000; ++i) text += "{\"id\":\"" + std::to_string(i) + "\"} ";
  const Padded padded(text);
  LoadOptions options;
  options.limits.record_bytes = 100;
  EXPECT_TRUE(load_records(padded.input, options, LoadSizes{.window = 256}));
}

TEST(Loader, ReportsRecordsAfterAFault) {
  EXPECT_EQ(load_good("{\"id\":\"z\"}\nx{}\n"), "ids z; bad 1 line 2 at 11 ? malformed_json");
  EXPECT_EQ(load_good("{\"id\":\"z\"}\n{\"id\":\"a\"}x{\"id\":\"c\"}\n"),
            "ids z; bad 1 line 2 at 21 a malformed_json; bad 2 line 2 at 21 c malformed_json");
  EXPECT_EQ(load_good("{\"id\":\"z\"}\n[{\"id\":\"a\"},,{\"id\":\"c\"}]\n"),
            "ids z; bad 1 line 2 at 23 a malformed_json; bad 2 line 2 at 23 c malformed_json");
}

TEST(Loader, ReportsWhatTheEnvelopeSays) {
  const auto report = [](const char* text) { return Catalog::load(text).value().report(); };
  EXPECT_EQ(report(R"({"data":[{"id":"1"}],"has_more": false ,"next":null})").has_more, "false");
  EXPECT_EQ(report(R"({"next_page":2,"data":[{"id":"1"}],"next":null})").next, "2");
  EXPECT_EQ(report(R"({"data":[{"id":"1"}],"next_cursor":"a\u0062"})").next, R"("a\u0062")");
  EXPECT_EQ(report(R"({"data":[{"id":"1"}]})").next, "");
  EXPECT_EQ(report(R"([{"id":"1"}])").has_more, "");
}

TEST(Loader, LoadsPages) {
  const auto load_pages = [](std::vector<std::string> pages) {
    return Catalog::load_pages(std::move(pages));
  };
  const auto catalog = load_pages({"\xEF\xBB\xBF{\"data\":[{\"id\":\"1\"}],\"has_more\":true}",
                                   "[{\"id\":\"2\"}]", "{\"data\":[{\"id\":\"3\"}],\"has_more\":false}"});
  ASSERT_TRUE(catalog);
  EXPECT_EQ(catalog->size(), 3U);
  EXPECT_FALSE(catalog->report().more_follows);
  const auto bad = load_pages({"[{\"id\":\"1\"},\n{\"id\":\"2\"}]\n", "[\n{\"id\":3}]"});
  EXPECT_EQ(bad.error().code, ErrorCode::wrong_type);
  EXPECT_EQ(bad.error().line, 2U);
  EXPECT_EQ(bad.error().offset, 8U);
  EXPECT_TRUE(bad.error().message.starts_with("page 2: ")) << bad.error().message;
  EXPECT_EQ(load_pages({"[{\"id\":\"1\"}]", "[{\"id\":\"1\"}]"}).error().code, ErrorCode::duplicate_id);
  // Two halves of a list are refused, even where they would be valid when joined.
  const auto refused = [&](std::vector<std::string> pages) {
    const auto error = load_pages(std::move(pages)).error();
    return error.message.substr(0, 6) + " " + std::to_string(error.line) + " " + std::to_string(error.offset);
  };
  EXPECT_EQ(refused({"[{\"id\":\"1\"}", "]"}), "page 2 1 0");
  EXPECT_EQ(refused({"[{\"id\":\"1\"},", "{\"id\":\"2\"}]"}), "page 1 1 12");
  EXPECT_EQ(refused({"[{\"id\":\"1\"}\n", "[{\"id\":\"2\"}]"}), "page 1 2 12");
  EXPECT_EQ(refused({"[{\"id\":\"1\"}]", "[{\"id\":\"2\"}"}), "page 2 1 11");
  EXPECT_EQ(refused({"\xEF\xBB\xBF[{\"id\":7}]"}), "page 1 1 10");
  EXPECT_EQ(refused({"", ""}), "page 1 1 0");
  LoadOptions wrong;
  wrong.ordered = {"a..b"};
  EXPECT_FALSE(Catalog::load_pages({"[{\"id\":\"1\"}]"}, wrong).error().message.starts_with("page"));
  EXPECT_EQ(load_pages({}).error().code, Catalog::load("").error().code);
}

TEST(Loader, ReportsWhetherMoreFollows) {
  const auto more = [](std::string_view text, unsigned threads = 1) {
    LoadOptions options;
    options.threads = threads;
    const Padded padded(text);
    const auto loaded =
        load_records(padded.input, options, LoadSizes{.piece = threads == 1 ? 1u << 20 : 16u});
    EXPECT_TRUE(loaded) << text;
    return loaded && loaded->report.more_follows;
  };
  for (const char* yes : {R"("has_more":true)", R"("next":"cur")", R"("next_page":2)", R"("next_cursor":"x")",
                          R"("next_url":"x")"}) {
    EXPECT_TRUE(more(R"({"data":[{"id":"a"}],)" + std::string(yes) + "}")) << yes;
    EXPECT_TRUE(more("{" + std::string(yes) + R"(,"data":[{"id":"a"}]})")) << yes;
  }
  for (const char* no : {R"("has_more":false,"next":null)", R"("next":"")", R"("following":"x")"}) {
    EXPECT_FALSE(more(R"({"data":[{"id":"a"}],)" + std::string(no) + "}")) << no;
  }
  EXPECT_FALSE(more(R"({"id":"a","next":"x"})"));
  // With several pages, the last one decides.
  const std::string first = "{\"data\":[{\"id\":\"a\"}],\"next\":\"x\"}\n";
  const std::string last = "{\"data\":[{\"id\":\"b\"}]}\n";
  const std::string record = "{\"id\":\"c\"}\n{\"id\":\"d\"}\n{\"id\":\"e\"}\n";
  for (const unsigned threads : {1u, 4u}) {
    EXPECT_FALSE(more(first + last, threads));
    EXPECT_TRUE(more(last + first, threads));
    EXPECT_FALSE(more(record + first + last, threads));
    EXPECT_TRUE(more(record + last + first, threads));
  }
}

// If the input is not JSON, or not records, the error says what it is and what to do about it.
TEST(Loader, ErrorsSayWhatToDo) {
  const auto message = [](std::string_view text, bool skip_bad = false) {
    LoadOptions options;
    options.skip_bad = skip_bad;
    const Padded padded(text);
    const auto loaded = load_records(padded.input, options);
    return loaded ? "loaded" : loaded.error().message;
  };
  using namespace std::string_view_literals;
  constexpr const char* kUtf16 =
      "this looks like UTF-16 or UTF-32: convert it to UTF-8 first (iconv -t UTF-8)";
  for (const auto text : {"\xFF\xFE[\0{\0"sv, "\xFE\xFF\0[\0{"sv, "[\0{\0\"\0"sv, "\0[\0{"sv,
                          "\0\0\xFE\xFF\0\0\0["sv, "[\0\0\0{\0\0\0"sv}) {
    EXPECT_EQ(message(text), kUtf16);
    EXPECT_EQ(message(text, true), kUtf16);
  }
  EXPECT_EQ(message("\x1F\x8B\x08\0"sv), "this looks like gzip: decompress it first (gzip -dc)");
  EXPECT_EQ(message("PK\x03\x04..."), "this looks like a zip archive: extract it first (unzip -p)");
  EXPECT_EQ(message("\x28\xB5\x2F\xFD..."), "this looks like zstd: decompress it first (zstd -dc)");
  EXPECT_EQ(message("<!DOCTYPE html><html>502</html>"),
            "this looks like HTML or XML, perhaps an error page: fetch the JSON itself");
  EXPECT_EQ(message("HTTP/1.1 200 OK\r\n\r\n{\"data\":[]}"),
            "this looks like an HTTP response with its headers: keep only the body");
  EXPECT_EQ(message("data: {\"id\":\"1\"}\n\n"),
            "this looks like an event stream: keep only the JSON behind each \"data:\"");
  EXPECT_EQ(message("id,provider\n1,stripe\n"), "this looks like CSV: convert it to JSON first");
  EXPECT_EQ(message("hello"), "an array or an object is expected");

  EXPECT_EQ(message(R"([{"id":"a","n":NaN}])"),
            "record 0: NaN and Infinity are not JSON: use null or a string");
  EXPECT_EQ(message(R"([{"id":"a","n":-Infinity}])"),
            "record 0: NaN and Infinity are not JSON: use null or a string");
  EXPECT_EQ(message("[// all\n{\"id\":\"a\"}]"), "record 0: comments are not JSON: remove them");
  EXPECT_EQ(message("{\"id\":\"a\"} # first"), "comments are not JSON: remove them");
  EXPECT_EQ(message("[{\"id\":\"a\" /* x */}]"), "record 0: comments are not JSON: remove them");
  EXPECT_EQ(message("[{'id':'a'}]"), "record 0: single quotes are not JSON: use double quotes");
  constexpr const char* kComma = "trailing commas are not JSON: remove the comma before the bracket";
  EXPECT_EQ(message(R"([{"id":"a"},])"), kComma);
  EXPECT_EQ(message(R"([{"id":"a",}])"), std::string("record 0: ") + kComma);
  EXPECT_EQ(message(R"([{"id":"a","x":[1,]}])"), std::string("record 0: ") + kComma);
  EXPECT_EQ(message(R"({"data":[],})"), kComma);
  EXPECT_EQ(message("{\"id\":\"a\"},\n{\"id\":\"b\"},\n"),
            "a comma between documents: only the elements of an array have commas");
  EXPECT_EQ(message("{\"id\":\"a\"}\r{\"id\":7}\r"),
            "record 1: id must be a string, found a number; ids are strings, as in \"id\":\"61\"");
  EXPECT_EQ(
      message("{\"id\":\"a\"}\r{\"id\":}\r"),
      "record 1: a JSON value is expected; its lines end in carriage returns alone, which are not counted");
  EXPECT_EQ(message("{\"id\":\"a\"}\r\n{\"id\":\"b\"\r\n{\"id\":\"c\"}\r\n"),
            "record 1: the line ends within a record");
  EXPECT_EQ(message("{\"id\":\"a\"}\n\xEF\xBB\xBF{\"id\":\"b\"}"),
            "a byte order mark is allowed only at the start of the input");

  EXPECT_EQ(message(R"({"success":true,"items":[{"_id":"x"}],"n":[1]})"),
            "record 0: the record has no id; did you mean --records-key items?");
  EXPECT_EQ(message(R"({"items":[{}],"more":[{}]})"),
            "record 0: the record has no id; did you mean --records-key items or more?");
  EXPECT_EQ(message(R"({"secret canary":[{}]})"), "record 0: the record has no id");
  EXPECT_EQ(message(R"([{"data":[{"id":"a"}],"next":"x"},{"data":[]}])"),
            "record 0: the record has no id; it is a page itself: put one page per line, not within another "
            "document");
  EXPECT_EQ(message("{\"data\":[{\"id\":\"a\"},{\"id\":\"b\"}]}\n{\"data\":[{\"id\":\"b\"}]}\n"),
            "record 2: the record on line 1 has the same id; skip_bad (--skip-bad) keeps the last one");
}

TEST(Loader, RecordsKeyNamesTheEnvelopeKey) {
  LoadOptions options;
  options.records_key = "items";
  EXPECT_EQ(load(R"({"success":true,"items":[{"id":"a","data":[{"id":"x"}]}]})", options), "ids a");
  EXPECT_EQ(load("{\"items\":[{\"id\":\"a\"}]}\n{\"id\":\"b\"}\n{\"items\":{\"id\":\"c\"}}", options),
            "ids a b c");
  EXPECT_EQ(load(R"({"data":[{"id":"a"}]})", options), "error missing_id at 0 line 1 record 0");
  EXPECT_EQ(load(R"({"it\u0065ms":[{"id":"a"}],"items":[]})", options),
            "error ambiguous_framing at 27 line 1");
}

struct LimitCase {
  const char* limit;
  std::string good;
  std::string bad;
  void (*set)(Limits&);
};

TEST(Loader, NamesTheExceededLimit) {
  const std::string at_depth = R"([{"id":"a","x":[[1]]}])";
  const LimitCase cases[] = {
      {"input_bytes", R"([{"id":"a"} ])", R"([{"id":"ab"} ])", [](Limits& l) { l.input_bytes = 13; }},
      {"record_bytes", R"([{"id":"ab"}])", R"([{"id":"abc"}])", [](Limits& l) { l.record_bytes = 11; }},
      {"records", R"([{"id":"a"}])", R"([{"id":"a"},{"id":"b"}])", [](Limits& l) { l.records = 1; }},
      {"string_bytes", R"([{"id":"abc"}])", R"([{"id":"abcd"}])", [](Limits& l) { l.string_bytes = 3; }},
      {"depth", at_depth, R"([{"id":"a","x":[[{}]]}])", [](Limits& l) { l.depth = 3; }},
      {"number_digits", R"([{"id":"a","x":12.34}])", R"([{"id":"a","x":12.345}])",
       [](Limits& l) { l.number_digits = 4; }},
      {"exponent", R"([{"id":"a","x":1e-99}])", R"([{"id":"a","x":1e100}])",
       [](Limits& l) { l.exponent = 99; }},
  };
  for (const LimitCase& c : cases) {
    LoadOptions options;
    c.set(options.limits);
    EXPECT_TRUE(load(c.good, options).starts_with("ids")) << c.limit << load(c.good, options);
    EXPECT_TRUE(load(c.bad, options).starts_with("error limit_exceeded(" + std::string(c.limit) + ")"))
        << c.limit << ": " << load(c.bad, options);
  }
}

TEST(Loader, SkipsRecordsOverALimit) {
  LoadOptions options;
  options.skip_bad = true;
  options.limits.record_bytes = 40;
  const std::string big = R"({"id":"big","x":")" + std::string(100, 'x') + "\"}";
  EXPECT_EQ(load("[{\"id\":\"a\"}," + big + ",{\"id\":\"b\"}]", options),
            "ids a b; bad 1 line 1 at 12 ? limit_exceeded");
  EXPECT_EQ(load("{\"id\":\"a\"}\n" + big + "\n{\"id\":\"b\"}\n", options),
            "ids a b; bad 1 line 2 at 11 ? limit_exceeded");
}

TEST(Loader, ProgressCallbackMayCancel) {
  std::string text = "[";
  for (int i = 0; i < 40'000; ++i)
    text += (i > 0 ? "," : "") +
            ("{\"id\":\"" + std::to_string(i) + "\",\"x\":\"" + std::string(80, 'x') + "\"}");
  text += "]";
  LoadOptions options;
  int calls = 0;
  std::uint64_t last = 0;
  options.progress = [&](std::uint64_t done, std::uint64_t total, std::uint64_t) {
    EXPECT_GE(done, last);
    EXPECT_LE(done, total);
    last = done;
    return ++calls < 3;
  };
  const Padded padded(text);
  const auto loaded = load_records(padded.input, options);
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code, ErrorCode::cancelled);
  EXPECT_EQ(calls, 3);
  options.progress = [&](std::uint64_t done, std::uint64_t, std::uint64_t) {
    last = done;
    return true;
  };
  ASSERT_TRUE(load_records(padded.input, options));
  EXPECT_EQ(last, text.size());
}

// Records of sizes around that of a window, so that boundaries fall in many places.
TEST(Loader, LoadsRecordsLongerThanAWindow) {
  for (const Framing framing : {Framing::json, Framing::ndjson}) {
    std::string text = framing == Framing::json ? "[" : "";
    std::string expected = "ids";
    std::size_t n = 0;
    for (const std::size_t size :
         {10u, 131'000u, 131'060u, 131'072u, 131'073u, 300'000u, 5u, 1'500'000u, 20u}) {
      if (n > 0 && framing == Framing::json) text += ',';
      // Strings that contain braces, where a window might be cut.
      std::string filler;
      while (filler.size() < size) filler += R"({\"},{\"id\")";
      text += R"({"id":")" + std::to_string(n) + R"(","x":")" + filler + "\"}";
      if (framing == Framing::ndjson) text += '\n';
      expected += ' ' + std::to_string(n++);
    }
    if (framing == Framing::json) text += ']';
    EXPECT_EQ(load(text), expected);
  }
}

// On any text the fast and the careful path agree, with and without skip_bad.
TEST(Loader, FastAndCarefulPathAgreeOnMutatedText) {
  for (unsigned seed = 0; seed < 4000; ++seed) {
    test::RandomJson random(seed);
    const bool lines = random.chance(0.5);
    std::string text = lines ? "" : random.chance(0.5) ? "[" : R"({"data":[)";
    const bool envelope = text.size() > 1;
    const std::size_t n = 1 + random.below(6);
    for (std::size_t i = 0; i < n; ++i) {
      if (i > 0 && !lines) text += ',';
      text += random.record(std::to_string(random.below(8)), random.chance(0.3));
      if (lines) text += '\n';
    }
    if (!lines) text += envelope ? "]}" : "]";
    for (std::size_t changes = random.below(4); changes > 0; --changes) {
      const std::size_t at = random.below(text.size());
      constexpr std::string_view kBytes = "{}[]\",:\\\n 0-e.tnu\x01\xC3\xFF\x00";
      switch (random.below(4)) {
        case 0: text.erase(at, 1 + random.below(3)); break;
        case 1: text.insert(at, 1, kBytes[random.below(kBytes.size())]); break;
        case 2: text[at] = kBytes[random.below(kBytes.size())]; break;
        default: text.resize(at); break;
      }
      if (text.empty()) text = " ";
    }
    load(text);
    load_good(text);
    if (HasFailure()) FAIL() << "seed " << seed;
  }
}

// Every truncation of a small file is rejected, without reading past its end.
TEST(Loader, RejectsTextCutAtAnyByte) {
  const std::string text =
      R"({"data":[{"id":"a","n":1.5e3,"s":"\u00e9\n"},{"id":"b","m":[true,null,{}]}],"more":1})";
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_TRUE(load(text.substr(0, size)).starts_with("error malformed_json")) << size;
  }
  EXPECT_EQ(load(text), "ids a b");
}

// A load with several threads gives the same records, order, errors and reports as with one.
TEST(Loader, ThreadsDoNotChangeTheResult) {
  const auto agree = [](const std::string& text, bool skip_bad, unsigned threads) {
    const Padded padded(text);
    LoadOptions options;
    options.skip_bad = skip_bad;
    const std::string one = outcome(load_records(padded.input, options));
    options.threads = threads;
    const std::string many = outcome(load_records(padded.input, options));
    EXPECT_TRUE(one == many) << one.substr(0, 200) << "\n" << many.substr(0, 200);
  };
  const auto text_of = [](int n, const char* open, const char* between, const char* close, const char* odd,
                          int odd_at) {
    std::string text = open;
    for (int i = 0; i < n; ++i) {
      if (i > 0) text += between;
      text += i == odd_at
                  ? odd
                  : "{\"id\":\"" + std::to_string(i) + "\",\"metadata\":{\"k" + std::to_string(i % 50) +
                        "\":[{\"id\":\"x\"},{\"id\":\"},{\\\"id\\\":\"}]},\"x\":\"" + std::string(200, 'y') +
                        "\"}";
    }
    return text + close;
  };
  constexpr int kRecords = 20'000;  // about 5 MB
  for (const char* odd :
       {"{\"id\":\"odd\"}", "{\"id\":\"7\"}", "{\"id\":7}", "{\"id\":\"a\"", "nul", "{\"id\":\"\xFF\"}"}) {
    for (const int at : {3, kRecords / 2 + 77, kRecords - 2}) {
      for (const bool skip_bad : {false, true}) {
        agree(text_of(kRecords, "", "\n", "\n", odd, at), skip_bad, 2);
        agree(text_of(kRecords, "[", " ,\n", "]", odd, at), skip_bad, 4);
        agree(text_of(kRecords, "{\"a\":1,\"data\":[", ",", "],\"more\":[1,2]}", odd, at), skip_bad, 3);
      }
    }
  }
  agree(text_of(kRecords, "[", ",", "", "{\"id\":\"odd\"}", 1), false, 2);
  // An envelope on the last line, with a fault after its records. The record number counts all of them.
  for (const bool skip_bad : {false, true}) {
    agree(text_of(kRecords, "{\"id\":\"first\"}\n{\"data\":[", ",", "],\"id\":1}", "{\"id\":\"odd\"}", 1),
          skip_bad, 2);
  }
  agree(text_of(kRecords, "{\"data\":[", ",", "],\"id\":1}", "{\"id\":\"odd\"}", 1), false, 2);
}

TEST(Loader, ThreadsReportProgressAndCancel) {
  std::string text;
  for (int i = 0; i < 60'000; ++i)
    text += "{\"id\":\"" + std::to_string(i) + "\",\"x\":\"" + std::string(80, 'x') + "\"}\n";
  const Padded padded(text);
  LoadOptions options;
  options.threads = 3;
  std::uint64_t last = 0;
  options.progress = [&](std::uint64_t done, std::uint64_t total, std::uint64_t) {
    EXPECT_LE(done, total);
    last = done;
    return true;
  };
  const auto loaded = load_records(padded.input, options);
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->report.records, 60'000u);
  EXPECT_EQ(last, text.size());
  options.progress = [](std::uint64_t, std::uint64_t, std::uint64_t) { return false; };
  EXPECT_EQ(load_records(padded.input, options).error().code, ErrorCode::cancelled);
}

TEST(Loader, FindsDuplicateIdsAcrossSegments) {
  std::string text;
  constexpr int kRecords = 250'000;
  for (int i = 0; i < kRecords; ++i) text += "{\"id\":\"" + std::to_string(i) + "\"}\n";
  text += "{\"id\":\"77\"}\n{\"id\":\"140000\"}\n";
  const Padded padded(text);
  const auto strict = load_records(padded.input, {});
  ASSERT_FALSE(strict);
  EXPECT_EQ(strict.error().code, ErrorCode::duplicate_id);
  EXPECT_EQ(strict.error().line, 250'001u);
  LoadOptions options;
  options.skip_bad = true;
  const auto loaded = load_records(padded.input, options);
  ASSERT_TRUE(loaded);
  EXPECT_GT(loaded->segments.size(), 2u);
  EXPECT_EQ(loaded->report.records, 250'000u);
  ASSERT_EQ(loaded->report.bad.size(), 2u);
  EXPECT_EQ(loaded->report.bad[0].line, 78u);
  EXPECT_EQ(loaded->report.bad[1].position, 140'000u);
}

}  // namespace
}  // namespace syncdex
