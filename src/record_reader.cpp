#include "record_reader.h"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace syncdex::inline v0 {
namespace {

constexpr bool ends_scalar(char c) noexcept { return is_space(c) || c == ',' || c == '}' || c == ']'; }

FieldText* field_text(RecordDraft& draft, Role role) noexcept {
  switch (role) {
    case Role::id: return &draft.id;
    case Role::provider: return &draft.provider;
    case Role::name: return &draft.name;
    case Role::status: return &draft.status;
    case Role::health_status: return &draft.health_status;
    default: return nullptr;
  }
}

}  // namespace

RecordReader::RecordReader(const Limits& limits) : limits_(limits) {
  states_.resize(1);
  states_[kRootPath].hash = paths_.hash(kRootPath);
  // A path that no record has: an element of the root, which is never an array.
  ignored_ = intern(kRootPath, {{}, true});
  states_[ignored_].opaque = true;
}

RecordReader::Outcome RecordReader::fail(ErrorCode code, const char* at, const char* what,
                                         const char* limit) {
  fault_ = {code, at, what, limit, Role::none, Kind::null};
  return Outcome::faulty;
}

RecordReader::Outcome RecordReader::read(Cursor& cursor, TermBuilder& terms, bool short_groups,
                                         bool careful) {
  assert(*cursor.at() == '{');
  short_groups_ = short_groups;
  draft_ = RecordDraft{};
  draft_.begin = cursor.at();
  for (Fault& fault : field_faults_) fault.at = nullptr;
  const Outcome outcome =
      careful ? walk<true>(cursor, kRootPath, &terms) : walk<false>(cursor, kRootPath, &terms);
  return outcome == Outcome::good ? finish() : outcome;
}

RecordReader::Outcome RecordReader::check_value(Cursor& cursor) {
  return walk<true>(cursor, ignored_, nullptr);
}

// What can be said only when the whole record has been seen, since a later value may take a fault away.
RecordReader::Outcome RecordReader::finish() {
  if (field_faults_[static_cast<std::size_t>(Role::id)].at == nullptr &&
      (draft_.id.state != FieldText::State::string || draft_.id.length == 0)) {
    const char* const what = draft_.id.state == FieldText::State::absent ? "the record has no id"
                             : draft_.id.state == FieldText::State::null ? "id must not be null"
                                                                         : "id must not be empty";
    return fail(ErrorCode::missing_id, draft_.begin, what);
  }
  const Fault* first = nullptr;
  for (const Fault& fault : field_faults_) {
    if (fault.at != nullptr && (first == nullptr || fault.at < first->at)) first = &fault;
  }
  if (first == nullptr) return Outcome::good;
  fault_ = *first;
  return Outcome::faulty;
}

template <bool kCareful>
RecordReader::Outcome RecordReader::walk(Cursor& cursor, PathId path, TermBuilder* terms) {
  const char* const base = cursor.text.data();
  const char* const text_end = base + cursor.text.size();
  const std::uint32_t* const tokens = cursor.index->tokens();
  const std::uint32_t size = cursor.index->size();
  std::uint32_t& i = cursor.token;
  levels_.clear();
  Outcome outcome = Outcome::good;

  for (;;) {
    // A value stands at token i; `path` is its path.
    if (i >= size) return Outcome::incomplete;
    const char* const at = base + tokens[i];
    switch (*at) {
      case '{':
      case '[': {
        if (levels_.size() >= limits_.depth) {
          return fail(ErrorCode::limit_exceeded, at, "it is nested too deep", "depth");
        }
        const bool array = *at == '[';
        if (!levels_.empty()) {
          meet_other(states_[path], path, array ? Kind::array : Kind::object, at, terms);
        }
        levels_.push_back({path, kNoPath, ++serial_, array});
        if (++i >= size) return Outcome::incomplete;
        if (base[tokens[i]] == (array ? ']' : '}')) break;
        if (array) {
          path = element_of(path);
        } else if (!read_key<kCareful>(cursor, levels_.back(), path, outcome)) {
          return outcome;
        }
        continue;
      }
      case '"': {
        Text text;
        if (!read_string<kCareful>(cursor, text)) return Outcome::faulty;
        meet_string(states_[path], path, text, terms);
        ++i;
        break;
      }
      case 't':
      case 'f':
      case 'n': {
        const std::string_view word = *at == 't' ? "true" : *at == 'f' ? "false" : "null";
        if (static_cast<std::size_t>(text_end - at) < word.size() ||
            std::memcmp(at, word.data(), word.size()) != 0 || !read_scalar_end(at + word.size(), text_end)) {
          return fail(ErrorCode::malformed_json, at, "this is no JSON value");
        }
        meet_other(states_[path], path, kind_of(*at), at, terms);
        ++i;
        break;
      }
      default: {
        const NumberScan number = scan_number(at, text_end, limits_.number_digits, limits_.exponent);
        if (number.fault == NumberFault::grammar || !read_scalar_end(number.end, text_end)) {
          const bool numeric = is_digit(*at) || *at == '-';
          return fail(ErrorCode::malformed_json, at,
                      numeric ? "this is no JSON number" : "a JSON value is expected");
        }
        if (number.fault == NumberFault::digits) {
          return fail(ErrorCode::limit_exceeded, at, "a number has too many digits", "number_digits");
        }
        if (number.fault == NumberFault::exponent) {
          return fail(ErrorCode::limit_exceeded, at, "a number's exponent is too large", "exponent");
        }
        PathState& state = states_[path];
        if (state.role != Role::none) {
          meet_other(state, path, Kind::number, at, terms);
        } else if (state.indexed) {
          terms->add_number(path, state.hash, at, static_cast<std::uint32_t>(number.end - at));
        }
        ++i;
        break;
      }
    }
    // A value has ended; close what ends with it, up to the next value.
    for (;;) {
      if (levels_.empty()) return Outcome::good;  // a scalar by itself
      if (i >= size) return Outcome::incomplete;
      Level& level = levels_.back();
      const char* const next = base + tokens[i];
      if (*next == ',') {
        if (++i >= size) return Outcome::incomplete;
        if (level.array) {
          path = element_of(level.path);
        } else if (!read_key<kCareful>(cursor, level, path, outcome)) {
          return outcome;
        }
        break;
      }
      if (*next != (level.array ? ']' : '}')) {
        return fail(ErrorCode::malformed_json, next,
                    level.array ? "',' or ']' is expected" : "',' or '}' is expected");
      }
      ++i;
      levels_.pop_back();
      if (levels_.empty()) {
        draft_.end = next + 1;
        return Outcome::good;
      }
    }
  }
}

// The string at the cursor, which stays. It ends at the last quote before the next token.
template <bool kCareful>
bool RecordReader::read_string(Cursor& cursor, Text& out) {
  const char* const base = cursor.text.data();
  const std::uint32_t* const tokens = cursor.index->tokens();
  const std::uint32_t begin = tokens[cursor.token];
  std::uint32_t end = tokens[cursor.token + 1] - 1;
  while (is_space(base[end])) --end;
  if (base[begin] != '"' || end == begin || base[end] != '"') {
    fail(ErrorCode::malformed_json, base + begin, "a string is not closed");
    return false;
  }
  out.at = base + begin + 1;
  out.length = end - begin - 1;
  if (out.length > limits_.string_bytes) {
    fail(ErrorCode::limit_exceeded, base + begin, "a string is too long", "string_bytes");
    return false;
  }
  while (*cursor.slash < begin) ++cursor.slash;
  out.escaped = *cursor.slash < end;
  if (kCareful) {
    const char* const last = out.at + out.length;
    const char* const control =
        std::find_if(out.at, last, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
    if (control != last) {
      // A bad escape may stand before it.
      const EscapeScan scan = check_escapes({out.at, static_cast<std::size_t>(control - out.at)});
      if (scan.fault == StringFault::none) {
        fail(ErrorCode::malformed_json, control, "a control character stands in a string unescaped");
        return false;
      }
    }
  }
  if (out.escaped) {
    const EscapeScan scan = check_escapes({out.at, out.length});
    if (scan.fault == StringFault::escape) {
      fail(ErrorCode::malformed_json, scan.at, "this is no JSON escape");
      return false;
    }
    if (scan.fault == StringFault::surrogate) {
      fail(ErrorCode::invalid_utf8, scan.at, "a surrogate has no partner");
      return false;
    }
  }
  return true;
}

template <bool kCareful>
bool RecordReader::read_key(Cursor& cursor, Level& level, PathId& path, Outcome& outcome) {
  const char* const base = cursor.text.data();
  const std::uint32_t* const tokens = cursor.index->tokens();
  const std::uint32_t size = cursor.index->size();
  std::uint32_t& i = cursor.token;
  const char* const at = base + tokens[i];
  outcome = Outcome::faulty;
  if (*at != '"') {
    fail(ErrorCode::malformed_json, at, "a key in quotes is expected");
    return false;
  }
  Text key;
  if (!read_string<kCareful>(cursor, key)) return false;
  if (i + 1 >= size) {
    outcome = Outcome::incomplete;
    return false;
  }
  const char* const colon = base + tokens[i + 1];
  if (*colon != ':') {
    fail(ErrorCode::malformed_json, colon, "':' is expected");
    return false;
  }
  path = child(level, {key.at, key.length}, key.escaped);
  i += 2;
  return true;
}

bool RecordReader::read_scalar_end(const char* p, const char* end) { return p == end || ends_scalar(*p); }

PathId RecordReader::intern(PathId parent, PathStep step) {
  const std::uint64_t hash = child_path_hash(hash_seed(), states_[parent].hash, step);
  const PathId path = paths_.intern(parent, step, hash);
  if (path >= states_.size()) {
    PathState state;
    const PathStep kept = paths_.step(path);
    const PathTraits& traits = paths_.traits(path);
    state.key = kept.key.data();
    state.key_length = static_cast<std::uint32_t>(kept.key.size());
    state.key_head = head_of(kept.key.data(), kept.key.size());
    state.hash = hash;
    state.role = traits.role;
    state.indexed = traits.indexed;
    states_.push_back(state);
  }
  return path;
}

PathId RecordReader::element_of(PathId path) {
  if (states_[path].opaque) return path;
  PathId element = states_[path].element;
  if (element == kNoPath) {
    element = intern(path, {{}, true});
    states_[path].element = element;
  }
  return element;
}

PathId RecordReader::child(Level& level, std::string_view raw, bool escaped) {
  if (states_[level.path].opaque) return level.path;
  PathId path = level.previous == kNoPath ? states_[level.path].first : states_[level.previous].next;
  const auto is_key = [&](const PathState& state) {
    return state.key_length == raw.size() && state.key_head == head_of(raw.data(), raw.size()) &&
           (raw.size() <= 8 || std::memcmp(state.key + 8, raw.data() + 8, raw.size() - 8) == 0);
  };
  if (escaped || path == kNoPath || !is_key(states_[path])) {
    std::string_view key = raw;
    if (escaped) {
      decoded_.clear();
      append_decoded(raw, decoded_);
      key = decoded_;
    }
    path = intern(level.path, {key, false});
    (level.previous == kNoPath ? states_[level.path].first : states_[level.previous].next) = path;
  }
  PathState& state = states_[path];
  if (state.seen_in == level.serial) draft_.duplicate_keys = true;
  state.seen_in = level.serial;
  level.previous = path;
  return path;
}

// A second health or collection_ids takes the place of all that the first one held.
void RecordReader::forget_inside(Role role) {
  if (role == Role::health) {
    draft_.health_status = {};
    field_faults_[static_cast<std::size_t>(Role::health_status)].at = nullptr;
  } else if (role == Role::collection_ids) {
    field_faults_[static_cast<std::size_t>(Role::collection_id)].at = nullptr;
  }
}

void RecordReader::meet_string(PathState& state, PathId path, const Text& text, TermBuilder* terms) {
  if (state.role != Role::none && state.role != Role::data) {
    Fault& fault = field_faults_[static_cast<std::size_t>(state.role)];
    forget_inside(state.role);
    if (state.role > kLastString && state.role != Role::collection_id) {
      fault = {ErrorCode::wrong_type, text.at - 1, "", "", state.role, Kind::string};
      return;
    }
    if (state.role != Role::collection_id) fault.at = nullptr;
    if (FieldText* const field = field_text(draft_, state.role)) {
      *field = {FieldText::State::string, text.escaped, text.at, text.length};
    }
    // Ids and names are found through the record table; so are short groups.
    if (state.role == Role::id || state.role == Role::name) return;
    if (short_groups_ && (state.role == Role::provider || state.role == Role::status)) return;
  }
  if (state.indexed) terms->add_string(path, state.hash, text.at - 1, text.length, text.escaped);
}

void RecordReader::meet_other(PathState& state, PathId path, Kind kind, const char* at, TermBuilder* terms) {
  if (state.role == Role::data) {
    if (kind == Kind::array && draft_.id.state == FieldText::State::absent) draft_.data_before_id = true;
    return;
  }
  if (state.role != Role::none) {
    Fault& fault = field_faults_[static_cast<std::size_t>(state.role)];
    const Kind wanted = state.role == Role::collection_ids                           ? Kind::array
                        : state.role == Role::health || state.role == Role::metadata ? Kind::object
                                                                                     : Kind::string;
    const bool fits = kind == wanted || (kind == Kind::null && state.role != Role::collection_id);
    forget_inside(state.role);
    if (!fits) {
      if (state.role != Role::collection_id || fault.at == nullptr) {
        fault = {ErrorCode::wrong_type, at, "", "", state.role, kind};
      }
      return;
    }
    fault.at = nullptr;
    if (FieldText* const field = field_text(draft_, state.role))
      *field = {FieldText::State::null, false, nullptr, 0};
  }
  if (!state.indexed) return;
  if (kind == Kind::number) {
    assert(false);  // numbers at indexed paths without a role are added where they are read
    return;
  }
  terms->add_kind(path, state.hash, kind, at);
}

}  // namespace syncdex::inline v0
