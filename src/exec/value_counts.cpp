#include "exec/value_counts.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "base/errors.h"
#include "exec/matching.h"
#include "exec/row_bits.h"
#include "json/json_text.h"
#include "query/filter_ops.h"
#include "store/ordered_value.h"

namespace syncdex::inline v0 {
namespace {

class Counter {
 public:
  Counter(const Snapshot& snapshot, const FigurePath& path, const VisitValue& visit)
      : snapshot_(snapshot), path_(path), visit_(visit) {
    PathTraits traits = root_traits();
    std::uint64_t hash = root_path_hash(hash_seed());
    PathId parent = kRootPath;
    id_ = kRootPath;
    for (const FilterStep& step : path.steps) {
      traits = child_traits(parent, traits, step.step());
      hash = child_path_hash(hash_seed(), hash, step.step());
      if (id_ != kNoPath) id_ = snapshot.paths().find(id_, step.step(), hash);
      parent = kNoPath;
    }
    indexed_ = traits.indexed;
    role_ = traits.role;
  }

  // `rows` are the matches.
  void count(const Part& part, RowBits rows, Work& work) {
    if (indexed_ && id_ == kNoPath) return;
    const Segment& segment = *part.segment;
    if (indexed_ && is_worth_listing(segment, count_bits(rows.data(), rows.size()))) {
      for (const Row row : segment.rows_with_duplicate_keys()) {
        if (test_bit(rows.data(), row)) read(segment, row, work);
        rows[row >> 6] &= ~(std::uint64_t{1} << (row & 63));
      }
      count_lists(segment, rows, work);
      return;
    }
    const PostingList list(static_cast<std::uint32_t>(count_bits(rows.data(), rows.size())), rows.data());
    for_each_row(list, [&](Row row) {
      if (!work.spent()) read(segment, row, work);
    });
  }

 private:
  // Whether to go through the values of the path, rather than through the matches.
  bool is_worth_listing(const Segment& segment, std::size_t matches) const {
    // About how many values are counted, or terms passed to collect them, while one record is read.
    constexpr std::size_t kValuesPerRecord = 8;
    constexpr std::size_t kTermsPerRecord = 256;
    const PathValues* const values = segment.kept_values_at(id_);
    if (values == nullptr) return segment.terms().size() / kTermsPerRecord < matches;
    return segment.count_scalars(*values, role_) / kValuesPerRecord < matches;
  }

  void count_lists(const Segment& segment, const RowBits& rows, Work& work) {
    std::unique_ptr<const PathValues> own;
    const PathValues& values = segment.values_at(id_, role_, own);
    segment.for_each_scalar(values, role_, [&](Kind kind, std::string_view text, const PostingList& list) {
      work.left -= static_cast<std::int64_t>(text.size()) + 1;
      if (const std::size_t n = count_in(list, rows)) visit_(kind, text, n);
      return !work.spent();
    });
    for (const Kind kind : {Kind::array, Kind::object}) {
      const PostingList& list = values.rows_by_kind[static_cast<std::size_t>(kind)];
      if (list.count == 0) continue;
      if (const std::size_t n = count_in(list, rows)) visit_(kind, {}, n);
    }
  }

  // Reports each distinct value of one record. Does not recurse.
  void read(const Segment& segment, Row row, Work& work) {
    seen_.clear();
    pending_.assign(1, {segment.begin(row), 0});
    work.left -= static_cast<std::int64_t>(segment.json(row).size());
    while (!pending_.empty()) {
      const auto [value, depth] = pending_.back();
      pending_.pop_back();
      if (depth == path_.steps.size()) {
        report(value);
      } else if (path_.steps[depth].element) {
        if (*value != '[') continue;
        for (ArrayWalk walk(value); walk.next();) pending_.emplace_back(walk.value(), depth + 1);
      } else if (*value == '{') {
        const char* last = nullptr;  // of duplicate keys, the last one counts
        for (ObjectWalk walk(value); walk.next();) {
          if (same_string(walk.member().key, path_.steps[depth].key)) last = walk.member().value;
        }
        if (last != nullptr) pending_.emplace_back(last, depth + 1);
      }
    }
  }

  void report(const char* value) {
    const Kind kind = kind_of(*value);
    std::string_view text = kind == Kind::number ? number_at(value) : std::string_view();
    if (kind == Kind::string) {
      text_.clear();
      append_decoded(raw_string(value), text_);
      text = text_;
    }
    if (!path_.elements) return visit_(kind, text, 1);
    std::string same(text);
    if (kind == Kind::number) {
      same.clear();
      append_canonical(parse_decimal(text), UINT32_MAX, same);
    }
    if (seen_.emplace(kind, std::move(same)).second) visit_(kind, text, 1);
  }

  const Snapshot& snapshot_;
  const FigurePath& path_;
  const VisitValue& visit_;
  PathId id_ = kNoPath;
  bool indexed_ = false;
  Role role_ = Role::none;
  std::set<std::pair<Kind, std::string>> seen_;  // of a record, if the path has []
  std::vector<std::pair<const char*, std::size_t>> pending_;
  std::string text_;
};

}  // namespace

Result<FigurePath> parse_figure_path(std::string_view text, bool may_have_elements) {
  const auto invalid = [&](std::string_view what) {
    return make_error(ErrorCode::invalid_value, "not a path: " + std::string(what));
  };
  ParsedPath parsed = parse_path(text);
  if (!parsed.fault.empty()) return invalid(parsed.fault);
  if (parsed.steps.empty()) return invalid("it is empty");
  FigurePath path;
  path.steps = std::move(parsed.steps);
  path.elements = std::ranges::count(path.steps, true, &FilterStep::element) > 0;
  path.times = is_time_path(path.steps);
  if (path.elements && !may_have_elements) return invalid("[] cannot be part of it here");
  if (is_secret_path(path.steps)) {
    return make_error(ErrorCode::invalid_filter, "a figure would reveal what is in credential.properties");
  }
  return path;
}

std::uint64_t for_each_value(const Query::Impl& query, const Snapshot& snapshot, const FigurePath& path,
                             Work& work, const VisitValue& visit) {
  Matching matching(query, snapshot, work);
  Counter counter(snapshot, path, visit);
  std::uint64_t matches = 0;
  for (const Part& part : snapshot.parts()) {
    const RowSet candidates = matching.start(part);
    if (candidates.empty()) continue;
    RowBits rows = live_bits(part);
    if (!candidates.is_all()) {
      const auto bits = matching.space().bits(candidates);
      rows.assign(bits.begin(), bits.end());
    }
    if (!matching.certain()) {
      const RowBits all = rows;
      const PostingList list(static_cast<std::uint32_t>(count_bits(all.data(), all.size())), all.data());
      for_each_row(list, [&](Row row) {
        if (!matching.matches(row)) rows[row >> 6] &= ~(std::uint64_t{1} << (row & 63));
      });
    }
    matches += count_bits(rows.data(), rows.size());
    if (!matching.work().spent()) counter.count(part, std::move(rows), matching.work());
    if (matching.work().spent()) break;
  }
  work = matching.work();
  return matches;
}

}  // namespace syncdex::inline v0
