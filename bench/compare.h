// Compares this build with another build of the benchmark by running them alternately.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "report.h"

namespace syncdex::bench {

// Writes each benchmark's median in seconds and its name, one per line.
void write_samples(const std::filesystem::path& path, const Times& times);

// Runs both programs `rounds` times with these arguments, in the order A B, B A, A B, ... Prints the median
// ratio of each benchmark. Returns false if a run failed.
bool compare(const std::string& ours, const std::string& other, const std::vector<std::string>& arguments,
             int rounds);

}  // namespace syncdex::bench
