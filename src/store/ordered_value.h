// The value of a record at a path that records are ordered by.
#pragma once

#include <string>
#include <string_view>

#include "store/segment.h"
#include "terms/ordered_path.h"

namespace syncdex::inline v0 {

// Returns the first byte of the value, or null if there is none. Of duplicate keys, the last one counts. Adds
// the number of bytes read to `read`. Cost: as of follow() in json/follow.h.
const char* find_value(const Segment& segment, Row row, const OrderedPath& path, std::int64_t& read);

// The value as it counts in an order: the text of a number, or a string decoded and cut; otherwise empty.
// `buffer` holds decoded strings. REQUIRES: the first byte of a value
std::string_view ordered_text(const char* value, std::string& buffer);

}  // namespace syncdex::inline v0
