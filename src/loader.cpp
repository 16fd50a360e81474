#include "loader.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
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

// A segment's last record begins within the first GiB of its text, and is no longer than one.
constexpr std::uint64_t kMostRecordBytes = (std::uint64_t{1} << 30) - 64;

class Loader {
 public:
  Loader(const Input& input, const LoadOptions& options, bool careful, LoadTools& tools,
         const LoadSizes& sizes)
      : input_(input),
        options_(options),
        sizes_(sizes),
        begin_(input.text.data()),
        end_(begin_ + input.text.size()),
        record_limit_(std::min(options.limits.record_bytes, kMostRecordBytes)),
        always_careful_(careful),
        terms_(tools.terms),
        reader_(tools.reader),
        writer_(input, reader_, terms_, sizes,
                [this](Row row, Row earlier) { return repeat(row, earlier); }) {
    reader_.set_limits(options.limits);
  }

  Loader(const Loader&) = delete;
  Loader& operator=(const Loader&) = delete;

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

  struct Piece;

 public:
  // For Piece: a worker.
  Loader(const Loader& leader, Piece& piece, const char* end);

 private:
  // --- threads ---
  //
  // The text is cut into pieces. The calling thread reads the first one, while a worker, a Loader too, reads
  // each of the others. Where this thread comes to the begin of a piece it adopts what the worker made of it.
  // A worker words no errors: where anything but records that may be skipped is wrong, its work is dropped,
  // and this thread reads the piece itself, in order, with the numbers of the whole text. So is a piece of an
  // array that turns out not to begin at a record: where to cut an array is a guess.

  struct Piece {
    Piece(const Loader& leader, const syncdex::Piece& piece, bool is_last, bool of_lines)
        : begin(piece.begin),
          end(piece.end),
          last(is_last),
          lines(of_lines),
          loader(std::make_unique<Loader>(leader, *this, of_lines ? piece.end : leader.end_)) {}

    void read() noexcept {
      try {
        after = loader->read_piece(*this);
      } catch (...) {
        thrown = std::current_exception();
      }
      done = true;
      done.notify_all();
    }

    const char* const begin;
    const char* const end;
    const bool last;
    const bool lines;
    std::unique_ptr<Loader> loader;
    const char* after = nullptr;  // behind what was read, all of it; null if anything was wrong
    std::exception_ptr thrown;
    std::atomic<std::uint64_t> bytes = 0;  // read so far
    std::atomic<bool> stop = false;        // nobody needs it
    std::atomic<bool> done = false;
    std::jthread thread;
  };

  // Joins the workers when the leader is done with them, or fails.
  struct Pieces {
    ~Pieces() {
      for (const auto& piece : all) piece->stop = true;
    }
    std::vector<std::unique_ptr<Piece>> all;
    std::size_t next = 0;
  };

  void start_workers(const char* p, bool lines) {
    if (worker_of_ != nullptr || always_careful_ || dry_ || !pieces_.all.empty()) return;
    const auto cuts = cut_pieces(p, end_, options_.threads, sizes_.piece, lines);
    for (std::size_t i = 1; i < cuts.size(); ++i) {
      pieces_.all.push_back(std::make_unique<Piece>(*this, cuts[i], i + 1 == cuts.size(), lines));
    }
    for (std::size_t i = 0; i < pieces_.all.size(); ++i) {
      Piece& piece = *pieces_.all[i];
      try {
        piece.thread = std::jthread([&piece] { piece.read(); });
      } catch (const std::system_error&) {  // no more threads to be had: this one reads the rest
        pieces_.all.resize(i);
        break;
      }
    }
  }

  const char* read_piece(const Piece& piece) {
    const char* after = nullptr;
    if (piece.lines) {
      after = lines(piece.begin) ? piece.end : nullptr;
    } else {
      after = elements(piece.begin, piece.end, !piece.last);
      if (!piece.last && after != piece.end) after = nullptr;
    }
    return after != nullptr && writer_.close() ? after : nullptr;
  }

  // The next piece that a worker reads; null if there is none.
  Piece* next_piece() {
    return pieces_.next < pieces_.all.size() ? pieces_.all[pieces_.next].get() : nullptr;
  }

  // The piece that begins here, if a worker reads one.
  //
  // Lines: where a line begins. What lies between the piece's begin and p is blank.
  Piece* take_lines(const char* p) {
    Piece* const piece = next_piece();
    return piece != nullptr && piece->lines && piece->begin <= p ? piece : nullptr;
  }
  // Elements of an array: where a record begins. Pieces that this thread has read into do not begin at one.
  Piece* take_elements(const char* p) {
    Piece* piece = next_piece();
    if (piece == nullptr || piece->lines) return nullptr;
    for (; piece != nullptr && piece->begin < p; piece = next_piece()) drop_piece();
    return piece != nullptr && piece->begin == p ? piece : nullptr;
  }
  void drop_piece() {
    pieces_.all[pieces_.next]->stop = true;
    ++pieces_.next;
  }

  // Waits for the worker and takes over what it has made of its piece. Returns the place behind the piece;
  // nullptr if the load stops or, without stop_, if this thread has to read the piece.
  const char* adopt(Piece& piece, const char* p) {
    if (!options_.progress) piece.done.wait(false);
    while (!piece.done) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      if (report_progress(p) == nullptr) return nullptr;
    }
    piece.thread.join();
    ++pieces_.next;
    if (piece.thrown) std::rethrow_exception(piece.thrown);
    const std::unique_ptr<Loader> worker = std::move(piece.loader);
    if (piece.after == nullptr || writer_.records() + worker->writer_.records() > most_records())
      return nullptr;
    if (!writer_.close()) return nullptr;
    const auto rows = static_cast<Row>(writer_.records());
    for (const Row row : worker->refused_before_) refused_before_.push_back(rows + row);
    for (BadRecord& bad : worker->report_.bad) {
      bad.position += position_;
      report_.bad.push_back(std::move(bad));
    }
    position_ += worker->position_;
    const std::vector<PathId> paths = reader_.absorb(worker->reader_.paths());
    return writer_.adopt(worker->writer_, paths) ? piece.after : nullptr;
  }

  // An array's elements, from behind its '['; gives the place behind its ']', or nullptr. `open_ended`:
  // they end with the text.
  const char* elements(const char* p, const char* end, bool open_ended = false) {
    if (end == end_ && !open_ended) start_workers(p, false);
    p = skip_space(p, end);
    if (p != end && *p == ']') return p + 1;
    const char* careful_until = p;
    for (;;) {
      // A record is expected.
      p = skip_space(p, end);
      if (p == end) return structural(p, "the array is not closed"), nullptr;
      if (*p == ']' || *p == ',') return structural(p, "a record is expected"), nullptr;
      const char* after = nullptr;
      if (Piece* const piece = take_elements(p)) {
        after = adopt(*piece, p);
        if (after != nullptr && piece->last) return after;
        if (stop_) return nullptr;
      }
      if (after != nullptr) {
        p = after;
      } else if (!always_careful_ && !dry_ && *p == '{' && p >= careful_until) {
        p = window(p, end, careful_until);
      } else {
        p = careful_element(p, end);
      }
      if (p == nullptr) return nullptr;
      p = skip_space(p, end);
      if (p == end && open_ended && p != record_expected_) return p;
      if (p == end) return structural(p, "the array is not closed"), nullptr;
      if (p == record_expected_) continue;
      // A piece that is not the last one does not end the array.
      if (*p == ']' && open_ended) return structural(p, "the array ends too early"), nullptr;
      if (*p == ']') return p + 1;
      if (*p != ',') return structural(p, "',' or ']' is expected"), nullptr;
      ++p;
    }
  }

  // A document that is one object: an envelope or a record.
  const char* object(const char* p, const char* end) {
    if (const char* const data = find_data(p, end)) return envelope(p, data, end);
    const std::string_view text(p, static_cast<std::size_t>(end - p));
    if (!always_careful_ && text.size() <= sizes_.window && index_.build_fast(text)) {
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
    start_workers(p, true);
    const char* careful_until = p;
    while ((p = skip_space(p, end_)) != end_) {
      const char* after = nullptr;
      if (Piece* const piece = take_lines(p)) {
        after = adopt(*piece, p);
        if (stop_) return false;
      }
      if (after != nullptr) {
        p = after;
      } else if (!always_careful_ && *p == '{' && p >= careful_until) {
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
    if (room > sizes_.window) {
      cut = p + sizes_.window;
      while (cut != p && cut[-1] != '\n') --cut;
      if (cut == p) cut = line_end(p + sizes_.window, end_);
    }
    if (const Piece* const piece = next_piece(); piece != nullptr && piece->lines) {
      cut = std::min(cut, piece->begin);
    }
    const std::string_view text(p, static_cast<std::size_t>(cut - p));
    // A line longer than any record is an envelope, whose records are read in windows of their own.
    if (text.size() > record_limit_ + sizes_.window || text.size() > TokenIndex::kMaxText ||
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
    return refuse(p) ? progress(end) : nullptr;
  }

  // --- records ---

  // Reads records from one window, as far as it goes; gives the place to go on from: behind a record,
  // or where one begins (record_expected_).
  const char* window(const char* const p, const char* end, const char*& careful_until) {
    record_expected_ = nullptr;
    // Where the next piece seems to begin, this thread has to notice if it does.
    const Piece* border = next_piece();
    if (border != nullptr && (border->lines || border->begin <= p || border->begin > end)) border = nullptr;
    for (std::size_t size = sizes_.window;; size *= 2) {
      const char* cut = end;
      if (border != nullptr && static_cast<std::size_t>(border->begin - p) <= size) {
        cut = border->begin - 1;
        while (*cut != ',') --cut;
        border = nullptr;  // if a record goes across it, it is none
      } else if (const auto left = static_cast<std::size_t>(end - p);
                 left > std::min(size, TokenIndex::kMaxText)) {
        if (size > std::min<std::uint64_t>(record_limit_ + sizes_.window, TokenIndex::kMaxText)) {
          careful_until = p + 1;
          return record_expected_ = p;
        }
        cut = find_cut(p, p + std::min(size, left));
        if (cut == nullptr) continue;
      }
      bool indexed = index_.build_fast({p, static_cast<std::size_t>(cut - p)});
      // The cut may have fallen into a string: try a few places before it.
      const char* earlier = cut;
      for (int tries = 0; !indexed && tries < 3 && cut != end; ++tries) {
        earlier = find_cut(p, earlier - 1);
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
    if (writer_.records() >= most_records()) {
      terms_.rollback();
      return stop(limit_error("the input has too many records", "records", reader_.draft().begin));
    }
    writer_.take(reader_.draft());
    return true;
  }

  std::uint64_t most_records() const { return std::min(options_.limits.records, kMostRows); }

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

  // Reports, about once per MiB, how far the load is: this thread at p, and what workers have read beyond.
  // Returns nullptr if the load is to stop. What is reported never decreases, though a piece may be read twice.
  const char* progress(const char* p) {
    if (worker_of_ != nullptr) {
      worker_of_->bytes += static_cast<std::uint64_t>(p - progress_at_);
      progress_at_ = p;
      if (!worker_of_->stop) return p;
      // Every null that comes of it is to be taken for a stop, not for a fault of the text.
      if (!stop_) stop_.emplace().code = ErrorCode::cancelled;
      return nullptr;
    }
    return !options_.progress || p < progress_at_ ? p : report_progress(p);
  }
  const char* report_progress(const char* p) {
    progress_at_ = p + (std::size_t{1} << 20);
    auto bytes = static_cast<std::uint64_t>(p - begin_);
    for (std::size_t i = pieces_.next; i < pieces_.all.size(); ++i) bytes += pieces_.all[i]->bytes;
    reported_bytes_ = std::max(reported_bytes_, std::min<std::uint64_t>(input_.text.size(), bytes));
    if (options_.progress(reported_bytes_, input_.text.size(), writer_.records())) return p;
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
  const LoadSizes& sizes_;
  const char* const begin_;
  const char* const end_;
  const std::uint64_t record_limit_;
  const bool always_careful_;
  Piece* const worker_of_ = nullptr;

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
  std::uint64_t reported_bytes_ = 0;
  Pieces pieces_;  // the last member: its threads are joined first
};

Loader::Loader(const Loader& leader, Piece& piece, const char* end)
    : input_(leader.input_),
      options_(leader.options_),
      sizes_(leader.sizes_),
      begin_(leader.begin_),
      end_(end),
      record_limit_(leader.record_limit_),
      always_careful_(false),
      worker_of_(&piece),
      own_tools_(std::make_unique<LoadTools>()),
      terms_(own_tools_->terms),
      reader_(own_tools_->reader),
      writer_(input_, reader_, terms_, sizes_,
              [this](Row row, Row earlier) {
                if (options_.skip_bad) return repeat(row, earlier);
                stop_.emplace().code = ErrorCode::duplicate_id;  // the calling thread finds it again
                return false;
              }),
      progress_at_(piece.begin) {
  reader_.set_limits(options_.limits);
}

}  // namespace

Result<Loaded> load_records(const Input& input, const LoadOptions& options, LoadTools& tools,
                            const LoadSizes& sizes) {
  return Loader(input, options, false, tools, sizes).run();
}

Result<Loaded> load_records(const Input& input, const LoadOptions& options, const LoadSizes& sizes) {
  LoadTools tools;
  return load_records(input, options, tools, sizes);
}

Result<Loaded> load_records_carefully(const Input& input, const LoadOptions& options,
                                      const LoadSizes& sizes) {
  LoadTools tools;
  return Loader(input, options, true, tools, sizes).run();
}

}  // namespace syncdex::inline v0
