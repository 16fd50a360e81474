#include <clocale>
#include <cstdio>
#include <span>
#include <string_view>
#include <vector>

#include "tool.h"

int main(int argc, char** argv) {
  // So that tables know how wide characters are.
  if (std::setlocale(LC_CTYPE, "C.UTF-8") == nullptr) std::setlocale(LC_CTYPE, "");
  const std::vector<std::string_view> words(argv, argv + argc);
  return syncdex::cli::run_tool(std::span(words).subspan(words.empty() ? 0 : 1), {stdin, stdout, stderr});
}
