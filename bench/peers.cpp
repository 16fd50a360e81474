#include "peers.h"

#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <unordered_set>
#include <utility>

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
  const auto run = [&](const std::string& sql) {
    check(sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr), db_);
  };
  constexpr std::pair<const char*, const char*> kColumns[] = {
      {"id TEXT", "?1->>'$.id'"},
      {"provider TEXT", "?1->>'$.provider'"},
      {"name TEXT", "?1->>'$.name'"},
      {"status TEXT", "?1->>'$.status'"},
      {"health TEXT", "?1->>'$.health.status'"},
      {"created_at TEXT", "?1->>'$.created_at'"},
      {"custom_property", "?1->>'$.metadata.custom_property'"},
      {"user_id", "?1->>'$.metadata.user_id'"},
      {"tier", "?1->>'$.metadata.plan.tier'"},
      {"region", "?1->>'$.metadata.region'"},
      {"note_kind", "json_type(?1, '$.metadata.note')"}};
  std::string columns;
  std::string values;
  for (const auto& [column, value] : kColumns) {
    columns += fmt::format(", {}", column);
    values += fmt::format(", {}", value);
  }
  run(fmt::format("CREATE TABLE syncs(seq INTEGER PRIMARY KEY, doc TEXT NOT NULL{})", columns));
  run("BEGIN");
  sqlite3_stmt* insert = nullptr;
  const std::string sql = fmt::format("INSERT INTO syncs VALUES(NULL, ?1{})", values);
  check(sqlite3_prepare_v2(db_, sql.c_str(), -1, &insert, nullptr), db_);
  for (const std::string_view record : records) {
    check(sqlite3_bind_text(insert, 1, record.data(), static_cast<int>(record.size()), SQLITE_STATIC), db_);
    check(sqlite3_step(insert), db_);
    check(sqlite3_reset(insert), db_);
  }
  sqlite3_finalize(insert);
  run("COMMIT");
  for (const auto& [column, value] : kColumns) {
    const std::string name(column, std::strcspn(column, " "));
    run(fmt::format("CREATE INDEX by_{0} ON syncs({0})", name));
  }
  // For the newest records, of all, of a provider, and of some others.
  run("DROP INDEX by_created_at");
  run("CREATE INDEX by_created_at ON syncs(created_at DESC, seq)");
  run("CREATE INDEX newest_of_provider ON syncs(provider, created_at DESC, seq)");
  run("CREATE INDEX newest_of_four ON syncs(provider, status, health, tier, created_at DESC, seq)");
  // Two that are made for one filter each.
  run("CREATE INDEX not_active ON syncs(seq) WHERE status <> 'active'");
  run("CREATE INDEX of_growth ON syncs(tier, provider, health, region) WHERE tier = 'growth'");
  run("ANALYZE");
}

Sqlite::~Sqlite() {
  for (sqlite3_stmt* statement : statements_) sqlite3_finalize(statement);
  sqlite3_close(db_);
}

sqlite3_stmt* Sqlite::prepare_all(const std::string& sql) {
  sqlite3_stmt* statement = nullptr;
  check(sqlite3_prepare_v2(db_, sql.c_str(), -1, &statement, nullptr), db_);
  statements_.push_back(statement);
  return statement;
}

std::size_t Sqlite::rows(sqlite3_stmt* statement) {
  std::size_t n = 0;
  while (sqlite3_step(statement) == SQLITE_ROW) ++n;
  sqlite3_reset(statement);
  return n;
}

Sqlite::Query Sqlite::prepare(std::string_view where) {
  const auto one = [&](const char* what) {
    return prepare_all(fmt::format("SELECT {} FROM syncs WHERE {}", what, where));
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

std::size_t Sqlite::bytes(const Query& query) {
  std::size_t n = 0;
  while (sqlite3_step(query.texts) == SQLITE_ROW) {
    benchmark::DoNotOptimize(sqlite3_column_text(query.texts, 0));
    n += static_cast<std::size_t>(sqlite3_column_bytes(query.texts, 0));
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
  if (query_name == "metadata number" || query_name == "42 as 42.0") return "custom_property = 42";
  if (query_name == "unique string") return "user_id = " + text("/metadata/user_id");
  if (query_name == "nested string") return "tier = 'growth'";
  const std::string tag = "EXISTS (SELECT 1 FROM json_each(doc, '$.metadata.tags') WHERE value = '{}')";
  if (query_name == "two tags") return fmt::format(fmt::runtime(tag + " AND " + tag), "beta", "vip");
  if (query_name == "object in array") {
    return "EXISTS (SELECT 1 FROM json_each(doc, '$.metadata.owner.contacts') WHERE value->>'city' = 'Ulm' "
           "AND"
           " value->>'phone' = 42 AND value->>'role' = 'admin')";
  }
  if (query_name == "region + tier + trial") {
    return "region = 'eu-west-1' AND tier = 'growth' AND"
           " doc->'$.metadata.plan.trial' = 'true'";
  }
  if (query_name == "2^53+1") return "doc->>'$.metadata.ledger' = 9007199254740993";
  if (query_name == "provider + region") return "provider = 'stripe' AND region = 'eu-west-1'";
  if (query_name == "four terms") {
    return "provider = 'stripe' AND status = 'disabled' AND health = 'healthy' AND "
           "tier = 'growth'";
  }
  return "provider = 'stripe' AND custom_property = 123456";
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
    sync.created_at = json["created_at"];
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

namespace {

using Sync = Structs::Sync;

// The loop with a condition on one record.
template <class Meets>
constexpr Structs::Loop loop(Meets /*stateless*/) {
  return [](std::span<const Sync> syncs, std::vector<std::string_view>* texts) {
    std::size_t n = 0;
    for (const Sync& sync : syncs) {
      if (!Meets()(sync)) continue;
      ++n;
      if (texts != nullptr) texts->push_back(sync.text);
    }
    return n;
  };
}

// The metadata value at a key, or null.
const nlohmann::json* at(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() ? nullptr : &*found;
}

bool is_text(const nlohmann::json* value, const char* text) {
  return value != nullptr && value->is_string() && value->get_ref<const std::string&>() == text;
}

// From 100 on.
template <int kBelow>
FilterPeers number_in() {
  return {fmt::format("custom_property >= 100 AND custom_property < {}", kBelow), loop([](const Sync& s) {
            const nlohmann::json* const value = at(s.metadata, "custom_property");
            if (value == nullptr || !value->is_number()) return false;
            const auto x = value->get<double>();
            return x >= 100 && x < kBelow;
          })};
}

}  // namespace

FilterPeers peers_of(const NamedFilter& filter) {
  if (filter.name == "in of 2 providers") {
    return {"provider IN ('stripe', 'hubspot')",
            loop([](const Sync& s) { return s.provider == "stripe" || s.provider == "hubspot"; })};
  }
  if (filter.name == "in of 100 numbers") {
    std::string values;
    for (int i = 0; i < 100; ++i) values += fmt::format("{}{}", i == 0 ? "" : ",", i * 10);
    return {"custom_property IN (" + values + ")", loop([](const Sync& s) {
              static const std::unordered_set<double> wanted = [] {
                std::unordered_set<double> all;
                for (int i = 0; i < 100; ++i) all.insert(i * 10);
                return all;
              }();
              const nlohmann::json* const value = at(s.metadata, "custom_property");
              return value != nullptr && value->is_number() && wanted.contains(value->get<double>());
            })};
  }
  if (filter.name == "or of two fields") {
    return {"health = 'error' OR region = 'eu-west-1'", loop([](const Sync& s) {
              return s.health_status == "error" || is_text(at(s.metadata, "region"), "eu-west-1");
            })};
  }
  if (filter.name == "status not active")
    return {"status <> 'active'", loop([](const Sync& s) { return s.status != "active"; })};
  if (filter.name == "not one provider")
    return {"provider <> 'stripe'", loop([](const Sync& s) { return s.provider != "stripe"; })};
  if (filter.name == "exists") {
    return {"custom_property IS NOT NULL",
            loop([](const Sync& s) { return at(s.metadata, "custom_property") != nullptr; })};
  }
  if (filter.name == "not set") {
    return {"user_id IS NULL", loop([](const Sync& s) {
              const nlohmann::json* const value = at(s.metadata, "user_id");
              return value == nullptr || value->is_null();
            })};
  }
  if (filter.name == "kind null") {
    return {"note_kind = 'null'", loop([](const Sync& s) {
              const nlohmann::json* const value = at(s.metadata, "note");
              return value != nullptr && value->is_null();
            })};
  }
  if (filter.name == "four conditions") {
    return {
        "(health = 'error' OR region IN ('eu-west-1', 'us-east-1')) AND provider <> 'stripe' AND"
        " tier = 'growth'",
        loop([](const Sync& s) {
          if (s.provider == "stripe") return false;
          const nlohmann::json* const value = at(s.metadata, "region");
          if (s.health_status != "error" && !is_text(value, "eu-west-1") && !is_text(value, "us-east-1"))
            return false;
          const nlohmann::json* const plan = at(s.metadata, "plan");
          return plan != nullptr && plan->is_object() && is_text(at(*plan, "tier"), "growth");
        })};
  }
  if (filter.name == "number in a range") return number_in<200>();
  if (filter.name == "number in 1 %") return number_in<111>();
  if (filter.name == "number in 50 %") return number_in<655>();
  // A range, because SQLite evaluates GLOB once more for each row of the index.
  if (filter.name == "name with a prefix") {
    return {"name >= 'Acme Inc - stripe ' AND name < 'Acme Inc - stripe!'",
            loop([](const Sync& s) { return s.name.starts_with("Acme Inc - stripe "); })};
  }
  // All times of the data have one format, so their texts are in order.
  return {"created_at >= '2023-06-01' AND created_at < '2023-07-01'",
          loop([](const Sync& s) { return s.created_at >= "2023-06-01" && s.created_at < "2023-07-01"; })};
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
