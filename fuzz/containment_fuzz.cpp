// Input: two JSON objects separated by a zero byte. Checks laws of containment and compares with the oracle,
// so that wrong answers are found as well as crashes.
#include <algorithm>
#include <cstdint>
#include <string>

#include "law.h"
#include "support/oracle.h"
#include "syncdex/syncdex.h"

using namespace syncdex;

namespace {

// Whether the metadata contains the pattern. Count, scan and find must agree.
bool contains(const std::string& metadata, const std::string& pattern) {
  const auto catalog = Catalog::load(R"([{"id":"1","metadata":)" + metadata + "}]");
  const auto query = QueryBuilder().metadata(pattern).build();
  SYNCDEX_LAW(catalog && query);
  const bool by_index = catalog->count(*query) == 1;
  SYNCDEX_LAW((catalog->scan(*query).size() == 1) == by_index);
  SYNCDEX_LAW((catalog->find(*query).size() == 1) == by_index);
  return by_index;
}

bool is_object(const std::string& json) {
  const auto value = oracle::parse(json);
  return value && value->kind == oracle::Value::object;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string input(reinterpret_cast<const char*>(data), size);
  const auto split = input.find('\0');
  if (split == std::string::npos || size > 4096) return 0;
  const std::string a = input.substr(0, split);
  const std::string b = input.substr(split + 1);
  // The oracle is recursive and has no limits. Skip deep inputs and those that syncdex refuses.
  const auto opens = [](const std::string& s) {
    return std::count_if(s.begin(), s.end(), [](char c) { return c == '{' || c == '['; });
  };
  if (opens(a) > 400 || opens(b) > 400 || !is_object(a) || !is_object(b)) return 0;
  if (!QueryBuilder().metadata(a).build() || !QueryBuilder().metadata(b).build()) return 0;
  if (!Catalog::load(R"([{"id":"1","metadata":)" + a + "}]") ||
      !Catalog::load(R"([{"id":"1","metadata":)" + b + "}]"))
    return 0;

  const bool holds = contains(a, b);
  SYNCDEX_LAW(oracle::contains(a, b) == holds);                              // the oracle agrees
  SYNCDEX_LAW(contains(a, a));                                               // reflexive
  SYNCDEX_LAW(contains(a, "{}"));                                            // {} is in everything
  SYNCDEX_LAW(contains("{\"k\":" + a + "}", "{\"k\":" + b + "}") == holds);  // nested under a key
  SYNCDEX_LAW(contains("{\"k\":[" + a + "]}", "{\"k\":[" + b + "]}") == holds);
  return 0;
}
