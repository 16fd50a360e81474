// Tables of PostgreSQL: one server's, those of several servers that share the records, and the log of
// changes.
#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <iterator>
#include <span>
#include <utility>

#include "query/postgres_names.h"
#include "syncdex/postgres.h"

namespace syncdex::inline v0 {
namespace {

// The statements that create syncdex_time(jsonb) and syncdex_rank(jsonb).
// No backslash in it: how PostgreSQL reads those depends on a setting. No capturing groups: with them, the
// match takes 15 times as long. A year begins in March, so that the leap day is its last one, and is counted
// from 400 BC, so that it is not negative.
constexpr std::string_view kFunctions =
    R"(CREATE OR REPLACE FUNCTION syncdex_time(stamp jsonb) RETURNS numeric
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $syncdex$
DECLARE
  t text := CASE jsonb_typeof(stamp) WHEN 'string' THEN stamp #>> '{}' END;
  y int;
  m int;
  d int;
  zone text;
BEGIN
  IF (t ~ ('^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])'
           '(?:[Tt ](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:[.][0-9]{1,9})?)?'
           '(?:[Zz]|[+-](?:[01][0-9]|2[0-3])(?::?[0-5][0-9])?)?)?$')) IS NOT TRUE THEN RETURN NULL; END IF;
  y := left(t, 4);
  m := substr(t, 6, 2);
  d := substr(t, 9, 2);
  IF d > 28 AND (m IN (4, 6, 9, 11) AND d > 30 OR
                 m = 2 AND d > 28 + (y % 4 = 0 AND (y % 100 <> 0 OR y % 400 = 0))::int) THEN RETURN NULL; END IF;
  y := y + 400 - (m < 3)::int;
  d := 365 * y + y / 4 - y / 100 + y / 400 + (153 * ((m + 9) % 12) + 2) / 5 + d - 865566;
  IF length(t) = 10 THEN RETURN d * 86400::numeric; END IF;
  zone := ltrim(substr(t, 17), ':.0123456789');
  RETURN d * 86400::numeric + substr(t, 12, 2)::int * 3600 + substr(t, 15, 2)::int * 60
    + ('0' || substr(t, 18, greatest(length(t) - length(zone) - 17, 0)))::numeric
    - CASE WHEN zone IN ('', 'Z', 'z') THEN 0 ELSE (left(zone, 1) || '1')::int *
        (substr(zone, 2, 2)::int * 3600 + ('0' || ltrim(substr(zone, 4), ':'))::int * 60) END;
END
$syncdex$;
CREATE OR REPLACE FUNCTION syncdex_rank(value jsonb) RETURNS integer
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $syncdex$
  SELECT CASE jsonb_typeof(value) WHEN 'boolean' THEN (value = 'true')::integer WHEN 'number' THEN 2
    WHEN 'string' THEN 3 WHEN 'array' THEN 4 WHEN 'object' THEN 5 END
$syncdex$;
)";

// Columns that follow from `doc`. They are for people, constraints and times; conditions use `doc`.
constexpr std::string_view kDerivedColumns = R"(
  provider text GENERATED ALWAYS AS (doc ->> 'provider') STORED,
  name text GENERATED ALWAYS AS (doc ->> 'name') STORED,
  status text GENERATED ALWAYS AS (doc ->> 'status') STORED,
  health_status text GENERATED ALWAYS AS (doc #>> '{health,status}') STORED,
  created_time numeric GENERATED ALWAYS AS (syncdex_time(doc -> 'created_at')) STORED,
  updated_time numeric GENERATED ALWAYS AS (syncdex_time(doc -> 'updated_at')) STORED)";

void append_indexes(std::string_view table, std::string& out) {
  out += fmt::format(R"(CREATE INDEX ON {0} USING gin (doc jsonb_path_ops);
CREATE INDEX ON {0} (created_time);
CREATE INDEX ON {0} (updated_time);
)",
                     table);
}

// A dollar quote that does not occur in the text.
std::string quote_for(std::string_view text) {
  std::string tag = "$syncdex$";
  while (text.find(tag) != text.npos) tag.insert(1, "x");
  return tag;
}

// The log of changes, for mirrors. A row says that a transaction wrote or erased the record; a row without an
// id, that all records may have changed. The oldest row says how far back the log reaches.
//
// The functions run as their owner, so that writers need no right to the log, and with the schema of the
// table as their search path, whatever that of the session is: postgres_fdw writes with none.
//
// On a single server an UPDATE moves the record to the end, as the upsert does. Otherwise a mirror would have
// to put it between others.
void append_changes(std::string_view name, bool is_shard, std::string& out) {
  const std::string table = quoted_identifier(name);
  const std::string log = quoted_identifier(fmt::format("{}_changes", name));
  const std::string quote = quote_for(name);
  const auto append_function = [&](const std::string& function, std::string_view body) {
    out += fmt::format(
        "CREATE OR REPLACE FUNCTION {0}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS "
        "{1}\nBEGIN\n{2}END\n{1};\n"
        "DO {1} BEGIN EXECUTE {3} || quote_ident(current_schema()) || ', pg_temp'; END {1};\n",
        function, quote, body,
        quoted_literal(fmt::format("ALTER FUNCTION {}() SET search_path = ", function)));
  };
  out += fmt::format(R"(CREATE TABLE {0} (
  transaction xid8 NOT NULL DEFAULT pg_current_xact_id(),
  at timestamptz NOT NULL DEFAULT now(),
  id text
);
CREATE INDEX ON {0} (transaction);
INSERT INTO {0} (id) VALUES (NULL);
)",
                     log);
  const std::string change = quoted_identifier(fmt::format("{}_change", name));
  append_function(change,
                  fmt::format(R"(  IF TG_OP = 'TRUNCATE' THEN INSERT INTO {0} (id) VALUES (NULL); END IF;
  IF TG_OP IN ('INSERT', 'UPDATE') THEN INSERT INTO {0} (id) VALUES (NEW.id); END IF;
  IF TG_OP = 'DELETE' OR TG_OP = 'UPDATE' AND OLD.id <> NEW.id THEN
    INSERT INTO {0} (id) VALUES (OLD.id);
  END IF;
  PERFORM pg_notify(TG_TABLE_NAME, '');
  RETURN NULL;
)",
                              log));
  out += fmt::format(R"(CREATE TRIGGER syncdex_changes AFTER INSERT OR UPDATE OR DELETE ON {0}
  FOR EACH ROW EXECUTE FUNCTION {1}();
CREATE TRIGGER syncdex_truncated AFTER TRUNCATE ON {0} FOR EACH STATEMENT EXECUTE FUNCTION {1}();
)",
                     table, change);
  if (is_shard) return;
  const std::string move = quoted_identifier(fmt::format("{}_move", name));
  append_function(move, fmt::format("  NEW.position := nextval(pg_get_serial_sequence({}, 'position'));\n"
                                    "  RETURN NEW;\n",
                                    quoted_literal(table)));
  out += fmt::format(R"(CREATE TRIGGER syncdex_moves BEFORE UPDATE ON {0}
  FOR EACH ROW WHEN (OLD.position = NEW.position) EXECUTE FUNCTION {1}();
)",
                     table, move);
}

// A record whose org_id changes would have to move to another server, which postgres_fdw does not do: it
// would stay where no statement looks for it.
void append_keeper(std::string_view name, std::string& out) {
  const std::string function = quoted_identifier(fmt::format("{}_keep_org_id", name));
  const std::string quote = quote_for(name);
  out += fmt::format(R"(CREATE OR REPLACE FUNCTION {0}() RETURNS trigger LANGUAGE plpgsql AS {1}
BEGIN
  RAISE EXCEPTION 'a record cannot change its org_id: delete it, and insert it again';
END
{1};
CREATE TRIGGER syncdex_keeps_org_id BEFORE UPDATE ON {2}
  FOR EACH ROW WHEN (OLD.org_id IS DISTINCT FROM NEW.org_id) EXECUTE FUNCTION {0}();
)",
                     function, quote, quoted_identifier(name));
}

std::string sequence_of(const PostgresOptions& options) {
  return quoted_literal(quoted_identifier(options.table + "_position")) + "::regclass";
}

// OPTIONS (host 'a', port '5432'), with what the caller did not say.
std::string options_of(const std::vector<std::pair<std::string, std::string>>& given,
                       std::span<const std::pair<std::string_view, std::string_view>> others = {}) {
  std::string out;
  const auto append = [&](std::string_view name, std::string_view value) {
    out += fmt::format("{}{} {}", out.empty() ? " OPTIONS (" : ", ", quoted_identifier(name),
                       quoted_literal(value));
  };
  for (const auto& [name, value] : given) append(name, value);
  for (const auto& [name, value] : others) {
    if (std::ranges::find(given, name, [](const auto& option) { return std::string_view(option.first); }) ==
        given.end()) {
      append(name, value);
    }
  }
  return out.empty() ? out : out + ')';
}

// Fetching a tuple costs more than reading one: 0.2 is what PostgreSQL 17 assumes, so that shards
// sort what they send. Larger fetches than the default of 100 tuples made no answer faster, and the first
// page of an order three times as slow, since each shard sends so many whatever the limit is.
constexpr std::pair<std::string_view, std::string_view> kServerOptions[] = {
    {"async_capable", "true"}, {"batch_size", "1000"}, {"fdw_tuple_cost", "0.2"}};

// The table of a coordinator: its partitions are tables of other servers. Each column is declared here as the
// shards have it, since a plan only uses what the coordinator knows.
std::string coordinator_schema(const PostgresOptions& options) {
  const std::string table = quoted_identifier(options.table);
  std::string out(kFunctions);
  out += fmt::format(R"(CREATE EXTENSION IF NOT EXISTS postgres_fdw;
CREATE SEQUENCE {} MINVALUE 0 START 0;
CREATE TABLE {} (
  position bigint NOT NULL DEFAULT nextval({}),
  doc jsonb NOT NULL,
  org_id text,
  id text GENERATED ALWAYS AS (doc ->> 'id') STORED NOT NULL,{}
) PARTITION BY HASH (org_id);
)",
                     quoted_identifier(options.table + "_position"), table, sequence_of(options),
                     kDerivedColumns);
  for (std::size_t i = 0; i < options.shards.size(); ++i) {
    const PostgresShard& shard = options.shards[i];
    const std::string server = quoted_identifier(shard.name);
    out += fmt::format(
        R"(CREATE SERVER IF NOT EXISTS {0} FOREIGN DATA WRAPPER postgres_fdw{1};
CREATE USER MAPPING IF NOT EXISTS FOR CURRENT_USER SERVER {0}{2};
CREATE FOREIGN TABLE {3} PARTITION OF {4} FOR VALUES WITH (MODULUS {5}, REMAINDER {6})
  SERVER {0} OPTIONS (table_name {7});
)",
        server, options_of(shard.server, kServerOptions), options_of(shard.user),
        quoted_identifier(fmt::format("{}@{}", options.table, shard.name)), table, options.shards.size(), i,
        quoted_literal(options.table));
  }
  return out;
}

}  // namespace

std::string quoted_identifier(std::string_view identifier) {
  assert(!identifier.empty() && identifier.find('\0') == identifier.npos);
  std::string out = "\"";
  for (const char c : identifier) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

std::string quoted_literal(std::string_view text) {
  assert(text.find('\0') == text.npos);
  std::string out = text.find('\\') == text.npos ? "'" : "E'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += c;
    out += c;
  }
  return out + '\'';
}

std::string postgres_schema(const PostgresOptions& options) {
  if (!options.shards.empty()) return coordinator_schema(options);
  const std::string table = quoted_identifier(options.table);
  std::string out(kFunctions);
  out += fmt::format(R"(CREATE TABLE {} (
  position bigint GENERATED ALWAYS AS IDENTITY (MINVALUE 0 START 0) UNIQUE,
  doc jsonb NOT NULL,
  id text GENERATED ALWAYS AS (doc ->> 'id') STORED PRIMARY KEY CHECK (id <> ''),
  org_id text GENERATED ALWAYS AS (doc ->> 'org_id') STORED,{}
);
)",
                     table, kDerivedColumns);
  append_indexes(table, out);
  if (options.changes) append_changes(options.table, false, out);
  return out;
}

std::string postgres_shard_schema(const PostgresOptions& options) {
  const std::string table = quoted_identifier(options.table);
  std::string out(kFunctions);
  out += fmt::format(R"(CREATE TABLE {} (
  position bigint NOT NULL UNIQUE,
  doc jsonb NOT NULL,
  org_id text CHECK (org_id IS NOT DISTINCT FROM doc ->> 'org_id'),
  id text GENERATED ALWAYS AS (doc ->> 'id') STORED NOT NULL CHECK (id <> ''),{},
  UNIQUE NULLS NOT DISTINCT (org_id, id)
);
)",
                     table, kDerivedColumns);
  append_indexes(table, out);
  append_keeper(options.table, out);
  if (options.changes) append_changes(options.table, true, out);
  return out;
}

std::string postgres_upsert(const PostgresOptions& options) {
  const std::string table = quoted_identifier(options.table);
  if (options.shards.empty()) {
    return fmt::format(R"(INSERT INTO {} (doc) VALUES ($1::jsonb)
ON CONFLICT (id) DO UPDATE SET doc = excluded.doc, position = DEFAULT)",
                       table);
  }
  // Of two writers, the one with the lower position may come last.
  return fmt::format(
      R"(INSERT INTO {0} (doc, org_id, position) VALUES ($1::jsonb, $1::jsonb ->> 'org_id', $2::bigint)
ON CONFLICT (org_id, id) DO UPDATE SET doc = excluded.doc, position = greatest({0}.position, excluded.position))",
      table);
}

std::string postgres_prune(const PostgresOptions& options) {
  // Only rows older than every open transaction are deleted. Otherwise a transaction that commits later could
  // add a row older than the deleted ones, and the log would seem to reach back to it.
  return fmt::format(R"(DELETE FROM {0} WHERE transaction < (SELECT max(transaction) FROM {0}
WHERE at < now() - $1::interval AND transaction < pg_snapshot_xmin(pg_current_snapshot())))",
                     quoted_identifier(options.table + "_changes"));
}

std::string postgres_route(const PostgresOptions& options) {
  if (options.shards.empty()) return {};
  std::string names;
  for (const PostgresShard& shard : options.shards) {
    if (!names.empty()) names += ", ";
    names += quoted_literal(shard.name);
  }
  return fmt::format(
      "SELECT (ARRAY[{}])[1 + remainder], nextval({}) FROM generate_series(0, {}) AS remainder WHERE "
      "satisfies_hash_partition({}::regclass, {}, remainder, $1::jsonb ->> 'org_id')",
      names, sequence_of(options), options.shards.size() - 1,
      quoted_literal(quoted_identifier(options.table)), options.shards.size());
}

}  // namespace syncdex::inline v0
