#include "exec/survey.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "json/json_text.h"

namespace syncdex::inline v0 {
namespace {

using Bits = std::vector<std::uint64_t>;  // a part's rows

// --- what an index does not hold, but the record table does ---

constexpr std::pair<Role, StringRef Entry::*> kTableFields[] = {{Role::id, &Entry::id},
                                                                {Role::provider, &Entry::provider},
                                                                {Role::name, &Entry::name},
                                                                {Role::status, &Entry::status}};

// Whether the segment has no term for each string of this field: names may have some.
bool is_by_table(const Segment& segment, Role role) noexcept {
  return role == Role::id || role == Role::name ||
         (segment.short_groups() && (role == Role::provider || role == Role::status));
}

// Calls take(string) for each row of `rows` whose field is a string. REQUIRES: is_by_table()
template <class Take>
void for_each_in_table(const Segment& segment, StringRef Entry::*field, const Bits& rows, Take take) {
  for_each_row(PostingList(static_cast<std::uint32_t>(count_bits(rows.data(), rows.size())), rows.data()),
               [&](Row row) {
                 const StringRef ref = segment.entry(row).*field;
                 if (ref.is_string()) take(segment.text().view(ref));
               });
}

// --- terms ---

Bits live_bits(const Part& part) {
  const std::size_t words = words_for(part.size());
  if (part.live.bits() != nullptr) return {part.live.bits(), part.live.bits() + words};
  Bits all(words, ~std::uint64_t{0});
  if (part.size() % 64 != 0) all.back() = (std::uint64_t{1} << part.size() % 64) - 1;
  return all;
}

std::size_t count_in(const PostingList& list, const Bits& rows) {
  return intersect_count({&list, 1}, rows.data(), rows.size());
}

const char* value_of(const Segment& segment, const Term& term) noexcept {
  return segment.text().text + term.offset;
}

// The string or the number of a term; nothing of others.
std::string_view text_of(const char* value, std::string& decoded) {
  const Kind kind = kind_of(*value);
  decoded.clear();
  if (kind == Kind::string) append_decoded(raw_string(value), decoded);
  return kind == Kind::number ? number_at(value) : std::string_view(decoded);
}

// A term's whole hash, which the same term has in all segments.
std::uint64_t whole_hash(const Segment& segment, const Term& term, const PathTable& paths,
                         std::string& decoded) {
  const char* const value = value_of(segment, term);
  return hash_term(hash_seed(), paths.hash(term.path), kind_of(*value), text_of(value, decoded));
}

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
    for_each_in_table(*part.segment, field, live_bits(part),
                      [&](std::string_view v) { values.push_back(v); });
  }
  return sort_and_count_distinct(values);
}

std::size_t distinct_terms(const Snapshot& snapshot) {
  std::vector<std::uint64_t> hashes;
  std::string decoded;
  for (const Part& part : snapshot.parts()) {
    for (const Term& term : part.segment->terms().terms()) {
      hashes.push_back(whole_hash(*part.segment, term, snapshot.paths(), decoded));
    }
    // Where the record table answers for short groups, it holds the terms.
    const auto add = [&](std::string_view key, const std::vector<StringRef>& values) {
      if (!part.segment->short_groups()) return;
      const std::uint64_t path = child_path_hash(hash_seed(), snapshot.paths().hash(kRootPath), {key, false});
      for (const StringRef ref : values) {
        hashes.push_back(hash_term(hash_seed(), path, Kind::string, part.segment->text().view(ref)));
      }
    };
    add("provider", part.segment->table().providers());
    add("status", part.segment->table().statuses());
  }
  return sort_and_count_distinct(hashes);
}

// --- values of a field ---

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

// The strings of one path, or with `all` all scalars as JSON, and how many of the rows hold each.
// REQUIRES: !is_by_table()
void add_terms_at(const Segment& segment, PathId path, const Bits& rows, bool all,
                  std::vector<ValueCount>& counts) {
  const TermIndex& index = segment.terms();
  std::string decoded;
  for (TermId id = 0; id < index.size(); ++id) {
    const Term& term = index.terms()[id];
    const char* const value = value_of(segment, term);
    if (term.path != path || (all ? kind_of(*value) >= Kind::array : *value != '"')) continue;
    const std::size_t n = count_in(index.list(id), rows);
    if (n == 0) continue;
    const std::string_view text = text_of(value, decoded);
    counts.push_back({{}, n});
    if (all) {
      append_scalar(kind_of(*value), text, counts.back().value);
    } else {
      counts.back().value = text;
    }
  }
}

PathId find_child(const PathTable& paths, PathId parent, std::string_view key) {
  if (parent == kNoPath) return kNoPath;
  return paths.find(parent, {key, false}, child_path_hash(hash_seed(), paths.hash(parent), {key, false}));
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
      "table_bytes={} term_bytes={} posting_bytes={} load_seconds={:.6f}",
      s.records, s.segments, s.dead_records, s.providers, s.names, s.statuses, s.terms, s.text_bytes,
      s.table_bytes, s.term_bytes, s.posting_bytes, s.load_seconds);
}

Facets facets_of(const Snapshot& snapshot, std::span<const Row> rows) {
  // A few records are read; of many, the posting lists are counted.
  constexpr std::size_t kTermsOfARecord = 16;
  const PathTable& paths = snapshot.paths();
  const struct {
    PathId path;
    StringRef Entry::*field;  // of what a record table holds
    std::string_view (Record::*read)() const noexcept;
    std::vector<ValueCount> Facets::*counts;
  } kinds[] = {
      {find_child(paths, kRootPath, "provider"), &Entry::provider, &Record::provider, &Facets::provider},
      {find_child(paths, kRootPath, "status"), &Entry::status, &Record::status, &Facets::status},
      {find_child(paths, find_child(paths, kRootPath, "health"), "status"), nullptr, &Record::health_status,
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
    Bits bits(few ? 0 : words_for(part.size()));
    std::vector<Row> read;  // one by one
    for (const Row row : here) {
      // The terms of a record in which a key stands twice promise too much.
      if (few || segment.has_duplicate_keys(row - part.base)) {
        read.push_back(row);
      } else {
        set_bit(bits.data(), row - part.base);
      }
    }
    for (const auto& kind : kinds) {
      if (kind.path == kNoPath) continue;
      std::vector<ValueCount>& counts = facets.*kind.counts;
      for (const Row row : read) {
        const std::string_view value = (Record(&segment, row - part.base).*kind.read)();
        if (value.data() != nullptr) values.push_back(value);
      }
      if (!few && kind.field != nullptr && segment.short_groups()) {
        for_each_in_table(segment, kind.field, bits, [&](std::string_view v) { values.push_back(v); });
      } else if (!few) {
        add_terms_at(segment, kind.path, bits, false, counts);
      }
      add_values(values, counts);
    }
  }
  for (const auto& kind : kinds) join(facets.*kind.counts);
  return facets;
}

std::vector<ValueCount> scalars_at(const Snapshot& snapshot, PathId path) {
  std::vector<ValueCount> counts;
  std::vector<std::string_view> values;
  const Role role = snapshot.paths().traits(path).role;
  for (const Part& part : snapshot.parts()) {
    const Bits live = live_bits(part);
    add_terms_at(*part.segment, path, live, true, counts);
    for (const auto& [known, field] : kTableFields) {
      if (known != role || !is_by_table(*part.segment, role)) continue;
      for_each_in_table(*part.segment, field, live, [&](std::string_view v) { values.push_back(v); });
      std::vector<ValueCount> strings;
      add_values(values, strings);
      for (ValueCount& one : strings) {
        counts.push_back({{}, one.records});
        append_quoted(one.value, counts.back().value);
      }
    }
  }
  join(counts);
  return counts;
}

// --- paths ---

namespace {

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

// How many rows at least one of the lists holds, of those in `rows`.
class UnionCount {
 public:
  explicit UnionCount(const Bits& rows) : rows_(rows) {}

  void add(const PostingList& list) { lists_.push_back(list); }
  // Of those added since the last call.
  std::size_t take() {
    std::size_t sum = 0;
    for (const PostingList& list : lists_) sum += list.count;
    std::size_t count = 0;
    if (lists_.size() == 1) {
      count = count_in(lists_.front(), rows_);
    } else if (sum < rows_.size()) {  // fewer than there are words in a bitset
      few_.clear();
      for (const PostingList& list : lists_) for_each_row(list, [&](Row row) { few_.push_back(row); });
      std::ranges::sort(few_);
      few_.erase(std::unique(few_.begin(), few_.end()), few_.end());
      count = static_cast<std::size_t>(
          std::ranges::count_if(few_, [&](Row row) { return test_bit(rows_.data(), row); }));
    } else {
      many_.assign(rows_.size(), 0);
      for (const PostingList& list : lists_) for_each_row(list, [&](Row row) { set_bit(many_.data(), row); });
      for (std::size_t i = 0; i < many_.size(); ++i) many_[i] &= rows_[i];
      count = count_bits(many_.data(), many_.size());
    }
    lists_.clear();
    return count;
  }

 private:
  const Bits& rows_;
  std::vector<PostingList> lists_;
  std::vector<Row> few_;
  Bits many_;
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
      Bits bits(words_for(part.size()));
      for (; !rows->empty() && rows->front() < part.base + part.size(); rows = rows->subspan(1)) {
        set_bit(bits.data(), rows->front() - part.base);
      }
      add(part, bits);
    }
    std::ranges::sort(values_);
    for (auto at = values_.begin(); at != values_.end(); ++at) {
      summaries_[at->first].values += at == values_.begin() || *at != *(at - 1);
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
  void add(const Part& part, const Bits& live) {
    const Segment& segment = *part.segment;
    UnionCount rows(live);
    add_table(segment, live);
    // The terms, by path.
    const std::span<const Term> terms = segment.terms().terms();
    std::vector<std::uint32_t> first(paths_.size() + 1);
    for (const Term& term : terms) ++first[term.path + 1];
    for (std::size_t path = 0; path < paths_.size(); ++path) first[path + 1] += first[path];
    std::vector<TermId> order(terms.size());
    {
      std::vector<std::uint32_t> next = first;
      for (TermId id = 0; id < terms.size(); ++id) order[next[terms[id].path]++] = id;
    }
    for (PathId path = 0; path < paths_.size(); ++path) {
      const std::span<TermId> here = std::span(order).subspan(first[path], first[path + 1] - first[path]);
      const PathTraits& traits = paths_.traits(path);
      const bool by_table = std::ranges::find(kTableFields, traits.role, [](const auto& f) {
                              return f.first;
                            }) != std::end(kTableFields);
      if (!here.empty() && traits.indexed && !by_table) add(segment, path, here, live, rows);
    }
  }

  void add(const Segment& segment, PathId path, std::span<TermId> here, const Bits& live, UnionCount& rows) {
    const TermIndex& index = segment.terms();
    const auto kind = [&](TermId id) { return kind_of(*value_of(segment, index.terms()[id])); };
    std::vector<TermId> by_kind[static_cast<std::size_t>(Kind::object) + 1];
    for (const TermId id : here) {
      // Both booleans are one kind.
      const Kind k = kind(id) == Kind::boolean_true ? Kind::boolean_false : kind(id);
      by_kind[static_cast<std::size_t>(k)].push_back(id);
      const bool gone = count_in(index.list(id), live) == 0;
      if (kind(id) < Kind::array && !gone) {
        values_.emplace_back(path, whole_hash(segment, index.terms()[id], paths_, decoded_));
      }
    }
    for (std::size_t k = 0; k < std::size(by_kind); ++k) {
      for (const TermId id : by_kind[k]) rows.add(index.list(id));
      if (!by_kind[k].empty()) summaries_[path].*counter_of(static_cast<Kind>(k)) += rows.take();
    }
    for (const std::vector<TermId>& ids : by_kind) {
      for (const TermId id : ids) rows.add(index.list(id));
    }
    summaries_[path].records += rows.take();
  }

  // Of the fields that a record table holds it knows all: the last value where a key stands twice.
  void add_table(const Segment& segment, const Bits& live) {
    for (const auto& [role, field] : kTableFields) {
      const PathId path = find_child(paths_, kRootPath, to_string(role));
      if (path == kNoPath) continue;
      PathSummary& summary = summaries_[path];
      for (Row row = 0; row < segment.size(); ++row) {
        const StringRef ref = segment.entry(row).*field;
        if (!test_bit(live.data(), row) || !(ref.is_string() || ref.is_null())) continue;
        ++(ref.is_string() ? summary.strings : summary.nulls);
        ++summary.records;
        const std::uint64_t hash = paths_.hash(path);
        values_.emplace_back(path, ref.is_string()
                                       ? hash_text_value(hash_seed(), hash, segment.text().view(ref))
                                       : hash_kind(hash_seed(), hash, Kind::null));
      }
    }
  }

  const PathTable& paths_;
  std::vector<PathSummary> summaries_;
  std::vector<std::pair<PathId, std::uint64_t>> values_;
  std::string decoded_;
};

}  // namespace

std::vector<PathSummary> paths_of(const Snapshot& snapshot, std::optional<std::span<const Row>> rows) {
  return PathSurvey(snapshot, rows).finish();
}

std::size_t records_at(const Snapshot& snapshot, PathId path) {
  const PathTraits& traits = snapshot.paths().traits(path);
  if (!traits.indexed) return 0;
  const auto table = std::ranges::find(kTableFields, traits.role, [](const auto& f) { return f.first; });
  std::size_t count = 0;
  for (const Part& part : snapshot.parts()) {
    const Segment& segment = *part.segment;
    const Bits live = live_bits(part);
    if (table != std::end(kTableFields)) {
      for (Row row = 0; row < segment.size(); ++row) {
        const StringRef ref = segment.entry(row).*table->second;
        count += test_bit(live.data(), row) && (ref.is_string() || ref.is_null());
      }
      continue;
    }
    UnionCount rows(live);
    const TermIndex& index = segment.terms();
    for (TermId id = 0; id < index.size(); ++id) {
      if (index.terms()[id].path == path) rows.add(index.list(id));
    }
    count += rows.take();
  }
  return count;
}

}  // namespace syncdex::inline v0
