// Drives a live catalog and a plain vector of records by the same steps. Everything that the catalog reports
// is compared with what is recomputed from the vector.
//
// The steps are read from bytes, so that a test can generate them at random and a fuzzer can search.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace syncdex::test {

// Returns the first difference as one line, or an empty string. The first step selects whether there are
// `few` ids or, one time in 16, `many`.
std::string compare_with_model(std::span<const std::uint8_t> steps, std::size_t few = 24,
                               std::size_t many = 600);

}  // namespace syncdex::test
