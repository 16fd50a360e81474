#include "json/scalar.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "support/oracle.h"

namespace syncdex {
namespace {

bool accepted(std::string_view text) {
  const NumberScan scan = scan_number(text.data(), text.data() + text.size(), 100'000, 100'000);
  return scan.fault == NumberFault::none && scan.end == text.data() + text.size();
}

TEST(Scalar, NumbersFollowTheGrammar) {
  for (const char* good : {"0", "-0", "1", "10", "-12.50", "0.0", "1e5", "1E+5", "1e-05",
                           "123456789012345678901234567890.5e-7"}) {
    EXPECT_TRUE(accepted(good)) << good;
  }
  for (const char* bad :
       {"", "-", "+1", "01", "-01", ".5", "5.", "1e", "1e+", "0x1", "1.2.3", "--1", "1e1.5", "NaN"}) {
    EXPECT_FALSE(accepted(bad)) << bad;
  }
}

// Random spellings: equality, hash and canonical text all agree with the oracle.
TEST(Scalar, NumbersAreExact) {
  std::mt19937_64 random(1);
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  const auto spelled = [&] {
    std::string text = below(3) == 0 ? "-" : "";
    const std::string digits = std::to_string(below(40)) + std::string(below(25), below(2) == 0 ? '0' : '7');
    text += digits;
    if (below(2) == 0)
      text += "." + std::string(below(4), '0') + std::to_string(below(50)) + std::string(below(3), '0');
    if (below(2) == 0) text += (below(2) == 0 ? "e" : "E-") + std::to_string(below(30));
    return text;
  };
  for (int i = 0; i < 20'000; ++i) {
    std::string a = spelled();
    std::string b = below(2) == 0 ? spelled() : a + (a.find_first_of(".eE") == std::string::npos ? ".0" : "");
    if (!accepted(a) || !accepted(b)) continue;
    const Decimal x = parse_decimal(a);
    const Decimal y = parse_decimal(b);
    const bool same = oracle::parse(a)->decimal == oracle::parse(b)->decimal;
    ASSERT_EQ(equal(x, y), same) << a << " " << b;
    std::string p;
    std::string q;
    append_canonical(x, 100'000, p);
    append_canonical(y, 100'000, q);
    ASSERT_EQ(p == q, same) << p << " " << q;
    ASSERT_TRUE(accepted(p)) << p;
    ASSERT_EQ(oracle::parse(p)->decimal, oracle::parse(a)->decimal) << p << " " << a;
    if (same) {
      ASSERT_EQ(hash(hash_seed(), x), hash(hash_seed(), y)) << a << " " << b;
    }
  }
}

TEST(Scalar, ExponentsDoNotOverflow) {
  const std::string huge = "1e" + std::string(50, '9');
  const NumberScan scan = scan_number(huge.data(), huge.data() + huge.size(), 100'000, 100'000);
  EXPECT_EQ(scan.fault, NumberFault::exponent);
  EXPECT_FALSE(equal(parse_decimal(huge), parse_decimal("1")));
}

TEST(Scalar, StringsDecode) {
  const auto decoded = [](std::string_view raw) {
    std::string out;
    append_decoded(raw, out);
    return out;
  };
  EXPECT_EQ(decoded(R"(a\"\\\/\b\f\n\r\t\u0041\u00e9\u20ac\ud83d\ude00)"),
            "a\"\\/\b\f\n\r\tA\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80");
  EXPECT_EQ(decoded(R"(x\u0000y)"), std::string("x\0y", 3));
}

TEST(Scalar, EscapesAreChecked) {
  for (const char* bad : {"\\", "\\x", "\\u12", "\\u12G4", "a\\u", "\\uD800", "\\uD800x", "\\uD800\\n",
                          "\\uD800\\uD800", "\\uDC00"}) {
    EXPECT_NE(check_escapes(bad).fault, StringFault::none) << bad;
  }
  EXPECT_EQ(check_escapes("ab\\q").at[1], 'q');
  EXPECT_EQ(check_escapes("\\\\\\\"").fault, StringFault::none);
}

TEST(Scalar, ComparesDecodedText) {
  EXPECT_EQ(compare_decoded(R"(a\u0062c)", "abc"), 0);
  EXPECT_LT(compare_decoded(R"(a\u0062)", "abc"), 0);
  EXPECT_GT(compare_decoded(R"(a\u0062cd)", "abc"), 0);
  EXPECT_LT(compare_decoded(R"(a\u0061)", "ab"), 0);
  EXPECT_GT(compare_decoded(R"(\u00e9)", "z"), 0);
}

TEST(Scalar, FindsInvalidUtf8) {
  EXPECT_EQ(find_invalid_utf8("plain \xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80"), std::string_view::npos);
  EXPECT_EQ(find_invalid_utf8("ab\xFF"), 2u);
  EXPECT_EQ(find_invalid_utf8("a\xC3"), 1u);
  EXPECT_EQ(find_invalid_utf8("\xC0\x80"), 0u);
  EXPECT_EQ(find_invalid_utf8("\xED\xA0\x80"), 0u);
  EXPECT_EQ(find_invalid_utf8("\xF4\x90\x80\x80"), 0u);
  std::mt19937_64 random(2);
  for (int i = 0; i < 50'000; ++i) {
    std::string bytes;
    for (std::size_t n = random() % 6; n > 0; --n)
      bytes += static_cast<char>(random() % 4 == 0 ? random() % 128 : 0x80 + random() % 128);
    ASSERT_EQ(find_invalid_utf8(bytes) == std::string_view::npos, oracle::is_utf8(bytes));
  }
}

TEST(Scalar, QuotedTextReadsBack) {
  std::string all;
  for (int c = 0; c < 128; ++c) all += static_cast<char>(c);
  std::string quoted;
  append_quoted(all, quoted);
  EXPECT_EQ(oracle::parse(quoted)->text, all);
}

// Digits are hashed 19 at a time. Zeros at the beginning of the last word must count.
TEST(Scalar, ZerosWithinDigitsChangeTheHash) {
  std::set<std::uint64_t> hashes;
  constexpr std::size_t kMostZeros = 40;
  for (std::size_t zeros = 0; zeros <= kMostZeros; ++zeros) {
    const std::string text = "0.1234567890123456789" + std::string(zeros, '0') + "1";
    hashes.insert(hash(hash_seed(), parse_decimal(text)));
  }
  EXPECT_EQ(hashes.size(), kMostZeros + 1);
}

}  // namespace
}  // namespace syncdex
