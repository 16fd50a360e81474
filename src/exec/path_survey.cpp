#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "exec/record_values.h"
#include "exec/row_bits.h"
#include "exec/survey.h"
#include "store/segment_values.h"

namespace syncdex::inline v0 {
namespace {

// Where an Entry has the field; nothing for other roles.
std::optional<StringRef Entry::*> entry_field(Role role) noexcept {
  switch (role) {
    case Role::id: return &Entry::id;
    case Role::provider: return &Entry::provider;
    case Role::name: return &Entry::name;
    case Role::status: return &Entry::status;
    default: return std::nullopt;
  }
}

std::uint64_t PathSummary::*counter_of(Kind kind) noexcept {
  switch (kind) {
    case Kind::null: return &PathSummary::nulls;
    case Kind::boolean_false:
    case Kind::boolean_true: return &PathSummary::booleans;
    case Kind::number: return &PathSummary::numbers;
    case Kind::string: return &PathSummary::strings;
    case Kind::array: return &PathSummary::arrays;
    case Kind::object: break;
  }
  return &PathSummary::objects;
}

// How many rows at least one posting list has, of those in `rows`.
class UnionCount {
 public:
  explicit UnionCount(const RowBits& rows) : rows_(rows) {}

  void add(const PostingList& list) { lists_.push_back(list); }
  // Of those added since the last call.
  std::size_t finish() {
    std::size_t sum = 0;
    for (const PostingList& list : lists_) sum += list.count;
    std::size_t n = 0;
    if (lists_.size() == 1) {
      n = count_in(lists_.front(), rows_);
    } else if (sum < rows_.size()) {  // fewer than there are words in a bitset
      few_.clear();
      for (const PostingList& list : lists_) for_each_row(list, [&](Row row) { few_.push_back(row); });
      std::ranges::sort(few_);
      few_.erase(std::unique(few_.begin(), few_.end()), few_.end());
      n = static_cast<std::size_t>(
          std::ranges::count_if(few_, [&](Row row) { return test_bit(rows_.data(), row); }));
    } else {
      many_.assign(rows_.size(), 0);
      for (const PostingList& list : lists_) for_each_row(list, [&](Row row) { set_bit(many_.data(), row); });
      for (std::size_t i = 0; i < many_.size(); ++i) many_[i] &= rows_[i];
      n = count_bits(many_.data(), many_.size());
    }
    lists_.clear();
    return n;
  }

 private:
  const RowBits& rows_;
  std::vector<PostingList> lists_;
  std::vector<Row> few_;
  RowBits many_;
};

class PathSurvey {
 public:
  PathSurvey(const Snapshot& snapshot, std::optional<std::span<const Row>> rows)
      : paths_(snapshot.paths()), summaries_(paths_.size()) {
    for (const Part& part : snapshot.parts()) {
      if (!rows) {
        add(part, live_bits(part));
        continue;
      }
      RowBits bits(words_for(part.size()));
      for (; !rows->empty() && rows->front() < part.base + part.size(); rows = rows->subspan(1)) {
        set_bit(bits.data(), rows->front() - part.base);
      }
      add(part, bits);
    }
    std::ranges::sort(hashes_);
    for (auto at = hashes_.begin(); at != hashes_.end(); ++at) {
      summaries_[at->first].values += at == hashes_.begin() || *at != *(at - 1);
    }
  }

  std::vector<PathSummary> finish() && {
    // Parents have smaller numbers: their text is there.
    std::vector<PathSummary> found;
    std::vector<bool> long_text(paths_.size());
    for (PathId path = 1; path < paths_.size(); ++path) {
      PathSummary& summary = summaries_[path];
      const PathId parent = paths_.parent(path);
      const std::string& above = summaries_[parent].path;
      // One long key above many would make much text out of little.
      if (long_text[parent] || above.size() + paths_.step(path).key.size() > kLongestPath) {
        long_text[path] = true;
        summary.records = 0;
        continue;
      }
      summary.path = above;
      append_step(paths_.step(path), summary.path);
    }
    for (PathSummary& summary : summaries_) {
      if (summary.records > 0) found.push_back(std::move(summary));
    }
    std::ranges::sort(found, {}, &PathSummary::path);
    return found;
  }

 private:
  void add(const Part& part, const RowBits& rows) {
    SegmentValues values(*part.segment, paths_);
    UnionCount count(rows);
    for (PathId path = 0; path < paths_.size(); ++path) {
      const PathTraits& traits = paths_.traits(path);
      if (const auto field = entry_field(traits.role)) {
        add_field(*part.segment, path, *field, rows);
      } else if (traits.indexed) {
        add_values(values, path, rows, count);
      }
    }
  }

  void add_values(SegmentValues& values, PathId path, const RowBits& rows, UnionCount& count) {
    std::vector<PostingList> by_kind[static_cast<std::size_t>(Kind::object) + 1];
    values.for_each(path, [&](Kind kind, std::string_view text, const PostingList& list) {
      // Both booleans are one kind.
      by_kind[static_cast<std::size_t>(kind == Kind::boolean_true ? Kind::boolean_false : kind)].push_back(
          list);
      if (kind < Kind::array && count_in(list, rows) > 0) {
        hashes_.emplace_back(path, hash_term(hash_seed(), paths_.hash(path), kind, text));
      }
    });
    for (std::size_t kind = 0; kind < std::size(by_kind); ++kind) {
      for (const PostingList& list : by_kind[kind]) count.add(list);
      if (!by_kind[kind].empty()) summaries_[path].*counter_of(static_cast<Kind>(kind)) += count.finish();
    }
    for (const std::vector<PostingList>& lists : by_kind) {
      for (const PostingList& list : lists) count.add(list);
    }
    summaries_[path].records += count.finish();
  }

  // A record's own fields are read from it: of duplicate keys, that is the last value.
  void add_field(const Segment& segment, PathId path, StringRef Entry::*field, const RowBits& rows) {
    PathSummary& summary = summaries_[path];
    const std::uint64_t hash = paths_.hash(path);
    for (Row row = 0; row < segment.size(); ++row) {
      const StringRef ref = segment.entry(row).*field;
      if (!test_bit(rows.data(), row) || !(ref.is_string() || ref.is_null())) continue;
      ++(ref.is_string() ? summary.strings : summary.nulls);
      ++summary.records;
      hashes_.emplace_back(path, ref.is_string()
                                     ? hash_text_value(hash_seed(), hash, segment.text().view(ref))
                                     : hash_kind(hash_seed(), hash, Kind::null));
    }
  }

  const PathTable& paths_;
  std::vector<PathSummary> summaries_;
  std::vector<std::pair<PathId, std::uint64_t>> hashes_;  // of scalars
};

}  // namespace

std::vector<PathSummary> paths_of(const Snapshot& snapshot, std::optional<std::span<const Row>> rows) {
  return PathSurvey(snapshot, rows).finish();
}

bool is_any_at(const Snapshot& snapshot, PathId path, std::size_t bytes) {
  constexpr std::size_t kFew = 16;
  for (const Part& part : snapshot.parts()) {
    RowBits live = live_bits(part);
    take_duplicate_keys(part, live);
    SegmentValues values(*part.segment, snapshot.paths(), kFew);
    bool any = false;
    values.for_each(path, [&](Kind, std::string_view, const PostingList& list) {
      any = any || count_in(list, live) > 0;
    });
    if (any) return true;
  }
  return records_at(snapshot, path, bytes) > 0;  // few are live, or none
}

std::size_t records_at(const Snapshot& snapshot, PathId path, std::size_t bytes) {
  const PathTraits& traits = snapshot.paths().traits(path);
  if (!traits.indexed) return 0;
  const auto field = entry_field(traits.role);
  RecordValues in_record(snapshot.paths(), path);
  std::size_t records = 0;
  for (const Part& part : snapshot.parts()) {
    RowBits live = live_bits(part);
    if (field) {
      for (Row row = 0; row < part.size(); ++row) {
        const StringRef ref = part.segment->entry(row).**field;
        records += test_bit(live.data(), row) && (ref.is_string() || ref.is_null());
      }
      continue;
    }
    for (const Row row : take_duplicate_keys(part, live)) {
      if (in_record.read() >= bytes) {
        set_bit(live.data(), row);
      } else {
        records += !in_record.of(part.segment->begin(row)).empty();
      }
    }
    UnionCount count(live);
    SegmentValues values(*part.segment, snapshot.paths());
    values.for_each(path, [&](Kind, std::string_view, const PostingList& list) { count.add(list); });
    records += count.finish();
  }
  return records;
}

}  // namespace syncdex::inline v0
