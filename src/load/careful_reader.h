// Reads single values the careful way: it indexes just the value's text, with code that needs no SIMD, and
// finds exactly what is wrong and where. It is the definition of what a load accepts, and is used wherever
// the fast way has refused.
#pragma once

#include <cstdint>
#include <string_view>

#include "json/tokens.h"
#include "load/faults.h"
#include "load/record_reader.h"

namespace syncdex::inline v0 {

class CarefulReader {
 public:
  // A record is at most `record_limit` bytes long. `tokens` is where each text is indexed.
  CarefulReader(RecordReader& reader, TokenIndex& tokens, std::uint64_t record_limit)
      : reader_(reader), tokens_(tokens), record_limit_(record_limit) {}

  // Reads the record whose text this is: reader.draft() describes it. False: fault() says what is wrong.
  bool read(std::string_view text, bool short_groups);

  // A record that is not closed: whether something else is wrong with what there is of it (fault()).
  bool explain_open(std::string_view text, bool short_groups);

  // Checks a value of any kind, of which nothing is kept. Returns the place behind it, or nullptr: fault().
  const char* check_value(const char* p, const char* end);

  const Fault& fault() const noexcept { return fault_; }

 private:
  RecordReader& reader_;
  TokenIndex& tokens_;
  const std::uint64_t record_limit_;
  Fault fault_;
};

}  // namespace syncdex::inline v0
