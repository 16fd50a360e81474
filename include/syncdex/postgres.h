// Queries as SQL, for PostgreSQL and systems that speak its dialect: a way to outgrow one machine.
//
// SQL selects the same records, because containment here is that of jsonb @>, and all other operators are
// rendered so that PostgreSQL's NULL never decides. The bytes of the records differ, because jsonb does not
// preserve them. See "Moving to PostgreSQL" in the cookbook.
#pragma once

#include <string>
#include <vector>

#include "syncdex/config.h"
#include "syncdex/query.h"
#include "syncdex/result.h"

namespace syncdex::inline v0 {

// A statement and its parameters. Of the caller's text, the statement contains only the table name, quoted:
// patterns, paths, keys, values and bounds are parameters.
struct PostgresQuery {
  std::string sql;
  std::vector<std::string> parameters;  // to be bound to $1, $2, ... as text
};

// How a query is written as SQL.
struct PostgresOptions {
  // An unquoted identifier; the calls below quote it. REQUIRES: not empty, no NUL
  std::string table = "syncs";
};

// Returns the statements, each ended by a semicolon, that create the table which the statements below use. It
// has a column `doc jsonb` with a GIN index for @>, a column `position` for the load order, and generated
// columns: some for people and constraints, and `created_time` and `updated_time` with an index each, the
// instants of these fields in seconds. Ids longer than about 2700 bytes do not fit into a PostgreSQL key.
// Also creates, or replaces, the functions syncdex_time(jsonb) and syncdex_rank(jsonb), which filters by times
// and orders need. They contain semicolons: send the text as a whole, as psql and PQexec() do. Many tables may
// share one database.
SYNCDEX_API std::string postgres_schema(const PostgresOptions& options = {});

// Returns a statement that inserts the record $1, a JSON text. It replaces a record with the same id and
// moves it to the end of load order, as LiveCatalog::apply() does.
SYNCDEX_API std::string postgres_upsert(const PostgresOptions& options = {});

// Returns a statement that selects id and doc of the matching records, in load order. A query that is a
// pattern has one parameter, one that is never() has none, and other filters have one for each pattern,
// bound, value and text in them, and for most keys.
//
// In the statement of a filter, equality, `in` of at most 100 values and `some` with one pattern are
// containments, which the GIN index serves, alone or joined by AND and OR. Times of created_at and updated_at
// use the indexes of their columns. All other operators are judged record by record.
//
// The database must have the encoding UTF8. Its collation does not matter, nor do the settings of the
// session.
//
// Errors: PostgreSQL could not read the pattern or an operand, which is so for \u0000 in a string or a key,
// and for a number with more than 131072 digits before its decimal point or 16383 after it: invalid_pattern
// if the query is a pattern, otherwise invalid_filter. invalid_filter also if the statement would have more
// than 65535 parameters.
//
// Cost: O(length of the filter's text); up to 100 times that if `in` lists values of a long path, because
// each containment repeats the path.
SYNCDEX_API Result<PostgresQuery> to_postgres(const Query& query, const PostgresOptions& options = {});

// The same for a request: in its order, by ORDER BY, and for one page, by LIMIT and what the cursor
// Page::after holds: the position, and in an order the values of the last record. The positions of a freshly
// loaded catalog agree with the table's if the table was filled with the same records in the same order.
// Errors: as above, and invalid_value if Page::limit is out of range or Page::after is not a valid cursor of
// this query.
SYNCDEX_API Result<PostgresQuery> to_postgres(const Request& request, const PostgresOptions& options = {});

}  // namespace syncdex::inline v0
