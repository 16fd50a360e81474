// Input: a sequence of operations on a live catalog (tests/live_model.cpp). Every answer, diff, page and
// delta must equal that of a model: a plain vector of records that recomputes everything.
#include <cstdint>
#include <cstdio>
#include <string>

#include "law.h"
#include "support/live_model.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // Many short runs find more than a few long ones.
  if (size > 60) return 0;
  const std::string difference = syncdex::test::compare_with_model({data, size}, 6, 40);
  if (!difference.empty()) std::fprintf(stderr, "%s\n", difference.c_str());
  SYNCDEX_LAW(difference.empty());
  return 0;
}
