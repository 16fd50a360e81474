// Random records as the laws of filters and orders are tested on.
#pragma once

#include <string>
#include <vector>

#include "support/oracle.h"
#include "support/random_json.h"
#include "syncdex/syncdex.h"

namespace syncdex::test {

// How many (record, filter) pairs the tests judge: SYNCDEX_FILTER_PAIRS, or a million, or fewer in builds
// that are not optimised or that check what they do.
std::size_t wanted_pairs();
// A tenth in such builds.
std::size_t scaled(std::size_t n);

struct Records {
  std::vector<std::string> texts;
  std::vector<oracle::Value> values;
};
Records random_records(RandomJson& random, std::size_t n);

// One text to load.
std::string joined(const std::vector<std::string>& texts);
// A live catalog with the records, in many small segments and with dead ones between them.
Catalog scattered(RandomJson& random, const std::vector<std::string>& texts);

std::vector<std::string> records_of(const Matches& matches);

}  // namespace syncdex::test
