#include "support/postgres_server.h"

#include <fcntl.h>
#include <pwd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <thread>
#include <utility>

namespace syncdex::test {
namespace {

// Starts a program. The server refuses to run as root, so root switches to the user of the package.
pid_t spawn(const std::vector<std::string>& words, const std::filesystem::path& log) {
  const passwd* const other = ::geteuid() == 0 ? ::getpwnam("postgres") : nullptr;
  if (::geteuid() == 0 && other == nullptr) throw std::runtime_error("there is no user postgres");
  std::vector<char*> argv;
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  const pid_t child = ::fork();
  if (child != 0) return child;
  const int to = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  ::dup2(to, 1);
  ::dup2(to, 2);
  if (other != nullptr && (::setgid(other->pw_gid) != 0 || ::setuid(other->pw_uid) != 0)) ::_exit(126);
  ::setenv("LC_ALL", "C", 1);
  if (::chdir("/") == 0) ::execv(argv[0], argv.data());
  ::_exit(127);
}

}  // namespace

std::vector<std::string> Answer::column(int column) const {
  std::vector<std::string> all;
  for (int row = 0; row < PQntuples(result_.get()); ++row) {
    all.emplace_back(PQgetvalue(result_.get(), row, column),
                     static_cast<std::size_t>(PQgetlength(result_.get(), row, column)));
  }
  return all;
}

PostgresServer::PostgresServer() {
  std::string name = (std::filesystem::temp_directory_path() / "syncdex-pg-XXXXXX").string();
  folder_ = ::mkdtemp(name.data());
  if (::geteuid() == 0) {
    const passwd* const user = ::getpwnam("postgres");
    if (user == nullptr || ::chown(folder_.c_str(), user->pw_uid, user->pw_gid) != 0) {
      throw std::runtime_error("the folder cannot be given to the user postgres");
    }
  }
  int status = 0;
  ::waitpid(
      spawn({std::string(SYNCDEX_POSTGRES_BIN) + "/initdb", "--no-sync", "--auth=trust", "--encoding=UTF8",
             "--locale=C", "--username=test", "--pgdata=" + (folder_ / "data").string()},
            "/dev/null"),
      &status, 0);
  if (status != 0) throw std::runtime_error("initdb failed");
  start();
}

void PostgresServer::start() {
  server_ = spawn({std::string(SYNCDEX_POSTGRES_BIN) + "/postgres", "-D", (folder_ / "data").string(), "-k",
                   folder_.string(), "-h", "", "-F", "-c", "full_page_writes=off", "-c",
                   "synchronous_commit=off", "-c", "shared_buffers=64MB"},
                  "/dev/null");
  for (int tries = 0; tries < 600; ++tries) {
    connection_ = PQconnectdb(connection_text().c_str());
    if (PQstatus(connection_) == CONNECTION_OK) break;
    PQfinish(std::exchange(connection_, nullptr));
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  if (connection_ == nullptr) throw std::runtime_error("the server does not answer");
  PQsetNoticeProcessor(
      connection_, [](void*, const char*) {}, nullptr);
}

void PostgresServer::stop() {
  if (connection_ != nullptr) PQfinish(std::exchange(connection_, nullptr));
  if (server_ <= 0) return;
  ::kill(server_, SIGQUIT);  // an immediate shutdown, and a recovery when it starts again
  int status = 0;
  ::waitpid(std::exchange(server_, -1), &status, 0);
}

PostgresServer::~PostgresServer() {
  stop();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

Answer PostgresServer::run(const std::string& sql) { return Answer(PQexec(connection_, sql.c_str())); }

Answer PostgresServer::run(const std::string& sql, const std::vector<std::string>& parameters) {
  std::vector<const char*> values;
  for (const std::string& parameter : parameters) values.push_back(parameter.c_str());
  return Answer(PQexecParams(connection_, sql.c_str(), static_cast<int>(values.size()), nullptr,
                             values.data(), nullptr, nullptr, 0));
}

std::string PostgresServer::version() const { return PQparameterStatus(connection_, "server_version"); }

}  // namespace syncdex::test
