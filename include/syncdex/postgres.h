// The way out of one machine: the same queries as SQL, for PostgreSQL and what speaks its dialect.
//
// The answers are the same, since containment here is that of jsonb @>; their bytes are not, since jsonb does
// not keep them. README, "When one machine is not enough".
#pragma once

#include <string>
#include <vector>

#include "syncdex/config.h"
#include "syncdex/query.h"
#include "syncdex/result.h"

namespace syncdex::inline v0 {

// A statement, and what to bind to its $1, $2, ... as text. Nothing that a caller wrote stands in the
// statement itself, but the table's name, quoted.
struct PostgresQuery {
  std::string sql;
  std::vector<std::string> parameters;
};

struct PostgresOptions {
  std::string table = "syncs";  // an identifier, quoted by the calls below. REQUIRES: not empty, no NUL
};

// The table that the statements below ask: `doc jsonb`, `position` for the load order, generated columns for
// people and constraints, a GIN index for @>. Several statements, each ended by a semicolon. An id longer
// than some 2700 bytes has no place in a key of PostgreSQL.
SYNCDEX_API std::string postgres_schema(const PostgresOptions& options = {});

// Puts the record $1, a JSON text, into the table; one with the same id is replaced, and comes last in load
// order, as LiveCatalog::apply() does.
SYNCDEX_API std::string postgres_upsert(const PostgresOptions& options = {});

// SELECT id, doc of the records that match, in load order. The pattern is the one parameter; a query that is
// never() has none.
// Errors: invalid_pattern where PostgreSQL could not read the pattern: \u0000 in a string or a key, a number
// with more than 131072 digits before its point or 16383 behind it. Cost: O(length of the pattern).
SYNCDEX_API Result<PostgresQuery> to_postgres(const Query& query, const PostgresOptions& options = {});

// The same for one page: LIMIT, and the position of Page::after. Positions agree where the table was filled
// with the records of a load, in their order. Errors also: invalid_value, of a cursor that is none.
SYNCDEX_API Result<PostgresQuery> to_postgres(const Request& request, const PostgresOptions& options = {});

}  // namespace syncdex::inline v0
