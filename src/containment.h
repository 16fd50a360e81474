// Does the JSON text of a record contain a pattern? The definition (include/syncdex/query.h), by a walk
// over the stored bytes: no parser, no copy.
//
// An object's members are matched against the pattern's sorted keys by binary search, and so are an
// array's scalars; only containers within arrays are tried against each other, which makes the cost
// O(|text| * |pattern|) at worst and O(|text| * log |pattern|) otherwise. The walk recurses as deep as
// the pattern does.
#pragma once

#include "query_impl.h"

namespace syncdex::inline v0 {

// `value` is the first byte of a valid value. `last_wins`: keys may stand twice in tracked objects of it;
// in others they always may.
bool contains(const char* value, const Query::Impl& query, std::uint32_t node, bool last_wins);

}  // namespace syncdex::inline v0
