#include "support/random_json.h"

#include <array>
#include <cstdio>

namespace syncdex::test {
namespace {

constexpr std::array kKeys = {"a",   "b",        "tier", "tags", "",       "a.b",
                              "$in", "\xC3\xA9", "plan", "x\"y", "status", "long_key_name"};
constexpr std::array kStrings = {"",
                                 "a",
                                 "eu",
                                 "42",
                                 "growth",
                                 "null",
                                 "true",
                                 "\xC3\xA9",
                                 "a\"b",
                                 "a\\b",
                                 "line\nfeed",
                                 "\xF0\x9F\x98\x80",
                                 "stripe",
                                 "a somewhat longer text",
                                 "a somewhat longer test",
                                 "[]"};
// Groups of spellings of the same number.
const std::vector<std::vector<const char*>> kNumbers = {
    {"0", "-0", "0.0", "0e5", "-0.0E-3"},
    {"1", "1.0", "10e-1", "0.1e1", "1E0"},
    {"42", "42.0", "4.2e1", "420e-1", "42.000"},
    {"-42", "-42.0", "-4.2e1"},
    {"9007199254740992", "9007199254740992.0"},
    {"9007199254740993", "9007199254740993.0", "9.007199254740993e15"},
    {"18446744073709551616", "1.8446744073709551616e19"},
    {"0.1", "1e-1", "0.10"},
    {"0.1000000000000000055511151231257827"},
    {"1e400", "10e399", "0.1e401"},
    {"1e-400", "0.1e-399"},
    {"1000", "1e3", "1E+3"},
    {"123456789012345678901234567890", "1.2345678901234567890123456789e29"},
};
constexpr std::array kFields = {"provider",  "name",        "status",        "org_id",
                                "stream_id", "external_id", "credential_id", "sync_frequency"};

}  // namespace

std::string RandomJson::space() {
  constexpr std::array kSpaces = {"", "", "", " ", "\t ", "  "};
  return kSpaces[below(kSpaces.size())];
}

std::string RandomJson::string_text(std::string_view plain) {
  std::string out = "\"";
  for (std::size_t i = 0; i < plain.size(); ++i) {
    const auto c = static_cast<unsigned char>(plain[i]);
    char escape[8];
    if (c == '"' || c == '\\' || c < 0x20 || (c < 0x80 && chance(0.05))) {
      std::snprintf(escape, sizeof escape, chance(0.5) ? "\\u%04x" : "\\u%04X", c);
      out += c == '"' && chance(0.5) ? "\\\"" : c == '\\' && chance(0.5) ? "\\\\" : escape;
    } else if (plain.substr(i, 2) == "\xC3\xA9" && chance(0.5)) {
      out += "\\u00e9";
      ++i;
    } else if (plain.substr(i, 4) == "\xF0\x9F\x98\x80" && chance(0.5)) {
      out += "\\ud83d\\uDE00";
      i += 3;
    } else {
      out += plain[i];
    }
  }
  return out + '"';
}

std::string RandomJson::scalar() {
  switch (below(8)) {
    case 0: return "null";
    case 1: return "true";
    case 2: return "false";
    case 3:
    case 4: {
      const auto& spellings = kNumbers[below(kNumbers.size())];
      return spellings[below(spellings.size())];
    }
    default: return string_text(kStrings[below(kStrings.size())]);
  }
}

std::string RandomJson::value(int depth, bool repeats) {
  const std::size_t what = depth <= 0 ? 9 : below(10);
  if (what > 5) return scalar();
  std::string out;
  const std::size_t n = below(4);
  const bool object = what < 3;
  out += object ? '{' : '[';
  std::size_t key = below(kKeys.size());
  for (std::size_t i = 0; i < n; ++i) {
    if (i > 0) out += ',';
    out += space();
    if (object) {
      out += string_text(kKeys[key]) + space() + ':' + space();
      if (!repeats || chance(0.8)) key = (key + 1) % kKeys.size();
    }
    out += value(depth - 1, repeats) + space();
  }
  return out + (object ? '}' : ']');
}

std::string RandomJson::record(std::string_view id, bool repeats) {
  std::vector<std::string> members;
  const auto add = [&](std::string_view key, const std::string& text) {
    members.push_back(space() + string_text(key) + space() + ':' + space() + text + space());
  };
  add("id", string_text(id));
  for (const char* field : kFields) {
    if (chance(0.6)) add(field, chance(0.1) ? "null" : string_text(kStrings[below(kStrings.size())]));
    if (repeats && chance(0.05)) add(field, string_text(kStrings[below(kStrings.size())]));
  }
  if (chance(0.7)) {
    add("health", chance(0.1) ? "null"
                              : "{\"status\":" +
                                    (chance(0.1) ? std::string("null")
                                                 : string_text(kStrings[below(kStrings.size())])) +
                                    (chance(0.5) ? ",\"sync_id\":" + scalar() : "") + "}");
  }
  if (chance(0.6)) {
    std::string ids = "[";
    for (std::size_t n = below(4), i = 0; i < n; ++i)
      ids += (i > 0 ? "," : "") + string_text(kStrings[below(kStrings.size())]);
    add("collection_ids", ids + "]");
  }
  for (int i = 0; i < (repeats && chance(0.1) ? 2 : 1); ++i) {
    if (!chance(0.9)) continue;
    std::string metadata;
    do {
      metadata = value(3, repeats);
    } while (metadata[0] != '{' && metadata != "null");
    add("metadata", metadata);
  }
  if (chance(0.3)) add("credential", "{\"provider\":\"stripe\",\"properties\":" + value(2, repeats) + "}");
  if (chance(0.3)) add("unknown", value(2, repeats));
  // Shuffles the members.
  for (std::size_t i = members.size(); i > 1; --i) std::swap(members[i - 1], members[below(i)]);
  std::string out = "{";
  for (std::size_t i = 0; i < members.size(); ++i) out += (i > 0 ? "," : "") + members[i];
  return out + "}";
}

std::string RandomJson::part_of(const oracle::Value& v, int depth, bool keep_kind) {
  using oracle::Value;
  if (!keep_kind && chance(0.04)) return value(1, false);
  switch (v.kind) {
    case Value::null: return "null";
    case Value::boolean: return v.truth ? "true" : "false";
    case Value::string: return string_text(v.text);
    case Value::number: {
      for (const auto& spellings : kNumbers) {
        if (oracle::parse(spellings[0])->decimal == v.decimal) return spellings[below(spellings.size())];
      }
      return "7";
    }
    case Value::array: {
      std::string out = "[";
      for (const Value& element : v.elements) {
        for (std::size_t n = chance(0.6) ? 1 + below(2) : 0; n > 0; --n) {
          out += (out.size() > 1 ? "," : "") + part_of(element, depth - 1, false);
        }
      }
      return out + "]";
    }
    case Value::object: {
      std::string out = "{";
      for (const auto& [key, child] : v.members) {
        if (!chance(depth > 1 ? 0.25 : 0.5)) continue;
        out += (out.size() > 1 ? "," : "") + string_text(key) + ":" + part_of(child, depth - 1, false);
      }
      return out + "}";
    }
  }
  return "null";
}

std::string RandomJson::pattern(std::string_view record) { return part_of(*oracle::parse(record), 3, true); }

}  // namespace syncdex::test
