// Input: arguments of the tool, separated by zero bytes. The tool always exits with a documented status. If
// it refuses the arguments or fails, it says why on standard error and writes no answer.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "law.h"
#include "tool.h"

namespace {

constexpr std::string_view kRecords =
    R"({"id":"a","provider":"stripe","name":"one","metadata":{"n":42,"t":["x","y"],"o":[{"a":1,"b":2}]}}
{"id":"b","provider":"hubspot","health":{"status":"error"},"metadata":{"n":42.5}}
{"id":"c","status":"active","credential":{"properties":{"key":"secret"}}}
{"id":5}
)";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  if (size > 4096 || input.find('/') != input.npos) return 0;  // no access to other files
  std::vector<std::string_view> words;
  for (std::size_t at = 0; at <= input.size();) {
    const std::size_t end = std::min(input.find('\0', at), input.size());
    words.push_back(input.substr(at, end - at));
    at = end + 1;
  }
  char* out_text = nullptr;
  char* err_text = nullptr;
  std::size_t out_size = 0;
  std::size_t err_size = 0;
  std::string records(kRecords);
  const syncdex::cli::Streams io{::fmemopen(records.data(), records.size(), "rb"),
                                 ::open_memstream(&out_text, &out_size),
                                 ::open_memstream(&err_text, &err_size)};
  const int status = syncdex::cli::run_tool(words, io);
  for (std::FILE* file : {io.in, io.out, io.err}) std::fclose(file);
  const std::string out(out_text, out_size);
  const std::string err(err_text, err_size);
  std::free(out_text);
  std::free(err_text);

  SYNCDEX_LAW(status >= 0 && status <= 2);  // 3: index and scan disagree
  SYNCDEX_LAW(err.empty() || (err.starts_with("syncdex: ") && err.back() == '\n'));
  for (const char c : err) SYNCDEX_LAW(static_cast<unsigned char>(c) >= 0x20 || c == '\n');
  if (status == 1) SYNCDEX_LAW(out.empty() && !err.empty());
  if (status == 2) SYNCDEX_LAW(out.empty() != err.empty() || out.find("\"error\"") != out.npos);
  return 0;
}
