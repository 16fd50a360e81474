// Version, symbol visibility and lifetime annotations.
#pragma once

#define SYNCDEX_VERSION_MAJOR 0
#define SYNCDEX_VERSION_MINOR 1
#define SYNCDEX_VERSION_PATCH 0
#define SYNCDEX_VERSION_STRING "0.1.0"

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
