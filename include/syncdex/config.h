// Version, symbol visibility and lifetime annotations.
#pragma once

#if !defined(__cplusplus) || __cplusplus < 202002L
#error syncdex needs C++20: compile with -std=c++20, or with target_compile_features(HOST PRIVATE cxx_std_20)
#endif

// The only definition of the version: the build and the packages read these lines.
#define SYNCDEX_VERSION_MAJOR 0
#define SYNCDEX_VERSION_MINOR 2
#define SYNCDEX_VERSION_PATCH 0
// The version as one number, for comparisons: 10203 for 1.2.3.
#define SYNCDEX_VERSION (SYNCDEX_VERSION_MAJOR * 10000 + SYNCDEX_VERSION_MINOR * 100 + SYNCDEX_VERSION_PATCH)
// The version as text: "1.2.3".
#define SYNCDEX_VERSION_STRING \
  SYNCDEX_VERSION_JOIN(SYNCDEX_VERSION_MAJOR, SYNCDEX_VERSION_MINOR, SYNCDEX_VERSION_PATCH)
#define SYNCDEX_VERSION_JOIN(major, minor, patch) SYNCDEX_VERSION_QUOTE(major.minor.patch)
#define SYNCDEX_VERSION_QUOTE(version) #version

// Marks what the shared library exports; everything else is compiled with hidden visibility. The static
// library exports nothing. Otherwise a host that exports its symbols, and a plugin that contains another copy
// of syncdex, could be bound to each other's code and give wrong answers: each copy has its own hash seed.
#if defined(__GNUC__) && !defined(SYNCDEX_STATIC)
#define SYNCDEX_API __attribute__((visibility("default")))
#else
#define SYNCDEX_API
#endif

// Lets clang warn if a view would outlive the object that it points into.
#if defined(__clang__)
#define SYNCDEX_LIFETIME_BOUND [[clang::lifetimebound]]
#else
#define SYNCDEX_LIFETIME_BOUND
#endif

namespace syncdex::inline v0 {

// Returns "MAJOR.MINOR.PATCH" of the linked library. The macros give the version of the headers. Never fails.
SYNCDEX_API const char* version() noexcept;

}  // namespace syncdex::inline v0
