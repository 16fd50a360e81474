// Queries as SQL, for PostgreSQL and systems that speak its dialect: a way to outgrow one machine.
//
// SQL selects the same records, because containment here is that of jsonb @>, and all other operators are
// rendered so that PostgreSQL's NULL never decides. The bytes of the records differ, because jsonb does not
// preserve them. See "Moving to PostgreSQL" in the cookbook.
#pragma once

#include <string>
#include <utility>
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

// One of several servers that share the records of a table. Give each a database of its own; several may be
// on one machine, and move apart later.
struct PostgresShard {
  using Settings = std::vector<std::pair<std::string, std::string>>;

  // Of the foreign server at the coordinator. REQUIRES: 1 to 20 bytes, no NUL; no other shard has it
  std::string name;
  Settings server = {};  // options of the foreign server: {"host", "10.0.0.7"}, {"dbname", "syncs"}
  Settings user = {};    // options of the user mapping: {"user", "app"}, {"password", ".."}
};

// Where the records are, and how queries are written.
struct PostgresOptions {
  // An unquoted identifier of at most 40 bytes; the calls below quote it. REQUIRES: not empty, no NUL
  std::string table = "syncs";

  // The servers that share the records by a hash of org_id; none: one server has them all. Statements are
  // then for the coordinator, which has a partition for each server, in this order. Their number cannot
  // change.
  std::vector<PostgresShard> shards = {};

  // Whether the schema has the log `<table>_changes` of which records were written by which transaction, and
  // notifies the channel `<table>`, so that catalogs in memory can follow the table. The cookbook has a
  // program that does. Each write adds 100 bytes to the log, until postgres_prune() deletes them; prepared
  // transactions cannot write, because they cannot notify. On a single server, each UPDATE moves its record
  // to the end of load order. On a shard, an UPDATE that leaves `position` as it is makes mirrors read all
  // records behind it again: write with postgres_upsert().
  bool changes = false;
};

// Returns the statements, each ended by a semicolon, that create the table which the statements below use. It
// has a column `doc jsonb` with a GIN index for @>, a column `position` for the load order, and generated
// columns: some for people and constraints, and `created_time` and `updated_time` with an index each, the
// instants of these fields in seconds. Ids longer than about 2700 bytes do not fit into a PostgreSQL key.
// Also creates, or replaces, the functions syncdex_time(jsonb) and syncdex_rank(jsonb), which filters by
// times and orders need. They contain semicolons: send the text as a whole, as psql and PQexec() do. Many
// tables may share one database. The table is made in the current schema, where the statements below look.
//
// If there are shards, it is the schema of the coordinator: foreign servers, user mappings for the current
// user, and one table whose partitions are tables of the shards, by postgres_fdw. Create the shards' first,
// in schemas of the same name. PostgreSQL 15 or later. Creating the extension takes a superuser, and every
// other user of the coordinator needs a mapping. Records are inserted at the coordinator by
//   INSERT INTO syncs (doc, org_id) SELECT doc, doc ->> 'org_id' ...
// Each shard commits for itself, and a query sees a snapshot of each: over several, neither is atomic.
SYNCDEX_API std::string postgres_schema(const PostgresOptions& options = {});

// Returns the same for each of the shards: the table that holds its part, and the log of its changes. An id
// is unique within an org_id, and among the records without one. A record cannot change its org_id.
SYNCDEX_API std::string postgres_shard_schema(const PostgresOptions& options);

// Returns a statement that inserts the record $1, a JSON text. It replaces a record with the same id and
// moves it to the end of load order, as LiveCatalog::apply() does.
//
// If there are shards, the statement is for the shard that holds the record, because ON CONFLICT does not
// work with foreign tables, and $2 is the record's position; postgres_route() tells both. It replaces a
// record with the same id and the same org_id, or none.
SYNCDEX_API std::string postgres_upsert(const PostgresOptions& options = {});

// Returns a statement for the coordinator. Its result is one row: the name of the shard that holds the record
// $1, and the position to write it with. Returns an empty text if there are no shards.
SYNCDEX_API std::string postgres_route(const PostgresOptions& options);

// Returns a statement that deletes from the log what was written longer ago than the interval $1, '1 day' for
// example. A mirror that has been away for longer reads the whole table. Nothing else may delete from the
// log.
SYNCDEX_API std::string postgres_prune(const PostgresOptions& options = {});

// Returns a statement that selects id and doc of the matching records, in load order. A query that is a
// pattern has one parameter, one that is never() has none, and other filters have one for each pattern,
// bound, value and text in them, and for most keys.
//
// In the statement of a filter, equality, `in` of at most 100 values and `some` with one pattern are
// containments, which the GIN index serves, alone or joined by AND and OR. Times of created_at and updated_at
// use the indexes of their columns. All other operators are judged record by record.
//
// If there are shards, a query that says which org_ids it asks for is answered by the shards that have them,
// and a query that needs a shard which does not answer is an error. The cookbook lists which operators the
// shards evaluate, and which the coordinator.
//
// The database must have the encoding UTF8. Its collation does not matter, nor do the settings of the
// session, the search path excepted.
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
