#include "load/record_fields.h"

namespace syncdex::inline v0 {

void RecordFields::forget_faults() noexcept {
  for (Fault& fault : faults_) fault.at = nullptr;
  any_fault_ = false;
}

// A second health or collection_ids replaces all that the first one held.
void RecordFields::forget_inside(Role role) {
  if (role == Role::health) {
    draft_.field(Role::health_status) = {};
    fault(Role::health_status).at = nullptr;
  } else if (role == Role::collection_ids) {
    fault(Role::collection_id).at = nullptr;
  }
}

void RecordFields::set_fault(Role role, Kind found, const char* at) {
  fault(role) = {ErrorCode::wrong_type, at, "", "", role, found};
  any_fault_ = true;
}

bool RecordFields::set_string(Role role, const char* at, std::uint32_t length, bool escaped) {
  if (role > kLastString && role != Role::collection_id) {
    forget_inside(role);
    set_fault(role, Kind::string, at - 1);
    return false;
  }
  if (any_fault_ && role != Role::collection_id) fault(role).at = nullptr;
  if (role <= kLastKept) draft_.field(role) = {FieldText::State::string, escaped, at, length};
  return role != Role::id && role != Role::name;  // which are found through the record table
}

bool RecordFields::set_other(Role role, Kind kind, const char* at) {
  const Kind wanted = role == Role::collection_ids                     ? Kind::array
                      : role == Role::health || role == Role::metadata ? Kind::object
                                                                       : Kind::string;
  forget_inside(role);
  if (kind != wanted && (kind != Kind::null || role == Role::collection_id)) {
    // Of the elements of collection_ids, the first fault counts.
    if (role == Role::collection_id && fault(role).at != nullptr) return false;
    set_fault(role, kind, at);
    if (role <= kLastKept) draft_.field(role) = {};
    return false;
  }
  fault(role).at = nullptr;
  if (role <= kLastKept) draft_.field(role) = {FieldText::State::null, false, nullptr, 0};
  if (role == Role::metadata && kind == Kind::object) draft_.metadata = at;
  return true;
}

const Fault* RecordFields::find_fault() {
  const FieldText& id = draft_.field(Role::id);
  if (fault(Role::id).at == nullptr && (id.state != FieldText::State::string || id.length == 0)) {
    const char* const what = id.state == FieldText::State::absent ? "the record has no id"
                             : id.state == FieldText::State::null ? "id must not be null"
                                                                  : "id must not be empty";
    missing_id_ = {ErrorCode::missing_id, draft_.begin, what};
    return &missing_id_;
  }
  if (!any_fault_) return nullptr;
  const Fault* first = nullptr;
  for (const Fault& fault : faults_) {
    if (fault.at != nullptr && (first == nullptr || fault.at < first->at)) first = &fault;
  }
  return first;
}

}  // namespace syncdex::inline v0
