// The reference implementation of filters, written from sections 1 and 2 of the filter rules alone. It judges
// one record by plain recursion over the oracle's own DOM and shares no code with src/, so that an error
// there is not repeated here. Limits are not part of it, and duplicate keys in a filter cannot be seen in the
// DOM.
#pragma once

#include <optional>

#include "support/oracle.h"

namespace syncdex::oracle {

// Whether a filter is valid: shape, path syntax, operands, combinations of ops, and the rule about secrets.
bool is_valid_filter(const Value& filter);

// Returns whether the record meets the filter, or nothing if the filter is not valid.
std::optional<bool> filter_holds(const Value& filter, const Value& record);

}  // namespace syncdex::oracle
