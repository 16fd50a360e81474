// What can be kept from one load to the next.
#pragma once

#include <utility>

#include "load/record_reader.h"
#include "terms/path_table.h"
#include "terms/term_builder.h"

namespace syncdex::inline v0 {

// What a load works with. Keeping it makes the next small load cheaper; the table of paths then keeps
// growing. Must not be used again after an exception came out of a load.
struct LoadTools {
  LoadTools() : LoadTools(PathTable()) {}
  explicit LoadTools(PathTable paths) : reader(terms, std::move(paths)) {}

  TermBuilder terms;
  RecordReader reader;
  bool last_wins = false;  // of records with one id, the last one is loaded, and the others are not reported
};

}  // namespace syncdex::inline v0
