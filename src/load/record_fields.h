// The fields of one record that the API names: where their values are, and whether they have the right types.
//
// Of a duplicate key the last value counts, so a fault of a type is final only when the whole record has been
// read: a later value takes it away.
#pragma once

#include <array>
#include <cstdint>

#include "load/faults.h"
#include "terms/path_table.h"

namespace syncdex::inline v0 {

// A string field as it is written in the text.
struct FieldText {
  enum class State : std::uint8_t { absent, null, string };
  State state = State::absent;
  bool escaped = false;
  const char* at = nullptr;  // after the quote
  std::uint32_t length = 0;  // raw
};

struct RecordDraft {
  const char* begin = nullptr;
  const char* end = nullptr;
  const char* metadata = nullptr;                                         // its '{'
  std::array<FieldText, static_cast<std::size_t>(kLastKept) + 1> fields;  // by role
  bool duplicate_keys = false;
  bool data_before_id = false;  // has an array "data" and no "id" before it: as a document, it is an envelope

  // REQUIRES: role <= kLastKept
  FieldText& field(Role role) noexcept { return fields[static_cast<std::size_t>(role)]; }
  const FieldText& field(Role role) const noexcept { return fields[static_cast<std::size_t>(role)]; }
};

class RecordFields {
 public:
  // Starts a new record.
  void begin(const char* record) noexcept {
    draft_ = RecordDraft{};
    draft_.begin = record;
    if (any_fault_) forget_faults();
  }

  // The field is this string, or a value of another kind, which begins at `at`. Returns whether the value is
  // of a right type and has a term.
  bool set_string(Role role, const char* at, std::uint32_t length, bool escaped);
  bool set_other(Role role, Kind kind, const char* at);

  // The first fault of the record, as a whole; null if there is none. Valid until the next record.
  const Fault* find_fault();

  const RecordDraft& draft() const noexcept { return draft_; }
  RecordDraft& draft() noexcept { return draft_; }

 private:
  Fault& fault(Role role) noexcept { return faults_[static_cast<std::size_t>(role)]; }
  void set_fault(Role role, Kind found, const char* at);
  void forget_faults() noexcept;
  void forget_inside(Role role);

  RecordDraft draft_;
  std::array<Fault, kRoles> faults_;  // of each field; at == nullptr: none
  bool any_fault_ = true;             // some may be set
  Fault missing_id_;
};

}  // namespace syncdex::inline v0
