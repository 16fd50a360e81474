#include "live/reconcile.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <map>
#include <utility>

#include "json/framing.h"
#include "live/live_cursor.h"
#include "query/json_values.h"

namespace syncdex::inline v0 {
namespace {

// A hash table of the live records of a version, by id. A look-up is one access to memory; in the indexes of
// the segments it takes several. 32 to 64 bytes a record.
class RecordsByHash {
 public:
  struct Place {
    std::uint32_t hash = 0;
    Row row = kNoRow;
    std::string_view json;
  };

  explicit RecordsByHash(const Snapshot& version)
      : places_(std::bit_ceil(version.size() + version.size() / 3 + 1)), mask_(places_.size() - 1) {
    LiveCursor ahead(version);
    for (std::size_t i = 0; i < kAhead && !ahead.done(); ++i) ahead.next();
    for (LiveCursor at(version); !at.done(); at.next()) {
      if (!ahead.done()) {
        prefetch(ahead.id_hash());
        ahead.next();
      }
      std::size_t i = at.id_hash() & mask_;
      while (places_[i].row != kNoRow) i = (i + 1) & mask_;
      places_[i] = {at.id_hash(), at.row(), at.json()};
    }
  }

  [[gnu::always_inline]] void prefetch(std::uint32_t hash) const noexcept {
    __builtin_prefetch(&places_[hash & mask_]);
  }

  // The first record with this hash, or null. There may be others.
  const Place* find(std::uint32_t hash) const noexcept {
    for (std::size_t i = hash & mask_; places_[i].row != kNoRow; i = (i + 1) & mask_) {
      if (places_[i].hash == hash) return &places_[i];
    }
    return nullptr;
  }

 private:
  static constexpr std::size_t kAhead = 8;

  std::vector<Place> places_;
  std::size_t mask_;
};

// Each step returns the end of what it has read, or null if the text must be loaded as a whole.
class Search {
 public:
  Search(const Snapshot& version, std::string_view text, std::string_view records_key,
         const RepeatedSizes& sizes)
      : version_(version),
        begin_(text.data()),
        end_(text.data() + text.size()),
        records_key_(records_key),
        sizes_(sizes),
        next_(version) {
    out_.rows.reserve(version.size());
  }

  std::optional<Repeated> run() {
    const char* p = begin_;
    if (std::string_view(begin_, end_).starts_with("\xEF\xBB\xBF")) p += 3;
    while ((p = skip_space(p, end_)) != end_) {
      p = *p == '[' ? array(p) : *p == '{' ? object(p) : nullptr;
      if (p == nullptr) return std::nullopt;
      out_.rest += '\n';
    }
    if (out_.rows.empty()) return std::nullopt;  // nothing was left out
    return std::move(out_);
  }

 private:
  const char* object(const char* p) {
    if (const char* const records = find_record_array(p, end_, records_key_)) return envelope(p, records);
    const char* const after = repeated(p);
    return after != nullptr ? after : copy_value(p);
  }

  const char* envelope(const char* p, const char* records) {
    out_.rest.append(p, records);
    if ((p = array(records)) == nullptr) return nullptr;
    const char* const from = p;
    for (;;) {
      p = skip_space(p, end_);
      if (p != end_ && *p == '}') break;
      if (p == end_ || *p != ',') return nullptr;
      p = skip_space(p + 1, end_);
      if (p == end_ || *p != '"' || (p = find_value_end(p, end_).end) == nullptr) return nullptr;
      p = skip_space(p, end_);
      if (p == end_ || *p != ':') return nullptr;
      p = skip_space(p + 1, end_);
      if (p == end_ || (p = find_value_end(p, end_).end) == nullptr) return nullptr;
    }
    out_.rest.append(from, p + 1);
    return p + 1;
  }

  const char* array(const char* p) {
    out_.rest += '[';
    p = skip_space(p + 1, end_);
    if (p != end_ && *p == ']') {
      out_.rest += ']';
      return p + 1;
    }
    for (bool copied = false;; ++p) {
      p = skip_space(p, end_);
      if (p == end_ || *p != '{') return nullptr;
      if (const char* const after = repeated(p)) {
        p = after;
      } else {
        if (copied) out_.rest += ',';
        copied = true;
        if ((p = copy_value(p)) == nullptr) return nullptr;
      }
      p = skip_space(p, end_);
      if (p != end_ && *p == ']') break;
      if (p == end_ || *p != ',') return nullptr;
    }
    out_.rest += ']';
    return p + 1;
  }

  const char* copy_value(const char* p) {
    const char* const after = find_value_end(p, end_).end;
    if (after == nullptr) return nullptr;
    out_.rest.append(p, after);
    const auto read = static_cast<std::size_t>(after - begin_);
    return read >= sizes_.trial && out_.rest.size() > read / 4 ? nullptr : after;
  }

  // Returns the end of the record at p if it is repeated, or null.
  const char* repeated(const char* p) {
    if (!by_hash_ && !next_.done() && begins_with(p, next_.json())) {
      const char* const after = take(p, next_.row(), next_.json());
      next_.next();
      return after;
    }
    if (by_hash_) return repeated_anywhere(p);
    const std::string_view id = find_id(p, end_);
    if (id.empty() || id.find('\\') != id.npos) return nullptr;
    const std::uint32_t hash = short_hash(id);
    if (++elsewhere_ > sizes_.few && elsewhere_ * sizes_.one_in > out_.rows.size())
      by_hash_.emplace(version_);
    const std::optional<Row> row = version_.find_row(id, hash);
    if (!row) return nullptr;
    const Part& part = version_.part_of(*row);
    next_.move_to(part, *row);
    const std::string_view json = next_.json();
    next_.next();  // a changed record has usually kept its place in the list
    return begins_with(p, json) ? take(p, *row, json) : nullptr;
  }

  // A record that the text has, or seems to have, at some byte.
  struct Expected {
    const char* at = nullptr;  // null: none
    std::uint32_t hash = 0;
    const RecordsByHash::Place* place = nullptr;  // null: there is none
  };

  // The same for a list that has been reordered. There, the place of each record and its text are somewhere
  // else in memory, so they are fetched ahead: the text of the next record, and the place of the one after
  // it. A place says how long its record is, and so where the next one begins if this one is repeated.
  const char* repeated_anywhere(const char* p) {
    if (next_record_.at != p) {
      next_record_ = expect(p, end_);
      resolve_next();
    }
    const RecordsByHash::Place* const found = next_record_.place;
    next_record_ = std::exchange(record_after_, {});
    resolve_next();
    return found != nullptr && begins_with(p, found->json) ? take(p, found->row, found->json) : nullptr;
  }

  Expected expect(const char* p, const char* end) const {
    const std::string_view id = find_id(p, end);
    if (id.empty() || id.find('\\') != id.npos) return {p};
    const std::uint32_t hash = short_hash(id);
    by_hash_->prefetch(hash);
    return {p, hash};
  }

  // Finds the place of the next record, and what may come after it. Nothing is known of the text yet, so this
  // looks at few bytes, whatever the lengths of records are.
  void resolve_next() {
    if (next_record_.at == nullptr) return;
    const RecordsByHash::Place* const place = by_hash_->find(next_record_.hash);
    next_record_.place = place;
    if (place == nullptr || place->json.size() >= static_cast<std::size_t>(end_ - next_record_.at)) return;
    const std::size_t fetched = std::min(place->json.size(), kFetched);
    for (std::size_t i = 0; i < fetched; i += 64) __builtin_prefetch(place->json.data() + i);
    const char* p = next_record_.at + place->json.size();
    const char* const end = p + std::min(kSeen, static_cast<std::size_t>(end_ - p));
    if (sizes_.looked_at != nullptr) *sizes_.looked_at += static_cast<std::uint64_t>(end - p);
    p = skip_space(p, end);
    if (p != end && *p == ',') p = skip_space(p + 1, end);
    if (p == end || *p != '{') return;
    const Expected after = expect(p, end);
    if (after.hash != 0) record_after_ = after;
  }

  bool begins_with(const char* p, std::string_view json) const noexcept {
    return json.size() <= static_cast<std::size_t>(end_ - p) && std::memcmp(p, json.data(), json.size()) == 0;
  }

  const char* take(const char* p, Row row, std::string_view json) {
    out_.rows.push_back(row);
    return p + json.size();
  }

  static constexpr std::size_t kFetched = 2048;  // bytes of a record's text
  static constexpr std::size_t kSeen = 256;      // bytes in which the next record's id is found, or not

  const Snapshot& version_;
  const char* const begin_;
  const char* const end_;
  const std::string_view records_key_;
  const RepeatedSizes& sizes_;
  LiveCursor next_;            // the record that is expected next
  std::size_t elsewhere_ = 0;  // how often it was another one
  std::optional<RecordsByHash> by_hash_;
  Expected next_record_, record_after_;
  Repeated out_;
};

// Equal values have equal canonical texts. Does not recurse.
std::string canonical_text(const JsonValues& values) {
  struct OpenValue {
    std::vector<std::uint32_t> members;
    std::size_t next = 0;
    bool object = false;
  };
  std::string out;
  std::vector<OpenValue> open;
  std::uint32_t at = 0;
  for (;;) {
    const JsonValue& value = values[at];
    if (value.kind < Kind::array) {
      if (value.kind != Kind::number) {
        append_scalar(value.kind, value.text, out);
      } else {
        append_canonical(parse_decimal(value.text), UINT32_MAX, out);
      }
    } else {
      OpenValue& opened = open.emplace_back();
      opened.object = value.kind == Kind::object;
      if (opened.object) {
        std::map<std::string_view, std::uint32_t> by_key;
        for (const std::uint32_t member : values.members(at)) by_key[values[member].key] = member;
        for (const auto& [key, member] : by_key) opened.members.push_back(member);
      } else {
        for (const std::uint32_t element : values.members(at)) opened.members.push_back(element);
      }
      out += opened.object ? '{' : '[';
    }
    while (!open.empty() && open.back().next == open.back().members.size()) {
      out += open.back().object ? '}' : ']';
      open.pop_back();
    }
    if (open.empty()) return out;
    OpenValue& within = open.back();
    if (within.next > 0) out += ',';
    at = within.members[within.next++];
    if (within.object) {
      append_quoted(values[at].key, out);
      out += ':';
    }
  }
}

}  // namespace

std::optional<Repeated> find_repeated(const Snapshot& version, std::string_view text,
                                      std::string_view records_key, const RepeatedSizes& sizes) {
  return Search(version, text, records_key, sizes).run();
}

bool is_same_value(std::string_view a, std::string_view b, const Limits& limits) {
  JsonValues one(a, limits);
  JsonValues other(b, limits);
  if (one.parse(std::nullopt, limits.depth) || other.parse(std::nullopt, limits.depth)) return false;
  return canonical_text(one) == canonical_text(other);
}

}  // namespace syncdex::inline v0
