#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "exec/survey.h"
#include "store/segment_values.h"

namespace syncdex::inline v0 {
namespace {

template <class T>
std::size_t sort_and_count_distinct(std::vector<T>& values) {
  std::ranges::sort(values);
  return static_cast<std::size_t>(std::unique(values.begin(), values.end()) - values.begin());
}

// By sorting: a hash set of strings that others choose could be made slow.
std::size_t distinct_values(const Snapshot& snapshot, StringRef Entry::*field) {
  std::vector<std::string_view> values;
  values.reserve(snapshot.size());
  for (const Part& part : snapshot.parts()) {
    for (Row row = 0; row < part.size(); ++row) {
      const StringRef ref = part.segment->entry(row).*field;
      if (ref.is_string() && part.live.contains(row)) values.push_back(part.segment->text().view(ref));
    }
  }
  return sort_and_count_distinct(values);
}

std::size_t distinct_terms(const Snapshot& snapshot) {
  const PathTable& paths = snapshot.paths();
  std::vector<std::uint64_t> hashes;
  for (const Part& part : snapshot.parts()) {
    SegmentValues values(*part.segment, paths);
    for (PathId path = 0; path < paths.size(); ++path) {
      values.for_each_term(path, [&](Kind kind, std::string_view text, const PostingList&) {
        hashes.push_back(hash_term(hash_seed(), paths.hash(path), kind, text));
      });
    }
  }
  return sort_and_count_distinct(hashes);
}

}  // namespace

Stats stats_of(const Snapshot& snapshot) {
  Stats stats;
  stats.records = snapshot.size();
  stats.segments = snapshot.parts().size();
  stats.load_seconds = snapshot.report().seconds;
  for (const Part& part : snapshot.parts()) {
    const Segment& segment = *part.segment;
    stats.dead_records += part.live.dead();
    stats.text_bytes += segment.text_bytes();
    stats.table_bytes += segment.table_bytes() + part.live.bytes() + part.positions.bytes();
    stats.term_bytes += segment.terms().term_bytes();
    stats.posting_bytes += segment.terms().posting_bytes();
    stats.ordered_views = std::max<std::uint64_t>(stats.ordered_views, segment.views().size());
    stats.view_bytes += segment.views().bytes() + segment.path_values_bytes();
  }
  stats.term_bytes += snapshot.paths().bytes();
  stats.providers = distinct_values(snapshot, &Entry::provider);
  stats.names = distinct_values(snapshot, &Entry::name);
  stats.statuses = distinct_values(snapshot, &Entry::status);
  stats.terms = distinct_terms(snapshot);
  return stats;
}

std::string to_string(const Stats& s) {
  return fmt::format(
      "records={} segments={} dead_records={} providers={} names={} statuses={} terms={} text_bytes={} "
      "table_bytes={} term_bytes={} posting_bytes={} ordered_views={} view_bytes={} load_seconds={:.6f}",
      s.records, s.segments, s.dead_records, s.providers, s.names, s.statuses, s.terms, s.text_bytes,
      s.table_bytes, s.term_bytes, s.posting_bytes, s.ordered_views, s.view_bytes, s.load_seconds);
}

}  // namespace syncdex::inline v0
