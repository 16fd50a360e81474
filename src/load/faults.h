// What can be wrong with a text, and how that becomes errors and entries of a load's report.
//
// The readers note a Fault: a code and a place, no words. Most faults are never shown, since the careful way
// reads again what the fast way refused, and a worker's faults are found again by the calling thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "json/scalar.h"
#include "syncdex/load.h"
#include "terms/path_table.h"

namespace syncdex::inline v0 {

struct Fault {
  ErrorCode code{};
  const char* at = nullptr;
  const char* what = "";    // "a string is not closed"
  const char* limit = "";   // of limit_exceeded: its name in Limits
  Role field = Role::none;  // of wrong_type: the field, and
  Kind found = Kind::null;  // what it held
  std::string advice = {};  // what to do, if that is known
  bool framing = false;     // brackets or quotes are not balanced, or there is no document
};

// Whether the fault means that the text is not JSON, rather than JSON that is no record.
inline bool is_syntax(const Fault& fault) noexcept {
  return fault.code != ErrorCode::wrong_type && fault.code != ErrorCode::missing_id;
}

// Words the faults of one text. Each error costs O(bytes before it), to count its line.
class FaultWriter {
 public:
  FaultWriter(std::string_view text, const Limits& limits) : text_(text), limits_(limits) {}

  Error error(ErrorCode code, const char* at, std::string message) const;
  Error error(const Fault& fault) const;
  // Without its line, which number_lines() counts for all entries at once.
  BadRecord bad_record(std::uint64_t position, const char* at, std::optional<std::string> id, ErrorCode code,
                       std::string reason) const;
  std::string describe(const Fault& fault) const;
  std::uint64_t line_of(const char* at) const;
  // Sorts the entries by offset and sets their lines. O(bytes + entries log entries).
  void number_lines(std::vector<BadRecord>& bad) const;

 private:
  std::string_view text_;
  const Limits& limits_;
};

}  // namespace syncdex::inline v0
