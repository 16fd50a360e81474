// Runs external conformance suites through the public API. Each test prints how many cases it ran; .ci/run
// checks the counts.
#include "support/conformance.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <map>

#include "query/url_params.h"
#include "support/oracle.h"
#include "syncdex/syncdex.h"

namespace syncdex {
namespace {

using oracle::Value;

std::vector<Value> lines_of(const char* file) {
  std::vector<Value> all;
  std::ifstream in(test::conformance_dir() / file);
  for (std::string line; std::getline(in, line);) {
    if (!line.empty()) all.push_back(*oracle::parse(line));
  }
  return all;
}

void ran(const char* suite, std::size_t cases) { std::printf("conformance: %s: %zu cases\n", suite, cases); }

// Checks the containment of two objects, stored as the metadata of one record, by find, scan and count.
void expect_contained(const std::string& stored, const std::string& pattern, bool expected) {
  const auto catalog = Catalog::load(R"([{"id":"1","metadata":)" + stored + "}]");
  ASSERT_TRUE(catalog) << stored << ": " << catalog.error().message;
  const auto query = QueryBuilder().metadata(pattern).build();
  ASSERT_TRUE(query) << pattern << ": " << query.error().message;
  EXPECT_EQ(catalog->find(*query).size(), expected) << pattern << " in " << stored;
  EXPECT_EQ(catalog->scan(*query).size(), expected) << pattern << " in " << stored;
  EXPECT_EQ(catalog->count(*query), expected ? 1u : 0u) << pattern << " in " << stored;
}

bool is_object(const std::string& json) {
  const auto value = oracle::parse(json);
  return value && value->kind == Value::object;
}

// At the top level, PostgreSQL has an exception for cases that are not two objects; syncdex does not have it.
// These cases are tested one level down, where there is no exception, and the oracle decides.
TEST(Conformance, ContainmentCases) {
  SYNCDEX_NEEDS_SUITE("containment_cases.jsonl");
  std::size_t n = 0;
  for (const Value& c : lines_of("containment_cases.jsonl")) {
    const std::string& stored = c.members.at("stored").text;
    const std::string& pattern = c.members.at("pattern").text;
    const std::string under_stored = R"({"v":)" + stored + "}";
    const std::string under_pattern = R"({"v":)" + pattern + "}";
    if (is_object(stored) && is_object(pattern)) {
      expect_contained(stored, pattern, c.members.at("contained").truth);
      expect_contained(under_stored, under_pattern, c.members.at("contained").truth);
    } else {
      expect_contained(under_stored, under_pattern, oracle::contains(under_stored, under_pattern));
    }
    ++n;
  }
  ran("containment_cases", n);
}

TEST(Conformance, ContainmentSuites) {
  SYNCDEX_NEEDS_SUITE("containment_suites.jsonl");
  std::size_t n = 0;
  for (const Value& c : lines_of("containment_suites.jsonl")) {
    const std::string& stored = c.members.at("doc").text;
    const std::string& pattern = c.members.at("query").text;
    if (!is_object(stored) || !is_object(pattern)) continue;
    expect_contained(stored, pattern, c.members.at("expected").truth);
    ++n;
  }
  ran("containment_suites", n);
}

// The texts that JSON leaves to the implementation (i_). Numbers of any size are exact, up to a written
// exponent of 100 000; invalid Unicode is rejected.
const std::map<std::string, bool> kImplementationDefined = {
    {"i_number_double_huge_neg_exp.json", true},
    {"i_number_huge_exp.json", false},  // an exponent of 80 digits
    {"i_number_neg_int_huge_exp.json", true},
    {"i_number_pos_double_huge_exp.json", true},
    {"i_number_real_neg_overflow.json", true},
    {"i_number_real_pos_overflow.json", true},
    {"i_number_real_underflow.json", false},  // e-10000000
    {"i_number_too_big_neg_int.json", true},
    {"i_number_too_big_pos_int.json", true},
    {"i_number_very_big_negative_int.json", true},
    {"i_object_key_lone_2nd_surrogate.json", false},
    {"i_string_1st_surrogate_but_2nd_missing.json", false},
    {"i_string_1st_valid_surrogate_2nd_invalid.json", false},
    {"i_string_UTF-16LE_with_BOM.json", false},
    {"i_string_UTF-8_invalid_sequence.json", false},
    {"i_string_UTF8_surrogate_U+D800.json", false},
    {"i_string_incomplete_surrogate_and_escape_valid.json", false},
    {"i_string_incomplete_surrogate_pair.json", false},
    {"i_string_incomplete_surrogates_escape_valid.json", false},
    {"i_string_invalid_lonely_surrogate.json", false},
    {"i_string_invalid_surrogate.json", false},
    {"i_string_invalid_utf-8.json", false},
    {"i_string_inverted_surrogates_U+1D11E.json", false},
    {"i_string_iso_latin_1.json", false},
    {"i_string_lone_second_surrogate.json", false},
    {"i_string_lone_utf8_continuation_byte.json", false},
    {"i_string_not_in_unicode_range.json", false},
    {"i_string_overlong_sequence_2_bytes.json", false},
    {"i_string_overlong_sequence_6_bytes.json", false},
    {"i_string_overlong_sequence_6_bytes_null.json", false},
    {"i_string_truncated-utf-8.json", false},
    {"i_string_utf16BE_no_BOM.json", false},
    {"i_string_utf16LE_no_BOM.json", false},
    {"i_structure_500_nested_arrays.json", true},
    {"i_structure_UTF-8_BOM_empty_object.json", false},  // a BOM inside the text
};

TEST(Conformance, JsonTestSuite) {
  SYNCDEX_NEEDS_SUITE("jsontestsuite.jsonl");
  std::map<char, std::size_t> n;
  for (const Value& c : lines_of("jsontestsuite.jsonl")) {
    const std::string& name = c.members.at("name").text;
    const std::string bytes = test::from_base64(c.members.at("base64").text);
    const char kind = c.members.at("expect").text[0];
    ++n[kind];
    bool good = kind == 'y';
    if (kind == 'i') {
      const auto at = kImplementationDefined.find(name);
      ASSERT_NE(at, kImplementationDefined.end()) << name;
      good = at->second;
    }
    for (const char* field : {"metadata\":{\"v", "unused"}) {
      const auto catalog = Catalog::load("[{\"id\":\"1\",\"" + std::string(field) + "\":" + bytes +
                                         (field[0] == 'm' ? "}}]" : "}]"));
      EXPECT_EQ(catalog.has_value(), good)
          << name << " as " << field << (catalog ? "" : ": " + catalog.error().message);
    }
  }
  EXPECT_EQ(n['y'], 95u);
  EXPECT_EQ(n['n'], 188u);
  EXPECT_EQ(n['i'], 35u);
  ran("jsontestsuite", n['y'] + n['n'] + n['i']);
}

TEST(Conformance, JsonTestSuiteTransform) {
  SYNCDEX_NEEDS_SUITE("jsontestsuite_transform.jsonl");
  std::size_t n = 0;
  for (const Value& c : lines_of("jsontestsuite_transform.jsonl")) {
    const std::string bytes = test::from_base64(c.members.at("base64").text);
    const auto catalog = Catalog::load("[{\"id\":\"1\",\"metadata\":{\"v\":" + bytes + "}}]");
    EXPECT_EQ(catalog.has_value(), oracle::parse(bytes).has_value()) << c.members.at("name").text;
    if (catalog) {
      EXPECT_EQ(catalog->count(*QueryBuilder().metadata("{\"v\":" + bytes + "}").build()), 1u)
          << c.members.at("name").text;
    }
    ++n;
  }
  ran("jsontestsuite_transform", n);
}

TEST(Conformance, Utf8) {
  SYNCDEX_NEEDS_SUITE("utf8.jsonl");
  std::size_t n = 0;
  for (const Value& c : lines_of("utf8.jsonl")) {
    const std::string& hex = c.members.at("hex").text;
    const bool valid = c.members.at("valid").truth;
    std::string bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
      bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
    // JSON requires control characters, quotes and backslashes to be escaped. All else is written raw.
    std::string raw;
    for (const char b : bytes) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned char>(b));
      raw += static_cast<unsigned char>(b) < 0x20 || b == '"' || b == '\\' ? escape : std::string(1, b);
    }
    ++n;
    const std::string& id = c.members.at("id").text;
    for (const std::string& text :
         {"[{\"id\":\"1\",\"name\":\"" + raw + "\"}]", "[{\"id\":\"1\",\"metadata\":{\"" + raw + "\":1}}]"}) {
      const auto catalog = Catalog::load(text);
      ASSERT_EQ(catalog.has_value(), valid) << id;
      if (!valid) {
        EXPECT_EQ(catalog.error().code, ErrorCode::invalid_utf8) << id;
      } else if (text.find("name") != std::string::npos) {
        EXPECT_EQ(catalog->find(*QueryBuilder().name(bytes).build()).size(), 1u) << id;
      } else {
        EXPECT_EQ(catalog->count(*QueryBuilder().metadata(bytes, 1).build()), 1u) << id;
      }
    }
    // The same bytes, percent-encoded in a request.
    std::string url = "name=";
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) url += "%" + hex.substr(i, 2);
    EXPECT_EQ(parse_request(url).has_value(), valid) << id;
    EXPECT_EQ(QueryBuilder().name(bytes).build().has_value(), valid) << id;
  }
  ran("utf8", n);
}

TEST(Conformance, UrlQuery) {
  SYNCDEX_NEEDS_SUITE("url_query_wpt.json");
  const auto suite = oracle::parse(test::read_file(test::conformance_dir() / "url_query_wpt.json"));
  ASSERT_TRUE(suite);
  std::size_t equal = 0;
  std::size_t errors = 0;
  for (const Value& c : suite->elements) {
    std::string input = c.members.at("input").text;
    // The URLSearchParams constructor strips a leading '?', so it is not part of the query string.
    const bool constructor = c.members.at("source").text.find("constructor") != std::string::npos;
    if (constructor && input.starts_with('?')) input.erase(0, 1);
    const auto params = UrlParams::parse(input, {});
    const auto form = oracle::parse_form(input);
    const bool refused = !form || c.members.at("invalid_utf8").truth;
    ASSERT_EQ(params.has_value(), !refused) << input;
    if (refused) {
      const ErrorCode code = params.error().code;
      EXPECT_TRUE(code == ErrorCode::malformed_encoding || code == ErrorCode::invalid_utf8) << input;
      ++errors;
      continue;
    }
    const auto& pairs = c.members.at("output").elements;
    ASSERT_EQ(params->all().size(), pairs.size()) << input;
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      EXPECT_EQ(params->all()[i].name, pairs[i].elements[0].text) << input;
      EXPECT_EQ(params->all()[i].value, pairs[i].elements[1].text) << input;
    }
    ++equal;
  }
  EXPECT_EQ(equal, 66u);
  EXPECT_EQ(errors, 12u);
  ran("url_query_wpt", equal + errors);
}

}  // namespace
}  // namespace syncdex
