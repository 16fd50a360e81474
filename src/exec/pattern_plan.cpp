#include "exec/pattern_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <numeric>

#include "exec/row_blocks.h"

namespace syncdex::inline v0 {

// The posting lists of one segment. On the stack for up to kFew terms, and not initialized before use.
struct PatternPlan::Lists {
  RowBuffer buffer;       // rows that no posting list has
  TermId term = kNoTerm;  // of the last list that is a posting list

  explicit Lists(std::size_t terms) : lists_(reinterpret_cast<PostingList*>(few_)) {
    if (terms > kFew) {
      many_.resize(terms);
      lists_ = many_.data();
    }
  }
  void clear() noexcept {
    size_ = 0;
    buffer.clear();
  }
  void add(const PostingList& list) noexcept { std::construct_at(lists_ + size_++, list); }
  bool empty() const noexcept { return size_ == 0; }
  std::span<PostingList> span() noexcept { return {lists_, size_}; }
  std::span<const PostingList> span() const noexcept { return {lists_, size_}; }

  bool hold(Row row) const noexcept {
    return std::ranges::all_of(span(), [&](const PostingList& list) {
      return list.dense() ? test_bit(list.bits(), row)
                          : std::binary_search(list.rows(), list.rows() + list.count, row);
    });
  }

  // An upper bound on the rows that hold all terms. REQUIRES: !empty()
  std::size_t smallest() const noexcept { return std::ranges::min(span(), {}, &PostingList::count).count; }

 private:
  PostingList* lists_;
  std::size_t size_ = 0;
  std::vector<PostingList> many_;
  alignas(PostingList) std::byte few_[kFew * sizeof(PostingList)];
};

PatternPlan::PatternPlan(const Pattern& pattern, const Snapshot& snapshot, Work work)
    : pattern_(pattern), snapshot_(snapshot), work_(work) {
  PathId* paths = few_paths_;
  if (pattern.paths.size() > kFew) {
    many_paths_.resize(pattern.paths.size());
    paths = many_paths_.data();
  }
  paths_ = paths;
  never_matches_ = pattern.never;
  if (pattern.paths.empty()) return;
  paths[0] = kRootPath;
  for (std::size_t i = 1; i < pattern.paths.size(); ++i) {
    const QueryPath& path = pattern.paths[i];
    const PathId parent = paths[path.parent];
    paths[i] = parent == kNoPath ? kNoPath : snapshot.paths().find(parent, pattern.step(path), path.hash);
    // No record has this path. Paths that are not indexed, secrets among them, are not in the table; they
    // are rechecked on the bytes.
    if (paths[i] == kNoPath && path.tracked) never_matches_ = true;
  }
}

// Inlined, so that Segment::list() reads the parts that it needs from registers.
[[gnu::always_inline]] inline ValueKey PatternPlan::key(const QueryTerm& term) const noexcept {
  return {
      {std::uint64_t{term.hash} << 32, paths_[term.path], term.kind, term.text}, term.role, term.short_hash};
}

// Prefetches what the look-ups of the first terms touch first, in all segments, so that cache misses overlap.
void PatternPlan::prefetch() const {
  if (snapshot_.parts().size() < 2) return;
  const std::size_t terms = std::min<std::size_t>(pattern_.terms.size(), 4);
  for (const Part& part : snapshot_.parts()) {
    for (std::size_t i = 0; i < terms; ++i) part.segment->prefetch(key(pattern_.terms[i]).hash());
  }
}

// Returns false if some term has no record here.
bool PatternPlan::lookup(const Part& part, Lists& lists) const {
  lists.clear();
  for (const QueryTerm& term : pattern_.terms) {
    const PostingList list = part.segment->list(key(term), lists.buffer, lists.term);
    if (list.count == 0) return false;
    lists.add(list);
  }
  if (pattern_.terms.size() > 1) std::ranges::sort(lists.span(), is_cheaper);
  return true;
}

// Writes the rows, numbered within the segment, that hold all terms. Returns their number.
std::size_t PatternPlan::candidates(const Part& part, const Lists& lists, Row* out) const {
  const std::size_t words = words_for(part.size());
  if (!lists.empty()) return intersect(lists.span(), part.live.bits(), words, 0, out);
  if (part.live.bits() == nullptr) {
    std::iota(out, out + part.size(), Row{0});
    return part.size();
  }
  const PostingList live{static_cast<std::uint32_t>(part.live_size()), part.live.bits()};
  return intersect(std::span(&live, 1), nullptr, words, 0, out);
}

bool PatternPlan::recheck_whole(const Part& part, Row row) const {
  if (!whole_) whole_.emplace(pattern_, false, work_);
  return whole_->matches(part.segment->begin(row), part.segment->has_duplicate_keys(row));
}

bool PatternPlan::recheck(const Part& part, Row row) const {
  if (part.segment->has_duplicate_keys(row)) return recheck_whole(part, row);
  if (!pattern_.residual) return true;
  if (!residual_) residual_.emplace(pattern_, true, work_);
  const char* const metadata = pattern_.residual_is_in_metadata ? part.segment->metadata(row) : nullptr;
  return metadata != nullptr ? residual_->matches_only_member(metadata, false)
                             : residual_->matches(part.segment->begin(row), false);
}

// The same for the i-th of several rows, while the next ones are fetched.
bool PatternPlan::recheck(const Part& part, std::span<const Row> rows, std::size_t i) const {
  if (pattern_.residual && i + kRecordsAhead < rows.size()) {
    part.segment->prefetch_text(rows[i + kRecordsAhead], pattern_.residual_is_in_metadata);
  }
  return recheck(part, rows[i]);
}

std::size_t PatternPlan::max_candidates(const Part& part, const Lists& lists) {
  return lists.empty() ? part.live_size() : lists.smallest();
}

bool PatternPlan::needs_recheck(const Part& part) const noexcept {
  return pattern_.residual || (!pattern_.terms.empty() && !part.segment->rows_with_duplicate_keys().empty());
}

RowList PatternPlan::run(Window window) const {
  if (never_matches_ || window.limit == 0) return {};
  prefetch();
  return window.first == 0 && window.limit == SIZE_MAX ? run_all() : run_window(window);
}

RowList PatternPlan::run_window(Window window) const {
  RowList result;
  if (window.first >= snapshot_.rows()) return result;
  result.rows = std::make_unique_for_overwrite<Row[]>(
      std::min<std::size_t>(window.limit, snapshot_.rows() - window.first));
  Lists lists(pattern_.terms.size());
  for (const Part& part : snapshot_.parts()) {
    if (part.base + part.size() <= window.first) continue;
    if (!lookup(part, lists)) continue;
    const Row first = std::max(window.first, part.base) - part.base;
    RowBlocks blocks(lists.span(), part.live.bits(), part.size(), first);
    const bool checked = needs_recheck(part);
    bool any = false;
    for (auto rows = blocks.next(); !rows.empty(); rows = blocks.next()) {
      any = true;
      for (std::size_t i = 0; i < rows.size(); ++i) {
        if (checked && !recheck(part, rows, i)) {
          if (work_.spent()) return result;
          continue;
        }
        result.rows[result.size++] = part.base + rows[i];
        if (result.size == window.limit) return result;
      }
    }
    if (pattern_.one_record && any) break;  // no other part has a live record with this id
  }
  return result;
}

RowList PatternPlan::run_all() const {
  RowList result;
  std::size_t room = 0;
  Lists lists(pattern_.terms.size());
  for (const Part& part : snapshot_.parts()) {
    if (!lookup(part, lists)) continue;
    const std::size_t needed = result.size + max_candidates(part, lists);
    if (needed > room) {
      // Segments are alike: reserving space for the remaining ones avoids growing for each.
      const std::size_t rows_left = snapshot_.rows() - part.base;
      room = std::min(snapshot_.size(),
                      needed + max_candidates(part, lists) * (rows_left - part.size()) / part.size() * 9 / 8);
      room = std::max(room, needed);
      auto rows = std::make_unique_for_overwrite<Row[]>(room);
      std::copy_n(result.rows.get(), result.size, rows.get());
      result.rows = std::move(rows);
    }
    Row* const out = result.rows.get() + result.size;
    std::size_t n = candidates(part, lists, out);
    const bool last = pattern_.one_record && n > 0;  // as in run_window()
    if (needs_recheck(part)) {
      std::size_t kept = 0;
      for (std::size_t i = 0; i < n; ++i) {
        if (recheck(part, {out, n}, i)) out[kept++] = out[i];
        if (work_.spent()) break;
      }
      n = kept;
    }
    if (part.base != 0) {
      for (std::size_t i = 0; i < n; ++i) out[i] += part.base;
    }
    result.size += n;
    if (last || work_.spent()) break;
  }
  return result;
}

// Counts the candidates of a part that match.
std::size_t PatternPlan::count_checked(const Part& part, Lists& lists) const {
  std::size_t total = 0;
  RowBlocks blocks(lists.span(), part.live.bits(), part.size());
  for (auto rows = blocks.next(); !rows.empty(); rows = blocks.next()) {
    for (std::size_t i = 0; i < rows.size() && !work_.spent(); ++i) total += recheck(part, rows, i);
    if (work_.spent()) break;
  }
  return total;
}

// Counts the live records of a part that hold all terms.
std::size_t PatternPlan::count_listed(const Part& part, const Lists& lists) const {
  if (part.live.dead() > 0 && lists.span().size() == 1 && lists.term != kNoTerm) {
    return part.live.count(lists.term, lists.span().front());
  }
  return intersect_count(lists.span(), part.live.bits(), words_for(part.size()));
}

std::size_t PatternPlan::count() const {
  if (never_matches_) return 0;
  if (pattern_.terms.empty() && !pattern_.residual) return snapshot_.size();
  std::size_t total = 0;
  prefetch();
  Lists lists(pattern_.terms.size());
  for (const Part& part : snapshot_.parts()) {
    if (!lookup(part, lists)) continue;
    if (pattern_.residual) {
      total += count_checked(part, lists);
      continue;
    }
    total += count_listed(part, lists);
    // The terms are exact, except for records with duplicate keys.
    for (const Row row : part.segment->rows_with_duplicate_keys()) {
      total -= part.live.contains(row) && lists.hold(row) && !recheck(part, row);
    }
  }
  return total;
}

std::size_t PatternPlan::count(const QueryTerm& term) const {
  if (pattern_.never || paths_[term.path] == kNoPath) return 0;
  std::size_t total = 0;
  Lists lists(1);
  for (const Part& part : snapshot_.parts()) {
    lists.clear();
    const PostingList list = part.segment->list(key(term), lists.buffer, lists.term);
    if (list.count == 0) continue;
    lists.add(list);
    total += count_listed(part, lists);
  }
  return total;
}

RowSet PatternPlan::rows_of_terms(const Part& part, RowSpace& space) const {
  if (never_matches_) return {};
  Lists lists(pattern_.terms.size());
  if (!lookup(part, lists)) return {};
  if (lists.empty()) return RowSet::all();
  if (lists.span().size() > 1) {
    work_.left -= static_cast<std::int64_t>(lists.span().size() * space.words());
    return space.intersect(lists.span());
  }
  const RowSet rows(lists.span().front());
  // What the record table found is in a buffer of this function.
  const bool in_buffer = lists.term == kNoTerm;
  return in_buffer ? space.copy({rows.list().rows(), rows.list().count}) : rows;
}

RowList PatternPlan::scan() const {
  RowList result;
  if (pattern_.never || snapshot_.size() == 0) return result;
  result.rows = std::make_unique_for_overwrite<Row[]>(snapshot_.size());
  for (const Part& part : snapshot_.parts()) {
    for (Row row = 0; row < part.size(); ++row) {
      if (part.live.contains(row) && recheck_whole(part, row)) result.rows[result.size++] = part.base + row;
    }
  }
  return result;
}

std::string PatternPlan::explain() const {
  std::string out = "query      ";
  append_hidden(pattern_, false, out);
  out += '\n';
  if (pattern_.never) return out + "answer     nothing: the conditions contradict each other\n";
  struct Line {
    std::string text;
    std::size_t count;
    const char* how;
  };
  std::vector<Line> lines;
  for (const QueryTerm& term : pattern_.terms) {
    // In small segments, provider and status come from the record table, too. That is not worth showing.
    lines.push_back(
        {term_text(pattern_, term), count(term), key(term).is_by_text() ? "record table" : "posting list"});
  }
  std::ranges::stable_sort(lines, {}, &Line::count);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    out += fmt::format("{:<10} {}: {} {} ({})\n", i == 0 ? "driver" : "intersect", lines[i].text,
                       lines[i].count, lines[i].count == 1 ? "record" : "records", lines[i].how);
  }
  if (never_matches_) {
    return out + "answer     nothing: no record has every path of the query\n";
  }
  const bool scan = pattern_.terms.empty();
  if (scan && !pattern_.residual) {
    out += fmt::format("all        {} records: the query has no condition\n", snapshot_.size());
  } else if (scan) {
    out += fmt::format("scan       {} records: no condition is on an indexed path\n", snapshot_.size());
  }
  if (pattern_.residual) {
    std::string text;
    append_hidden(pattern_, true, text);
    out += fmt::format("recheck    each candidate's bytes contain {}\n", text);
  }
  std::size_t repeats = 0;
  for (const Part& part : snapshot_.parts()) repeats += part.segment->rows_with_duplicate_keys().size();
  if (repeats > 0 && !pattern_.terms.empty()) {
    out += fmt::format("recheck    candidates among the {} {} with duplicate keys\n", repeats,
                       repeats == 1 ? "record" : "records");
  }
  const std::size_t matches = count();
  return out + fmt::format("answer     {} {} in {} {}\n", matches, matches == 1 ? "record" : "records",
                           snapshot_.parts().size(), snapshot_.parts().size() == 1 ? "segment" : "segments");
}

}  // namespace syncdex::inline v0
