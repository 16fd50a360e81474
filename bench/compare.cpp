#include "compare.h"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "charts.h"

namespace syncdex::bench {
namespace {

bool run(const std::string& program, const std::vector<std::string>& arguments) {
  std::vector<char*> argv;
  std::string name = program;
  argv.push_back(name.data());
  std::vector<std::string> copies = arguments;
  for (std::string& argument : copies) argv.push_back(argument.data());
  argv.push_back(nullptr);
  const pid_t child = ::fork();
  if (child < 0) return false;
  if (child == 0) {
    if (std::freopen("/dev/null", "w", stdout) != nullptr) ::execv(name.c_str(), argv.data());
    ::_exit(127);
  }
  int status = 0;
  return ::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

std::map<std::string, double> read_samples(const std::filesystem::path& path) {
  std::map<std::string, double> samples;
  std::ifstream in(path);
  double seconds = 0;
  for (std::string name; in >> seconds && std::getline(in >> std::ws, name);) samples[name] = seconds;
  return samples;
}

}  // namespace

void write_samples(const std::filesystem::path& path, const Times& times) {
  std::ofstream out(path);
  for (const auto& [name, values] : times) out << fmt::format("{} {}\n", median(values), name);
}

bool compare(const std::string& ours, const std::string& other, const std::vector<std::string>& arguments,
             int rounds) {
  const std::filesystem::path file =
      std::filesystem::temp_directory_path() / fmt::format("syncdex-samples-{}", ::getpid());
  std::vector<std::string> all = arguments;
  all.insert(all.end(), {"--samples", file.string()});
  Times ratios;
  Times seconds;
  for (int round = 0; round < rounds; ++round) {
    std::map<std::string, double> a;
    std::map<std::string, double> b;
    for (int turn = 0; turn < 2; ++turn) {
      const bool first = (turn == 0) == (round % 2 == 0);
      const std::string& program = first ? ours : other;
      // Each build has its own data, because the generators may differ.
      std::vector<std::string> own = all;
      own.insert(own.end(), {"--data", first ? "build/bench-data" : "build/bench-data-other"});
      std::filesystem::remove(file);
      std::map<std::string, double>& samples = first ? a : b;
      if (run(program, own)) samples = read_samples(file);
      if (samples.empty()) {
        fmt::print(stderr, "{} gave no samples; a build from before --samples cannot be compared\n", program);
        std::filesystem::remove(file);
        return false;
      }
    }
    for (const auto& [name, value] : a) {
      const auto there = b.find(name);
      if (there == b.end() || value <= 0) continue;
      ratios[name].push_back(value / there->second);
      seconds[name].push_back(value);
    }
    fmt::print(stderr, "round {} of {}\n", round + 1, rounds);
  }
  std::filesystem::remove(file);
  fmt::print("{:<64} {:>12} {:>9}   {}\n", "benchmark", "here, us", "ratio", "of the rounds");
  for (const auto& [name, values] : ratios) {
    std::string each;
    for (const double ratio : values) each += fmt::format(" {:.3f}", ratio);
    fmt::print("{:<64} {:>12} {:>9.3f}  {}\n", name, number(median(seconds[name]) * 1e6), median(values),
               each);
  }
  fmt::print("\nratio: time here by time there; below 1 this build is faster\n");
  return true;
}

}  // namespace syncdex::bench
