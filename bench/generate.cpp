// Writes sync records for trying things out.
//
//   syncdex_generate N FILE      N records as JSON Lines; always the same ones
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include "dataset.h"

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("usage: syncdex_generate N FILE\n", stderr);
    return 2;
  }
  const std::size_t n = std::strtoul(argv[1], nullptr, 10);
  std::ofstream file(argv[2], std::ios::binary);
  const syncdex::bench::Dataset dataset;
  std::string line;
  for (std::size_t i = 0; i < n && file; ++i) {
    line.clear();
    dataset.append_record(i, line);
    file << line << '\n';
  }
  file.close();
  if (file) return 0;
  std::perror(argv[2]);
  return 1;
}
