// DuckDB as a baseline, if the environment variable SYNCDEX_DUCKDB has the path of its shared library
// (libduckdb.so of a release, 1.0 or later). Without it, the report's column is empty.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace syncdex::bench {

// A table in memory with the text, and a column for each field and metadata path that the queries use. DuckDB
// scans columns, so there are no indexes. It runs on one thread, like all baselines.
class DuckDb {
 public:
  // Null if SYNCDEX_DUCKDB is not set. Ends the program if the library cannot be used.
  static std::shared_ptr<DuckDb> load(const std::vector<std::string_view>& records);
  ~DuckDb();
  DuckDb(const DuckDb&) = delete;
  DuckDb& operator=(const DuckDb&) = delete;

  // Prepares the count of the rows that meet a WHERE clause of SQLite. Returns null if that reads the text
  // with functions that DuckDB does not have.
  struct Count;
  Count* prepare(std::string_view where);
  std::size_t count(const Count* prepared) const;

  std::string version() const;

 private:
  struct Library;
  DuckDb();

  std::unique_ptr<Library> library_;
  void* database_ = nullptr;
  void* connection_ = nullptr;
  std::vector<Count*> counts_;
};

}  // namespace syncdex::bench
