// Generates realistic sync records: deterministic, any number of them, 1.13 kB on average.
//
// Records have the shape shown on the List syncs page. The distributions make both selective and broad
// queries possible:
//
//   provider   14 values, the most frequent 24 %
//   name       unique
//   status     94, 6 %
//   health     88, 6, 3, 2, 1 %
//   metadata   a number with 1000 values in 90 % of the records, a unique user id in 85 %, one of 6 regions,
//              a plan object in 60 %, 0 to 4 of 8 tags, decimals, an owner with two contacts, nulls, escapes,
//              non-ASCII text, integers beyond 2^53
//
// Record i depends only on the seed and i: the first n records of a larger set are the set of n.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace syncdex::bench {

enum class Shape { array, envelope, ndjson };

class Dataset {
 public:
  explicit Dataset(std::uint64_t seed = 1) : seed_(seed) {}

  // Appends record i, a JSON object without white space between tokens.
  void append_record(std::uint64_t i, std::string& out) const;

  // n records in one text.
  std::string text(std::size_t n, Shape shape = Shape::ndjson) const;

  // Returns the path of a JSON Lines file of n records in `folder`. Writes the file if it is missing or was
  // written by another generator.
  std::filesystem::path file(const std::filesystem::path& folder, std::size_t n) const;

  // Values that are unique to record i.
  std::string id(std::uint64_t i) const;
  std::string name(std::uint64_t i) const;
  std::string user_id(std::uint64_t i) const;
  // Whether record i has a user id.
  bool has_user_id(std::uint64_t i) const;

 private:
  std::uint64_t seed_;
};

// The first record at or after `from` that has a user id.
std::uint64_t with_user_id(const Dataset& dataset, std::uint64_t from);

// The queries that the tables show.
struct NamedQuery {
  std::string_view name;
  std::string pattern;
  std::size_t matches_100k;        // with seed 1
  double goal_count_us;            // at 100k; 0: no goal
  double goal_slices_us;           // at 100k, including find; 0: no goal
  std::vector<std::string> terms;  // one pattern per term if there are several; otherwise empty
};
const std::vector<NamedQuery>& queries();

// The filters that the tables show. Goals in microseconds; 0: no goal.
struct NamedFilter {
  struct Goals {
    double count_100k = 0;
    double count_1m = 0;
    double slices_100k = 0;  // including find
    double slices_1m = 0;
    double sqlite = 0;     // how many times faster a count is than SQLite's
    double find_100k = 0;  // without slices
    double find_1m = 0;
  };

  std::string_view name;
  std::string json;
  std::size_t matches_100k;  // with seed 1
  Goals goals;
};
const std::vector<NamedFilter>& filters();

}  // namespace syncdex::bench
