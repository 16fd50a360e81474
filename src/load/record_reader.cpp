#include "load/record_reader.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "json/framing.h"

namespace syncdex::inline v0 {
namespace {

constexpr bool ends_scalar(char c) noexcept { return is_space(c) || c == ',' || c == '}' || c == ']'; }

}  // namespace

RecordReader::RecordReader(TermBuilder& terms, PathTable paths) : terms_(terms), paths_(std::move(paths)) {
  add_states(kRootPath);
}

RecordReader::Outcome RecordReader::fail(ErrorCode code, const char* at, const char* what,
                                         const char* limit) {
  fault_ = {code, at, what, limit};
  return Outcome::faulty;
}

RecordReader::Outcome RecordReader::read(Cursor& cursor, bool short_groups, bool careful) {
  assert(*cursor.at() == '{');
  terms_.discard();  // of a record that was rejected
  short_groups_ = short_groups;
  fields_.begin(cursor.at());
  const Outcome outcome = careful ? walk<true>(cursor) : walk<false>(cursor);
  if (outcome != Outcome::good) return outcome;
  const Fault* const fault = fields_.find_fault();
  if (fault == nullptr) return Outcome::good;
  fault_ = *fault;
  return Outcome::faulty;
}

RecordReader::Outcome RecordReader::check_value(Cursor& cursor) {
  Place place(cursor);
  const Outcome outcome = check<true>(place, 0);
  place.leave(cursor);
  return outcome;
}

// The field is this string. Returns whether that makes a term.
inline bool RecordReader::has_term(Role role, const Text& text) {
  return fields_.set_string(role, text.at, text.length, text.escaped) &&
         !(short_groups_ && (role == Role::provider || role == Role::status));
}

// Reads the record at the cursor. Only what can be indexed is walked here; the rest is only checked.
template <bool kCareful>
RecordReader::Outcome RecordReader::walk(Cursor& cursor) {
  Place place(cursor);
  const auto leave = [&](Outcome outcome) {
    place.leave(cursor);
    return outcome;
  };
  std::size_t depth = 0;
  Level level;  // the innermost open container; those around it are in levels_
  PathState* state = &states_.front();

  for (;;) {
    // The token begins a value; `state` is that of its path.
    if (place.token >= place.last) return leave(Outcome::incomplete);
    const char* const at = place.at();
    if (*at == '"') {
      if (state->terms == nullptr) {
        if (!pass_string<kCareful>(place)) return leave(Outcome::faulty);
      } else {
        Text text;
        if (!read_string<kCareful>(place, text)) return leave(Outcome::faulty);
        if (state->role == Role::none || has_term(state->role, text)) {
          terms_.add_string(*state->terms, at, text.length, text.escaped);
        }
      }
      ++place.token;
    } else if (*at == '{' || *at == '[') {
      const bool array = *at == '[';
      if (state->terms == nullptr && depth > 0) {
        if (state->role == Role::data && array &&
            fields_.draft().field(Role::id).state == FieldText::State::absent) {
          fields_.draft().data_before_id = true;
        }
        const Outcome outcome = check<kCareful>(place, depth);
        if (outcome != Outcome::good) return leave(outcome);
      } else {
        if (depth >= limits_.depth) return leave(fail_depth(at));
        const Kind kind = array ? Kind::array : Kind::object;
        if (depth > 0 && (state->role == Role::none || fields_.set_other(state->role, kind, at))) {
          terms_.add_kind(*state->terms, kind, at);
        }
        if (depth >= levels_.size()) levels_.resize(depth * 2 + 16);
        levels_[depth++] = level;
        level = {state, &state->first, ++serial_, array};
        if (++place.token >= place.last) return leave(Outcome::incomplete);
        if (*place.at() != (array ? ']' : '}')) {
          if (array) {
            state = element_of(state);
          } else {
            const Outcome outcome = read_key<kCareful>(place, level, state);
            if (outcome != Outcome::good) return leave(outcome);
          }
          continue;
        }
      }
    } else {
      const char* const end = scalar_end(place, at);
      if (end == nullptr) return leave(Outcome::faulty);
      if (state->terms != nullptr) {
        const Kind kind = kind_of(*at);
        if (state->role == Role::none && kind == Kind::number) {
          terms_.add_number(*state->terms, at, static_cast<std::uint32_t>(end - at));
        } else if (state->role == Role::none || fields_.set_other(state->role, kind, at)) {
          terms_.add_kind(*state->terms, kind, at);
        }
      }
      ++place.token;
    }
    // After a value: close the containers that end here, and go to the next value.
    for (;;) {
      if (place.token >= place.last) return leave(Outcome::incomplete);
      const char* const next = place.at();
      if (*next == ',') {
        ++place.token;
        if (level.array) {
          state = element_of(level.container);
        } else {
          const Outcome outcome = read_key<kCareful>(place, level, state);
          if (outcome != Outcome::good) return leave(outcome);
        }
        break;
      }
      if (*next != (level.array ? ']' : '}')) return leave(fail_separator(next, place.end, level.array));
      ++place.token;
      level = levels_[--depth];
      if (depth == 0) {
        fields_.draft().end = next + 1;
        return leave(Outcome::good);
      }
    }
  }
}

// Checks the value at the token, of any kind, and moves past it. `depth` containers are open around it.
// Inlined, so that `place` stays in registers: 3 % of a load.
template <bool kCareful>
[[gnu::always_inline]] inline RecordReader::Outcome RecordReader::check(Place& place, std::size_t depth) {
  const std::size_t outside = depth;
  bool array = false;  // what the innermost open container is; those around it are in open_arrays_
  for (;;) {
    if (place.token >= place.last) return Outcome::incomplete;
    const char* const at = place.at();
    bool opened = false;
    if (*at == '"') {
      if (!pass_string<kCareful>(place)) return Outcome::faulty;
    } else if (*at == '{' || *at == '[') {
      if (depth >= limits_.depth) return fail_depth(at);
      if (depth >= open_arrays_.size()) open_arrays_.resize(depth * 2 + 64);
      open_arrays_[depth++] = array;
      array = *at == '[';
      opened = true;
    } else if (scalar_end(place, at) == nullptr) {
      return Outcome::faulty;
    }
    ++place.token;
    // Close the containers that end here, and go to the next value.
    for (;; opened = false) {
      if (depth == outside) return Outcome::good;
      if (place.token >= place.last) return Outcome::incomplete;
      const char* const next = place.at();
      if (*next == (array ? ']' : '}')) {
        ++place.token;
        array = open_arrays_[--depth];
        continue;
      }
      if (!opened) {
        if (*next != ',') return fail_separator(next, place.end, array);
        if (++place.token >= place.last) return Outcome::incomplete;
      }
      if (!array) {
        if (*place.at() != '"') return fail_key(place.at(), place.end);
        if (!pass_string<kCareful>(place)) return Outcome::faulty;
        const Outcome outcome = pass_colon(place);
        if (outcome != Outcome::good) return outcome;
      }
      break;
    }
  }
}

// Returns the end of the scalar at the token, which is not a string; nullptr and fault_ if it is invalid.
inline const char* RecordReader::scalar_end(const Place& place, const char* at) {
  // Most numbers are short runs of digits. Others are read by the grammar, which respects the end of the
  // text: the bytes after it may be digits, too.
  const char* p = at;
  while (is_digit(*p) && p - at <= 18) ++p;
  const auto digits = static_cast<std::size_t>(p - at);
  if (digits > 0 && digits <= 18 && p < place.end && ends_scalar(*p) && (*at != '0' || digits == 1) &&
      digits <= limits_.number_digits) {
    return p;
  }
  if (*at == 't' || *at == 'f' || *at == 'n') {
    const std::size_t length = *at == 'f' ? 5 : 4;
    if (std::memcmp(at, *at == 't' ? "true" : *at == 'f' ? "false" : "null", length) == 0) {
      p = at + length;
      if (p == place.end || (p < place.end && ends_scalar(*p))) return p;
    }
    fail(ErrorCode::malformed_json, at, "invalid JSON value");
    return nullptr;
  }
  const NumberScan number = scan_number(at, place.end, limits_.number_digits, limits_.exponent);
  if (number.fault == NumberFault::none && (number.end == place.end || ends_scalar(*number.end))) {
    return number.end;
  }
  fail_number(at, place.end, number);
  return nullptr;
}

// Reads the string at the token, without moving on. It ends at the last quote before the next token.
template <bool kCareful>
inline bool RecordReader::read_string(Place& place, Text& out) {
  const char* const at = place.at();
  const char* end = place.base + place.token[1] - 1;
  if (*end != '"' || end == at) [[unlikely]] {
    while (is_space(*end)) --end;
    if (*end != '"' || end == at) {
      fail(ErrorCode::malformed_json, at, "a string is not closed");
      return false;
    }
  }
  out.at = at + 1;
  out.length = static_cast<std::uint32_t>(end - out.at);
  out.escaped = place.base + *place.slash < end;
  if (out.escaped) {
    const auto begin = static_cast<std::uint32_t>(at - place.base);
    while (*place.slash < begin) ++place.slash;
    out.escaped = place.base + *place.slash < end;
  }
  if (!kCareful && !out.escaped && out.length <= limits_.string_bytes) return true;
  return check_string<kCareful>(out);
}

// The same for a string of which nothing is kept. Fast tokens guarantee that it is closed and that a token
// follows its quote: without a backslash before that token, it is valid.
template <bool kCareful>
inline bool RecordReader::pass_string(Place& place) {
  const std::uint32_t next = place.token[1];
  if (!kCareful && *place.slash >= next && next - *place.token <= limits_.string_bytes) return true;
  Text text;
  return read_string<kCareful>(place, text);
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
      fail(ErrorCode::malformed_json, scan.at, "invalid escape sequence");
      return false;
    }
    if (scan.fault == StringFault::surrogate) {
      fail(ErrorCode::invalid_utf8, scan.at, "unpaired surrogate");
      return false;
    }
  }
  if (checked == last) return true;
  fail(ErrorCode::malformed_json, checked, "unescaped control character in a string");
  return false;
}

RecordReader::Outcome RecordReader::fail_number(const char* at, const char* end, const NumberScan& scan) {
  if (scan.fault == NumberFault::digits) {
    return fail(ErrorCode::limit_exceeded, at, "a number has too many digits", "number_digits");
  }
  if (scan.fault == NumberFault::exponent) {
    return fail(ErrorCode::limit_exceeded, at, "a number's exponent is too large", "exponent");
  }
  const bool numeric = is_digit(*at) || *at == '-';
  const char* const what = numeric      ? "invalid number"
                           : *at == ']' ? kTrailingComma
                                        : "a JSON value is expected";
  return fail(ErrorCode::malformed_json, at, explain_unexpected(at, end, what));
}

// Reads the key at the token and its colon, and moves to the value. `state` becomes that of its path.
template <bool kCareful>
inline RecordReader::Outcome RecordReader::read_key(Place& place, Level& level, PathState*& state) {
  // The guess is compared as a whole, from its opening quote to its colon, which are then this token and the
  // next. If the text ends within it, the comparison reads padding, and the token may pass place.last. So the
  // token must be compared with >= last, never with == last.
  state = *level.guess;
  const char* const at = place.at();
  if (!kCareful && (load64(at) & state->key_mask) == state->key_head &&
      (state->key_length <= 8 || same_tail(at, state->key, state->key_length))) {
    place.token += 2;
  } else {
    if (place.token >= place.last) return Outcome::incomplete;
    if (*at != '"') return fail_key(at, place.end);
    Text key;
    if (!read_string<kCareful>(place, key)) return Outcome::faulty;
    const Outcome outcome = pass_colon(place);
    if (outcome != Outcome::good) return outcome;
    state = look_up_key(level, key);
  }
  if (state->seen_in == level.serial) fields_.draft().duplicate_keys = true;
  state->seen_in = level.serial;
  level.guess = &state->next;
  return Outcome::good;
}

// Moves from a key over its colon to the value.
inline RecordReader::Outcome RecordReader::pass_colon(Place& place) {
  if (++place.token >= place.last) return Outcome::incomplete;
  if (*place.at() != ':') return fail(ErrorCode::malformed_json, place.at(), "':' is expected");
  ++place.token;
  return Outcome::good;
}

RecordReader::Outcome RecordReader::fail_key(const char* at, const char* end) {
  const char* const what = *at == '}' ? kTrailingComma : "a key in quotes is expected";
  return fail(ErrorCode::malformed_json, at, explain_unexpected(at, end, what));
}

RecordReader::Outcome RecordReader::fail_depth(const char* at) {
  return fail(ErrorCode::limit_exceeded, at, "the value is nested too deep", "depth");
}

RecordReader::Outcome RecordReader::fail_separator(const char* at, const char* end, bool array) {
  const char* const what = array ? "',' or ']' is expected" : "',' or '}' is expected";
  return fail(ErrorCode::malformed_json, at, explain_unexpected(at, end, what));
}

RecordReader::PathState* RecordReader::intern(const PathState& parent, PathStep step) {
  const std::uint64_t hash = child_path_hash(hash_seed(), parent.hash, step);
  const PathId path = paths_.intern(parent.path, step, hash);
  add_states(path);
  return &states_[path];
}

// Makes the missing states of all paths up to this one: they are new, or came with another table.
void RecordReader::add_states(PathId last) {
  for (auto path = static_cast<PathId>(states_.size()); path <= last; ++path) {
    PathState& state = states_.emplace_back();
    const PathStep step = paths_.step(path);
    const PathTraits& traits = paths_.traits(path);
    const std::size_t length = step.key.size() + 3;
    // Keys longer than the padding after a text are not guessed, so that nothing after the padding is read.
    if (path != kRootPath && !step.element && length <= load_padding &&
        step.key.find_first_of("\"\\") == step.key.npos) {
      state.key = step.key.data() - 1;
      state.key_length = static_cast<std::uint32_t>(length);
      state.key_head = head_of(state.key, length);
      state.key_mask = length >= 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << (length * 8)) - 1;
    }
    state.next = state.first = &nowhere_;
    state.path = path;
    state.hash = paths_.hash(path);
    state.role = traits.role;
    if (traits.indexed) state.terms = &terms_.add_path(path, state.hash);
  }
}

inline RecordReader::PathState* RecordReader::element_of(PathState* state) {
  if (state->element == nullptr) state->element = intern(*state, {{}, true});
  return state->element;
}

// Looks up a key that was not guessed. It is guessed the next time.
RecordReader::PathState* RecordReader::look_up_key(const Level& level, const Text& key) {
  std::string_view plain(key.at, key.length);
  if (key.escaped) {
    decoded_.clear();
    append_decoded(plain, decoded_);
    plain = decoded_;
  }
  return *level.guess = intern(*level.container, {plain, false});
}

}  // namespace syncdex::inline v0
