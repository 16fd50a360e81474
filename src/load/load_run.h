// One load: the state that its steps share. Each source has one of the steps:
//
//   load_run.cpp    begin and end, records that are added or rejected, duplicate ids, progress
//   documents.cpp   sequences of arrays, envelopes and records; the elements of an array
//   lines.cpp       recovery by line: a line is loaded or left out as a whole
//   windows.cpp     the fast way: records from the tokens of a window of text
//   pieces.cpp      threads: workers read pieces of the text, the calling thread joins them
//
// Every step that reads text returns the place behind what it read, or nullptr where it failed: then either
// error_ is set and the load stops, or fault_ says what is wrong.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "json/tokens.h"
#include "load/careful_reader.h"
#include "load/faults.h"
#include "load/load_tools.h"
#include "load/segment_writer.h"
#include "load/text_cuts.h"
#include "store/snapshot.h"
#include "syncdex/load.h"

namespace syncdex::inline v0 {

class LoadRun {
 public:
  // `careful`: nothing is read the fast way, nor by other threads.
  LoadRun(const Input& input, const LoadOptions& options, bool careful, LoadTools& tools,
          const LoadSizes& sizes);
  LoadRun(const LoadRun&) = delete;
  LoadRun& operator=(const LoadRun&) = delete;

  // Once.
  Result<Loaded> run();

  // After run() has failed: whether it did because brackets or quotes are not balanced, and a run that
  // recovers by line would find records, though the first line did not show any.
  bool should_recover_by_line();
  // Before run(): it is that second run. What was reported as progress never decreases.
  void recover_by_line(std::uint64_t reported_bytes);
  std::uint64_t reported_bytes() const { return reported_bytes_; }

 private:
  // What a fault costs where bad records may be skipped: its record, or all records of its line.
  enum class Recovery : std::uint8_t { by_record, by_line };

  // A piece of the text that another thread reads, with a run of its own.
  struct Worker {
    Worker(const LoadRun& leader, const Piece& piece, bool is_last, bool of_lines);
    void read() noexcept;

    const char* const begin;
    const char* const end;
    const bool last;
    const bool lines;
    std::unique_ptr<LoadRun> run;
    const char* after = nullptr;  // behind what was read, all of it; null if anything was wrong
    std::exception_ptr thrown;
    std::atomic<std::uint64_t> bytes = 0;  // read so far
    std::atomic<bool> stop = false;        // nobody needs it
    std::atomic<bool> done = false;
    std::jthread thread;
  };
  // Stops and joins the workers that the leader has not come to when it ends.
  struct Workers {
    ~Workers() {
      for (const auto& worker : all) worker->stop = true;
    }
    std::vector<std::unique_ptr<Worker>> all;
    std::size_t next = 0;
  };
  // What an envelope says about further pages, as JSON text.
  struct Paging {
    void take(std::string_view raw_key, std::string_view value);
    bool more_follows() const noexcept { return has_more == "true" || more_in_next; }

    std::string has_more;
    std::string next;
    bool more_in_next = false;
  };
  // A bad record of the line that is being checked.
  struct BadLineRecord {
    std::size_t record;  // in line_ids_
    Fault fault;
  };

  LoadRun(const LoadRun& leader, Worker& worker, const char* end);

  // load_run.cpp
  Result<Loaded> finish();
  void open_segment(const char* record);
  bool close_segment();
  bool add_record();
  bool reject_record(const char* record);
  void report_bad(const Fault& fault, const FieldText& id);
  bool handle_duplicates(std::span<const DuplicateId> duplicates);
  bool handle_duplicate(const DuplicateId& duplicate);
  std::uint64_t position_of(Row row) const;
  std::uint64_t most_records() const { return std::min(options_.limits.records, kMostRows); }
  bool stop(Error e);
  Error limit_error(const char* message, const char* limit, const char* at) const {
    return faults_.error({ErrorCode::limit_exceeded, at, message, limit});
  }
  Error cancelled(const char* at) const {
    return faults_.error(ErrorCode::cancelled, at, "the load was cancelled");
  }
  const char* fail_framing(const char* at, const char* what);
  const char* fail_ambiguous(const char* at, const char* what);
  const char* progress(const char* p);
  const char* report_progress(const char* p);

  // documents.cpp
  const char* first_document() const;
  const char* other_encoding() const;
  bool documents(const char* p);
  const char* document(const char* p, const char* end);
  const char* array(const char* p, const char* end);
  const char* object(const char* p, const char* end);
  const char* envelope(const char* p, const char* data, const char* end);
  const char* elements(const char* p, const char* end, bool open_ended);
  const char* careful_element(const char* p, const char* end, bool is_document);
  const char* check_value(const char* p, const char* end);
  void blame_line_end(const char* p);
  void advise(const char* p, const char* end, bool is_document);

  // lines.cpp
  const char* line(const char* p);
  bool is_single_record(const char* p, const char* end) const;
  bool check_line(const char* p, const char* end);
  void leave_out_line();
  bool stays_by_line(const char* p);
  bool is_line_with_record(const char* p);

  // windows.cpp
  bool may_read_documents_fast(const char* p) const;
  const char* document_window(const char* p, const char*& careful_until);
  const char* element_window(const char* p, const char* end, const char*& careful_until);
  const char* document_cut(const char* p, std::size_t size, const char* border);
  const char* next_line_end(const char* p);
  bool is_alone_on_line(const RecordReader::Cursor& cursor, const char* text,
                        const std::uint32_t*& feed) const;
  bool read_fast(RecordReader::Cursor& cursor, bool is_document);

  // pieces.cpp
  void start_workers(const char* p, bool lines);
  Worker* next_worker() const;
  Worker* worker_of_lines(const char* p);
  Worker* worker_of_elements(const char* p);
  void drop_worker();
  const char* read_piece(const Worker& worker);
  const char* adopt(Worker& worker, const char* p);

  const Input& input_;
  const LoadOptions& options_;
  const LoadSizes& sizes_;
  const char* const begin_;
  const char* const end_;
  const std::uint64_t record_limit_;
  const bool always_careful_;
  const bool last_wins_;
  Worker* const worker_ = nullptr;  // this run is a worker's

  std::unique_ptr<LoadTools> own_tools_;  // a worker's
  RecordReader& reader_;
  SegmentWriter writer_;
  TokenIndex tokens_;
  CarefulReader careful_;
  FaultWriter faults_;

  // What the steps tell each other.
  Fault fault_;
  std::optional<Error> error_;
  const char* record_expected_ = nullptr;  // element_window() ended at a record, not behind one
  RecordReader::Outcome outcome_ = RecordReader::Outcome::good;  // of read_fast()

  bool has_lines_ = false;  // the text begins like JSON Lines
  Recovery recovery_ = Recovery::by_record;
  bool began_by_line_ = false;
  bool failed_in_framing_ = false;
  bool may_be_balanced_ = false;        // by_line, and no unbalanced line has decided yet that it stays so
  bool found_unbalanced_line_ = false;  // a worker: what the leader has to decide
  const char* line_end_from_ = nullptr;
  const char* line_end_ = nullptr;
  bool checking_line_ = false;       // no record is added or reported
  std::vector<FieldText> line_ids_;  // of the line that is being checked
  std::vector<BadLineRecord> bad_line_records_;

  std::uint64_t position_ = 0;        // of the next record in the input
  std::vector<Row> rejected_before_;  // for each record left out: the rows before it
  std::optional<Paging> paging_;      // what the last envelope said
  LoadReport report_;
  const char* progress_at_ = begin_;
  std::uint64_t reported_bytes_ = 0;
  Workers workers_;  // the last member: its threads are joined first
};

// Adds the record that was just read. False: error_ says why.
inline bool LoadRun::add_record() {
  if (error_) return false;  // closing the segment before this one found two records with one id
  if (checking_line_) {
    line_ids_.push_back(reader_.draft().field(Role::id));
    return true;
  }
  ++position_;
  if (writer_.records() >= most_records()) {
    return stop(limit_error("the input has too many records", "records", reader_.draft().begin));
  }
  writer_.add(reader_.draft());
  return true;
}

inline void LoadRun::open_segment(const char* record) {
  if (writer_.has_room(record) || !close_segment()) return;
  writer_.open(record, static_cast<std::size_t>(end_ - record));
}

// Reports, about once per MiB, how far the load is: this thread at p, and what workers have read beyond.
// Returns p, or nullptr if the load is to stop.
inline const char* LoadRun::progress(const char* p) {
  if (worker_ != nullptr) {
    worker_->bytes += static_cast<std::uint64_t>(p - progress_at_);
    progress_at_ = p;
    if (!worker_->stop) return p;
    // Every nullptr that follows from it means a stop, not a fault of the text.
    if (!error_) error_.emplace().code = ErrorCode::cancelled;
    return nullptr;
  }
  return !options_.progress || p < progress_at_ ? p : report_progress(p);
}

}  // namespace syncdex::inline v0
