// Generates random filters and orders for records like a given one, and adds times in many spellings to
// records.
#pragma once

#include <string>
#include <string_view>

#include "support/random_json.h"

namespace syncdex::test {

// Returns a filter's JSON text, made of the structure and values of the record, so that it is true of about
// half of such records. About 1 % of the filters are not valid.
// REQUIRES: `record` is a JSON object.
std::string random_filter(RandomJson& random, std::string_view record);

// Returns an order by some of the record's values and times. About 2 % of the orders are not valid.
// REQUIRES: as above
std::string random_order(RandomJson& random, std::string_view record);

// Returns the record with more members: created_at, updated_at and others with times in many spellings, text
// that is no time, null and numbers; sometimes with duplicate keys.
// REQUIRES: `record` is a JSON object, nothing follows it, and it has none of these members.
std::string with_times(RandomJson& random, std::string record);

}  // namespace syncdex::test
