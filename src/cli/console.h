// Standard output and error of the tool.
#pragma once

#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "show.h"
#include "tool.h"

namespace syncdex::cli {

enum Exit : int { kAnswered = 0, kFailed = 1, kUsage = 2, kDifferent = 3 };

// Prints a line to standard error. Control characters are escaped, because the line may quote untrusted
// input. Write errors are ignored.
template <class... Args>
void print_error(const Streams& io, fmt::format_string<Args...> format, Args&&... args) {
  const std::string line = "syncdex: " + visible(fmt::format(format, std::forward<Args>(args)...)) + '\n';
  static_cast<void>(std::fwrite(line.data(), 1, line.size(), io.err));
}

// Standard output. Remembers the first write error and drops what is written after it.
class Output {
 public:
  explicit Output(const Streams& io) : io_(io) {}
  void write(std::string_view text);
  // Flushes. Returns `status`, or kFailed after a write error. A closed pipe gets no message.
  int finish(int status);

 private:
  const Streams& io_;
  int failed_ = 0;
};

bool has_control(std::string_view text);
// Escapes control and invisible characters. Valid JSON has them only in strings, so its meaning is unchanged.
std::string escaped(std::string_view json);
std::string json_string(std::string_view text);

// Whether errors of this kind are about a place in a text.
bool is_about_text(ErrorCode code) noexcept;

// All of a stream; nothing if it cannot be read (errno).
std::optional<std::string> read_all(std::FILE* file);
// What errno says.
Error read_error();

// A progress bar on standard error, shown after one second.
class Progress {
 public:
  explicit Progress(std::FILE* err) : err_(err) {}
  bool operator()(std::uint64_t done, std::uint64_t total, std::uint64_t records);
  void clear() const;

 private:
  using Clock = std::chrono::steady_clock;
  std::FILE* err_;
  Clock::time_point start_ = Clock::now();
  Clock::time_point drawn_{};
  bool shown_ = false;
};

}  // namespace syncdex::cli
