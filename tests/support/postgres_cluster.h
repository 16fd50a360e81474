// Several private PostgreSQL servers that share the records of one table: a coordinator and its shards.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "support/postgres_server.h"
#include "syncdex/postgres.h"

namespace syncdex::test {

class PostgresCluster {
 public:
  static constexpr std::size_t kShards = 4;

  // Starts the servers. There are no tables yet.
  PostgresCluster() {
    for (std::size_t i = 0; i < kShards; ++i) {
      options_.shards.push_back(
          {.name = "shard" + std::to_string(i),
           .server = {{"host", shards_[i].host()}, {"dbname", PostgresServer::kDatabase}},
           .user = {{"user", PostgresServer::kUser}}});
    }
  }

  // What the statements are rendered with.
  const PostgresOptions& options() const { return options_; }

  PostgresServer& coordinator() { return coordinator_; }
  PostgresServer& shard(std::size_t i) { return shards_[i]; }
  PostgresServer& shard(const std::string& name) {
    for (std::size_t i = 0; i < kShards; ++i) {
      if (options_.shards[i].name == name) return shards_[i];
    }
    return coordinator_;  // not reached
  }

  // Makes all tables anew. Returns the first error, or nothing.
  std::string create() {
    const std::string drop = "DROP TABLE IF EXISTS syncs CASCADE; DROP SEQUENCE IF EXISTS syncs_position; ";
    Answer answer = coordinator_.run(drop + "DROP EXTENSION IF EXISTS postgres_fdw CASCADE");
    if (!answer.good()) return answer.error();
    for (PostgresServer& shard : shards_) {
      answer = shard.run(drop + postgres_shard_schema(options_));
      if (!answer.good()) return answer.error();
    }
    answer = coordinator_.run(postgres_schema(options_));
    return answer.good() ? std::string() : answer.error();
  }

  // Inserts the records of a JSON array at the coordinator.
  Answer fill(const std::string& array) {
    return coordinator_.run(
        "INSERT INTO syncs (doc, org_id) SELECT value, value ->> 'org_id' FROM "
        "jsonb_array_elements($1::jsonb)",
        {array});
  }

 private:
  PostgresServer coordinator_;
  std::array<PostgresServer, kShards> shards_;
  PostgresOptions options_;
};

}  // namespace syncdex::test
