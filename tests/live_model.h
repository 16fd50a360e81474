// A live catalog beside a plain vector of records, both driven by the same steps: whatever the one says is
// compared with what follows from the other by recomputing everything.
//
// The steps are read from bytes, so that a test can make them at random and a fuzzer can search.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace syncdex::test {

// Returns the first difference in one line, or an empty text. The first step decides whether the world has
// `few` ids or, once in 16, `many`.
std::string compare_with_model(std::span<const std::uint8_t> steps, std::size_t few = 24,
                               std::size_t many = 600);

}  // namespace syncdex::test
