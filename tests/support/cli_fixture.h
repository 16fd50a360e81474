// A fixture that runs the tool as a process, in a folder of its own.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace syncdex::test {

struct Outcome {
  int status;
  std::string out;
  std::string err;
};

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class Cli : public testing::Test {
 protected:
  Cli() {
    std::string name = (std::filesystem::temp_directory_path() / "syncdex-cli-XXXXXX").string();
    dir_ = ::mkdtemp(name.data());
  }
  ~Cli() override { std::filesystem::remove_all(dir_); }

  std::string file(const std::string& name, const std::string& content) {
    std::ofstream(dir_ / name, std::ios::binary) << content;
    return (dir_ / name).string();
  }

  Outcome run(std::vector<std::string> args, const std::string& input = "", const char* out_path = nullptr) {
    args.insert(args.begin(), SYNCDEX_TOOL);
    const std::string in = file("stdin", input);
    const std::string out = out_path != nullptr ? out_path : (dir_ / "stdout").string();
    const std::string err = (dir_ / "stderr").string();
    const pid_t child = ::fork();
    if (child == 0) {
      const auto redirect = [](const std::string& path, int flags, int to) {
        const int fd = ::open(path.c_str(), flags, 0600);
        ::dup2(fd, to);
      };
      redirect(in, O_RDONLY, 0);
      redirect(out, O_WRONLY | O_CREAT | O_TRUNC, 1);
      redirect(err, O_WRONLY | O_CREAT | O_TRUNC, 2);
      std::vector<char*> argv;
      for (std::string& arg : args) argv.push_back(arg.data());
      argv.push_back(nullptr);
      ::execv(argv[0], argv.data());
      ::_exit(127);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
            out_path != nullptr ? "" : read_file(out), read_file(err)};
  }

  const std::string records_ =
      R"([{"id":"a","provider":"stripe","name":"A b","status":"active","health":{"status":"ok"},"metadata":{"n":42}},)"
      R"({"id":"b","provider":"github","metadata":{"n":42.0,"t":["x"]}},{"id":"c\nd","provider":"stripe"}])";
  std::filesystem::path dir_;
};

}  // namespace syncdex::test
