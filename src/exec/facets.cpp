#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "base/access.h"
#include "exec/record_values.h"
#include "exec/row_bits.h"
#include "exec/survey.h"
#include "json/json_text.h"
#include "store/segment_values.h"

namespace syncdex::inline v0 {
namespace {

// Equal values become one; then the most frequent first.
void join(std::vector<ValueCount>& counts) {
  std::ranges::sort(counts, {}, &ValueCount::value);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (kept > 0 && counts[kept - 1].value == counts[i].value) {
      counts[kept - 1].records += counts[i].records;
    } else {
      if (kept != i) counts[kept] = std::move(counts[i]);
      ++kept;
    }
  }
  counts.resize(kept);
  std::ranges::stable_sort(counts, std::ranges::greater(), &ValueCount::records);
}

void add_values(std::vector<std::string_view>& values, std::vector<ValueCount>& counts) {
  std::ranges::sort(values);
  for (auto from = values.begin(); from != values.end();) {
    const auto to = std::find_if(from, values.end(), [&](std::string_view v) { return v != *from; });
    counts.push_back({std::string(*from), static_cast<std::uint64_t>(to - from)});
    from = to;
  }
  values.clear();
}

// Appends the canonical JSON of a scalar.
void append_value(const char* value, std::string& out) {
  const Kind kind = kind_of(*value);
  std::string text;
  if (kind == Kind::string) append_decoded(raw_string(value), text);
  if (kind == Kind::number) append_canonical(parse_decimal(number_at(value)), UINT32_MAX, text);
  append_scalar(kind, text, out);
}

PathId find_child(const PathTable& paths, PathId parent, std::string_view key) {
  if (parent == kNoPath) return kNoPath;
  return paths.find(parent, {key, false}, child_path_hash(hash_seed(), paths.hash(parent), {key, false}));
}

}  // namespace

Facets facets_of(const Snapshot& snapshot, std::span<const Row> rows) {
  // A few records are read; of many, the posting lists are counted.
  constexpr std::size_t kTermsOfARecord = 16;
  const PathTable& paths = snapshot.paths();
  const struct {
    PathId path;
    std::string_view (Record::*read)() const noexcept;
    std::vector<ValueCount> Facets::*counts;
  } kinds[] = {{find_child(paths, kRootPath, "provider"), &Record::provider, &Facets::provider},
               {find_child(paths, kRootPath, "status"), &Record::status, &Facets::status},
               {find_child(paths, find_child(paths, kRootPath, "health"), "status"), &Record::health_status,
                &Facets::health_status}};
  Facets facets;
  facets.records = rows.size();
  std::vector<std::string_view> values;
  for (const Part& part : snapshot.parts()) {
    const auto count = static_cast<std::size_t>(
        std::ranges::lower_bound(rows, part.base + static_cast<Row>(part.size())) - rows.begin());
    const std::span<const Row> here = rows.first(count);
    rows = rows.subspan(count);
    if (here.empty()) continue;
    const Segment& segment = *part.segment;
    const bool few = here.size() * kTermsOfARecord < segment.terms().size();
    RowBits bits(few ? 0 : words_for(part.size()));
    std::vector<Row> read;  // one by one
    for (const Row row : here) {
      // The terms of a record with duplicate keys include lost values.
      if (few || segment.has_duplicate_keys(row - part.base)) {
        read.push_back(row);
      } else {
        set_bit(bits.data(), row - part.base);
      }
    }
    std::optional<SegmentValues> all;
    if (!few) all.emplace(segment, paths);
    for (const auto& kind : kinds) {
      if (kind.path == kNoPath) continue;
      std::vector<ValueCount>& counts = facets.*kind.counts;
      for (const Row row : read) {
        const std::string_view value = (Access::make<Record>(&segment, row - part.base).*kind.read)();
        if (value.data() != nullptr) values.push_back(value);
      }
      add_values(values, counts);
      if (few) continue;
      all->for_each(kind.path, [&](Kind k, std::string_view text, const PostingList& list) {
        const std::size_t n = k == Kind::string ? count_in(list, bits) : 0;
        if (n > 0) counts.push_back({std::string(text), n});
      });
    }
  }
  for (const auto& kind : kinds) join(facets.*kind.counts);
  return facets;
}

Scalars scalars_at(const Snapshot& snapshot, PathId path, std::size_t most, std::size_t bytes) {
  Scalars found;
  RecordValues in_record(snapshot.paths(), path);
  for (const Part& part : snapshot.parts()) {
    if (most == 0) {
      found.all = false;
      break;
    }
    RowBits live = live_bits(part);
    for (const Row row : take_duplicate_keys(part, live)) {
      if (in_record.read() >= bytes) {
        found.all = false;
        break;
      }
      std::vector<std::string> values;
      for (const char* const value : in_record.of(part.segment->begin(row))) {
        if (kind_of(*value) >= Kind::array) continue;
        append_value(value, values.emplace_back());
      }
      std::ranges::sort(values);
      values.erase(std::unique(values.begin(), values.end()), values.end());
      for (std::string& value : values) found.values.push_back({std::move(value), 1});
    }
    SegmentValues values(*part.segment, snapshot.paths(), most);
    std::size_t visited = 0;
    values.for_each(path, [&](Kind kind, std::string_view text, const PostingList& list) {
      ++visited;
      const std::size_t n = kind < Kind::array ? count_in(list, live) : 0;
      if (n == 0) return;
      found.values.push_back({{}, n});
      append_scalar(kind, text, found.values.back().value);
    });
    // Fields of the record table are cut by records, of which several may have one value.
    const bool cut = values.is_cut(path);
    found.all &= !cut;
    most = cut ? 0 : most - std::min(most, visited);
  }
  join(found.values);
  return found;
}

}  // namespace syncdex::inline v0
