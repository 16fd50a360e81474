#include "duckdb.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace syncdex::bench {

struct DuckDb::Count {
  void* statement;
};

// The functions of DuckDB's C API that are called here, declared as in its documentation. A status of 0 means
// success.
struct DuckDb::Library {
  struct Result {
    std::uint64_t columns, rows, changed;
    void* data;
    char* error;
    void* internal;
  };
  int (*open)(const char* path, void** database);
  void (*close)(void** database);
  int (*connect)(void* database, void** connection);
  void (*disconnect)(void** connection);
  int (*query)(void* connection, const char* sql, Result* result);
  int (*prepare)(void* connection, const char* sql, void** statement);
  int (*execute_prepared)(void* statement, Result* result);
  void (*destroy_prepare)(void** statement);
  const char* (*prepare_error)(void* statement);
  const char* (*result_error)(Result* result);
  std::int64_t (*value_int64)(Result* result, std::uint64_t column, std::uint64_t row);
  void (*destroy_result)(Result* result);
  int (*appender_create)(void* connection, const char* schema, const char* table, void** appender);
  int (*append_varchar_length)(void* appender, const char* text, std::uint64_t size);
  int (*appender_end_row)(void* appender);
  int (*appender_destroy)(void** appender);
  const char* (*library_version)();
};

namespace {

[[noreturn]] void fail(std::string_view what) {
  fmt::print(stderr, "duckdb: {}\n", what);
  std::exit(1);
}

constexpr std::pair<const char*, const char*> kColumns[] = {
    {"id", "doc->>'$.id'"},
    {"provider", "doc->>'$.provider'"},
    {"name", "doc->>'$.name'"},
    {"status", "doc->>'$.status'"},
    {"health", "doc->>'$.health.status'"},
    {"created_at", "doc->>'$.created_at'"},
    {"custom_property", "TRY_CAST(doc->>'$.metadata.custom_property' AS DOUBLE)"},
    {"user_id", "doc->>'$.metadata.user_id'"},
    {"tier", "doc->>'$.metadata.plan.tier'"},
    {"region", "doc->>'$.metadata.region'"},
    {"note_kind", "lower(json_type(doc, '$.metadata.note'))"}};

}  // namespace

DuckDb::DuckDb() : library_(std::make_unique<Library>()) {}

std::shared_ptr<DuckDb> DuckDb::load(const std::vector<std::string_view>& records) {
  const char* const file = std::getenv("SYNCDEX_DUCKDB");
  if (file == nullptr) return nullptr;
  void* const handle = ::dlopen(file, RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) fail(::dlerror());
  const std::shared_ptr<DuckDb> out(new DuckDb);
  Library& library = *out->library_;
  const auto find = [&]<typename Function>(Function*& function, const char* name) {
    function = reinterpret_cast<Function*>(::dlsym(handle, name));
    if (function == nullptr) fail(::dlerror());
  };
  find(library.open, "duckdb_open");
  find(library.close, "duckdb_close");
  find(library.connect, "duckdb_connect");
  find(library.disconnect, "duckdb_disconnect");
  find(library.query, "duckdb_query");
  find(library.prepare, "duckdb_prepare");
  find(library.execute_prepared, "duckdb_execute_prepared");
  find(library.destroy_prepare, "duckdb_destroy_prepare");
  find(library.prepare_error, "duckdb_prepare_error");
  find(library.result_error, "duckdb_result_error");
  find(library.value_int64, "duckdb_value_int64");
  find(library.destroy_result, "duckdb_destroy_result");
  find(library.appender_create, "duckdb_appender_create");
  find(library.append_varchar_length, "duckdb_append_varchar_length");
  find(library.appender_end_row, "duckdb_appender_end_row");
  find(library.appender_destroy, "duckdb_appender_destroy");
  find(library.library_version, "duckdb_library_version");

  if (library.open(nullptr, &out->database_) != 0) fail("no database");
  if (library.connect(out->database_, &out->connection_) != 0) fail("no connection");
  const auto run = [&](const std::string& sql) {
    Library::Result result{};
    if (library.query(out->connection_, sql.c_str(), &result) != 0) fail(library.result_error(&result));
    library.destroy_result(&result);
  };
  run("SET threads = 1");
  run("CREATE TABLE texts(doc JSON)");
  void* appender = nullptr;
  if (library.appender_create(out->connection_, nullptr, "texts", &appender) != 0) fail("no appender");
  for (const std::string_view record : records) {
    if (library.append_varchar_length(appender, record.data(), record.size()) != 0 ||
        library.appender_end_row(appender) != 0) {
      fail("a record cannot be appended");
    }
  }
  if (library.appender_destroy(&appender) != 0) fail("the records cannot be appended");
  std::string columns = "doc";
  for (const auto& [name, value] : kColumns) columns += fmt::format(", {} AS {}", value, name);
  run(fmt::format("CREATE TABLE syncs AS SELECT {} FROM texts", columns));
  run("DROP TABLE texts");
  return out;
}

DuckDb::~DuckDb() {
  for (Count* count : counts_) {
    library_->destroy_prepare(&count->statement);
    delete count;
  }
  if (connection_ != nullptr) library_->disconnect(&connection_);
  if (database_ != nullptr) library_->close(&database_);
}

DuckDb::Count* DuckDb::prepare(std::string_view where) {
  if (where.find("doc") != where.npos) return nullptr;
  void* statement = nullptr;
  const std::string sql = fmt::format("SELECT count(*) FROM syncs WHERE {}", where);
  if (library_->prepare(connection_, sql.c_str(), &statement) != 0) fail(library_->prepare_error(statement));
  return counts_.emplace_back(new Count{statement});
}

std::size_t DuckDb::count(const Count* prepared) const {
  Library::Result result{};
  if (library_->execute_prepared(prepared->statement, &result) != 0) fail(library_->result_error(&result));
  const std::int64_t n = library_->value_int64(&result, 0, 0);
  library_->destroy_result(&result);
  return static_cast<std::size_t>(n);
}

std::string DuckDb::version() const { return library_->library_version(); }

}  // namespace syncdex::bench
