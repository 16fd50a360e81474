#include "live/merge.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <iterator>
#include <limits>

#include "base/page_buffer.h"
#include "store/view_builder.h"

namespace syncdex::inline v0 {
namespace {

// A merge takes at least kFewest parts, and together they hold at least kGrowth times as many records as the
// largest of them. Results of a simulation of 200 000 changes:
//
//   records per change      1     1000    1 to 1000 at random
//   rewrites per record     6.2   2.3     2.6
//   parts on average        11    5.5     18
//
// A growth of 2 rewrites more (7.5, 2.5, 3.8) and leaves fewer parts (10, 5, 7); a growth of 4 does the
// opposite. Taking the shortest run that qualifies instead of the longest rewrites more (8.2) and leaves more
// parts (47 if sizes vary).
constexpr std::size_t kFewest = 8;
constexpr std::size_t kGrowth = 3;
// A merge makes no part larger than a load makes its segments. A part of kFull records is not merged again.
// Parts that together reach kFull are merged even if they are few.
constexpr std::size_t kFull = kFullSegmentRows / 4 * 3;
// A part is rewritten if more than this share of its records or of its text is dead.
constexpr std::size_t kDeadNumerator = 3;
constexpr std::size_t kDeadDenominator = 10;

// For records that were loaded before: reloading them must not fail, whatever limits apply now.
LoadOptions without_limits() {
  LoadOptions options;
  options.framing = Framing::json;
  constexpr auto k32 = std::numeric_limits<std::uint32_t>::max();
  constexpr auto k64 = std::numeric_limits<std::uint64_t>::max();
  options.limits = {k64, k64, kMostRows, k64, k32, k32, k32};
  return options;
}

}  // namespace

std::optional<PartRange> due_merge(std::span<const Part> parts) noexcept {
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const LiveSet& live = parts[i].live;
    if (live.dead() * kDeadDenominator > parts[i].size() * kDeadNumerator ||
        live.dead_bytes() * kDeadDenominator > parts[i].segment->text_bytes() * kDeadNumerator) {
      return PartRange{i, 1};
    }
  }
  std::optional<PartRange> due;
  std::size_t sum = 0;
  std::size_t largest = 0;
  std::size_t bytes = 0;
  for (std::size_t count = 1; count <= parts.size(); ++count) {
    const Part& part = parts[parts.size() - count];
    const std::size_t size = part.live_size();
    if (size >= kFull || sum + size > kFullSegmentRows ||
        bytes + part.segment->text_bytes() > kFullSegmentBytes)
      break;
    sum += size;
    bytes += part.segment->text_bytes();
    largest = std::max(largest, size);
    const bool worth_it = count >= kFewest && sum >= kGrowth * largest;
    const bool fills = count >= 2 && sum >= kFull && sum >= 2 * largest;
    if (worth_it || fills) due = PartRange{parts.size() - count, count};
  }
  return due;
}

Loaded reload(std::span<const std::string_view> records, LoadTools& tools) {
  if (records.empty()) return {};
  std::size_t bytes = 2;  // [ ]
  for (const std::string_view record : records) bytes += record.size() + 1;
  auto buffer = std::make_shared<PageBuffer>(bytes + load_padding);
  char* p = buffer->data();
  for (const std::string_view record : records) {
    *p = p == buffer->data() ? '[' : ',';
    std::memcpy(p + 1, record.data(), record.size());
    p += 1 + record.size();
  }
  *p++ = ']';
  std::memset(p, 0, load_padding);
  const std::string_view text(buffer->data(), static_cast<std::size_t>(p - buffer->data()));
  auto loaded = load_records({std::move(buffer), text}, without_limits(), tools);
  assert(loaded.has_value());
  return *std::move(loaded);
}

namespace {

// Merges the ordered views of paths that each part with live records has a view of, or is known to have no
// values at. `rows[i]` maps the rows of part i.
void merge_all_views(std::span<const Part> parts, std::span<const std::vector<Row>> rows,
                     const Segment& merged) {
  std::vector<OrderedViews::Reader> readers;
  std::vector<OrderedPath> paths;
  for (const Part& part : parts) {
    readers.emplace_back(part.segment->views());
    for (OrderedPath& path : part.segment->views().paths()) {
      if (std::ranges::count(paths, path) == 0) paths.push_back(std::move(path));
    }
  }
  OrderedViews::Reader kept(merged.views());
  const OrderedView empty;
  for (const OrderedPath& path : paths) {
    std::vector<MergedSource> sources;
    bool all = true;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (parts[i].live_size() == 0) continue;
      const OrderedView* view = readers[i].find(path);
      if (view == nullptr && readers[i].is_empty(path)) view = &empty;
      all = view != nullptr;
      if (!all) break;
      sources.push_back({parts[i].segment.get(), view, rows[i]});
    }
    if (!all) continue;
    auto view = merge_views(sources, path, merged.size());
    kept.keep(view, OrderedViews::kMost, {});
  }
  for (const OrderedViews::Reader& reader : readers) {
    for (const std::uint64_t path : reader.empty_paths()) {
      bool all = true;
      for (std::size_t i = 0; i < parts.size(); ++i) {
        all = all && (parts[i].live_size() == 0 || readers[i].is_empty(path));
      }
      if (all) kept.note_empty(path, {});
    }
  }
}

}  // namespace

std::optional<Part> merge(std::span<const Part> parts, const PathTable& paths) {
  // The new row of each live record.
  std::vector<std::vector<Row>> rows(parts.size());
  std::size_t records = 0;
  std::size_t bytes = 0;
  std::size_t expected_terms = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const Segment& segment = *parts[i].segment;
    rows[i].assign(segment.size(), kNoRow);
    for (Row row = 0; row < segment.size(); ++row) {
      if (!parts[i].live.contains(row)) continue;
      rows[i][row] = static_cast<Row>(records++);
      bytes += segment.json(row).size() + 1;
    }
    expected_terms += segment.terms().size();
  }
  if (records == 0) return std::nullopt;
  const bool short_groups = SegmentBuilder::has_short_groups(bytes);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    bytes += SegmentBuilder::spare_bytes(*parts[i].segment, paths, rows[i], short_groups);
  }

  auto buffer = std::make_shared<PageBuffer>(bytes + load_padding);
  char* p = buffer->data();
  TermBuilder terms;
  SegmentBuilder builder(buffer, p, short_groups, records, expected_terms, terms);
  Positions::Builder positions;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const Segment& segment = *parts[i].segment;
    for (Row row = 0; row < segment.size(); ++row) {
      if (rows[i][row] == kNoRow) continue;
      const std::string_view json = segment.json(row);
      std::memcpy(p, json.data(), json.size());
      builder.adopt(segment, row, p);
      positions.add(parts[i].positions.of(row));
      p += json.size();
      *p++ = '\n';
    }
  }
  for (std::size_t i = 0; i < parts.size(); ++i) {
    p = builder.adopt_terms(*parts[i].segment, paths, rows[i], p);
  }
  assert(p == buffer->data() + bytes);
  std::memset(buffer->data() + bytes, 0, load_padding);
  Part merged;
  merged.segment = std::move(builder).finish(paths);
  merged.positions = std::move(positions).finish();
  merge_all_views(parts, rows, *merged.segment);
  return merged;
}

std::vector<Part> rewrite(const Part& part, LoadTools& tools) {
  std::vector<std::string_view> records;
  std::vector<std::uint64_t> positions;
  for (Row row = 0; row < part.size(); ++row) {
    if (!part.live.contains(row)) continue;
    records.push_back(part.segment->json(row));
    positions.push_back(part.positions.of(row));
  }
  Loaded loaded = reload(records, tools);
  std::vector<Part> parts(loaded.segments.size());
  auto position = positions.begin();
  for (std::size_t i = 0; i < parts.size(); ++i) {
    parts[i].segment = std::move(loaded.segments[i]);
    Positions::Builder builder;
    for (Row row = 0; row < parts[i].size(); ++row) builder.add(*position++);
    parts[i].positions = std::move(builder).finish();
  }
  return parts;
}

bool install(std::vector<Part>& parts, std::span<const Part> source, std::optional<Part> merged) {
  const auto same = [](const Part& a, const Part& b) { return a.segment == b.segment; };
  const auto found = std::search(parts.begin(), parts.end(), source.begin(), source.end(), same);
  if (found == parts.end()) return false;
  {
    std::vector<Row> dead;  // rows of `merged`
    Row row_there = 0;
    for (std::size_t i = 0; i < source.size(); ++i) {
      const LiveSet& now = (found + static_cast<std::ptrdiff_t>(i))->live;
      for (Row row = 0; row < source[i].size(); ++row) {
        if (!source[i].live.contains(row)) {
          // A rollback to an older snapshot revived a record that the merge dropped.
          if (now.contains(row)) return false;
          continue;
        }
        if (!now.contains(row)) dead.push_back(row_there);
        ++row_there;
      }
    }
    if (merged) merged->live = LiveSet(*merged->segment, dead);
  }
  const auto next = parts.erase(found, found + static_cast<std::ptrdiff_t>(source.size()));
  if (merged) parts.insert(next, *std::move(merged));
  return true;
}

}  // namespace syncdex::inline v0
