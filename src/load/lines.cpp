// Recovery by line: where bad records may be skipped and the text is JSON Lines, a line is loaded or left out
// as a whole, with one entry in the report for each of its records.
#include <algorithm>

#include "json/framing.h"
#include "load/load_run.h"

namespace syncdex::inline v0 {

// Reads one line, or leaves it out if anything in it is wrong. Returns p itself if the text turns out not to
// be lines: it is read as documents from there on.
const char* LoadRun::line(const char* p) {
  const char* const end = line_end(p, end_);
  // Most lines hold one record.
  if (*p == '{' && is_single_record(p, end)) {
    return careful_element(p, end, true) == nullptr ? nullptr : progress(end);
  }
  const bool good = check_line(p, end);
  if (error_) return nullptr;
  if (!good && fault_.framing && !stays_by_line(p)) return p;
  if (!good) {
    leave_out_line();
    return progress(end);
  }
  for (const char* at = p; (at = skip_space(at, end)) != end;) {
    if ((at = document(at, end)) == nullptr) return nullptr;
  }
  return progress(end);
}

bool LoadRun::is_single_record(const char* p, const char* end) const {
  const ValueEnd extent = find_value_end(p, end);
  return extent.end != nullptr && skip_space(extent.end, end) == end &&
         find_record_array(p, end, options_.records_key) == nullptr &&
         find_single_record(p, end, options_.records_key) == nullptr;
}

// Reads a line and keeps only the ids of its records (line_ids_) and what is wrong with them
// (bad_line_records_) or with the line (fault_). Returns whether all of it is good.
bool LoadRun::check_line(const char* p, const char* end) {
  constexpr int kMostResumes = 16;  // each may look at the rest of the line
  std::optional<Fault> of_line;
  std::size_t judged = 0;  // bad records in front of it
  checking_line_ = true;
  line_ids_.clear();
  bad_line_records_.clear();
  for (int resumes = 0; (p = skip_space(p, end)) != end && !error_;) {
    const char* const after = document(p, end);
    if (after != nullptr) {
      p = after;
      continue;
    }
    if (!of_line) {
      of_line = fault_;
      judged = bad_line_records_.size();
    }
    // Records behind the fault are left out too, unless they are within a value that is not closed.
    if (error_ || find_value_end(p, end).end == nullptr || ++resumes > kMostResumes) break;
    p = std::find(std::min(std::max(fault_.at, p + 1), end), end, '{');
  }
  checking_line_ = false;
  if (of_line) {
    bad_line_records_.erase(bad_line_records_.begin() + static_cast<std::ptrdiff_t>(judged),
                            bad_line_records_.end());
    fault_ = *of_line;
  } else if (!bad_line_records_.empty()) {
    fault_ = bad_line_records_.front().fault;
  }
  return !of_line && bad_line_records_.empty();
}

// Reports each record of the line that was checked, at least one.
void LoadRun::leave_out_line() {
  const Fault of_line = fault_;
  if (line_ids_.empty()) line_ids_.emplace_back();
  auto bad = bad_line_records_.begin();
  for (std::size_t i = 0; i < line_ids_.size(); ++i) {
    const bool own = bad != bad_line_records_.end() && bad->record == i;
    report_bad(own ? bad->fault : of_line, line_ids_[i]);
    if (own) ++bad;
  }
  // Lines with thousands of records are rare: their memory is released.
  constexpr std::size_t kMany = 4096;
  if (line_ids_.capacity() > kMany) line_ids_ = {};
  if (bad_line_records_.capacity() > kMany) bad_line_records_ = {};
}

// At a line whose brackets or quotes are not balanced. The first such line decides whether the text from here
// on is a sequence of documents, of which this one takes several lines: then returns false.
bool LoadRun::stays_by_line(const char* p) {
  if (worker_ != nullptr) {
    found_unbalanced_line_ = true;
    return true;
  }
  if (!may_be_balanced_) return true;
  may_be_balanced_ = false;
  const Fault of_line = fault_;
  // Brackets that are missing in one line and too many in another are balanced, but not JSON.
  const bool documents = is_balanced(p, end_) && check_value(p, end_) != nullptr;
  fault_ = of_line;
  if (!documents) return true;
  recovery_ = Recovery::by_record;
  has_lines_ = false;
  while (next_worker() != nullptr) drop_worker();
  return false;
}

// Whether the line here is a complete object with an id.
bool LoadRun::is_line_with_record(const char* p) {
  const char* const end = line_end(p, end_);
  return *p == '{' && is_single_record(p, end) && has_string_id(p, end) && check_value(p, end) != nullptr;
}

}  // namespace syncdex::inline v0
