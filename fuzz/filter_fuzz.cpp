// Input: a filter and a record, separated by a zero byte. Checks that every path gives the oracle's answer,
// and the laws of filters: canonical texts parse back, not f is the complement of f, f and a policy is within
// the policy.
#include <algorithm>
#include <cstdint>
#include <string>

#include "law.h"
#include "support/counted_work.h"
#include "support/filter_oracle.h"
#include "support/oracle.h"
#include "syncdex/syncdex.h"

using namespace syncdex;

namespace {

bool holds(const Catalog& catalog, const Query& query) {
  const bool by_index = catalog.count(query) == 1;
  SYNCDEX_LAW(!catalog.verify(query));
  return by_index;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string input(reinterpret_cast<const char*>(data), size);
  const auto split = input.find('\0');
  const std::string filter = input.substr(0, split);
  const auto query = Query::from_filter(filter);
  if (!query) {
    SYNCDEX_LAW(query.error().offset <= filter.size());
    SYNCDEX_LAW(!query.error().message.empty());
    return 0;
  }
  const auto again = Query::from_filter(query->text());
  SYNCDEX_LAW(again && again->text() == query->text() && *again == *query);
  SYNCDEX_LAW(again->hash() == query->hash() && again->fingerprint() == query->fingerprint());
  const auto from_url = parse_request(query->to_url());
  SYNCDEX_LAW(from_url && from_url->query == *query);
  if (split == std::string::npos || size > 4096) return 0;

  const std::string metadata = input.substr(split + 1);
  // The oracle is recursive. Skip deep inputs.
  if (std::ranges::count_if(input, [](char c) { return c == '{' || c == '['; }) > 400) return 0;
  // Indexed, and in a field that no index covers.
  const std::string record = R"({"id":"1","metadata":)" + metadata + R"(,"u":)" + metadata +
                             R"(,"created_at":"2023-12-15 01:29:29"})";
  const auto catalog = Catalog::load(record);
  const auto value = oracle::parse(record);
  if (!catalog || catalog->size() != 1 || !value) return 0;
  const bool matches = holds(*catalog, *query);
  const auto parsed = oracle::parse(filter);
  SYNCDEX_LAW(parsed);
  const auto expected = oracle::filter_holds(*parsed, *value);
  SYNCDEX_LAW(expected && *expected == matches);
  SYNCDEX_LAW(catalog->why_not("1", *query).has_value() != matches);
  SYNCDEX_LAW(catalog->hint(*query).empty() == matches);
  SYNCDEX_LAW(!catalog->explain(*query).empty());
  // A budget is kept to, up to one piece of work: a set of rows, or a value that is read.
  const auto rows = [&](Work& work) {
    return find_rows(Access::impl(*query), Access::snapshot(*catalog), work).size;
  };
  const auto chunk = static_cast<std::int64_t>(2 * input.size() + 4'096);
  for (const std::int64_t budget : {0L, 10L, 200L, static_cast<long>(input.size() * 7 % 2'000)}) {
    SYNCDEX_LAW(test::keeps_to_budget(rows, budget, chunk));
  }
  Limits deeper;
  deeper.filter_depth = 128;
  deeper.filter_bytes = 1 << 20;
  const auto negated = Query::from_filter(R"({"not":)" + filter + "}", deeper);
  SYNCDEX_LAW(negated && holds(*catalog, *negated) != matches);
  const Query policy = *Query::from_filter(R"({"path":"metadata.a","exists":true})");
  SYNCDEX_LAW(holds(*catalog, all_of(*query, policy)) == (matches && holds(*catalog, policy)));
  static_cast<void>(to_postgres(*query));
  return 0;
}
