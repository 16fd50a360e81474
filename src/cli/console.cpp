#include "console.h"

#include <cerrno>
#include <cstring>

namespace syncdex::cli {

void Output::write(std::string_view text) {
  if (failed_ == 0 && std::fwrite(text.data(), 1, text.size(), io_.out) != text.size()) failed_ = errno;
}

int Output::finish(int status) {
  if (failed_ == 0 && std::fflush(io_.out) != 0) failed_ = errno;
  if (failed_ == 0) return status;
  if (failed_ != EPIPE) print_error(io_, "the output cannot be written: {}", std::strerror(failed_));
  return kFailed;
}

bool has_control(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (control_at(text, i).length > 0) return true;
  }
  return false;
}

std::string escaped(std::string_view json) {
  std::string out;
  for (std::size_t i = 0; i < json.size();) {
    const auto [length, point] = control_at(json, i);
    if (length == 0) {
      out += json[i++];
      continue;
    }
    i += length;
    if (point < 0x10000) {
      out += fmt::format("\\u{:04x}", point);
    } else {
      out += fmt::format("\\u{:04x}\\u{:04x}", 0xD7C0 + (point >> 10), 0xDC00 + (point & 0x3FF));
    }
  }
  return out;
}

std::string json_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return escaped(out + '"');
}

bool is_about_text(ErrorCode code) noexcept {
  return code != ErrorCode::io_error && code != ErrorCode::cancelled && code != ErrorCode::budget_exceeded &&
         code != ErrorCode::stale_cursor && code != ErrorCode::incomplete_list;
}

std::optional<std::string> read_all(std::FILE* file) {
  std::string text;
  char block[1 << 16];
  for (std::size_t n; (n = std::fread(block, 1, sizeof block, file)) > 0;) text.append(block, n);
  if (std::ferror(file) != 0) return std::nullopt;
  return text;
}

Error read_error() {
  Error error;
  error.code = ErrorCode::io_error;
  error.message = fmt::format("cannot be read: {}", std::strerror(errno));
  return error;
}

bool Progress::operator()(std::uint64_t done, std::uint64_t total, std::uint64_t records) {
  const auto now = Clock::now();
  if (now - start_ < std::chrono::seconds(1) ||
      (now - drawn_ < std::chrono::milliseconds(100) && done < total))
    return true;
  drawn_ = now;
  constexpr int kWidth = 40;
  const int filled = total == 0 ? kWidth : static_cast<int>(done * kWidth / total);
  const std::string bar =
      fmt::format("\r[{:<{}}] {:3}%  {} records", std::string(static_cast<std::size_t>(filled), '#'), kWidth,
                  total == 0 ? 100 : done * 100 / total, records);
  static_cast<void>(std::fwrite(bar.data(), 1, bar.size(), err_));
  shown_ = true;
  return true;
}
void Progress::clear() const {
  if (shown_) static_cast<void>(std::fputs("\r\033[K", err_));
}

}  // namespace syncdex::cli
