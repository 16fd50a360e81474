// A private PostgreSQL server for tests: in a temporary folder, on a socket there, removed with the object.
#pragma once

#include <libpq-fe.h>
#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace syncdex::test {

// The result of a statement. good() is false if the server rejected it.
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
  // Makes a database and starts its server. Throws std::runtime_error if it cannot.
  PostgresServer();
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  // Runs one or more statements without parameters.
  Answer run(const std::string& sql);
  Answer run(const std::string& sql, const std::vector<std::string>& parameters);
  std::string version() const;

  // How a client reaches it: the folder of its socket, and the name of the user.
  std::string host() const { return folder_.string(); }
  static constexpr const char* kUser = "test";
  static constexpr const char* kDatabase = "postgres";
  std::string connection_text() const { return "host=" + host() + " user=test dbname=postgres"; }

  // Ends the server as a crash does, and starts it with the same data again. REQUIRES: it runs; it was
  // stopped
  void stop();
  void start();

 private:
  std::filesystem::path folder_;
  pid_t server_ = -1;
  PGconn* connection_ = nullptr;
};

}  // namespace syncdex::test
