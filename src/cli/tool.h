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

// What the tool does with these arguments, the program's name aside; gives its exit status. Throws nothing.
int run_tool(std::span<const std::string_view> arguments, const Streams& io);

}  // namespace syncdex::cli
