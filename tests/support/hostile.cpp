#include "support/hostile.h"

#include "support/allocations.h"

#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <random>
#include <unordered_map>

#include "support/oracle.h"

namespace syncdex::test {

void on_small_stack(std::size_t bytes, const std::function<void()>& f) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, bytes);
  pthread_t thread;
  ASSERT_EQ(pthread_create(
                &thread, &attributes,
                [](void* p) -> void* {
                  (*static_cast<const std::function<void()>*>(p))();
                  return nullptr;
                },
                const_cast<std::function<void()>*>(&f)),
            0);
  pthread_join(thread, nullptr);
  pthread_attr_destroy(&attributes);
}

GuardedText::GuardedText(std::string_view text, std::size_t padding, char fill) {
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  const std::size_t used = text.size() + padding;
  bytes_ = (used + page - 1) / page * page + page;
  pages_ = ::mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages_ == MAP_FAILED) throw std::bad_alloc();
  char* const guard = static_cast<char*>(pages_) + bytes_ - page;
  char* const at = guard - used;
  std::ranges::copy(text, at);
  std::fill_n(at + text.size(), padding, fill);
  ::mprotect(guard, page, PROT_NONE);
  text_ = {at, text.size()};
}
GuardedText::~GuardedText() { ::munmap(pages_, bytes_); }

namespace {

// How libstdc++ hashes each 8-byte block of a string (MurmurHash64A): h = (h ^ mixed(k)) * m. If the mixed
// values of two blocks differ only in the highest bit, the states after them differ only in that bit, since m
// is odd. A second pair of such blocks cancels the difference.
constexpr std::uint64_t kM = 0xC6A4'A793'5BD1'E995;

std::uint64_t mixed(std::uint64_t k) {
  k *= kM;
  k ^= k >> 47;
  return k * kM;
}
std::uint64_t unmixed(std::uint64_t k) {
  std::uint64_t inverse = kM;  // the inverse of m, by Newton's method
  for (int i = 0; i < 6; ++i) inverse *= 2 - kM * inverse;
  k *= inverse;
  k ^= k >> 47;
  return k * inverse;
}

bool is_plain_text(const std::string& text) {
  return oracle::is_utf8(text) && std::ranges::none_of(text, [](char c) {
           return static_cast<unsigned char>(c) < ' ' || c == '"' || c == '\\';
         });
}

std::string bytes_of(std::uint64_t k) {
  std::string text(8, ' ');
  std::memcpy(text.data(), &k, 8);
  return text;
}

}  // namespace

std::vector<std::string> std_hash_collisions(unsigned steps) {
  std::mt19937_64 random(7);
  // Eight bytes of UTF-8. Not ASCII alone: an ASCII block has no partner block that is ASCII too.
  const auto block = [&] {
    std::string text;
    while (text.size() < 8) {
      const std::size_t left = 8 - text.size();
      const std::size_t length = std::min<std::size_t>(left, 1 + random() % 3);
      const auto tail = [&] { return static_cast<char>(0x80 + random() % 64); };
      if (length == 1) text += static_cast<char>('a' + random() % 26);
      if (length == 2) (text += static_cast<char>(0xC3 + random() % 28)) += tail();
      if (length == 3) ((text += static_cast<char>(0xE1 + random() % 12)) += tail()) += tail();
    }
    return text;
  };
  const auto pair = [&] {  // two blocks whose mixed values differ in the highest bit
    for (;;) {
      const std::string text = block();
      std::uint64_t k = 0;
      std::memcpy(&k, text.data(), 8);
      std::string other = bytes_of(unmixed(mixed(k) ^ std::uint64_t{1} << 63));
      if (is_plain_text(text) && is_plain_text(other)) return std::pair(text, other);
    }
  };
  std::vector<std::string> all{""};
  for (unsigned step = 0; step < steps; ++step) {
    const auto [a, a2] = pair();
    const auto [b, b2] = pair();
    std::vector<std::string> next;
    for (const std::string& text : all) {
      next.push_back(text + a + b);
      next.push_back(text + a2 + b2);
    }
    all = std::move(next);
  }
  return all;
}

std::vector<std::string> boost_hash_collisions(unsigned steps) {
  // boost::hash_combine, one byte at a time. Its low bits depend only on low bits.
  constexpr std::uint64_t kLow = (std::uint64_t{1} << 32) - 1;
  const auto step_of = [](std::uint64_t h, char c) {
    return ((h ^ mixed(static_cast<std::uint64_t>(static_cast<signed char>(c)))) * kM + 0xE654'6B64) & kLow;
  };
  std::mt19937_64 random(8);
  std::uint64_t state = 0;
  std::vector<std::string> all{""};
  for (unsigned step = 0; step < steps; ++step) {
    // Finds two blocks that lead from this state to the same next state. By the birthday paradox this takes
    // about 2^16 tries.
    std::unordered_map<std::uint64_t, std::uint64_t> seen;
    seen.reserve(1 << 18);
    for (;;) {
      std::uint64_t k = 0;
      std::uint64_t h = state;
      for (int i = 0; i < 8; ++i) {
        const char c = static_cast<char>('a' + random() % 26);
        k = k << 8 | static_cast<unsigned char>(c);
        h = step_of(h, c);
      }
      const auto [at, fresh] = seen.emplace(h, k);
      if (fresh || at->second == k) continue;
      const auto reversed = [](std::uint64_t block) {
        std::string text = bytes_of(block);
        std::ranges::reverse(text);
        return text;
      };
      const std::string a = reversed(k);
      const std::string b = reversed(at->second);
      std::vector<std::string> next;
      for (const std::string& text : all) {
        next.push_back(text + a);
        next.push_back(text + b);
      }
      all = std::move(next);
      state = h;
      break;
    }
  }
  return all;
}

std::string repeated(std::size_t n, const std::function<std::string(std::size_t)>& make, char between) {
  std::string text;
  for (std::size_t i = 0; i < n; ++i) {
    if (i > 0) text += between;
    text += make(i);
  }
  return text;
}

std::size_t allocations_of(const std::function<void()>& f) {
  const std::size_t before = allocations;
  f();
  return allocations - before;
}

std::size_t longest_bucket(const std::vector<std::uint64_t>& hashes) {
  std::size_t longest = 0;
  for (const bool upper : {true, false}) {
    std::vector<std::size_t> buckets(hashes.size() + 1);
    for (const std::uint64_t hash : hashes) {
      const std::size_t at = upper ? static_cast<std::size_t>((hash >> 32) * buckets.size() >> 32)
                                   : static_cast<std::size_t>(hash % buckets.size());
      longest = std::max(longest, ++buckets[at]);
    }
  }
  return longest;
}

std::size_t peak_bytes(const std::function<void()>& f) {
  int ends[2];
  if (::pipe(ends) != 0) return 0;
  const pid_t child = ::fork();
  if (child == 0) {
    const auto resident = [] {
      std::size_t pages[2] = {};
      if (std::FILE* const file = std::fopen("/proc/self/statm", "r")) {
        if (std::fscanf(file, "%zu %zu", &pages[0], &pages[1]) != 2) pages[1] = 0;
        std::fclose(file);
      }
      return pages[1] * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    };
    const std::size_t before = resident();
    f();
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const std::size_t peak = static_cast<std::size_t>(usage.ru_maxrss) * 1024;
    const std::size_t grown = peak > before ? peak - before : 0;
    static_cast<void>(::write(ends[1], &grown, sizeof grown) == 0);
    ::_exit(0);
  }
  std::size_t grown = 0;
  ::close(ends[1]);
  if (::read(ends[0], &grown, sizeof grown) != static_cast<ssize_t>(sizeof grown)) grown = 0;
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  return grown;
}

}  // namespace syncdex::test
