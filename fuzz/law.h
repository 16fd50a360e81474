// Assertions of fuzz targets. A failed one aborts the process, which the fuzzer reports as a crash.
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
