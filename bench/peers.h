// The baselines: what a host would use instead of syncdex, on the same records.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <rapidjson/document.h>

#include <nlohmann/json.hpp>

struct sqlite3;
struct sqlite3_stmt;

namespace syncdex::bench {

// SQLite in memory: a column with the text, generated columns for the fields, and indexes on the fields and
// on four metadata paths that the queries use. These paths must be declared in advance. Tags and contacts are
// read with json_each, without an index.
class Sqlite {
 public:
  explicit Sqlite(const std::vector<std::string_view>& records);
  ~Sqlite();
  Sqlite(const Sqlite&) = delete;
  Sqlite& operator=(const Sqlite&) = delete;

  // The prepared statements of a named query: one counts, one returns the texts.
  struct Query {
    sqlite3_stmt* count;
    sqlite3_stmt* texts;
  };
  Query prepare(std::string_view where);

  static std::size_t count(const Query& query);
  // Replaces `out` with the matching texts, joined by commas. Returns their number.
  static std::size_t texts(const Query& query, std::string& out);

 private:
  sqlite3* db_ = nullptr;
  std::vector<sqlite3_stmt*> statements_;
};

// The WHERE clause for a named query of dataset.h.
std::string sqlite_where(std::string_view query_name, std::string_view pattern);

// A hand-written solution: records parsed into structs in advance, metadata as nlohmann::json, and a loop
// over all records. Figures call it "loop over structs".
class Structs {
 public:
  explicit Structs(const std::vector<std::string_view>& records);
  std::size_t count(const nlohmann::json& pattern) const;

 private:
  struct Sync {
    std::string id, provider, name, status, health_status;
    nlohmann::json metadata;
    std::string_view text;
  };
  std::vector<Sync> syncs_;
};

// Parsed RapidJSON documents, and a loop over them.
class Documents {
 public:
  struct Pattern {
    explicit Pattern(const char* json) { value.Parse(json); }
    rapidjson::Document value;
  };

  explicit Documents(const std::vector<std::string_view>& records);
  std::size_t count(const Pattern& pattern) const;

 private:
  std::vector<rapidjson::Document> documents_;
};

}  // namespace syncdex::bench
