// From measured times to the tables and charts that people read.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace syncdex::bench {

// Seconds per operation, one value a repetition, by benchmark name.
using Times = std::map<std::string, std::vector<double>>;

double median(std::vector<double> values);

// One figure: ours, what it stands beside, and what it must reach.
struct Figure {
  enum class Goal { at_least, at_most, none };

  std::string what{};
  std::string size{};      // "100k"
  std::string ours{};      // a name in Times
  std::string baseline{};  // another, or empty
  std::string beside{};    // what the baseline is, in words
  double per = 1;          // operations, matches or records that one timed call stands for
  std::string unit{};      // of the value shown: "ns a record"
  // The goal is on baseline/ours (at_least: ours is that much of its speed) or, where there is no
  // baseline, on the value; with ours_over_baseline it is on ours/baseline.
  Goal goal = Goal::none;
  double bound = 0;
  bool ours_over_baseline = false;
  // Set where the value is not a time: bytes, a ratio found otherwise.
  bool given = false;
  double value = 0;
};

// By this figure the speed of a machine is known; the goals in seconds were set where it was
// kReferenceDomNs.
constexpr const char* kDomFigure = "simdjson DOM, warm, a record at a time";
constexpr double kReferenceDomNs = 380;

enum class Verdict { none, reached, in_proportion, missed };

struct Judged {
  Figure figure;
  double value = 0;   // in its unit
  double beside = 0;  // the baseline in the same unit, 0 if there is none
  double ratio = 0;
  double low = 0;  // fastest and slowest repetition, in its unit
  double high = 0;
  // in_proportion: a goal in seconds that is missed here, and would be reached if this machine were as
  // fast at it as the one on which the goals were set is at a DOM parse. A hint, not a proof: look-ups
  // wait for memory, a parse computes.
  Verdict verdict = Verdict::none;
};

std::vector<Judged> judge(const std::vector<Figure>& figures, const Times& times);

// Machine, compiler, flags, commit, seed: what a number is worth nothing without.
using Facts = std::vector<std::pair<std::string, std::string>>;

void print_table(const std::vector<Judged>& judged, const Facts& facts);

// Writes report.md, report.html, the README's table (readme.md) and the charts.
void write_report(const std::filesystem::path& folder, const std::vector<Judged>& judged, const Facts& facts);

}  // namespace syncdex::bench
