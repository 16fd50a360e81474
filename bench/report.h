// Turns measured times into tables and charts.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace syncdex::bench {

// Seconds per operation by benchmark name, one value per repetition.
using Times = std::map<std::string, std::vector<double>>;

double median(std::vector<double> values);

constexpr double kReferenceDomNs = 380;
constexpr double kFilterDomNs = 950;

// A figure: a measured value, its baseline and its goal.
struct Figure {
  enum class Goal { at_least, at_most, none };

  std::string what{};
  std::string size{};      // "100k"
  std::string ours{};      // a name in Times
  std::string baseline{};  // another name in Times, or empty
  std::string beside{};    // a description of the baseline
  double per = 1;          // operations, matches or records per timed call
  std::string unit{};      // of the value shown: "ns a record"
  // The goal is a bound on baseline/ours (with at_least: our speed relative to the baseline's). With
  // ours_over_baseline it is a bound on ours/baseline, and without a baseline on the value.
  Goal goal = Goal::none;
  double bound = 0;
  bool ours_over_baseline = false;
  // The speed of the machine where a goal in seconds was set.
  double reference_dom_ns = kReferenceDomNs;
  // Whether `value` is set directly and not computed from Times: bytes, for example.
  bool given = false;
  double value = 0;
};

// This figure measures the speed of the machine. On the machine where the goals in seconds were set, it was
// kReferenceDomNs; for those of filters, kFilterDomNs.
constexpr const char* kDomFigure = "simdjson DOM, warm, a record at a time";

enum class Verdict { none, reached, in_proportion, missed };

struct Judged {
  Figure figure;
  double value = 0;   // in the figure's unit
  double beside = 0;  // the baseline in the same unit; 0 if there is none
  double ratio = 0;
  double low = 0;  // fastest and slowest repetition, in the figure's unit
  double high = 0;
  // in_proportion: a goal in seconds that is missed, but would be reached if scaled by the ratio of the two
  // machines' DOM parse times. A hint, not a proof: look-ups are bound by memory, parsing by the CPU.
  Verdict verdict = Verdict::none;
};

std::vector<Judged> judge(const std::vector<Figure>& figures, const Times& times);

// The context of the numbers: machine, compiler, flags, commit, seed.
using Facts = std::vector<std::pair<std::string, std::string>>;

void print_table(const std::vector<Judged>& judged, const Facts& facts);

// Writes report.html for visitors, goals.html and report.md with all figures, the README's table (readme.md)
// and the charts.
void write_report(const std::filesystem::path& folder, const std::vector<Judged>& judged, const Facts& facts);

}  // namespace syncdex::bench
