#include "load/load_run.h"

#include <fmt/format.h>

#include <algorithm>

#include "json/framing.h"
#include "json/json_text.h"

namespace syncdex::inline v0 {
namespace {

// Somewhat less than a full segment: what follows a record may be read with it.
constexpr std::uint64_t kMostRecordBytes = kFullSegmentBytes - 64;

}  // namespace

LoadRun::LoadRun(const Input& input, const LoadOptions& options, bool careful, LoadTools& tools,
                 const LoadSizes& sizes)
    : input_(input),
      options_(options),
      sizes_(sizes),
      begin_(input.text.data()),
      end_(begin_ + input.text.size()),
      record_limit_(std::min(options.limits.record_bytes, kMostRecordBytes)),
      always_careful_(careful),
      last_wins_(tools.last_wins),
      reader_(tools.reader),
      writer_(input, reader_, tools.terms, sizes),
      careful_(reader_, tokens_, record_limit_),
      faults_(input.text, options.limits) {
  reader_.set_limits(options.limits);
}

LoadRun::LoadRun(const LoadRun& leader, Worker& worker, const char* end)
    : input_(leader.input_),
      options_(leader.options_),
      sizes_(leader.sizes_),
      begin_(leader.begin_),
      end_(end),
      record_limit_(leader.record_limit_),
      always_careful_(false),
      last_wins_(leader.last_wins_),
      worker_(&worker),
      own_tools_(std::make_unique<LoadTools>()),
      reader_(own_tools_->reader),
      writer_(input_, reader_, own_tools_->terms, sizes_),
      careful_(reader_, tokens_, record_limit_),
      faults_(leader.faults_),
      has_lines_(leader.has_lines_),
      recovery_(leader.recovery_),
      progress_at_(worker.begin) {
  reader_.set_limits(options_.limits);
}

Result<Loaded> LoadRun::run() {
  if (input_.text.size() > options_.limits.input_bytes) {
    return limit_error("the input is too large", "input_bytes", begin_);
  }
  const char* const p = first_document();
  bool good = false;
  if (p == end_) {
    fail_framing(p, "the input is empty");
  } else if (const char* const other = other_encoding()) {
    fail_framing(begin_, other);
  } else {
    const bool automatic = options_.framing == Framing::automatic;
    has_lines_ = options_.framing == Framing::ndjson || (automatic && is_lines(p, end_));
    if (options_.skip_bad && has_lines_ && recovery_ == Recovery::by_record) {
      recovery_ = Recovery::by_line;
      may_be_balanced_ = automatic;
    }
    began_by_line_ = recovery_ == Recovery::by_line;
    good = documents(p);
  }
  good = good && close_segment();
  failed_in_framing_ = !good && !error_ && fault_.framing;
  if (!good && !error_) stop(faults_.error(fault_));
  if (error_) {
    // A duplicate id further up comes first.
    if (error_->code != ErrorCode::cancelled) handle_duplicates(writer_.check_ids());
    return *std::move(error_);
  }
  if (options_.progress && !options_.progress(input_.text.size(), input_.text.size(), writer_.records())) {
    return cancelled(end_);
  }
  return finish();
}

bool LoadRun::should_recover_by_line() {
  if (!options_.skip_bad || options_.framing != Framing::automatic || !failed_in_framing_) return false;
  if (began_by_line_) return false;
  for (const char* p = first_document(); p != end_; p = skip_space(line_end(p, end_), end_)) {
    if (is_line_with_record(p)) return true;
  }
  return false;
}

void LoadRun::recover_by_line(std::uint64_t reported_bytes) {
  recovery_ = Recovery::by_line;
  reported_bytes_ = reported_bytes;
}

Result<Loaded> LoadRun::finish() {
  Loaded loaded;
  report_.records = writer_.records();
  loaded.segments = std::move(writer_).release_segments();
  loaded.dead = std::move(writer_).release_masked();
  loaded.paths = reader_.paths();
  report_.bytes = input_.text.size();
  if (paging_) {
    report_.more_follows = paging_->more_follows();
    report_.has_more = std::move(paging_->has_more);
    report_.next = std::move(paging_->next);
  }
  for (const auto& rows : loaded.dead) report_.records -= rows.size();
  faults_.number_lines(report_.bad);
  loaded.report = std::move(report_);
  return loaded;
}

// False: a duplicate id stops the load.
bool LoadRun::close_segment() {
  if (error_ || !handle_duplicates(writer_.check_ids())) return false;
  writer_.close();
  return true;
}

// The record here, which fault_ is about, is left out or stops the load. False: it stops.
bool LoadRun::reject_record(const char* record) {
  const bool was_read = reader_.draft().begin == record;
  const FieldText id = was_read ? reader_.draft().field(Role::id) : FieldText();
  if (checking_line_) {
    bad_line_records_.push_back({line_ids_.size(), fault_});
    line_ids_.push_back(id);
    return true;
  }
  if (!options_.skip_bad) {
    Error e = faults_.error(fault_);
    e.record = position_;
    e.message = fmt::format("record {}: {}", position_, e.message);
    return stop(std::move(e));
  }
  report_bad(fault_, id);
  return true;
}

void LoadRun::report_bad(const Fault& fault, const FieldText& field) {
  std::optional<std::string> id;
  const std::string_view raw(field.at, field.length);
  if (field.state == FieldText::State::string && !raw.empty() && find_invalid_utf8(raw) == raw.npos) {
    append_decoded(raw, id.emplace());
  }
  report_.bad.push_back(
      faults_.bad_record(position_++, fault.at, std::move(id), fault.code, faults_.describe(fault)));
  rejected_before_.push_back(static_cast<Row>(writer_.records()));
}

// False: the load stops.
bool LoadRun::handle_duplicates(std::span<const DuplicateId> duplicates) {
  return std::ranges::all_of(duplicates, [&](const DuplicateId& d) { return handle_duplicate(d); });
}

// Of two records with one id the earlier one is lost, or the load stops.
bool LoadRun::handle_duplicate(const DuplicateId& duplicate) {
  if (last_wins_) {
    writer_.mask(duplicate.earlier);
    return true;
  }
  if (options_.skip_bad) {
    const char* const begin = writer_.begin(duplicate.earlier);
    report_.bad.push_back(faults_.bad_record(position_of(duplicate.earlier), begin,
                                             std::string(writer_.id(duplicate.earlier)),
                                             ErrorCode::duplicate_id, "a later record has the same id"));
    writer_.mask(duplicate.earlier);
    return true;
  }
  error_.reset();  // what stopped the load before is further down
  if (worker_ != nullptr) {
    error_.emplace().code = ErrorCode::duplicate_id;  // the calling thread finds it again
    return false;
  }
  Error e = faults_.error(ErrorCode::duplicate_id, writer_.begin(duplicate.row), "");
  e.record = position_of(duplicate.row);
  e.message = fmt::format(
      "record {}: the record on line {} has the same id; skip_bad (--skip-bad) keeps the last one", *e.record,
      faults_.line_of(writer_.begin(duplicate.earlier)));
  return stop(std::move(e));
}

// The position in the input of the record in this row: the rows before it, and the records left out.
std::uint64_t LoadRun::position_of(Row row) const {
  return row + static_cast<std::uint64_t>(std::ranges::upper_bound(rejected_before_, row) -
                                          rejected_before_.begin());
}

bool LoadRun::stop(Error e) {
  if (!error_) error_ = std::move(e);
  return false;
}

const char* LoadRun::fail_framing(const char* at, const char* what) {
  fault_ = {ErrorCode::malformed_json, at, what};
  fault_.framing = true;
  return nullptr;
}

const char* LoadRun::fail_ambiguous(const char* at, const char* what) {
  fault_ = {ErrorCode::ambiguous_framing, at, what};
  return nullptr;
}

// What is reported never decreases, though a piece may be read twice.
const char* LoadRun::report_progress(const char* p) {
  progress_at_ = p + (std::size_t{1} << 20);
  auto bytes = static_cast<std::uint64_t>(p - begin_);
  for (std::size_t i = workers_.next; i < workers_.all.size(); ++i) bytes += workers_.all[i]->bytes;
  reported_bytes_ = std::max(reported_bytes_, std::min<std::uint64_t>(input_.text.size(), bytes));
  if (options_.progress(reported_bytes_, input_.text.size(), writer_.records())) return p;
  stop(cancelled(p));
  return nullptr;
}

}  // namespace syncdex::inline v0
