// Reads one record: proves that every value in it is JSON, checks the types of the fields that the API
// names, and hands its indexed values to the term builder. One pass over the tokens, no recursion.
//
// The reader walks a trie of the paths that it has met. For each key it first guesses that the record
// looks like the one before: the key after `provider` is probably `name` again. A right guess costs
// one comparison; a wrong one a look-up. Since every key has a number, a key that stands twice in one
// object is found by a stamp: each object has a serial number, each path the serial of the object that
// it was last seen in.
//
// Of a key that stands twice the last value counts: fields are overwritten, their type errors with
// them. The terms of the lost values stay in the index, so such records are marked, and every answer
// about them is checked on the text.
//
// Knows nothing of framings, files or segments.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "json.h"
#include "path_table.h"
#include "scalar.h"
#include "syncdex/catalog.h"
#include "term_builder.h"

namespace syncdex::inline v0 {

// What is wrong with a piece of input, before it is put in words.
struct Fault {
  ErrorCode code{};
  const char* at = nullptr;
  const char* what = "";    // a sentence without its subject: "a string is not closed"
  const char* limit = "";   // of limit_exceeded
  Role field = Role::none;  // of wrong_type
  Kind found = Kind::null;
};

// A string field as it stands in the text.
struct FieldText {
  enum class State : std::uint8_t { absent, null, string };
  State state = State::absent;
  bool escaped = false;
  const char* at = nullptr;  // behind the quote
  std::uint32_t length = 0;  // raw
};

struct RecordDraft {
  const char* begin = nullptr;
  const char* end = nullptr;
  FieldText id, provider, name, status, health_status;
  bool duplicate_keys = false;
  bool data_before_id = false;  // an array "data", and no "id" before it: an envelope, elsewhere
};

class RecordReader {
 public:
  explicit RecordReader(const Limits& limits);

  enum class Outcome : std::uint8_t { good, incomplete, faulty };

  // Where the reader stands in an index; backslashes are met in step with the tokens.
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

  // Reads the object at the cursor. Good: the cursor is behind it, draft() describes it, and its terms
  // wait in `terms`. Incomplete: the tokens ended first. Faulty: fault() says what, where `careful`.
  // Careful reading also looks for control characters, which a fast index has refused already.
  // `short_groups`: provider and status make no terms.
  // REQUIRES: the token at the cursor is '{'.
  Outcome read(Cursor& cursor, TermBuilder& terms, bool short_groups, bool careful);

  // Checks one JSON value of any kind; nothing is kept of it. The same outcomes.
  Outcome check_value(Cursor& cursor);

  const RecordDraft& draft() const noexcept { return draft_; }
  void forget_draft() noexcept { draft_ = RecordDraft{}; }
  const Fault& fault() const noexcept { return fault_; }
  const PathTable& paths() const noexcept { return paths_; }
  // Takes another reader's paths in; gives the number here of each number there. No record is read after.
  std::vector<PathId> absorb(const PathTable& other) { return paths_.absorb(other); }
  // The reader is done with.
  PathTable release_paths() && noexcept { return std::move(paths_); }

 private:
  struct PathState {
    // The key as it stands in text without escapes, with its closing quote: its first 8 bytes, which
    // of them count, and all. Of a key that text can only hold escaped, nothing ever compares equal.
    std::uint64_t key_head = 1;
    std::uint64_t key_mask = 0;
    const char* key = nullptr;
    std::uint32_t key_length = 0;  // with the quote
    PathId next = kNoPath;         // the key that followed it last time
    PathId first = kNoPath;        // the first key in it
    PathId element = kNoPath;
    std::uint64_t seen_in = 0;  // serial of the object that it was last met in
    std::uint64_t hash = 0;
    Role role = Role::none;
    bool indexed = false;
    bool silent = false;  // neither: its values are only checked
    bool opaque = false;  // nothing below it is tracked
  };
  struct Level {
    std::uint64_t serial = 0;
    PathId path = kRootPath;
    PathId previous = kNoPath;  // the key before
    bool array = false;
  };
  struct Text {  // a string token
    const char* at;
    std::uint32_t length;
    bool escaped;
  };
  // Where walk() stands; its own copy, so that the compiler keeps it in registers.
  struct Place {
    const char* base;
    const char* end;
    const std::uint32_t* token;
    const std::uint32_t* last;
    const std::uint32_t* slash;
  };

  template <bool kCareful>
  Outcome walk(Cursor& cursor, PathId path, TermBuilder* terms);
  template <bool kCareful>
  bool read_string(Place& place, Text& out);
  template <bool kCareful>
  bool check_string(const Text& text);
  template <bool kCareful>
  Outcome read_key(Place& place, const Level& level, PathId& path);
  Outcome fail_number(const char* at, const NumberScan& scan);
  void meet_key(Level& level, PathId path);
  PathId look_up_key(const Level& level, const Text& key);
  PathId element_of(PathId path);
  PathId intern(PathId parent, PathStep step);
  void forget_inside(Role role);
  void meet_string(const PathState& state, PathId path, const Text& text, TermBuilder* terms);
  void meet_other(const PathState& state, PathId path, Kind kind, const char* at, TermBuilder* terms);
  Outcome finish();
  Outcome fail(ErrorCode code, const char* at, const char* what, const char* limit = "");

  Limits limits_;
  PathTable paths_;
  std::vector<PathState> states_;  // by path number
  std::vector<Level> levels_;
  std::uint64_t serial_ = 0;
  PathId ignored_ = kNoPath;  // stands for the path of values that are only checked
  std::string decoded_;
  bool short_groups_ = false;
  RecordDraft draft_;
  std::array<Fault, kRoles> field_faults_;  // at == nullptr: none
  bool any_field_fault_ = true;             // some may be set
  Fault fault_;
};

}  // namespace syncdex::inline v0
