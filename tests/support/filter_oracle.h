// The reference implementation of filters and orders, written from the rules alone. It judges
// one record by plain recursion over the oracle's own DOM and shares no code with src/, so that an error
// there is not repeated here. Limits are not part of it, and duplicate keys in a filter cannot be seen in the
// DOM.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "support/oracle.h"

namespace syncdex::oracle {

// Whether a filter is valid: shape, path syntax, operands, combinations of ops, and the rule about secrets.
bool is_valid_filter(const Value& filter);

// Returns whether the record meets the filter, or nothing if the filter is not valid.
std::optional<bool> filter_holds(const Value& filter, const Value& record);

// Returns the places of the records in the order that the text asks for (section 4 of the rules), or nothing
// if it is not valid.
std::optional<std::vector<std::size_t>> ordered(std::string_view order, const std::vector<Value>& records);

}  // namespace syncdex::oracle
