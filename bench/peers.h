// The baselines: what a host would use instead of syncdex, on the same records.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <rapidjson/document.h>

#include <nlohmann/json.hpp>

#include "dataset.h"

struct sqlite3;
struct sqlite3_stmt;

namespace syncdex::bench {

// SQLite in memory: columns with the text, the fields, and the metadata paths that the queries and filters
// use, and an index on each of them but the text. The paths must be declared in advance. The columns are
// plain ones: SQLite does not answer from the index alone if a column is generated or the index is on an
// expression. Tags and contacts are read with json_each, without an index.
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

  // A statement that is given as a whole. rows() runs it and returns how many rows it has.
  sqlite3_stmt* prepare_all(const std::string& sql);
  static std::size_t rows(sqlite3_stmt* statement);

  static std::size_t count(const Query& query);
  // Replaces `out` with the matching texts, joined by commas. Returns their number.
  static std::size_t texts(const Query& query, std::string& out);
  // Reads the matching texts without copying them. Returns the sum of their lengths.
  static std::size_t bytes(const Query& query);

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
  struct Sync {
    std::string id, provider, name, status, health_status, created_at;
    nlohmann::json metadata;
    std::string_view text;
  };
  // A loop that is written for one filter. Returns how many records match, and appends their texts to `texts`
  // if it is not null.
  using Loop = std::size_t (*)(std::span<const Sync> syncs, std::vector<std::string_view>* texts);

  explicit Structs(const std::vector<std::string_view>& records);
  const std::vector<Sync>& all() const { return syncs_; }
  std::size_t count(const nlohmann::json& pattern) const;
  std::size_t run(Loop loop, std::vector<std::string_view>* texts = nullptr) const {
    return loop(syncs_, texts);
  }

 private:
  std::vector<Sync> syncs_;
};

// What answers a named filter of dataset.h in SQLite, with an index made for it, and as a loop.
struct FilterPeers {
  std::string where;
  Structs::Loop loop;
};
FilterPeers peers_of(const NamedFilter& filter);

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
