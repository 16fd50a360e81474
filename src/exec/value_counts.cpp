#include "exec/value_counts.h"

#include <algorithm>

#include "base/errors.h"
#include "json/json_text.h"
#include "json/strings.h"
#include "query/filter_ops.h"
#include "store/ordered_value.h"

namespace syncdex::inline v0 {

ValueCounter::ValueCounter(const PathTable& paths, const FigurePath& path, const VisitValue& visit)
    : path_(path), visit_(visit), traits_(root_traits()) {
  std::uint64_t hash = root_path_hash(hash_seed());
  PathId parent = kRootPath;  // only whether it is kRootPath matters
  for (const FilterStep& step : path.steps) {
    traits_ = child_traits(parent, traits_, step.step());
    hash = child_path_hash(hash_seed(), hash, step.step());
    if (id_ != kNoPath) id_ = paths.find(id_, step.step(), hash);
    parent = kNoPath;
  }
}

void ValueCounter::count(const Part& part, RowBits rows, Work& work) {
  if (traits_.indexed && id_ == kNoPath) return;
  const Segment& segment = *part.segment;
  const std::size_t n = count_bits(rows.data(), rows.size());
  if (traits_.indexed && is_worth_listing(segment, n)) {
    for (const Row row : segment.rows_with_duplicate_keys()) {
      if (test_bit(rows.data(), row)) read(segment, row, work);
      clear_bit(rows, row);
    }
    count_lists(segment, rows, work);
    return;
  }
  for_each_row(PostingList(static_cast<std::uint32_t>(n), rows.data()), [&](Row row) {
    if (!work.spent()) read(segment, row, work);
  });
}

// Whether to go through the values of the path, rather than through the rows.
bool ValueCounter::is_worth_listing(const Segment& segment, std::size_t rows) const {
  // About how many values are counted, or terms passed to collect them, while one record is read.
  constexpr std::size_t kValuesPerRecord = 8;
  constexpr std::size_t kTermsPerRecord = 256;
  const PathValues* const values = segment.kept_values_at(id_);
  if (values == nullptr) return segment.terms().size() / kTermsPerRecord < rows;
  return segment.count_scalars(*values, traits_.role) / kValuesPerRecord < rows;
}

void ValueCounter::count_lists(const Segment& segment, const RowBits& rows, Work& work) {
  std::unique_ptr<const PathValues> own;
  if (segment.kept_values_at(id_) == nullptr) {
    work.left -= static_cast<std::int64_t>(segment.terms().size() * sizeof(Term));
  }
  const PathValues& values = segment.values_at(id_, traits_.role, own);
  segment.for_each_scalar(
      values, traits_.role, [&](Kind kind, std::string_view text, const PostingList& list) {
        work.left -= static_cast<std::int64_t>(text.size()) + 1 + cost_of(list, rows.size());
        if (const std::size_t n = count_in(list, rows)) visit_(kind, text, n);
        return !work.spent();
      });
  for (const Kind kind : {Kind::array, Kind::object}) {
    const PostingList& list = values.rows_by_kind[static_cast<std::size_t>(kind)];
    if (list.count == 0) continue;
    if (const std::size_t n = count_in(list, rows)) visit_(kind, {}, n);
  }
}

// Reports each distinct value of one record.
void ValueCounter::read(const Segment& segment, Row row, Work& work) {
  seen_.clear();
  found_.clear();
  std::int64_t read = 0;
  finder_.find(segment.begin(row), path_.steps, found_, read);
  work.left -= read;
  for (const char* const value : found_) report(value, work);
}

void ValueCounter::report(const char* value, Work& work) {
  const Kind kind = kind_of(*value);
  std::string_view text = kind == Kind::number ? number_at(value) : std::string_view();
  if (kind == Kind::string) {
    text_.clear();
    append_decoded(raw_string(value), text_);
    text = text_;
  }
  work.left -= static_cast<std::int64_t>(text.size()) + 1;
  if (!path_.elements) return visit_(kind, text, 1);
  std::string same(text);
  if (kind == Kind::number) {
    same.clear();
    append_canonical(parse_decimal(text), UINT32_MAX, same);
  }
  if (seen_.emplace(kind, std::move(same)).second) visit_(kind, text, 1);
}

Result<FigurePath> parse_figure_path(std::string_view text, bool may_have_elements) {
  const auto invalid = [&](std::string_view what) {
    return make_error(ErrorCode::invalid_value, "not a path: " + std::string(what));
  };
  constexpr std::size_t kMostBytes = 16 << 10;
  if (text.size() > kMostBytes) return invalid("it is longer than 16384 bytes");
  if (find_invalid_utf8(text) != text.npos) {
    return make_error(ErrorCode::invalid_utf8, "the path is not valid UTF-8");
  }
  ParsedPath parsed = parse_path(text);
  if (!parsed.fault.empty()) return invalid(parsed.fault);
  if (parsed.steps.empty()) return invalid("it is empty");
  FigurePath path;
  path.steps = std::move(parsed.steps);
  path.elements = std::ranges::count(path.steps, true, &FilterStep::element) > 0;
  path.times = is_time_path(path.steps);
  if (path.elements && !may_have_elements) return invalid("[] cannot be part of it here");
  if (may_hold_secret(path.steps)) {
    return make_error(ErrorCode::invalid_filter, "a figure would reveal a credential");
  }
  return path;
}

RowBits exact_rows(Matching& matching, const Part& part) {
  const RowSet candidates = matching.start(part);
  matching.work().left -= static_cast<std::int64_t>(words_for(part.size()));
  if (candidates.empty()) return RowBits(words_for(part.size()));
  RowBits rows;
  if (candidates.is_all()) {
    rows = live_bits(part);
  } else if (candidates.list().dense()) {
    rows.assign(candidates.list().bits(), candidates.list().bits() + words_for(part.size()));
  } else {
    rows.resize(words_for(part.size()));
    add_bits(candidates.list(), rows);
  }
  if (matching.certain()) return rows;
  const RowBits all = rows;
  for_each_row(PostingList(static_cast<std::uint32_t>(count_bits(all.data(), all.size())), all.data()),
               [&](Row row) {
                 if (!matching.matches(row)) clear_bit(rows, row);
               });
  return rows;
}

std::uint64_t for_each_value(const Query::Impl& query, const Snapshot& snapshot, const FigurePath& path,
                             Work& work, const VisitValue& visit) {
  Matching matching(query, snapshot, work);
  ValueCounter counter(snapshot.paths(), path, visit);
  std::uint64_t matches = 0;
  for (const Part& part : snapshot.parts()) {
    RowBits rows = exact_rows(matching, part);
    const std::size_t n = count_bits(rows.data(), rows.size());
    matches += n;
    if (n > 0 && !matching.work().spent()) counter.count(part, std::move(rows), matching.work());
    if (matching.work().spent()) break;
  }
  work = matching.work();
  return matches;
}

}  // namespace syncdex::inline v0
