// Locates the external conformance suites, if they are available.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace syncdex::test {

inline std::filesystem::path conformance_dir() {
  const char* const set = std::getenv("SYNCDEX_CONFORMANCE_DIR");
  return set != nullptr ? set : SYNCDEX_CONFORMANCE_DIR;
}

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

inline std::string from_base64(const std::string& text) {
  std::string out;
  unsigned bits = 0;
  int have = 0;
  for (const char c : text) {
    const auto at = std::string("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/").find(c);
    if (at == std::string::npos) break;
    bits = bits << 6 | static_cast<unsigned>(at);
    have += 6;
    if (have >= 8) {
      have -= 8;
      out += static_cast<char>(bits >> have & 0xFF);
    }
  }
  return out;
}

}  // namespace syncdex::test

// Skips the test if the suite is not available.
#define SYNCDEX_NEEDS_SUITE(file)                                                \
  if (!std::filesystem::exists(syncdex::test::conformance_dir() / (file))) {     \
    GTEST_SKIP() << (file) << " is not in " << syncdex::test::conformance_dir(); \
  }
