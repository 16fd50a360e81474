// Filters as conditions of PostgreSQL on the column `doc`.
//
// A condition is true for the records that match, and false or NULL for all others: NULL arises where a path
// has no value. Negation is CASE WHEN x THEN false ELSE true END, which takes NULL for false.
//
//   V = doc -> $1 -> $2       NULL if there is no such value; an operator with a text key never enters arrays
//   doc @> $1::jsonb          contains, equality; also of the elements of arrays. The GIN index serves it
//   doc @? $1::jsonpath       bounds and prefix: 'strict $."a"."b" ? (@ >= 10 && @ < 100)'. Strict paths do
//                             not unwrap arrays, and a value of another kind is not an error but no match
//   syncdex_time(V) >= $1     instants; postgres_schema() has the function and its indexes
//   EXISTS (SELECT FROM jsonb_array_elements(..) AS e1(v) WHERE ..)    `some`
//
// Whatever a caller wrote is a parameter. Only the names of a record's fields are literals, because
// PostgreSQL recognizes an indexed expression by its literals.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "query/filter.h"

namespace syncdex::inline v0 {

// Returns the condition, which can be a member of an AND, and appends its parameters. The first appended one
// is referred to by its place in `parameters`. REQUIRES: finish() has run; jsonb can hold all of it.
// Cost: O(length of the filter's text).
std::string filter_sql(const FilterNode& node, std::vector<std::string>& parameters);

// An instant as syncdex_time() returns it: seconds since 1970 with nine digits of fraction.
std::string numeric_of(Instant instant);

}  // namespace syncdex::inline v0
