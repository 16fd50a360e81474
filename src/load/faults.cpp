#include "load/faults.h"

#include <algorithm>

#include "base/errors.h"

namespace syncdex::inline v0 {
namespace {

const char* expected_type(Role field) {
  switch (field) {
    case Role::collection_ids: return "an array of strings";
    case Role::health:
    case Role::metadata: return "an object";
    default: return "a string";
  }
}

// Old Macs ended lines with a carriage return. Nothing counts those, so all faults are on line 1.
bool has_carriage_returns_only(std::string_view before, const char* end) {
  const std::size_t carriage = before.find('\r');
  if (carriage == before.npos || before.find('\n') != before.npos) return false;
  return (carriage + 1 < before.size() ? before[carriage + 1] : *end) != '\n';
}

}  // namespace

std::uint64_t FaultWriter::line_of(const char* at) const {
  return 1 + static_cast<std::uint64_t>(std::count(text_.data(), at, '\n'));
}

Error FaultWriter::error(ErrorCode code, const char* at, std::string message) const {
  return error_at(code, text_, at, std::move(message));
}

Error FaultWriter::error(const Fault& fault) const {
  Error e = error(fault.code, fault.at, describe(fault));
  e.limit = fault.limit;
  const std::string_view before(text_.data(), static_cast<std::size_t>(fault.at - text_.data()));
  if (fault.code == ErrorCode::malformed_json && has_carriage_returns_only(before, fault.at)) {
    e.message += "; its lines end in carriage returns alone, which are not counted";
  }
  return e;
}

BadRecord FaultWriter::bad_record(std::uint64_t position, const char* at, std::optional<std::string> id,
                                  ErrorCode code, std::string reason) const {
  BadRecord bad;
  bad.position = position;
  bad.offset = static_cast<std::uint64_t>(at - text_.data());
  bad.id = std::move(id);
  bad.code = code;
  bad.reason = std::move(reason);
  return bad;
}

std::string FaultWriter::describe(const Fault& fault) const {
  std::string message = fault.what;
  if (fault.field != Role::none) {
    message = fault.field == Role::collection_id ? "an element of collection_ids" : to_string(fault.field);
    message.append(" must be ").append(expected_type(fault.field));
    message.append(", found ").append(with_article(fault.found));
  }
  if (*fault.limit != '\0') append_limit(limits_, fault.limit, message);
  if (!fault.advice.empty()) message.append("; ").append(fault.advice);
  return message;
}

void FaultWriter::number_lines(std::vector<BadRecord>& bad) const {
  std::ranges::stable_sort(bad, {}, &BadRecord::offset);
  const char* counted = text_.data();
  std::uint64_t line = 1;
  for (BadRecord& entry : bad) {
    const char* const at = text_.data() + entry.offset;
    line += static_cast<std::uint64_t>(std::count(counted, at, '\n'));
    counted = at;
    entry.line = line;
  }
}

}  // namespace syncdex::inline v0
