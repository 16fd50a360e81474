// Filters as conditions of PostgreSQL on the column `doc`.
//
// A condition is true for the records that match, and false or NULL for all others: NULL arises where a path
// has no value. Negation is CASE WHEN x THEN false ELSE true END, which takes NULL for false.
//
//   doc @> $1::jsonb          contains, equality; also of the elements of arrays. The GIN index serves it
//   doc @? $1::jsonpath       bounds, prefixes, kinds, sizes, presence: 'strict $."a"."b" ? (@ >= 10)'.
//   Strict
//                             paths do not unwrap arrays, and a value of another kind is no match
//   created_time >= $1        instants: columns of the two fields that are times, syncdex_time(V) of others
//   starts_with(lower(V), $1) texts in any case, suffixes, substrings
//   EXISTS (SELECT FROM jsonb_array_elements(..) AS e1(v) WHERE ..)    `some`
//   V = doc -> $1 -> $2       NULL if there is no such value; an operator with a text key never enters arrays
//
// The first two, columns, AND, OR and CASE are what postgres_fdw sends to other servers; it does not send V,
// because `->` takes a text whose collation is not that of a column.
//
// Whatever a caller wrote is a parameter. Only the names of a record's fields are literals.
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

// The column that holds the instant of a field of the record; empty if it has none.
std::string_view time_column(std::string_view field) noexcept;

// An instant as syncdex_time() returns it: seconds since 1970 with nine digits of fraction.
std::string numeric_of(Instant instant);

}  // namespace syncdex::inline v0
