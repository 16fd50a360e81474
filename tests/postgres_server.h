// A PostgreSQL server of a test's own: in a temporary folder, on a socket there, gone with the object.
#pragma once

#include <libpq-fe.h>
#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace syncdex::test {

// What a statement answered; status() is PGRES_FATAL_ERROR where the server refused it.
class Answer {
 public:
  explicit Answer(PGresult* result) : result_(result, &PQclear) {}
  bool good() const { return PQresultStatus(result_.get()) < PGRES_BAD_RESPONSE; }
  std::string error() const { return PQresultErrorMessage(result_.get()); }
  std::vector<std::string> column(int column) const;

 private:
  std::unique_ptr<PGresult, decltype(&PQclear)> result_;
};

class PostgresServer {
 public:
  // Throws std::runtime_error where no server can be started.
  PostgresServer();
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  // Several statements, without parameters.
  Answer run(const std::string& sql);
  Answer run(const std::string& sql, const std::vector<std::string>& parameters);
  std::string version() const;

 private:
  std::filesystem::path folder_;
  pid_t server_ = -1;
  PGconn* connection_ = nullptr;
};

}  // namespace syncdex::test
