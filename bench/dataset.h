// Sync records as hosts have them, made up: deterministic, any number of them.
//
// The shape is that of the List syncs page; the distributions are what selective and broad queries
// need to be told apart: 14 providers (the first has 24 %), nearly unique names, status 94/6 %,
// health 88/6/3/2/1 %, metadata of 3 to 9 leaves (a number of 1000 values in 90 % of the records, a
// unique user id in 85 %, a region of 6 values, a plan object in 60 %, tags 0 to 4 of 8, decimals, an
// owner with two contacts, nulls, escapes, non-ASCII text, integers beyond 2^53). 1.13 kB on average.
//
// Record i depends on the seed and on i alone: the first n records of a larger set are the set of n.
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

  // Appends record i, one JSON object without white space.
  void append_record(std::uint64_t i, std::string& out) const;

  // n records in one text.
  std::string text(std::size_t n, Shape shape = Shape::ndjson) const;

  // A file of n records, JSON Lines, in `folder`: written if it is not there or not this data's.
  std::filesystem::path file(const std::filesystem::path& folder, std::size_t n) const;

  // What only one record of the set has.
  std::string id(std::uint64_t i) const;
  std::string name(std::uint64_t i) const;
  std::string user_id(std::uint64_t i) const;
  // Whether record i has a user id.
  bool has_user_id(std::uint64_t i) const;

 private:
  std::uint64_t seed_;
};

// The first record from `from` on that has a user id.
std::uint64_t with_user_id(const Dataset& dataset, std::uint64_t from);

// The queries that the tables show.
struct NamedQuery {
  std::string_view name;
  std::string pattern;
  std::size_t matches_100k;        // with seed 1
  double goal_count_us;            // at 100k; 0: none
  double goal_slices_us;           // at 100k, find included; 0: none
  std::vector<std::string> terms;  // one pattern for each, where there are several
};
const std::vector<NamedQuery>& queries();

}  // namespace syncdex::bench
