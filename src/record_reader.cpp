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
  if (any_field_fault_) {
    for (Fault& fault : field_faults_) fault.at = nullptr;
    any_field_fault_ = false;
  }
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
  if (!any_field_fault_) return Outcome::good;
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
  Place place{cursor.text.data(), cursor.text.data() + cursor.text.size(),
              cursor.index->tokens() + cursor.token, cursor.index->tokens() + cursor.index->size(),
              cursor.slash};
  const char* const base = place.base;
  const auto leave = [&](Outcome outcome) {
    cursor.token = static_cast<std::uint32_t>(place.token - cursor.index->tokens());
    cursor.slash = place.slash;
    return outcome;
  };
  std::size_t depth = 0;
  Level level;  // the innermost open container; those around it are in levels_

  for (;;) {
    // A value stands at the token; `path` is its path.
    if (place.token >= place.last) return leave(Outcome::incomplete);
    const char* const at = base + *place.token;
    switch (*at) {
      case '"': {
        Text text;
        if (!read_string<kCareful>(place, text)) return leave(Outcome::faulty);
        const PathState& state = states_[path];
        if (!state.silent) meet_string(state, path, text, terms);
        ++place.token;
        break;
      }
      case '{':
      case '[': {
        if (depth >= limits_.depth) {
          return leave(fail(ErrorCode::limit_exceeded, at, "it is nested too deep", "depth"));
        }
        const bool array = *at == '[';
        if (depth > 0) {
          const PathState& state = states_[path];
          if (!state.silent) meet_other(state, path, array ? Kind::array : Kind::object, at, terms);
        }
        if (depth >= levels_.size()) levels_.resize(depth * 2 + 16);
        levels_[depth++] = level;
        level = {++serial_, path, kNoPath, array};
        if (++place.token >= place.last) return leave(Outcome::incomplete);
        if (base[*place.token] == (array ? ']' : '}')) break;
        if (array) {
          path = element_of(path);
        } else {
          const Outcome outcome = read_key<kCareful>(place, level, path);
          if (outcome != Outcome::good) return leave(outcome);
          meet_key(level, path);
        }
        continue;
      }
      case 't':
      case 'f':
      case 'n': {
        const std::string_view word = *at == 't' ? "true" : *at == 'f' ? "false" : "null";
        const char* const behind = at + word.size();
        if (behind > place.end || std::memcmp(at, word.data(), word.size()) != 0 ||
            (behind != place.end && !ends_scalar(*behind))) {
          return leave(fail(ErrorCode::malformed_json, at, "this is no JSON value"));
        }
        const PathState& state = states_[path];
        if (!state.silent) meet_other(state, path, kind_of(*at), at, terms);
        ++place.token;
        break;
      }
      default: {
        // Most numbers are short runs of digits; what is more goes to the grammar.
        const char* p = at;
        while (is_digit(*p)) ++p;
        const bool plain = p != at && p - at <= 18 && p < place.end && ends_scalar(*p) &&
                           (*at != '0' || p - at == 1) &&
                           static_cast<std::size_t>(p - at) <= limits_.number_digits;
        if (!plain) {
          const NumberScan number = scan_number(at, place.end, limits_.number_digits, limits_.exponent);
          p = number.end;
          if (number.fault != NumberFault::none || (p != place.end && !ends_scalar(*p))) {
            return leave(fail_number(at, number));
          }
        }
        const PathState& state = states_[path];
        if (state.role != Role::none) {
          meet_other(state, path, Kind::number, at, terms);
        } else if (state.indexed) {
          terms->add_number(path, state.hash, at, static_cast<std::uint32_t>(p - at));
        }
        ++place.token;
        break;
      }
    }
    // A value has ended; close what ends with it, up to the next value.
    for (;;) {
      if (depth == 0) return leave(Outcome::good);  // a scalar by itself
      if (place.token >= place.last) return leave(Outcome::incomplete);
      const char* const next = base + *place.token;
      if (*next == ',') {
        if (++place.token >= place.last) return leave(Outcome::incomplete);
        if (level.array) {
          path = element_of(level.path);
        } else {
          const Outcome outcome = read_key<kCareful>(place, level, path);
          if (outcome != Outcome::good) return leave(outcome);
          meet_key(level, path);
        }
        break;
      }
      if (*next != (level.array ? ']' : '}')) {
        return leave(fail(ErrorCode::malformed_json, next,
                          level.array ? "',' or ']' is expected" : "',' or '}' is expected"));
      }
      ++place.token;
      level = levels_[--depth];
      if (depth == 0) {
        draft_.end = next + 1;
        return leave(Outcome::good);
      }
    }
  }
}

// The string at the token, which stays. It ends at the last quote before the next token.
template <bool kCareful>
inline bool RecordReader::read_string(Place& place, Text& out) {
  const std::uint32_t begin = *place.token;
  std::uint32_t end = place.token[1] - 1;
  while (is_space(place.base[end])) --end;
  out.at = place.base + begin + 1;
  out.length = end - begin - 1;
  while (*place.slash < begin) ++place.slash;
  out.escaped = *place.slash < end;
  if (place.base[end] != '"' || end == begin) {
    fail(ErrorCode::malformed_json, place.base + begin, "a string is not closed");
    return false;
  }
  if (!kCareful && !out.escaped && out.length <= limits_.string_bytes) return true;
  return check_string<kCareful>(out);
}

template <bool kCareful>
bool RecordReader::check_string(const Text& text) {
  if (text.length > limits_.string_bytes) {
    fail(ErrorCode::limit_exceeded, text.at - 1, "a string is too long", "string_bytes");
    return false;
  }
  const char* const last = text.at + text.length;
  const char* checked = last;  // how far escapes matter
  if (kCareful) {
    checked = std::find_if(text.at, last, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
  }
  if (text.escaped) {
    const EscapeScan scan = check_escapes({text.at, static_cast<std::size_t>(checked - text.at)});
    if (scan.fault == StringFault::escape) {
      fail(ErrorCode::malformed_json, scan.at, "this is no JSON escape");
      return false;
    }
    if (scan.fault == StringFault::surrogate) {
      fail(ErrorCode::invalid_utf8, scan.at, "a surrogate has no partner");
      return false;
    }
  }
  if (checked == last) return true;
  fail(ErrorCode::malformed_json, checked, "a control character stands in a string unescaped");
  return false;
}

RecordReader::Outcome RecordReader::fail_number(const char* at, const NumberScan& scan) {
  if (scan.fault == NumberFault::digits) {
    return fail(ErrorCode::limit_exceeded, at, "a number has too many digits", "number_digits");
  }
  if (scan.fault == NumberFault::exponent) {
    return fail(ErrorCode::limit_exceeded, at, "a number's exponent is too large", "exponent");
  }
  const bool numeric = is_digit(*at) || *at == '-';
  return fail(ErrorCode::malformed_json, at, numeric ? "this is no JSON number" : "a JSON value is expected");
}

// The key at the token and its colon; the token moves to the value, `path` becomes its path.
template <bool kCareful>
inline RecordReader::Outcome RecordReader::read_key(Place& place, const Level& level, PathId& path) {
  const char* const at = place.base + *place.token;
  // The guess: compared with its closing quote, within what lies before the next token.
  const PathId guess = level.previous == kNoPath ? states_[level.path].first : states_[level.previous].next;
  if (!kCareful && guess != kNoPath) {
    const PathState& state = states_[guess];
    const char* const text = at + 1;
    const std::size_t n = state.key_length;
    if ((load64(text) & state.key_mask) == state.key_head && *at == '"' &&
        place.base + place.token[1] >= text + n && (n <= 8 || same_tail(text, state.key, n)) &&
        place.token + 2 <= place.last && place.base[place.token[1]] == ':') {
      place.token += 2;
      path = guess;
      return Outcome::good;
    }
  }
  if (*at != '"') return fail(ErrorCode::malformed_json, at, "a key in quotes is expected");
  Text key;
  if (!read_string<kCareful>(place, key)) return Outcome::faulty;
  if (place.token + 1 >= place.last) return Outcome::incomplete;
  const char* const colon = place.base + place.token[1];
  if (*colon != ':') return fail(ErrorCode::malformed_json, colon, "':' is expected");
  path = look_up_key(level, key);
  place.token += 2;
  return Outcome::good;
}

PathId RecordReader::intern(PathId parent, PathStep step) {
  const std::uint64_t hash = child_path_hash(hash_seed(), states_[parent].hash, step);
  const PathId path = paths_.intern(parent, step, hash);
  if (path >= states_.size()) {
    PathState state;
    const std::string_view key = paths_.step(path).key;
    const PathTraits& traits = paths_.traits(path);
    if (!step.element && key.find_first_of("\"\\") == std::string_view::npos) {
      state.key = key.data();  // a quote stands behind it
      state.key_length = static_cast<std::uint32_t>(key.size()) + 1;
      state.key_head = head_of(key.data(), state.key_length);
      state.key_mask =
          state.key_length >= 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << (state.key_length * 8)) - 1;
    }
    state.hash = hash;
    state.role = traits.role;
    state.indexed = traits.indexed;
    state.silent = !traits.indexed && traits.role == Role::none;
    states_.push_back(state);
  }
  return path;
}

inline PathId RecordReader::element_of(PathId path) {
  const PathState& state = states_[path];
  if (state.element != kNoPath || state.opaque) return state.opaque ? path : state.element;
  const PathId element = intern(path, {{}, true});
  states_[path].element = element;
  return element;
}

// A key that was not guessed: looked up, and guessed the next time.
PathId RecordReader::look_up_key(const Level& level, const Text& key) {
  if (states_[level.path].opaque) return level.path;
  std::string_view plain(key.at, key.length);
  if (key.escaped) {
    decoded_.clear();
    append_decoded(plain, decoded_);
    plain = decoded_;
  }
  const PathId path = intern(level.path, {plain, false});
  (level.previous == kNoPath ? states_[level.path].first : states_[level.previous].next) = path;
  return path;
}

inline void RecordReader::meet_key(Level& level, PathId path) {
  PathState& state = states_[path];
  if (state.seen_in == level.serial && !state.opaque) draft_.duplicate_keys = true;
  state.seen_in = level.serial;
  level.previous = path;
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

void RecordReader::meet_string(const PathState& state, PathId path, const Text& text, TermBuilder* terms) {
  if (state.role != Role::none && state.role != Role::data) {
    Fault& fault = field_faults_[static_cast<std::size_t>(state.role)];
    forget_inside(state.role);
    if (state.role > kLastString && state.role != Role::collection_id) {
      fault = {ErrorCode::wrong_type, text.at - 1, "", "", state.role, Kind::string};
      any_field_fault_ = true;
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

void RecordReader::meet_other(const PathState& state, PathId path, Kind kind, const char* at,
                              TermBuilder* terms) {
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
        any_field_fault_ = true;
        if (FieldText* const field = field_text(draft_, state.role)) *field = {};
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
