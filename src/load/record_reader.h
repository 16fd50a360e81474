// Reads one record in one pass over its tokens, without recursion: checks that every value is valid JSON,
// checks the types of the fields that the API names, and hands the indexed values to the term builder.
//
// What can be indexed is walked, with a path for each value. The rest, most of a record, is only checked, in
// a loop that needs no paths. Both loops exist twice. The fast one reads tokens that simdjson's first stage
// has found and checked, and only accepts or refuses. The careful one says what is wrong. The fast one must
// accept nothing that the careful one refuses.
//
// The reader walks a trie of the paths that it has seen. For each key it first guesses that the record looks
// like the one before: the key after `provider` is probably `name` again. A right guess costs one comparison,
// a wrong one a look-up. Duplicate keys are found by stamps: each object has a serial number, and each path
// remembers the serial of the object that it was last seen in.
//
// Of duplicate keys the last value counts: it replaces the field and its type error. The terms of the lost
// values stay in the index, so such records are marked and always rechecked.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "json/scalar.h"
#include "json/tokens.h"
#include "load/record_fields.h"
#include "syncdex/load.h"
#include "terms/path_table.h"
#include "terms/term_builder.h"

namespace syncdex::inline v0 {

class RecordReader {
 public:
  // Values go to `terms`; new paths are added to `paths`.
  explicit RecordReader(TermBuilder& terms, PathTable paths = {});
  RecordReader(const RecordReader&) = delete;
  RecordReader& operator=(const RecordReader&) = delete;

  void set_limits(const Limits& limits) noexcept { limits_ = limits; }

  enum class Outcome : std::uint8_t { good, incomplete, faulty };

  // A position among the tokens of a text, and the next backslash from there on.
  struct Cursor {
    std::string_view text;
    const TokenIndex* index = nullptr;
    std::uint32_t token = 0;
    const std::uint32_t* slash = nullptr;

    Cursor(std::string_view t, const TokenIndex& i) : text(t), index(&i), slash(i.backslashes()) {}
    // REQUIRES: token < index->size()
    const char* at() const noexcept { return text.data() + index->tokens()[token]; }
    bool done() const noexcept { return token >= index->size(); }
  };

  // Reads the object at the cursor. good: the cursor is after it, draft() describes it, and its terms can be
  // committed. incomplete: the tokens ended first. faulty: if `careful`, fault() says what is wrong. The
  // careful way also looks for control characters, which fast tokens cannot contain. `short_groups`: provider
  // and status have no terms. REQUIRES: the token at the cursor is '{'.
  Outcome read(Cursor& cursor, bool short_groups, bool careful);

  // Checks one JSON value of any kind and keeps nothing of it. The outcomes are the same.
  Outcome check_value(Cursor& cursor);

  const RecordDraft& draft() const noexcept { return fields_.draft(); }
  void forget_draft() noexcept { fields_.draft() = RecordDraft{}; }
  const Fault& fault() const noexcept { return fault_; }
  const PathTable& paths() const noexcept { return paths_; }
  // Adds another reader's paths. Returns the number here for each number there.
  std::vector<PathId> merge_from(const PathTable& other) { return paths_.merge_from(other); }

 private:
  struct PathState {
    // The key as written without escapes, from its opening quote to its colon: the first 8 bytes, which of
    // them count, and all of it. A key that can only be written with escapes never compares equal.
    std::uint64_t key_head = 1;
    std::uint64_t key_mask = 0;
    const char* key = nullptr;
    PathState* next = nullptr;   // the key that followed it last time
    PathState* first = nullptr;  // the first key in it
    PathState* element = nullptr;
    std::uint64_t hash = 0;
    TermBuilder::Path* terms = nullptr;  // where the path is indexed
    PathId path = kRootPath;
    std::uint32_t key_length = 0;
    // The serial of the object that it was last seen in. If serials wrap, a record without duplicate keys may
    // be marked; it is then rechecked without need.
    std::uint32_t seen_in = 0;
    Role role = Role::none;
  };
  struct Level {
    PathState* container = nullptr;
    PathState** guess = nullptr;  // of the next key
    std::uint32_t serial = 0;
    bool array = false;
  };
  struct Text {  // a string token
    const char* at;
    std::uint32_t length;
    bool escaped;
  };
  // The position of a walk: a local copy, so that the compiler keeps it in registers.
  struct Place {
    const char* base;
    const char* end;
    const std::uint32_t* token;
    const std::uint32_t* last;
    const std::uint32_t* slash;

    explicit Place(const Cursor& cursor)
        : base(cursor.text.data()),
          end(base + cursor.text.size()),
          token(cursor.index->tokens() + cursor.token),
          last(cursor.index->tokens() + cursor.index->size()),
          slash(cursor.slash) {}
    const char* at() const noexcept { return base + *token; }
    void leave(Cursor& cursor) const {
      cursor.token = static_cast<std::uint32_t>(token - cursor.index->tokens());
      cursor.slash = slash;
    }
  };

  template <bool kCareful>
  Outcome walk(Cursor& cursor);
  template <bool kCareful>
  Outcome check(Place& place, std::size_t depth);
  template <bool kCareful>
  bool read_string(Place& place, Text& out);
  template <bool kCareful>
  bool pass_string(Place& place);
  template <bool kCareful>
  bool check_string(const Text& text);
  template <bool kCareful>
  Outcome read_key(Place& place, Level& level, PathState*& state);
  Outcome pass_colon(Place& place);
  const char* scalar_end(const Place& place, const char* at);
  [[gnu::cold]] Outcome fail_number(const char* at, const char* end, const NumberScan& scan);
  [[gnu::cold]] Outcome fail_key(const char* at, const char* end);
  [[gnu::cold]] Outcome fail_depth(const char* at);
  [[gnu::cold]] Outcome fail_separator(const char* at, const char* end, bool array);
  PathState* look_up_key(const Level& level, const Text& key);
  PathState* element_of(PathState* state);
  PathState* intern(const PathState& parent, PathStep step);
  void add_states(PathId last);
  bool has_term(Role role, const Text& text);
  [[gnu::cold]] Outcome fail(ErrorCode code, const char* at, const char* what, const char* limit = "");

  Limits limits_;
  TermBuilder& terms_;
  PathTable paths_;
  std::deque<PathState> states_;  // by path number; they do not move
  PathState nowhere_;             // the guess where there is none
  std::vector<Level> levels_;
  std::vector<std::uint8_t> open_arrays_;
  std::uint32_t serial_ = 0;
  std::string decoded_;
  bool short_groups_ = false;
  RecordFields fields_;
  Fault fault_;
};

}  // namespace syncdex::inline v0
