#include <cstdio>
#include <span>
#include <string_view>
#include <vector>

#include "tool.h"

int main(int argc, char** argv) {
  const std::vector<std::string_view> words(argv, argv + argc);
  return syncdex::cli::run_tool(std::span(words).subspan(words.empty() ? 0 : 1), {stdin, stdout, stderr});
}
