#include "load/segment_builder.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "base/page_buffer.h"
#include "json/json_text.h"

namespace syncdex::inline v0 {

std::optional<StringRef> FieldValues::find(const FieldText& field) const noexcept {
  if (field.escaped) return std::nullopt;
  const std::uint32_t at = recent_.find(field.at, field.length);
  return at == recent_.kNone ? std::nullopt : std::optional(values_[at]);
}

TermId FieldValues::find(std::uint64_t hash, std::string_view value, const SegmentText& text) const {
  return slots_.find(tag_of(hash), [&](TermId i) { return text.equals(values_[i], value); });
}

template <class Make>
TermId FieldValues::intern(std::string_view value, const SegmentText& text, Make make) {
  const std::uint64_t hash = hash_bytes(hash_seed(), value.data(), value.size());
  TermId at = find(hash, value, text);
  if (at == kNoTerm) {
    at = static_cast<TermId>(values_.size());
    values_.push_back(make(value));
    slots_.insert(tag_of(hash), at);
  }
  return at;
}

template <class Make>
StringRef FieldValues::intern(const FieldText& field, std::string_view value, const SegmentText& text,
                              Make make) {
  const TermId at = intern(value, text, make);
  if (!field.escaped) recent_.put(field.at, field.length, at);
  return values_[at];
}

template <class Make>
StringRef FieldValues::adopt(const Segment& from, StringRef there, const SegmentText& text, Make make) {
  Adopted& known = adopted_[there.word() % adopted_.size()];
  if (known.from == &from && known.there == there) return known.here;
  known = {&from, there, values_[intern(from.text().view(there), text, make)]};
  return known.here;
}

SegmentBuilder::SegmentBuilder(std::shared_ptr<const void> owner, const char* text, bool short_groups,
                               std::size_t rows, std::size_t expected_terms, TermBuilder& terms)
    : owner_(std::move(owner)),
      text_(text),
      short_groups_(short_groups),
      terms_(terms),
      name_counts_(short_groups ? 256 : 1 << 16) {
  terms_.begin(text, expected_terms);
  extents_.reserve(rows);
  metadata_.reserve(rows);
  entries_.reserve(rows);
}

StringRef SegmentBuilder::keep(const FieldText& field, FieldValues& values) {
  if (field.state != FieldText::State::string) return keep(field);
  if (const auto known = values.find(field)) return *known;
  const std::string_view raw(field.at, field.length);
  if (!field.escaped) {
    return values.intern(field, raw, view(), [&](std::string_view) { return keep(field); });
  }
  std::string decoded;
  append_decoded(raw, decoded);
  return values.intern(field, decoded, view(), [&](std::string_view value) { return keep_decoded(value); });
}

StringRef SegmentBuilder::keep(const FieldText& field) {
  if (field.state != FieldText::State::string) {
    return field.state == FieldText::State::null ? StringRef::null() : StringRef::absent();
  }
  if (!field.escaped) return StringRef::in_text(static_cast<std::uint32_t>(field.at - text_));
  std::string text;
  append_decoded({field.at, field.length}, text);
  return keep_decoded(text);
}

StringRef SegmentBuilder::keep_decoded(std::string_view text) {
  const std::size_t at = decoded_.size();
  const auto length = static_cast<std::uint32_t>(text.size());
  decoded_.append(reinterpret_cast<const char*>(&length), sizeof length).append(text);
  return StringRef::decoded(static_cast<std::uint32_t>(at));
}

Row SegmentBuilder::add(const RecordDraft& draft) {
  const auto row = static_cast<Row>(entries_.size());
  Entry entry;
  entry.row = row;
  entry.id = keep(draft.field(Role::id));
  entry.provider = keep(draft.field(Role::provider), providers_);
  entry.name = keep(draft.field(Role::name));
  entry.status = keep(draft.field(Role::status), statuses_);
  const auto hash = [&](StringRef ref, const FieldText& field) {
    if (!ref.is_string()) return std::uint32_t{0};
    return short_hash(field.escaped ? view().view(ref) : std::string_view(field.at, field.length));
  };
  entry.id_hash = hash(entry.id, draft.field(Role::id));
  entry.name_hash = hash(entry.name, draft.field(Role::name));
  count_name(entry);
  if (draft.field(Role::health_status).escaped)
    escaped_health_.emplace_back(row, keep(draft.field(Role::health_status)));
  if (draft.duplicate_keys) duplicate_keys_.push_back(row);
  extents_.push_back(
      {static_cast<std::uint32_t>(draft.begin - text_), static_cast<std::uint32_t>(draft.end - draft.begin)});
  const bool near = draft.metadata != nullptr && draft.metadata - draft.begin < Segment::kUnknownOffset;
  metadata_.push_back(near ? static_cast<std::uint16_t>(draft.metadata - draft.begin)
                           : Segment::kUnknownOffset);
  entries_.push_back(entry);
  terms_.commit(row);
  return row;
}

void SegmentBuilder::count_name(const Entry& entry) {
  if (!entry.name.is_string()) return;
  std::uint8_t& count = name_counts_[entry.name_hash & (name_counts_.size() - 1)];
  if (count <= kMaxUnlistedNames) ++count;
}

Row SegmentBuilder::adopt(const Segment& from, Row row, const char* at) {
  const Extent there = from.extents_[row];
  const auto begin = static_cast<std::uint32_t>(at - text_);
  const auto own = [&](StringRef ref) {
    if (!ref.is_string()) return ref;
    return ref.is_decoded() ? keep_decoded(from.text_.view(ref))
                            : StringRef::in_text(ref.offset() - there.begin + begin);
  };
  const auto shared = [&](StringRef ref, FieldValues& values) {
    if (!ref.is_string()) return ref;
    return values.adopt(from, ref, view(), [&](std::string_view value) { return keep_decoded(value); });
  };
  Entry entry = from.entry(row);
  entry.row = static_cast<Row>(entries_.size());
  entry.id = own(entry.id);
  entry.provider = shared(entry.provider, providers_);
  entry.name = own(entry.name);
  entry.status = shared(entry.status, statuses_);
  count_name(entry);
  const auto health = from.find_escaped_health(row);
  if (health.is_string()) escaped_health_.emplace_back(entry.row, own(health));
  if (from.has_duplicate_keys(row)) duplicate_keys_.push_back(entry.row);
  extents_.push_back({begin, there.length});
  metadata_.push_back(from.metadata_[row]);
  entries_.push_back(entry);
  return entry.row;
}

// The row whose text contains the term's stored value, if that record was adopted; otherwise kNoRow. It is
// the first row of the list, unless an earlier merge dropped that record.
Row SegmentBuilder::home_of(const Segment& from, const Term& term, const PostingList& list,
                            std::span<const Row> rows) {
  const Row first = first_row(list);
  const Extent& extent = from.extents_[first];
  const bool inside = term.offset >= extent.begin && term.offset - extent.begin < extent.length;
  return inside && rows[first] != kNoRow ? first : kNoRow;
}

bool SegmentBuilder::any_adopted(const PostingList& list, std::span<const Row> rows) {
  if (list.count == 1) return rows[*list.rows()] != kNoRow;
  bool any = false;
  for_each_row(list, [&](Row row) { any = any || rows[row] != kNoRow; });
  return any;
}

// Whether the segment being built finds the value through its record table: names, which are counted again,
// and, in a segment of short groups, providers and statuses.
bool SegmentBuilder::is_by_table(const Segment& from, const Term& term, const PathTable& paths,
                                 bool short_groups) {
  const Role role = paths.traits(term.path).role;
  const bool group = role == Role::provider || role == Role::status;
  return (role == Role::name || (group && short_groups)) && from.text_.text[term.offset] == '"';
}

std::size_t SegmentBuilder::spare_bytes(const Segment& from, const PathTable& paths,
                                        std::span<const Row> rows, bool short_groups) {
  std::size_t bytes = 0;
  for (TermId id = 0; id < from.terms().size(); ++id) {
    const Term& term = from.terms().terms()[id];
    if (is_by_table(from, term, paths, short_groups)) continue;
    const PostingList list = from.terms().list(id);
    if (home_of(from, term, list, rows) == kNoRow && any_adopted(list, rows)) {
      bytes += value_text(from.text_.text + term.offset).size() + 1;
    }
  }
  return bytes;
}

char* SegmentBuilder::adopt_terms(const Segment& from, const PathTable& paths, std::span<const Row> rows,
                                  char* spare) {
  std::vector<Row> here;
  const auto field = [&](std::string_view key) {
    return paths.find(kRootPath, {key, false},
                      child_path_hash(hash_seed(), paths.hash(kRootPath), {key, false}));
  };
  from.terms().for_each([&](std::uint32_t hash, TermId id) {
    const Term& term = from.terms().terms()[id];
    if (is_by_table(from, term, paths, short_groups_)) return;
    const PostingList list = from.terms().list(id);
    here.clear();
    for_each_row(list, [&](Row row) {
      if (rows[row] != kNoRow) here.push_back(rows[row]);
    });
    if (here.empty()) return;
    const char* at = from.text_.text + term.offset;
    const Row home = home_of(from, term, list, rows);
    if (home != kNoRow) {
      at = begin(rows[home]) + (term.offset - from.extents_[home].begin);
    } else {
      const std::string_view value = value_text(at);
      at = spare;
      spare = std::ranges::copy(value, spare).out;
      *spare++ = ',';  // which ends a number
    }
    terms_.add_list(std::uint64_t{hash} << 32, term.path, at, here);
  });
  text_end_ = static_cast<std::size_t>(spare - text_);
  // The values of short groups are in the record table.
  if (!from.short_groups_ || short_groups_) return spare;
  const auto add_groups = [&](std::string_view key, const std::vector<StringRef>& values, auto for_each) {
    const PathId path = field(key);
    for (const StringRef value : values) {
      here.clear();
      for_each(from.text().view(value), [&](Row row) {
        if (rows[row] != kNoRow) here.push_back(rows[row]);
        return true;
      });
      if (here.empty()) continue;
      std::ranges::sort(here);
      const auto text = find_member({begin(here.front()), extents_[here.front()].length}, key);
      terms_.add_list(hash_text_value(hash_seed(), paths.hash(path), from.text().view(value)), path,
                      text->data(), here);
    }
  };
  const RecordTable& table = *from.table_;
  add_groups("provider", table.providers(),
             [&](std::string_view value, auto take) { table.for_each_provider(value, take); });
  add_groups("status", table.statuses(),
             [&](std::string_view value, auto take) { table.for_each_status(value, take); });
  return spare;
}

// Makes posting lists for names that many records share: the record table would have to walk the group.
void SegmentBuilder::list_crowded_names(const PathTable& paths) {
  std::vector<std::pair<std::uint32_t, Row>> crowded;
  for (const Entry& e : entries_) {
    if (e.name.is_string() && name_counts_[e.name_hash & (name_counts_.size() - 1)] > kMaxUnlistedNames) {
      crowded.emplace_back(e.name_hash, e.row);
    }
  }
  if (crowded.empty()) return;
  std::ranges::sort(crowded);
  const std::uint64_t path_hash = child_path_hash(hash_seed(), paths.hash(kRootPath), {"name", false});
  const PathId path = paths.find(kRootPath, {"name", false}, path_hash);
  std::vector<Row> rows;
  for (auto at = crowded.begin(); at != crowded.end();) {
    auto last = std::find_if(at, crowded.end(), [&](const auto& c) { return c.first != at->first; });
    while (at != last) {  // once, unless hashes collide
      const std::string_view name = view().view(entries_[at->second].name);
      const auto others = std::stable_partition(
          at, last, [&](const auto& c) { return view().equals(entries_[c.second].name, name); });
      rows.clear();
      for (; at != others; ++at) rows.push_back(at->second);
      if (rows.size() <= kMaxUnlistedNames) continue;
      const Row first = rows.front();
      const auto text = find_member({begin(first), extents_[first].length}, "name");
      terms_.add_list(hash_text_value(hash_seed(), path_hash, name), path, text->data(), rows);
    }
  }
}

std::shared_ptr<Segment> SegmentBuilder::finish(const PathTable& paths) && {
  terms_.discard();  // of a record that was rejected
  list_crowded_names(paths);
  std::shared_ptr<Segment> segment(new Segment);
  segment->owner_ = std::move(owner_);
  segment->decoded_ = std::move(decoded_);
  segment->decoded_.shrink_to_fit();
  segment->text_ = {text_, &segment->decoded_};
  segment->text_bytes_ = std::max(text_end_, std::size_t{extents_.back().begin} + extents_.back().length);
  segment->terms_ = terms_.finish(entries_.size());
  segment->table_ = std::make_unique<RecordTable>(segment->text_, entries_, std::move(providers_).release(),
                                                  std::move(statuses_).release());
  segment->filter_ = HashFilter(entries_.size() * 2 + segment->terms_.size());
  segment->terms_.for_each([&](std::uint32_t hash, TermId) { segment->filter_.add(hash); });
  for (const Entry& e : entries_) {
    segment->filter_.add(e.id_hash);
    if (e.name.is_string()) segment->filter_.add(e.name_hash);
  }
  extents_.shrink_to_fit();
  metadata_.shrink_to_fit();
  segment->extents_ = std::move(extents_);
  segment->metadata_ = std::move(metadata_);
  segment->duplicate_keys_ = std::move(duplicate_keys_);
  segment->escaped_health_ = std::move(escaped_health_);
  segment->short_groups_ = short_groups_;
  return segment;
}

}  // namespace syncdex::inline v0
