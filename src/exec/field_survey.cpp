// The paths of all fields, indexed or not: every record is walked.
#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "exec/survey.h"
#include "json/json_text.h"
#include "terms/term_index.h"

namespace syncdex::inline v0 {
namespace {

class FieldSurvey {
 public:
  void add(const char* record) {
    ++record_;
    pending_.assign(1, {record, kRootPath});
    while (!pending_.empty()) {
      const auto [value, path] = pending_.back();
      pending_.pop_back();
      if (path != kRootPath) count(value, path);
      if (*value == '{') {
        add_members(value, path);
      } else if (*value == '[') {
        ArrayWalk walk(value);
        if (!walk.next()) continue;
        const PathId element = child(path, {{}, true});
        do {
          pending_.emplace_back(walk.value(), element);
        } while (walk.next());
      }
    }
  }

  std::vector<PathSummary> finish() && {
    join_scalars();
    for (const auto& [path, hash] : scalars_) ++places_[path].summary.values;
    std::vector<PathSummary> found;
    for (PathId path = 1; path < places_.size(); ++path) {
      Place& place = places_[path];
      const std::string& above = places_[paths_.parent(path)].summary.path;
      // As in path_survey.cpp: one long key above many would make much text out of little.
      if (places_[paths_.parent(path)].is_long ||
          above.size() + paths_.step(path).key.size() > kLongestPath) {
        place.is_long = true;
        continue;
      }
      place.summary.path = above;
      append_step(paths_.step(path), place.summary.path);
    }
    for (Place& place : places_) {
      if (place.summary.records > 0 && !place.is_long) found.push_back(std::move(place.summary));
    }
    std::ranges::sort(found, {}, &PathSummary::path);
    return found;
  }

 private:
  struct Place {
    PathSummary summary;
    std::uint64_t record = 0;  // the last one that was counted
    std::array<std::uint64_t, 7> record_of_kind{};
    const char* last = nullptr;  // the last value of the key in the object that is being read
    bool is_long = false;
  };

  PathId child(PathId parent, const PathStep& step) {
    const std::uint64_t hash = child_path_hash(hash_seed(), paths_.hash(parent), step);
    const PathId path = paths_.intern(parent, step, hash);
    if (path >= places_.size()) places_.resize(path + 1);
    return path;
  }

  void add_members(const char* object, PathId path) {
    members_.clear();
    for (ObjectWalk walk(object); walk.next();) {
      std::string_view key = walk.member().key;
      if (key.find('\\') != key.npos) {
        key_.clear();
        append_decoded(key, key_);
        key = key_;
      }
      const PathId member = child(path, {key, false});
      if (paths_.traits(member).secret) continue;
      places_[member].last = walk.member().value;
      members_.emplace_back(walk.member().value, member);
    }
    // Of duplicate keys, the last one counts.
    for (const auto& member : members_) {
      if (places_[member.second].last == member.first) pending_.push_back(member);
    }
  }

  void count(const char* value, PathId path) {
    Place& place = places_[path];
    Kind kind = kind_of(*value);
    if (kind < Kind::array) {
      std::string_view text = kind == Kind::string   ? raw_string(value)
                              : kind == Kind::number ? number_at(value)
                                                     : std::string_view();
      if (kind == Kind::string && text.find('\\') != text.npos) {
        key_.clear();
        append_decoded(text, key_);
        text = key_;
      }
      scalars_.emplace_back(path, hash_term(hash_seed(), paths_.hash(path), kind, text));
      if (scalars_.size() == join_at_) join_scalars();
    }
    if (std::exchange(place.record, record_) != record_) ++place.summary.records;
    if (kind == Kind::boolean_true) kind = Kind::boolean_false;
    if (std::exchange(place.record_of_kind[static_cast<std::size_t>(kind)], record_) == record_) return;
    switch (kind) {
      case Kind::null: ++place.summary.nulls; break;
      case Kind::number: ++place.summary.numbers; break;
      case Kind::string: ++place.summary.strings; break;
      case Kind::array: ++place.summary.arrays; break;
      case Kind::object: ++place.summary.objects; break;
      default: ++place.summary.booleans;
    }
  }

  // Leaves each scalar once.
  void join_scalars() {
    std::ranges::sort(scalars_);
    scalars_.erase(std::unique(scalars_.begin(), scalars_.end()), scalars_.end());
    join_at_ = std::max<std::size_t>(std::size_t{1} << 20, scalars_.size() * 2);
  }

  PathTable paths_;  // of this survey alone
  std::vector<Place> places_ = std::vector<Place>(1);
  std::uint64_t record_ = 0;
  std::vector<std::pair<PathId, std::uint64_t>> scalars_;
  std::size_t join_at_ = std::size_t{1} << 20;
  std::vector<std::pair<const char*, PathId>> pending_;
  std::vector<std::pair<const char*, PathId>> members_;
  std::string key_;
};

}  // namespace

std::vector<PathSummary> all_paths_of(const Snapshot& snapshot, std::span<const Row> rows) {
  FieldSurvey survey;
  for (const Row row : rows) {
    const Part& part = snapshot.part_of(row);
    survey.add(part.segment->begin(row - part.base));
  }
  return std::move(survey).finish();
}

}  // namespace syncdex::inline v0
