// Appends that leave nothing behind if memory runs out.
#pragma once

#include <cstddef>
#include <string>

namespace syncdex::inline v0 {

// Calls append(). If it throws, restores the size of `out`.
template <class Append>
void all_or_nothing(std::string& out, Append append) {
  const std::size_t before = out.size();
  try {
    append();
  } catch (...) {
    out.resize(before);
    throw;
  }
}

}  // namespace syncdex::inline v0
