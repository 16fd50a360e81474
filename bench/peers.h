// What a host would use instead, on the same records: the baselines that the figures stand beside.
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

// SQLite in memory: the text in a column, the fields beside it, an index on each field and on each
// metadata path that the queries name (so declared beforehand), and a side table of tags.
class Sqlite {
 public:
  explicit Sqlite(const std::vector<std::string_view>& records);
  ~Sqlite();
  Sqlite(const Sqlite&) = delete;
  Sqlite& operator=(const Sqlite&) = delete;

  // The prepared statements of a named query: one that counts, one that gives the texts.
  struct Query {
    sqlite3_stmt* count;
    sqlite3_stmt* texts;
  };
  Query prepare(std::string_view where);

  static std::size_t count(const Query& query);
  // Appends the matching texts, joined by commas; gives how many.
  static std::size_t texts(const Query& query, std::string& out);

 private:
  sqlite3* db_ = nullptr;
  std::vector<sqlite3_stmt*> statements_;
};

// The WHERE clause that means a named query of dataset.h.
std::string sqlite_where(std::string_view query_name, std::string_view pattern);

// What people write by hand: records parsed beforehand into structs, metadata as a nlohmann::json (figures
// call it "loop over structs"), and a loop that looks at every record.
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

// Documents that a fast DOM parser keeps, and a loop over them.
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
