// operator<< for std::ostream. Opt-in: syncdex.h does not include this header. fmt.h prints the same text.
//
//   Query   its text(); values at credential.properties are not hidden
//   Record  its bytes
//   others  to_string()
#pragma once

#include <ostream>

#include "syncdex/catalog.h"
#include "syncdex/query.h"
#include "syncdex/record.h"
#include "syncdex/result.h"
#include "syncdex/survey.h"

namespace syncdex::inline v0 {

inline std::ostream& operator<<(std::ostream& out, ErrorCode code) { return out << to_string(code); }
inline std::ostream& operator<<(std::ostream& out, const Error& error) { return out << to_string(error); }
inline std::ostream& operator<<(std::ostream& out, const Query& query) { return out << query.text(); }
inline std::ostream& operator<<(std::ostream& out, Record record) { return out << record.json(); }
inline std::ostream& operator<<(std::ostream& out, const Stats& stats) { return out << to_string(stats); }
inline std::ostream& operator<<(std::ostream& out, const Mismatch& mismatch) {
  return out << to_string(mismatch);
}

}  // namespace syncdex::inline v0
