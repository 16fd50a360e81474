// Explains an empty answer: which condition no record meets, and which similar values or paths exist.
#pragma once

#include <cstddef>
#include <string>

#include "query/query_impl.h"
#include "store/snapshot.h"

namespace syncdex::inline v0 {

// How much is looked at.
struct HintSizes {
  std::size_t bytes = 1 << 20;  // of records, for what no index answers
  std::size_t values = 4'096;   // at a path
};

// Returns one line, or an empty string if a record is found to match. The line says when it is about a part
// of the records or values. Cost: a few counts, and a few times what the sizes allow.
std::string hint(const Snapshot& snapshot, const Query& query, const HintSizes& sizes = {});
std::string hint(const Snapshot& snapshot, const Pattern& pattern, const HintSizes& sizes);

}  // namespace syncdex::inline v0
