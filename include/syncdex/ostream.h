// Opt-in: operator<< for std::ostream. The texts are those of fmt.h.
//
//   Query   its canonical pattern; a value at credential.properties stands there as it was asked
//   Record  its bytes
//   the others: to_string()
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
inline std::ostream& operator<<(std::ostream& out, const Query& query) { return out << query.pattern(); }
inline std::ostream& operator<<(std::ostream& out, Record record) { return out << record.json(); }
inline std::ostream& operator<<(std::ostream& out, const Stats& stats) { return out << to_string(stats); }
inline std::ostream& operator<<(std::ostream& out, const Mismatch& mismatch) {
  return out << to_string(mismatch);
}

}  // namespace syncdex::inline v0
