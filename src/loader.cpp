#include "loader.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cassert>
#include <chrono>
#include <cstring>
#include <exception>
#include <system_error>
#include <thread>

#include "json.h"
#include "json_text.h"
#include "record_reader.h"
#include "segment_writer.h"
#include "text_cuts.h"
#include "value_end.h"

namespace syncdex::inline v0 {
namespace {

constexpr std::size_t kWindow = std::size_t{256} << 10;
// A segment's last record begins within the first GiB of its text, and is no longer than one.
constexpr std::uint64_t kMostRecordBytes = (std::uint64_t{1} << 30) - 64;

// What the threads of one load share.
struct Crew {
  std::atomic<std::uint64_t> bytes = 0;    // read by workers
  std::atomic<std::uint64_t> records = 0;  // taken by workers
  std::atomic<bool> stop = false;          // nobody needs the rest
};

// Makes a loader part of a crew for as long as a scope lasts.
class CrewMember {
 public:
  CrewMember(Crew*& at, Crew* crew) : at_(at) { at_ = crew; }
  ~CrewMember() { at_ = nullptr; }
  CrewMember(const CrewMember&) = delete;
  CrewMember& operator=(const CrewMember&) = delete;

 private:
  Crew*& at_;
};

class Loader {
 public:
  Loader(const Input& input, const LoadOptions& options, bool careful, LoadTools& tools)
      : input_(input),
        options_(options),
        begin_(input.text.data()),
        end_(begin_ + input.text.size()),
        record_limit_(std::min(options.limits.record_bytes, kMostRecordBytes)),
        always_careful_(careful),
        terms_(tools.terms),
        reader_(tools.reader),
        writer_(input, reader_, terms_, [this](Row row, Row earlier) { return repeat(row, earlier); }) {
    reader_.set_limits(options.limits);
  }

  // A worker for the records in [begin, end).
  Loader(const Loader& leader, Crew& crew, const char* end)
      : input_(leader.input_),
        options_(leader.options_),
        begin_(leader.begin_),
        end_(end),
        record_limit_(leader.record_limit_),
        always_careful_(false),
        crew_(&crew),
        worker_(true),
        own_tools_(std::make_unique<LoadTools>()),
        terms_(own_tools_->terms),
        reader_(own_tools_->reader),
        writer_(input_, reader_, terms_, [this](Row row, Row earlier) { return repeat(row, earlier); }) {
    reader_.set_limits(options_.limits);
  }

  // Something was met that only a load in order can judge: a fault, a record to be left out, two
  // records with one id, or a piece that did not begin where a record does.
  bool wants_order() const noexcept { return wants_order_; }

  Result<Loaded> run() {
    if (input_.text.size() > options_.limits.input_bytes) {
      return limit_error("the input is too large", "input_bytes", begin_);
    }
    const char* p = begin_;
    if (input_.text.starts_with("\xEF\xBB\xBF")) p += 3;
    p = skip_space(p, end_);
    bool good = false;
    if (p == end_) {
      structural(p, "the input is empty");
    } else if (options_.framing == Framing::ndjson ||
               (options_.framing == Framing::automatic && is_lines(p))) {
      good = lines(p);
    } else if (*p == '[') {
      const char* const after = elements(p + 1, end_);
      good = after != nullptr && only_space(after, "text follows the array");
    } else if (*p == '{') {
      const char* const after = object(p, end_);
      good = after != nullptr && only_space(after, "text follows the object");
    } else {
      structural(p, "an array or an object is expected");
    }
    good = good && writer_.close();
    if (wants_order_) return Error{};  // nobody looks at it
    if (!good && !stop_) stop(fault_error(fault_));
    if (stop_) {
      // A second record with one id, further up, comes first.
      if (stop_->code != ErrorCode::cancelled) writer_.check_ids();
      return *std::move(stop_);
    }
    if (options_.progress && !options_.progress(input_.text.size(), input_.text.size(), writer_.records())) {
      return cancelled(end_);
    }
    return finish();
  }

 private:
  // --- framing ---

  // JSON Lines: the first line that is not blank is by itself a complete object, and text follows.
  bool is_lines(const char* p) const {
    if (*p != '{') return false;
    const auto* feed = static_cast<const char*>(std::memchr(p, '\n', static_cast<std::size_t>(end_ - p)));
    if (feed == nullptr || skip_space(feed, end_) == end_) return false;
    const ValueEnd extent = find_value_end(p, feed);
    return extent.end != nullptr && skip_space(extent.end, feed) == feed;
  }

  bool only_space(const char* p, const char* what) {
    p = skip_space(p, end_);
    return p == end_ || structural(p, what);
  }

  // --- pieces, for more threads than one ---
  //
  // Each is read by a loader of its own; their segments are put together in order. Where an array was cut
  // is a guess, proved by the piece before, which must end in whole records just there. Whatever goes wrong
  // anywhere, the load begins anew with one thread: its errors and reports are those of the order of the
  // text.

  std::vector<Piece> pieces(const char* p, bool lines) const {
    if (worker_ || always_careful_ || dry_ || crew_ != nullptr) return {};
    return cut_pieces(p, end_, options_.threads, lines);
  }

  // Reads all pieces, the first one here. Gives the place behind the last, or nullptr.
  const char* read_pieces(const std::vector<Piece>& pieces, bool lines) {
    Crew crew;
    const CrewMember here(crew_, &crew);
    struct Job {
      std::unique_ptr<Loader> loader;
      const char* after = nullptr;
      std::exception_ptr thrown;
      std::atomic<bool> done = false;
      std::jthread thread;
    };
    std::vector<std::unique_ptr<Job>> jobs;
    for (std::size_t i = 1; i < pieces.size(); ++i) {
      auto job = std::make_unique<Job>();
      job->loader = std::make_unique<Loader>(*this, crew, lines ? pieces[i].end : end_);
      jobs.push_back(std::move(job));
    }
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      Job& job = *jobs[i];
      const Piece piece = pieces[i + 1];
      const bool last = i + 1 == jobs.size();
      const auto work = [&job, &crew, piece, last, lines] {
        try {
          job.after = job.loader->read_piece(piece, last, lines);
        } catch (...) {
          job.thrown = std::current_exception();
        }
        if (job.after == nullptr) crew.stop = true;
        job.done = true;
      };
      try {
        job.thread = std::jthread(work);
      } catch (const std::system_error&) {  // the system has no thread to give
        crew.stop = true;
        wants_order_ = true;
        return nullptr;
      }
    }
    const char* const whole = end_;
    const char* after = nullptr;
    try {
      end_ = lines ? pieces[0].end : end_;
      after = read_piece(pieces[0], false, lines);
      end_ = whole;
    } catch (...) {
      crew.stop = true;
      throw;  // the jobs' threads are joined first
    }
    if (after == nullptr) crew.stop = true;
    for (const auto& job : jobs) {
      while (!job->done) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        if (after != nullptr && progress(pieces[0].end) == nullptr) {
          after = nullptr;
          crew.stop = true;
        }
      }
      job->thread.join();
    }
    for (const auto& job : jobs) {
      if (job->thrown) std::rethrow_exception(job->thrown);
    }
    if (stop_ && stop_->code == ErrorCode::cancelled) return nullptr;
    bool good = after != nullptr && report_.bad.empty();
    for (const auto& job : jobs) good = good && job->after != nullptr && job->loader->report_.bad.empty();
    for (const auto& job : jobs) good = good && adopt(*job->loader);
    if (!good) wants_order_ = true;
    return good ? jobs.back()->after : nullptr;
  }

  const char* read_piece(const Piece& piece, bool last, bool whole_lines) {
    const char* after = nullptr;
    if (whole_lines) {
      after = lines(piece.begin) ? piece.end : nullptr;
    } else {
      after = elements(piece.begin, last ? end_ : piece.end, !last);
    }
    return after != nullptr && writer_.close() ? after : nullptr;
  }

  // Takes a worker's segments over. False: an id was met before.
  bool adopt(Loader& worker) {
    const std::vector<PathId> mapped = reader_.absorb(worker.reader_.paths());
    return writer_.adopt(worker.writer_, mapped) && writer_.records() <= options_.limits.records;
  }

  // An array's elements, from behind its '['; gives the place behind its ']', or nullptr. `open_ended`:
  // they end with the text.
  const char* elements(const char* p, const char* end, bool open_ended = false) {
    if (end == end_ && !open_ended) {
      const std::vector<Piece> cuts = pieces(p, false);
      if (!cuts.empty()) return read_pieces(cuts, false);
    }
    p = skip_space(p, end);
    if (p != end && *p == ']') return p + 1;
    const char* careful_until = p;
    for (;;) {
      // A record is expected.
      p = skip_space(p, end);
      if (p == end) return structural(p, "the array is not closed"), nullptr;
      if (*p == ']' || *p == ',') return structural(p, "a record is expected"), nullptr;
      if (!always_careful_ && !dry_ && *p == '{' && p >= careful_until) {
        p = window(p, end, careful_until);
      } else {
        p = careful_element(p, end);
      }
      if (p == nullptr) return nullptr;
      p = skip_space(p, end);
      if (p == end && open_ended && p != record_expected_) return p;
      if (p == end) return structural(p, "the array is not closed"), nullptr;
      if (p == record_expected_) continue;
      if (*p == ']') return p + 1;
      if (*p != ',') return structural(p, "',' or ']' is expected"), nullptr;
      ++p;
    }
  }

  // A document that is one object: an envelope or a record.
  const char* object(const char* p, const char* end) {
    if (const char* const data = find_data(p, end)) return envelope(p, data, end);
    const std::string_view text(p, static_cast<std::size_t>(end - p));
    if (!always_careful_ && text.size() <= kWindow && index_.build_fast(text)) {
      RecordReader::Cursor cursor(text, index_);
      if (fast_record(cursor, true)) return take() ? reader_.draft().end : nullptr;
      terms_.rollback();
    }
    return careful_element(p, end);
  }

  // {..., "data":[records], ...}: gives the place behind it, or nullptr.
  const char* envelope(const char* p, const char* data, const char* end) {
    bool seen_data = false;
    bool first = true;
    for (++p;; ++p) {
      p = skip_space(p, end);
      if (p != end && *p == '}' && first) return p + 1;
      first = false;
      if (p == end || *p != '"') return structural(p, "a key in quotes is expected"), nullptr;
      const char* const key = p;
      if ((p = other_value(p, end)) == nullptr) return nullptr;
      const std::string_view raw(key + 1, static_cast<std::size_t>(p - key - 2));
      p = skip_space(p, end);
      if (p == end || *p != ':') return structural(p, "':' is expected"), nullptr;
      p = skip_space(p + 1, end);
      const bool is_data = is_key(raw, "data");
      if (is_data && seen_data) return ambiguous(key, "an envelope has \"data\" twice"), nullptr;
      if (seen_data && is_key(raw, "id"))
        return ambiguous(key, "an object with \"data\" and \"id\" is no envelope and no record"), nullptr;
      if (is_data) seen_data = true;
      p = p == data ? elements(p + 1, end) : other_value(p, end);
      if (p == nullptr) return nullptr;
      p = skip_space(p, end);
      if (p != end && *p == '}') return p + 1;
      if (p == end || *p != ',') return structural(p, "',' or '}' is expected"), nullptr;
    }
  }

  // A value of an envelope that is no record: it only must be JSON. Gives the place behind it.
  const char* other_value(const char* p, const char* end) {
    const ValueEnd extent = p == end ? ValueEnd{nullptr, end, "a value is expected"} : find_value_end(p, end);
    const char* const last = extent.end != nullptr ? extent.end : extent.fault;
    const auto size = static_cast<std::uint64_t>(last - p);
    if (size > TokenIndex::kMaxText) {
      return fault_ = {ErrorCode::limit_exceeded, p, "a value of the envelope is too large", "record_bytes"},
             nullptr;
    }
    if (extent.end == nullptr) return structural(extent.fault, extent.what), nullptr;
    const std::string_view text(p, static_cast<std::size_t>(size));
    index_.build_portable(text);
    RecordReader::Cursor cursor(text, index_);
    auto outcome = cursor.done() ? RecordReader::Outcome::incomplete : reader_.check_value(cursor);
    if (outcome == RecordReader::Outcome::good && !cursor.done()) outcome = RecordReader::Outcome::incomplete;
    const std::size_t bad = find_invalid_utf8(text);
    if (outcome == RecordReader::Outcome::faulty &&
        (bad == std::string_view::npos || reader_.fault().at < p + bad)) {
      return fault_ = reader_.fault(), nullptr;
    }
    if (bad != std::string_view::npos)
      return fault_ = {ErrorCode::invalid_utf8, p + bad, "this is no UTF-8"}, nullptr;
    if (outcome != RecordReader::Outcome::good) return structural(p, "this is no JSON value"), nullptr;
    return extent.end;
  }

  // --- JSON Lines ---

  bool lines(const char* p) {
    const std::vector<Piece> cuts = pieces(p, true);
    if (!cuts.empty()) return read_pieces(cuts, true) != nullptr;
    const char* careful_until = p;
    while ((p = skip_space(p, end_)) != end_) {
      if (!always_careful_ && *p == '{' && p >= careful_until) {
        p = line_window(p, careful_until);
      } else {
        p = careful_line(p);
      }
      if (p == nullptr) return false;
    }
    return true;
  }

  // Reads whole lines, each one record, as far as that goes; gives the place of the next line.
  const char* line_window(const char* const p, const char*& careful_until) {
    const auto room = static_cast<std::size_t>(end_ - p);
    const char* cut = end_;
    if (room > kWindow) {
      cut = p + kWindow;
      while (cut != p && cut[-1] != '\n') --cut;
      if (cut == p) cut = line_end(p + kWindow, end_);
    }
    const std::string_view text(p, static_cast<std::size_t>(cut - p));
    // A line longer than any record is an envelope, whose records are read in windows of their own.
    if (text.size() > record_limit_ + kWindow || text.size() > TokenIndex::kMaxText ||
        !index_.build_fast(text)) {
      careful_until = cut;
      return p;
    }
    RecordReader::Cursor cursor(text, index_);
    const std::uint32_t* feed = index_.line_feeds();
    while (!cursor.done()) {
      const char* const record = cursor.at();
      const auto begin = static_cast<std::uint32_t>(record - p);
      const bool good = *record == '{' && fast_record(cursor, true);
      if (good) {
        const auto behind = static_cast<std::uint32_t>(reader_.draft().end - p);
        while (*feed < begin) ++feed;
        const std::uint32_t next =
            cursor.done() ? static_cast<std::uint32_t>(text.size()) : index_.tokens()[cursor.token];
        if (*feed >= behind && (*feed < next || cursor.done())) {
          if (!take()) return nullptr;
          continue;
        }
      }
      terms_.rollback();
      careful_until = cut;  // not only this line: another window a line would be quadratic
      return record;
    }
    return progress(cut);
  }

  // Reads one line, whatever it is; gives the place behind it, or nullptr.
  const char* careful_line(const char* p) {
    reader_.forget_draft();  // of a fast attempt at the same line
    const char* const end = line_end(p, end_);
    const std::uint64_t bad_before = report_.bad.size();
    const ValueEnd extent =
        *p == '{' ? find_value_end(p, end) : ValueEnd{nullptr, p, "a record or an envelope is expected"};
    const char* after = nullptr;
    if (extent.end == nullptr) {
      // What is wrong within the record may come before what leaves it open.
      if (*p != '{' || !explain_open_record(p, end)) structural(extent.fault, extent.what);
    } else if (skip_space(extent.end, end) != end) {
      if (read_carefully(p, extent.end) || !is_syntax(fault_)) {
        terms_.rollback();
        structural(skip_space(extent.end, end), "two values stand on one line");
      }
    } else if (const char* const data = find_data(p, end)) {
      // With skip_bad, a line with a fault outside its records is left out whole: so look first.
      dry_ = options_.skip_bad;
      after = envelope(p, data, end);
      if (dry_ && after != nullptr) {
        dry_ = false;
        after = envelope(p, data, end);
      }
      dry_ = false;
    } else {
      return careful_element(p, end) == nullptr ? nullptr : progress(end);
    }
    if (after != nullptr) return progress(end);
    if (stop_) return nullptr;
    assert(report_.bad.size() == bad_before);
    static_cast<void>(bad_before);
    return refuse(p) ? progress(end) : nullptr;
  }

  // --- records ---

  // Reads records from one window, as far as it goes; gives the place to go on from: behind a record,
  // or where one begins (record_expected_).
  const char* window(const char* const p, const char* end, const char*& careful_until) {
    record_expected_ = nullptr;
    for (std::size_t size = kWindow;; size *= 2) {
      const char* cut = end;
      if (static_cast<std::size_t>(end - p) > size) {
        if (size > record_limit_ + kWindow || size > TokenIndex::kMaxText) {
          careful_until = p + 1;
          return record_expected_ = p;
        }
        cut = find_cut(p, p + size);
        if (cut == nullptr) continue;
      } else if (static_cast<std::size_t>(end - p) > TokenIndex::kMaxText) {
        continue;
      }
      bool indexed = index_.build_fast({p, static_cast<std::size_t>(cut - p)});
      // The cut may have fallen into a string: try a few places before it.
      for (int tries = 0; !indexed && tries < 3 && cut != end; ++tries) {
        const char* const earlier = find_cut(p, cut - 1);
        if (earlier == nullptr) break;
        indexed = index_.build_fast({p, static_cast<std::size_t>(earlier - p)});
        if (indexed) cut = earlier;
      }
      if (!indexed) {
        careful_until = cut;
        return record_expected_ = p;
      }
      const std::string_view text(p, static_cast<std::size_t>(cut - p));
      RecordReader::Cursor cursor(text, index_);
      const char* behind = nullptr;
      for (;;) {
        const char* const record = cursor.at();
        if (*record != '{' || !fast_record(cursor, false)) {
          terms_.rollback();
          if (outcome_ == RecordReader::Outcome::incomplete && *record == '{' && cut != end) {
            if (record == p) break;  // larger than the window
          } else {
            careful_until = cut;
          }
          return progress(record_expected_ = record);
        }
        if (!take()) return nullptr;
        behind = reader_.draft().end;
        if (cursor.done() || *cursor.at() != ',') return progress(behind);
        ++cursor.token;
        if (cursor.done()) return progress(behind);
      }
    }
  }

  // Reads the record at the cursor the fast way: good or not. The record's terms wait.
  bool fast_record(RecordReader::Cursor& cursor, bool alone) {
    open_segment(cursor.at());
    outcome_ = reader_.read(cursor, writer_.short_groups(), false);
    if (outcome_ != RecordReader::Outcome::good) return false;
    const RecordDraft& draft = reader_.draft();
    if (static_cast<std::uint64_t>(draft.end - draft.begin) > record_limit_ ||
        (alone && draft.data_before_id)) {
      outcome_ = RecordReader::Outcome::faulty;
      return false;
    }
    return true;
  }

  // Reads one element, whatever it is; gives the place behind it, or nullptr.
  const char* careful_element(const char* p, const char* end) {
    reader_.forget_draft();  // of a fast attempt at the same record
    const ValueEnd extent = find_value_end(p, end);
    if (extent.end == nullptr) {
      // A fault before the place where brackets break comes first, unless records may be skipped.
      if (options_.skip_bad || *p != '{' || !explain_open_record(p, end)) {
        structural(extent.fault, extent.what);
      } else {
        refuse(p);
      }
      return nullptr;
    }
    if (dry_) return extent.end;
    if (*p != '{') {
      if (other_value(p, end) != nullptr) fault_ = {ErrorCode::wrong_type, p, "a record must be an object"};
      return refuse(p) ? progress(extent.end) : nullptr;
    }
    if (!read_carefully(p, extent.end)) return refuse(p) ? progress(extent.end) : nullptr;
    return take() ? progress(extent.end) : nullptr;
  }

  // Reads the record whose text this is. False: fault_ says why.
  bool read_carefully(const char* p, const char* end) {
    const std::string_view text(p, static_cast<std::size_t>(end - p));
    if (text.size() > record_limit_) {
      fault_ = {ErrorCode::limit_exceeded, p, "the record is too large", "record_bytes"};
      return false;
    }
    open_segment(p);
    index_.build_portable(text);
    RecordReader::Cursor cursor(text, index_);
    const auto outcome = reader_.read(cursor, writer_.short_groups(), true);
    const std::size_t bad = find_invalid_utf8(text);
    if (outcome == RecordReader::Outcome::good && bad == std::string_view::npos) return true;
    terms_.rollback();
    const bool syntax = outcome == RecordReader::Outcome::faulty && is_syntax(reader_.fault());
    if (bad != std::string_view::npos && !(syntax && reader_.fault().at < p + bad)) {
      fault_ = {ErrorCode::invalid_utf8, p + bad, "this is no UTF-8"};
    } else if (outcome == RecordReader::Outcome::incomplete) {
      fault_ = {ErrorCode::malformed_json, end, "the record ends too early"};
    } else {
      fault_ = reader_.fault();
    }
    return false;
  }

  // Faults that make the text no JSON, rather than JSON that is no record.
  static bool is_syntax(const Fault& fault) {
    return fault.code != ErrorCode::wrong_type && fault.code != ErrorCode::missing_id;
  }

  // A record that is not closed: whether something is wrong with what there is of it (fault_).
  bool explain_open_record(const char* p, const char* end) {
    const std::string_view text(p, static_cast<std::size_t>(std::min<std::uint64_t>(
                                       static_cast<std::uint64_t>(end - p), record_limit_)));
    open_segment(p);
    index_.build_portable(text);
    RecordReader::Cursor cursor(text, index_);
    const auto outcome = reader_.read(cursor, writer_.short_groups(), true);
    terms_.rollback();
    if (outcome != RecordReader::Outcome::faulty || !is_syntax(reader_.fault())) return false;
    fault_ = reader_.fault();
    const std::size_t bad = find_invalid_utf8(text);
    if (bad != std::string_view::npos && p + bad < fault_.at) {
      fault_ = {ErrorCode::invalid_utf8, p + bad, "this is no UTF-8"};
    }
    return true;
  }

  // --- records that are taken, and those whose id repeats ---

  void open_segment(const char* record) { writer_.open(record, static_cast<std::size_t>(end_ - record)); }

  // Takes the record that was just read. False: stop_ says why.
  bool take() {
    if (stop_) return false;  // closing the segment before found two records with one id
    ++position_;
    if (writer_.records() >= options_.limits.records) {
      terms_.rollback();
      return stop(limit_error("the input has too many records", "records", reader_.draft().begin));
    }
    writer_.take(reader_.draft());
    if (worker_) crew_->records.fetch_add(1, std::memory_order_relaxed);
    return true;
  }

  // The record in `row` bears the id of an earlier one, which is lost, or the load stops.
  bool repeat(Row row, Row earlier) {
    const char* const begin = writer_.begin(options_.skip_bad ? earlier : row);
    if (!options_.skip_bad) {
      // A fault that stopped the load stands further down; another repeated id, further up.
      if (stop_ && stop_->code == ErrorCode::duplicate_id) return false;
      stop_.reset();
      Error e = error(ErrorCode::duplicate_id, begin, "");
      e.record = position_of(row);
      e.message = fmt::format("record {}: an earlier record has the same id", *e.record);
      return stop(std::move(e));
    }
    report_.bad.push_back(bad_record(position_of(earlier), begin, std::string(writer_.id(earlier)),
                                     ErrorCode::duplicate_id, "a later record has the same id"));
    writer_.mask(earlier);
    return true;
  }

  // Position in the input of the record in this row: the rows before it, and the records left out.
  std::uint64_t position_of(Row row) const {
    return row + static_cast<std::uint64_t>(std::ranges::upper_bound(refused_before_, row) -
                                            refused_before_.begin());
  }

  // --- faults ---

  bool structural(const char* at, const char* what) {
    fault_ = {ErrorCode::malformed_json, at, what};
    return false;
  }
  bool ambiguous(const char* at, const char* what) {
    fault_ = {ErrorCode::ambiguous_framing, at, what};
    return false;
  }

  bool stop(Error e) {
    if (!stop_) stop_ = std::move(e);
    return false;
  }

  Error error(ErrorCode code, const char* at, std::string message) const {
    Error e;
    e.code = code;
    e.offset = static_cast<std::uint64_t>(at - begin_);
    e.line = 1 + static_cast<std::uint64_t>(std::count(begin_, at, '\n'));
    e.message = std::move(message);
    return e;
  }
  Error limit_error(const char* message, const char* limit, const char* at) const {
    Error e = error(ErrorCode::limit_exceeded, at, message);
    e.limit = limit;
    return e;
  }
  Error cancelled(const char* at) const { return error(ErrorCode::cancelled, at, "the load was cancelled"); }

  static std::string describe(const Fault& fault) {
    if (fault.field == Role::none) return fault.what;
    const char* wanted = fault.field == Role::collection_ids ? "an array of strings"
                         : fault.field == Role::health || fault.field == Role::metadata ? "an object"
                                                                                        : "a string";
    return fmt::format(
        "{} must be {}, found {}",
        fault.field == Role::collection_id ? "an element of collection_ids" : to_string(fault.field), wanted,
        with_article(fault.found));
  }
  Error fault_error(const Fault& fault) const {
    Error e = error(fault.code, fault.at, describe(fault));
    e.limit = fault.limit;
    return e;
  }

  BadRecord bad_record(std::uint64_t position, const char* at, std::optional<std::string> id, ErrorCode code,
                       std::string reason) const {
    BadRecord bad;
    bad.position = position;
    bad.offset = static_cast<std::uint64_t>(at - begin_);
    bad.id = std::move(id);
    bad.code = code;
    bad.reason = std::move(reason);
    return bad;
  }

  // The record (or line) here, which fault_ is about, is left out or stops the load. False: it stops.
  bool refuse(const char* record) {
    const std::uint64_t position = position_++;
    if (!options_.skip_bad) {
      Error e = fault_error(fault_);
      e.message = fmt::format("record {}: {}", position, e.message);
      e.record = position;
      return stop(std::move(e));
    }
    std::optional<std::string> id;
    const FieldText& field = reader_.draft().field(Role::id);
    if (reader_.draft().begin == record && field.state == FieldText::State::string && field.length > 0 &&
        readable(field)) {
      id.emplace();
      append_decoded({field.at, field.length}, *id);
    }
    report_.bad.push_back(bad_record(position, fault_.at, std::move(id), fault_.code, describe(fault_)));
    refused_before_.push_back(static_cast<Row>(writer_.records()));
    return true;
  }
  static bool readable(const FieldText& field) {
    return find_invalid_utf8({field.at, field.length}) == std::string_view::npos;
  }

  const char* progress(const char* p) {
    if (worker_) {
      crew_->bytes += static_cast<std::uint64_t>(p - progress_at_);
      progress_at_ = p;
      return crew_->stop ? nullptr : p;
    }
    if (!options_.progress || (p < progress_at_ && crew_ == nullptr)) return p;
    progress_at_ = p + (std::size_t{1} << 20);
    const std::uint64_t others = crew_ != nullptr ? crew_->bytes.load() : 0;
    const std::uint64_t done =
        std::min<std::uint64_t>(input_.text.size(), static_cast<std::uint64_t>(p - begin_) + others);
    if (options_.progress(done, input_.text.size(),
                          writer_.records() + (crew_ != nullptr ? crew_->records.load() : 0)))
      return p;
    stop(cancelled(p));
    return nullptr;
  }

  Result<Loaded> finish() {
    Loaded loaded;
    report_.records = writer_.records();
    loaded.segments = std::move(writer_).release_segments();
    loaded.dead = std::move(writer_).release_masked();
    loaded.paths = reader_.paths();
    report_.bytes = input_.text.size();
    for (const auto& rows : loaded.dead) report_.records -= rows.size();
    std::ranges::stable_sort(report_.bad, {}, &BadRecord::offset);
    const char* counted = begin_;
    std::uint64_t line = 1;
    for (BadRecord& bad : report_.bad) {
      const char* const at = begin_ + bad.offset;
      line += static_cast<std::uint64_t>(std::count(counted, at, '\n'));
      counted = at;
      bad.line = line;
    }
    loaded.report = std::move(report_);
    return loaded;
  }

  const Input& input_;
  const LoadOptions& options_;
  const char* const begin_;
  const char* end_;
  const std::uint64_t record_limit_;
  const bool always_careful_;
  Crew* crew_ = nullptr;
  const bool worker_ = false;
  bool wants_order_ = false;

  std::unique_ptr<LoadTools> own_tools_;  // a worker's
  TermBuilder& terms_;                    // of the open segment
  RecordReader& reader_;
  SegmentWriter writer_;
  TokenIndex index_;
  RecordReader::Outcome outcome_ = RecordReader::Outcome::good;
  const char* record_expected_ = nullptr;
  bool dry_ = false;  // looking only: no record is taken or refused

  std::uint64_t position_ = 0;
  std::vector<Row> refused_before_;  // for each record left out: the rows before it
  LoadReport report_;
  Fault fault_;
  std::optional<Error> stop_;
  const char* progress_at_ = begin_;
};

}  // namespace

Result<Loaded> load_records(const Input& input, const LoadOptions& options, LoadTools& tools) {
  Loader loader(input, options, false, tools);
  auto loaded = loader.run();
  // Errors and reports number the records of the whole text, which no piece knows.
  const bool cancelled = !loaded && loaded.error().code == ErrorCode::cancelled;
  const bool counts_records = !loaded || !loaded->report.bad.empty();
  if (!loader.wants_order() && (options.threads <= 1 || cancelled || !counts_records)) return loaded;
  LoadOptions in_order = options;
  in_order.threads = 1;
  return Loader(input, in_order, false, tools).run();
}

Result<Loaded> load_records(const Input& input, const LoadOptions& options) {
  LoadTools tools;
  return load_records(input, options, tools);
}

Result<Loaded> load_records_carefully(const Input& input, const LoadOptions& options) {
  LoadTools tools;
  return Loader(input, options, true, tools).run();
}

}  // namespace syncdex::inline v0
