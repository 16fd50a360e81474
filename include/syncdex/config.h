// Version, symbol visibility and lifetime annotations.
#pragma once

#if !defined(__cplusplus) || __cplusplus < 202002L
#error syncdex needs C++20: compile with -std=c++20, or with target_compile_features(HOST PRIVATE cxx_std_20)
#endif

// Defined here alone; the build and the packages read these lines.
#define SYNCDEX_VERSION_MAJOR 0
#define SYNCDEX_VERSION_MINOR 1
#define SYNCDEX_VERSION_PATCH 0
// To compare: 10203 for 1.2.3.
#define SYNCDEX_VERSION (SYNCDEX_VERSION_MAJOR * 10000 + SYNCDEX_VERSION_MINOR * 100 + SYNCDEX_VERSION_PATCH)
// "1.2.3"
#define SYNCDEX_VERSION_STRING \
  SYNCDEX_VERSION_JOIN(SYNCDEX_VERSION_MAJOR, SYNCDEX_VERSION_MINOR, SYNCDEX_VERSION_PATCH)
#define SYNCDEX_VERSION_JOIN(major, minor, patch) SYNCDEX_VERSION_QUOTE(major.minor.patch)
#define SYNCDEX_VERSION_QUOTE(version) #version

// The library is compiled with hidden visibility; SYNCDEX_API marks what the shared library exports. The
// static library exports nothing: a host that exports its symbols and a plugin that contains another copy of
// syncdex must not be bound to each other's code, since each copy has a hash seed of its own.
#if defined(__GNUC__) && !defined(SYNCDEX_STATIC)
#define SYNCDEX_API __attribute__((visibility("default")))
#else
#define SYNCDEX_API
#endif

// Lets clang warn where a view would outlive what it points into.
#if defined(__clang__)
#define SYNCDEX_LIFETIME_BOUND [[clang::lifetimebound]]
#else
#define SYNCDEX_LIFETIME_BOUND
#endif

namespace syncdex::inline v0 {

// "MAJOR.MINOR.PATCH" of the linked library (the macros are those of the headers). Never fails.
SYNCDEX_API const char* version() noexcept;

}  // namespace syncdex::inline v0
