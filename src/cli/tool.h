// The command-line tool as a function, so that tests can call it.
#pragma once

#include <cstdio>
#include <span>
#include <string_view>

namespace syncdex::cli {

struct Streams {
  std::FILE* in;
  std::FILE* out;
  std::FILE* err;
};

// Runs the tool. `arguments` excludes the program's name. Returns the exit status; does not throw.
int run_tool(std::span<const std::string_view> arguments, const Streams& io);

}  // namespace syncdex::cli
