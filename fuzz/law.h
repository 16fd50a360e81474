// What a target says must hold; a law that does not ends the process, which the fuzzer notices.
#pragma once

#include <cstdio>
#include <cstdlib>

#define SYNCDEX_LAW(condition)                                                         \
  do {                                                                                 \
    if (!(condition)) {                                                                \
      std::fprintf(stderr, "%s:%d: law broken: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                    \
    }                                                                                  \
  } while (false)
