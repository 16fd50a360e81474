// Two builds, pair by pair: this program and another build of it, run in turn.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "report.h"

namespace syncdex::bench {

// Writes each benchmark's median, in seconds, and its name.
void write_samples(const std::filesystem::path& path, const Times& times);

// Runs both programs `rounds` times, in the order A B, B A, A B, ..., with the arguments and a place for
// their samples, and prints for each benchmark the median of the rounds' ratios. False: one failed.
bool compare(const std::string& ours, const std::string& other, const std::vector<std::string>& arguments,
             int rounds);

}  // namespace syncdex::bench
