#include "peers.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <cstdio>
#include <cstdlib>

namespace syncdex::bench {
namespace {

void check(int status, sqlite3* db) {
  if (status == SQLITE_OK || status == SQLITE_DONE || status == SQLITE_ROW) return;
  fmt::print(stderr, "sqlite: {}\n", sqlite3_errmsg(db));
  std::abort();
}

bool contains(const nlohmann::json& whole, const nlohmann::json& part) {
  if (part.is_object()) {
    if (!whole.is_object()) return false;
    for (const auto& [key, value] : part.items()) {
      const auto at = whole.find(key);
      if (at == whole.end() || !contains(*at, value)) return false;
    }
    return true;
  }
  if (part.is_array()) {
    if (!whole.is_array()) return false;
    for (const auto& wanted : part) {
      bool found = false;
      for (const auto& element : whole) found = found || contains(element, wanted);
      if (!found) return false;
    }
    return true;
  }
  return whole == part;
}

bool contains(const rapidjson::Value& whole, const rapidjson::Value& part) {
  if (part.IsObject()) {
    if (!whole.IsObject()) return false;
    for (const auto& member : part.GetObject()) {
      const auto at = whole.FindMember(member.name);
      if (at == whole.MemberEnd() || !contains(at->value, member.value)) return false;
    }
    return true;
  }
  return whole == part;
}

}  // namespace

Sqlite::Sqlite(const std::vector<std::string_view>& records) {
  check(sqlite3_open(":memory:", &db_), db_);
  const auto run = [&](const char* sql) { check(sqlite3_exec(db_, sql, nullptr, nullptr, nullptr), db_); };
  run("CREATE TABLE syncs(seq INTEGER PRIMARY KEY, doc TEXT NOT NULL,"
      " id TEXT AS (doc->>'$.id') STORED, provider TEXT AS (doc->>'$.provider') STORED,"
      " name TEXT AS (doc->>'$.name') STORED, status TEXT AS (doc->>'$.status') STORED,"
      " health TEXT AS (doc->>'$.health.status') STORED)");
  run("BEGIN");
  sqlite3_stmt* insert = nullptr;
  check(sqlite3_prepare_v2(db_, "INSERT INTO syncs(doc) VALUES(?)", -1, &insert, nullptr), db_);
  for (const std::string_view record : records) {
    check(sqlite3_bind_text(insert, 1, record.data(), static_cast<int>(record.size()), SQLITE_STATIC), db_);
    check(sqlite3_step(insert), db_);
    check(sqlite3_reset(insert), db_);
  }
  sqlite3_finalize(insert);
  run("COMMIT");
  int index = 0;
  for (const char* column :
       {"id", "provider", "name", "status", "health", "doc->>'$.metadata.custom_property'",
        "doc->>'$.metadata.user_id'", "doc->>'$.metadata.plan.tier'", "doc->>'$.metadata.region'"}) {
    run(fmt::format("CREATE INDEX i{} ON syncs({})", index++, column).c_str());
  }
  run("ANALYZE");
}

Sqlite::~Sqlite() {
  for (sqlite3_stmt* statement : statements_) sqlite3_finalize(statement);
  sqlite3_close(db_);
}

Sqlite::Query Sqlite::prepare(std::string_view where) {
  const auto one = [&](const char* what) {
    sqlite3_stmt* statement = nullptr;
    const std::string sql = fmt::format("SELECT {} FROM syncs WHERE {}", what, where);
    check(sqlite3_prepare_v2(db_, sql.c_str(), -1, &statement, nullptr), db_);
    statements_.push_back(statement);
    return statement;
  };
  return {one("count(*)"), one("doc")};
}

std::size_t Sqlite::count(const Query& query) {
  sqlite3_step(query.count);
  const auto n = static_cast<std::size_t>(sqlite3_column_int64(query.count, 0));
  sqlite3_reset(query.count);
  return n;
}

std::size_t Sqlite::texts(const Query& query, std::string& out) {
  std::size_t n = 0;
  out.clear();
  while (sqlite3_step(query.texts) == SQLITE_ROW) {
    if (n++ > 0) out += ',';
    out.append(reinterpret_cast<const char*>(sqlite3_column_text(query.texts, 0)),
               static_cast<std::size_t>(sqlite3_column_bytes(query.texts, 0)));
  }
  sqlite3_reset(query.texts);
  return n;
}

std::string sqlite_where(std::string_view query_name, std::string_view pattern) {
  const nlohmann::json p = nlohmann::json::parse(pattern);
  const auto text = [&](const char* pointer) {
    return "'" + p.at(nlohmann::json::json_pointer(pointer)).get<std::string>() + "'";
  };
  if (query_name == "provider") return "provider = 'stripe'";
  if (query_name == "status") return "status = 'disabled'";
  if (query_name == "health") return "health = 'warning'";
  if (query_name == "name") return "name = " + text("/name");
  if (query_name == "metadata number" || query_name == "42 as 42.0")
    return "doc->>'$.metadata.custom_property' = 42";
  if (query_name == "unique string") return "doc->>'$.metadata.user_id' = " + text("/metadata/user_id");
  if (query_name == "nested string") return "doc->>'$.metadata.plan.tier' = 'growth'";
  const std::string tag = "EXISTS (SELECT 1 FROM json_each(doc, '$.metadata.tags') WHERE value = '{}')";
  if (query_name == "two tags") return fmt::format(fmt::runtime(tag + " AND " + tag), "beta", "vip");
  if (query_name == "object in array") {
    return "EXISTS (SELECT 1 FROM json_each(doc, '$.metadata.owner.contacts') WHERE value->>'city' = 'Ulm' "
           "AND"
           " value->>'phone' = 42 AND value->>'role' = 'admin')";
  }
  if (query_name == "region + tier + trial") {
    return "doc->>'$.metadata.region' = 'eu-west-1' AND doc->>'$.metadata.plan.tier' = 'growth' AND"
           " doc->'$.metadata.plan.trial' = 'true'";
  }
  if (query_name == "2^53+1") return "doc->>'$.metadata.ledger' = 9007199254740993";
  if (query_name == "provider + region")
    return "provider = 'stripe' AND doc->>'$.metadata.region' = 'eu-west-1'";
  if (query_name == "four terms") {
    return "provider = 'stripe' AND status = 'disabled' AND health = 'healthy' AND "
           "doc->>'$.metadata.plan.tier' = 'growth'";
  }
  return "provider = 'stripe' AND doc->>'$.metadata.custom_property' = 123456";
}

Structs::Structs(const std::vector<std::string_view>& records) {
  syncs_.reserve(records.size());
  for (const std::string_view record : records) {
    nlohmann::json json = nlohmann::json::parse(record);
    Sync sync;
    sync.id = json["id"];
    sync.provider = json["provider"];
    sync.name = json["name"];
    sync.status = json["status"];
    sync.health_status = json["health"]["status"];
    sync.metadata = std::move(json["metadata"]);
    sync.text = record;
    syncs_.push_back(std::move(sync));
  }
}

std::size_t Structs::count(const nlohmann::json& pattern) const {
  const auto text = [&](const char* key) {
    return pattern.contains(key) ? pattern[key].get<std::string>() : std::string();
  };
  const std::string provider = text("provider");
  const std::string name = text("name");
  const std::string status = text("status");
  const std::string health =
      pattern.contains("health") ? pattern["health"]["status"].get<std::string>() : std::string();
  const bool metadata = pattern.contains("metadata");
  std::size_t n = 0;
  for (const Sync& sync : syncs_) {
    n += (provider.empty() || sync.provider == provider) && (name.empty() || sync.name == name) &&
         (status.empty() || sync.status == status) && (health.empty() || sync.health_status == health) &&
         (!metadata || contains(sync.metadata, pattern["metadata"]));
  }
  return n;
}

Documents::Documents(const std::vector<std::string_view>& records) : documents_(records.size()) {
  for (std::size_t i = 0; i < records.size(); ++i) documents_[i].Parse(records[i].data(), records[i].size());
}

std::size_t Documents::count(const Pattern& pattern) const {
  std::size_t n = 0;
  for (const rapidjson::Document& document : documents_) n += contains(document, pattern.value);
  return n;
}

}  // namespace syncdex::bench
