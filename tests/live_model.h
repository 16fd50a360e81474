// A live catalog beside a plain vector of records, both driven by the same steps: whatever the one says is
// compared with what follows from the other by recomputing everything.
//
// The steps are read from bytes, so that a test can make them at random and a fuzzer can search.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace syncdex::test {

// What was first found to be different, in a line; empty where nothing is.
std::string compare_with_model(std::span<const std::uint8_t> steps);

}  // namespace syncdex::test
