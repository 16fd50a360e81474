#include "load/loader.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>
#include <exception>
#include <optional>
#include <system_error>
#include <thread>

#include "base/limit_names.h"
#include "json/framing.h"
#include "json/json_text.h"
#include "json/tokens.h"
#include "load/record_reader.h"
#include "load/segment_writer.h"
#include "load/text_cuts.h"

namespace syncdex::inline v0 {
namespace {

// A segment's last record begins within the first GiB of its text, and is no longer than one.
constexpr std::uint64_t kMostRecordBytes = (std::uint64_t{1} << 30) - 64;

// What a fault costs where bad records may be skipped: its record, or all records of its line.
enum class Recovery : std::uint8_t { by_record, by_line };

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
        last_wins_(tools.last_wins),
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
    const char* const p = first_document();
    bool good = false;
    if (p == end_) {
      structural(p, "the input is empty");
    } else if (const char* const other = other_encoding()) {
      structural(begin_, other);
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
    good = good && writer_.close();
    failed_in_framing_ = !good && !stop_ && fault_.framing;
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

  // After run() has failed: whether it did because brackets or quotes are not balanced, and another run that
  // recovers line by line would find records, though the first line did not show any.
  bool should_recover_by_line() {
    if (!options_.skip_bad || options_.framing != Framing::automatic || !failed_in_framing_) return false;
    if (began_by_line_) return false;
    for (const char* p = first_document(); p != end_; p = skip_space(line_end(p, end_), end_)) {
      if (is_line_with_record(p)) return true;
    }
    return false;
  }
  // Before run(), for that other run. What was reported never decreases.
  void recover_by_line(std::uint64_t reported_bytes) {
    recovery_ = Recovery::by_line;
    reported_bytes_ = reported_bytes;
  }
  std::uint64_t reported_bytes() const { return reported_bytes_; }

 private:
  // --- documents ---

  const char* first_document() const {
    return skip_space(begin_ + (input_.text.starts_with("\xEF\xBB\xBF") ? 3 : 0), end_);
  }

  // Text in UTF-16 or UTF-32 may begin like JSON.
  const char* other_encoding() const {
    const bool nul = input_.text.substr(0, 4).find('\0') != std::string_view::npos;
    return nul ? recognize_other_format(input_.text) : nullptr;
  }

  // A sequence of arrays, envelopes and records, with white space or nothing between them. With recovery by
  // line, each line is read or left out as a whole.
  bool documents(const char* p) {
    if (has_lines_ || recovery_ == Recovery::by_line) start_workers(p, true);
    const char* careful_until = p;
    while ((p = skip_space(p, end_)) != end_) {
      const char* after = nullptr;
      if (Piece* const piece = take_lines(p)) {
        after = adopt(*piece, p);
        if (stop_) return false;
      }
      if (after != nullptr) {
        p = after;
      } else if (is_fast() && *p == '{' && p >= careful_until) {
        p = record_window(p, careful_until);
      } else {
        p = recovery_ == Recovery::by_line ? line(p) : document(p, end_);
      }
      if (p == nullptr) return false;
    }
    return true;
  }

  // Whether a record may be read the fast way where it is a document. It would not notice that it is an
  // envelope, unless the envelope's key is the usual one.
  bool is_fast() const { return !always_careful_ && options_.records_key == "data"; }

  // Reads one document; returns the place behind it, or nullptr.
  const char* document(const char* p, const char* end) {
    if (*p == '[') return array(p, end);
    if (*p == '{') return object(p, end);
    const char* const first = first_document();
    const char* what = p == first ? recognize_other_format(input_.text) : nullptr;
    if (what == nullptr && *p == ',')
      what = "a comma between documents: only the elements of an array have commas";
    if (what == nullptr && *p == ']') what = "the array is closed already";
    if (what == nullptr && *p == '}') what = "the object is closed already";
    if (what == nullptr) what = explain_unexpected(p, end, "an array or an object is expected");
    return structural(p, what), nullptr;
  }

  // A window indexes far more than a small array holds, so the end of such an array is found first.
  const char* array(const char* p, const char* end) {
    const std::size_t small = sizes_.small_array;
    if (small == 0 || static_cast<std::size_t>(end - p) <= small) return elements(p + 1, end);
    const ValueEnd extent = find_value_end(p, p + small);
    return elements(p + 1, extent.end != nullptr ? extent.end : end);
  }

  // A document that is one object: an envelope or a record.
  const char* object(const char* p, const char* end) {
    const std::string_view key = options_.records_key;
    if (const char* const array = find_record_array(p, end, key)) return envelope(p, array, end);
    if (const char* const record = find_single_record(p, end, key)) return envelope(p, record, end);
    return careful_element(p, end, true);
  }

  // {..., "data":[records], ...}, or one record instead of the array. Returns the place behind it, or
  // nullptr.
  const char* envelope(const char* p, const char* data, const char* end) {
    bool seen_data = false;
    bool more_follows = false;
    for (++p;; ++p) {
      p = skip_space(p, end);
      if (p == end || *p != '"') {
        const bool comma = p != end && *p == '}';
        return structural(p, comma ? kTrailingComma : "a key in quotes is expected"), nullptr;
      }
      const char* const key = p;
      if ((p = other_value(p, end)) == nullptr) return nullptr;
      const std::string_view raw(key + 1, static_cast<std::size_t>(p - key - 2));
      p = skip_space(p, end);
      if (p == end || *p != ':') return structural(p, "':' is expected"), nullptr;
      p = skip_space(p + 1, end);
      const bool is_data = is_key(raw, options_.records_key);
      if (is_data && seen_data) return ambiguous(key, "an envelope has its records twice"), nullptr;
      if (seen_data && is_key(raw, "id")) {
        return ambiguous(key, "an object with records and \"id\" is neither an envelope nor a record"),
               nullptr;
      }
      if (is_data) seen_data = true;
      const char* const value = p;
      if (p == data) {
        p = *p == '[' ? array(p, end) : careful_element(p, end, false);
      } else {
        p = other_value(p, end);
        if (p != nullptr && says_more(raw, {value, static_cast<std::size_t>(p - value)})) more_follows = true;
      }
      if (p == nullptr) return nullptr;
      p = skip_space(p, end);
      if (p != end && *p == '}') break;
      if (p == end || *p != ',') return structural(p, "',' or '}' is expected"), nullptr;
    }
    // Of several pages, only the last one can be the end.
    if (!dry_) more_follows_ = more_follows;
    return p + 1;
  }

  // Whether a member of an envelope says that there are more records than these.
  static bool says_more(std::string_view raw_key, std::string_view value) {
    if (is_key(raw_key, "has_more")) return value == "true";
    constexpr std::string_view kCursors[] = {"next", "next_page", "next_cursor", "next_url"};
    return std::ranges::any_of(kCursors, [&](std::string_view key) { return is_key(raw_key, key); }) &&
           value != "null" && value != "false" && value != "\"\"";
  }

  // A value of an envelope other than its records: it must be valid JSON, and is ignored. Returns the place
  // behind it.
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
      return fault_ = {ErrorCode::invalid_utf8, p + bad, "invalid UTF-8"}, nullptr;
    if (outcome != RecordReader::Outcome::good) {
      return fault_ = {ErrorCode::malformed_json, p, "invalid JSON value"}, nullptr;
    }
    return extent.end;
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
      after = documents(piece.begin) ? piece.end : nullptr;
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
  // Lines: where a document begins, with nothing but white space between the piece's begin and p. A document
  // may have gone over the border.
  Piece* take_lines(const char* p) {
    Piece* piece = next_piece();
    if (piece == nullptr || !piece->lines) return nullptr;
    for (; piece != nullptr && piece->begin <= p; piece = next_piece()) {
      if (skip_space(piece->begin, end_) == p) return piece;
      drop_piece();
    }
    return nullptr;
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
    if (worker->found_unbalanced_line_ && may_be_balanced_) return nullptr;  // this thread has to decide
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
    if (worker->more_follows_) more_follows_ = worker->more_follows_;
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
      if (*p == ']') return structural(p, kTrailingComma), nullptr;
      if (*p == ',') return structural(p, "a record is expected"), nullptr;
      const char* after = nullptr;
      if (Piece* const piece = take_elements(p)) {
        after = adopt(*piece, p);
        if (after != nullptr && piece->last) return after;
        if (stop_) return nullptr;
      }
      if (after != nullptr) {
        p = after;
      } else if (!always_careful_ && *p == '{' && p >= careful_until) {
        p = window(p, end, careful_until);
      } else {
        p = careful_element(p, end, false);
      }
      if (p == nullptr) return nullptr;
      p = skip_space(p, end);
      if (p == end && open_ended && p != record_expected_) return p;
      if (p == end) return structural(p, "the array is not closed"), nullptr;
      if (p == record_expected_) continue;
      // A piece that is not the last one does not end the array.
      if (*p == ']' && open_ended) return structural(p, "the array ends too early"), nullptr;
      if (*p == ']') return p + 1;
      if (*p != ',') return structural(p, explain_unexpected(p, end, "',' or ']' is expected")), nullptr;
      ++p;
    }
  }

  // --- lines ---

  // A bad record of the line that is being judged.
  struct BadLineRecord {
    std::size_t record;  // in line_ids_
    Fault fault;
  };

  // Reads one line, or leaves it out if anything in it is wrong. Returns the place behind it; p if the text
  // turns out not to be lines, and is to be read as documents from here on; nullptr if the load stops.
  const char* line(const char* p) {
    const char* const end = line_end(p, end_);
    // Most lines hold one record.
    if (*p == '{' && is_single_record(p, end)) {
      return careful_element(p, end, true) == nullptr ? nullptr : progress(end);
    }
    const bool good = judge_line(p, end);
    if (stop_) return nullptr;
    if (!good && fault_.framing && !may_stay_lines(p)) return p;
    if (!good) {
      leave_out_line();
      return progress(end);
    }
    for (const char* at = p; (at = skip_space(at, end)) != end;) {
      if ((at = document(at, end)) == nullptr) return nullptr;
    }
    return progress(end);
  }

  bool is_single_record(const char* p, const char* end) const {
    const ValueEnd extent = find_value_end(p, end);
    return extent.end != nullptr && skip_space(extent.end, end) == end &&
           find_record_array(p, end, options_.records_key) == nullptr &&
           find_single_record(p, end, options_.records_key) == nullptr;
  }

  // Reads a line without keeping anything but its records' ids (line_ids_) and what is wrong with them
  // (bad_line_records_) or with the line (fault_). Returns whether all is good.
  bool judge_line(const char* p, const char* end) {
    constexpr int kMostResumes = 16;  // each may look at the rest of the line
    std::optional<Fault> of_line;
    std::size_t judged = 0;  // bad records in front of it
    dry_ = true;
    line_ids_.clear();
    bad_line_records_.clear();
    for (int resumes = 0; (p = skip_space(p, end)) != end && !stop_;) {
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
      if (stop_ || find_value_end(p, end).end == nullptr || ++resumes > kMostResumes) break;
      p = std::find(std::min(std::max(fault_.at, p + 1), end), end, '{');
    }
    dry_ = false;
    if (of_line) {
      bad_line_records_.erase(bad_line_records_.begin() + static_cast<std::ptrdiff_t>(judged),
                              bad_line_records_.end());
      fault_ = *of_line;
    } else if (!bad_line_records_.empty()) {
      fault_ = bad_line_records_.front().fault;
    }
    return !of_line && bad_line_records_.empty();
  }

  // Reports each record of the line that was judged, at least one.
  void leave_out_line() {
    const Fault of_line = fault_;
    if (line_ids_.empty()) line_ids_.emplace_back();
    auto bad = bad_line_records_.begin();
    for (std::size_t i = 0; i < line_ids_.size(); ++i) {
      const bool own = bad != bad_line_records_.end() && bad->record == i;
      report_bad(own ? bad->fault : of_line, line_ids_[i]);
      if (own) ++bad;
    }
    // Few lines are pages of thousands of records.
    constexpr std::size_t kMany = 4096;
    if (line_ids_.capacity() > kMany) line_ids_ = {};
    if (bad_line_records_.capacity() > kMany) bad_line_records_ = {};
  }

  // A line whose brackets or quotes are not balanced: the first one decides whether the text from here on is
  // a sequence of documents, of which this one goes over several lines. Returns false if it is.
  bool may_stay_lines(const char* p) {
    if (worker_of_ != nullptr) {
      found_unbalanced_line_ = true;
      return true;
    }
    if (!may_be_balanced_) return true;
    may_be_balanced_ = false;
    const Fault of_line = fault_;
    // Brackets that are missing in one line and too many in another are balanced, but not JSON.
    const bool documents = is_balanced(p, end_) && other_value(p, end_) != nullptr;
    fault_ = of_line;
    if (!documents) return true;
    recovery_ = Recovery::by_record;
    has_lines_ = false;
    while (next_piece() != nullptr) drop_piece();
    return false;
  }

  // Whether the line here is a complete object with an id.
  bool is_line_with_record(const char* p) {
    const char* const end = line_end(p, end_);
    return *p == '{' && is_single_record(p, end) && has_string_id(p, end) && other_value(p, end) != nullptr;
  }

  // --- windows ---

  // Reads records that are documents, as far as that goes. Returns the place to go on from.
  const char* record_window(const char* const p, const char*& careful_until) {
    const char* border = end_;
    if (const Piece* const piece = next_piece(); piece != nullptr && piece->lines && piece->begin > p) {
      border = piece->begin;
    }
    for (std::size_t size = sizes_.window;; size *= 2) {
      const char* const cut = document_cut(p, size, border);
      const std::string_view text(p, static_cast<std::size_t>(cut - p));
      // A line longer than any record is an envelope, whose records are read in windows of their own.
      if (text.size() > record_limit_ + sizes_.window || text.size() > TokenIndex::kMaxText ||
          !index_.build_fast(text)) {
        careful_until = cut;
        return p;
      }
      RecordReader::Cursor cursor(text, index_);
      const std::uint32_t* feed = index_.line_feeds();
      const char* record = p;
      bool good = true;
      while (good && !cursor.done()) {
        record = cursor.at();
        good = *record == '{' && fast_record(cursor, true) &&
               (recovery_ == Recovery::by_record || is_alone_on_line(cursor, p, feed));
        if (good && !take()) return nullptr;
      }
      if (good) return progress(cut);
      terms_.rollback();
      const bool cut_off = *record == '{' && outcome_ == RecordReader::Outcome::incomplete && cut != border;
      if (cut_off && record == p) continue;  // larger than the window
      if (!cut_off) careful_until = cut;     // not only this record: a window for each would be quadratic
      return progress(record);
    }
  }

  // Where a window of documents from p on ends: behind a line feed, or where a record seems to end.
  const char* document_cut(const char* p, std::size_t size, const char* border) {
    if (static_cast<std::size_t>(border - p) <= size) return border;
    const char* cut = p + size;
    while (cut != p && cut[-1] != '\n') --cut;
    if (cut == p) cut = next_line_end(p + size);
    if (recovery_ == Recovery::by_record && static_cast<std::uint64_t>(cut - p) > record_limit_) {
      // Many records on one line.
      if (const char* const between = find_cut(p, p + size)) cut = between;
    }
    return std::min(cut, border);
  }

  // line_end(), remembered: a long line is cut many times.
  const char* next_line_end(const char* p) {
    if (p < line_end_from_ || p > line_end_) {
      line_end_from_ = p;
      line_end_ = line_end(p, end_);
    }
    return line_end_;
  }

  // Whether the record that was just read is all there is on its line. `feed` is moved along.
  bool is_alone_on_line(const RecordReader::Cursor& cursor, const char* text,
                        const std::uint32_t*& feed) const {
    const auto begin = static_cast<std::uint32_t>(reader_.draft().begin - text);
    const auto behind = static_cast<std::uint32_t>(reader_.draft().end - text);
    while (*feed < begin) ++feed;
    return *feed >= behind && (cursor.done() || *feed < index_.tokens()[cursor.token]);
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

  // Reads one record, whatever it is: an element of an array or of an envelope, or a document. Returns the
  // place behind it, or nullptr.
  const char* careful_element(const char* p, const char* end, bool document) {
    reader_.forget_draft();  // of a fast attempt at the same record
    const ValueEnd extent = find_value_end(p, end);
    if (extent.end == nullptr) {
      // A fault before the place where brackets break comes first, unless records may be skipped.
      const bool explained = *p == '{' && (dry_ || !options_.skip_bad) && explain_open_record(p, end);
      if (!explained) structural(extent.fault, extent.what);
      fault_.framing = true;
      if (document) blame_line(p);
      if (explained || dry_ || (document && *p == '{' && !options_.skip_bad)) refuse(p);
      return nullptr;
    }
    if (*p != '{') {
      if (other_value(p, end) != nullptr) fault_ = {ErrorCode::wrong_type, p, "a record must be an object"};
    } else if (read_carefully(p, extent.end)) {
      return take() ? progress(extent.end) : nullptr;
    } else {
      if (document) blame_line(p);
      advise(p, extent.end, document);
    }
    return refuse(p) ? progress(extent.end) : nullptr;
  }

  // Where the text has lines, a document that is not JSON and goes over its line's end was cut off there.
  void blame_line(const char* p) {
    if (!has_lines_ || !is_syntax(fault_)) return;
    const char* const line = line_end(p, end_);
    if (fault_.at > line && find_value_end(p, line).end == nullptr) {
      structural(line, "the line ends within a record");
    }
  }

  // Adds to fault_ what to do about it.
  void advise(const char* p, const char* end, bool document) {
    const bool no_id = fault_.code == ErrorCode::missing_id &&
                       reader_.draft().field(Role::id).state == FieldText::State::absent;
    if (no_id && document) {
      const std::vector<std::string_view> keys = keys_of_object_arrays(p, end);
      if (!keys.empty())
        fault_.advice = fmt::format("did you mean --records-key {}?", fmt::join(keys, " or "));
    } else if (no_id && find_record_array(p, end, options_.records_key) != nullptr) {
      fault_.advice = "it is a page itself: put one page per line, not within another document";
    } else if (fault_.field == Role::id && fault_.found == Kind::number) {
      fault_.advice = "ids are strings, as in \"id\":\"61\"";
    }
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
      fault_ = {ErrorCode::invalid_utf8, p + bad, "invalid UTF-8"};
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
      fault_ = {ErrorCode::invalid_utf8, p + bad, "invalid UTF-8"};
    }
    return true;
  }

  // --- records that are taken, and those whose id repeats ---

  void open_segment(const char* record) { writer_.open(record, static_cast<std::size_t>(end_ - record)); }

  // Takes the record that was just read. False: stop_ says why.
  bool take() {
    if (stop_) return false;  // closing the segment before found two records with one id
    if (dry_) {
      terms_.rollback();
      line_ids_.push_back(reader_.draft().field(Role::id));
      return true;
    }
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
    if (last_wins_) {
      writer_.mask(earlier);
      return true;
    }
    const char* const begin = writer_.begin(options_.skip_bad ? earlier : row);
    if (!options_.skip_bad) {
      // A fault that stopped the load stands further down; another repeated id, further up.
      if (stop_ && stop_->code == ErrorCode::duplicate_id) return false;
      stop_.reset();
      Error e = error(ErrorCode::duplicate_id, begin, "");
      e.record = position_of(row);
      const char* const first = writer_.begin(earlier);
      e.message = fmt::format(
          "record {}: the record on line {} has the same id; skip_bad (--skip-bad) keeps the last one",
          *e.record, 1 + std::count(begin_, first, '\n'));
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
    fault_.framing = true;
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
    return fault_error({ErrorCode::limit_exceeded, at, message, limit});
  }
  Error cancelled(const char* at) const { return error(ErrorCode::cancelled, at, "the load was cancelled"); }

  std::string describe(const Fault& fault) const {
    std::string text = fault.what;
    if (fault.field != Role::none) {
      const char* wanted = fault.field == Role::collection_ids ? "an array of strings"
                           : fault.field == Role::health || fault.field == Role::metadata ? "an object"
                                                                                          : "a string";
      text = fmt::format(
          "{} must be {}, found {}",
          fault.field == Role::collection_id ? "an element of collection_ids" : to_string(fault.field),
          wanted, with_article(fault.found));
    }
    if (*fault.limit != '\0') append_limit(options_.limits, fault.limit, text);
    return fault.advice.empty() ? text : text + "; " + fault.advice;
  }
  Error fault_error(const Fault& fault) const {
    Error e = error(fault.code, fault.at, describe(fault));
    e.limit = fault.limit;
    const std::string_view before(begin_, static_cast<std::size_t>(fault.at - begin_));
    const std::size_t carriage = before.find('\r');
    if (fault.code == ErrorCode::malformed_json && carriage < before.size() &&
        before.find('\n') == before.npos && begin_[carriage + 1] != '\n') {
      e.message += "; its lines end in carriage returns alone, which are not counted";
    }
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

  // The record here, which fault_ is about, is left out or stops the load. False: it stops.
  bool refuse(const char* record) {
    const bool was_read = reader_.draft().begin == record;
    const FieldText id = was_read ? reader_.draft().field(Role::id) : FieldText();
    if (dry_) {
      bad_line_records_.push_back({line_ids_.size(), fault_});
      line_ids_.push_back(id);
      return true;
    }
    if (!options_.skip_bad) {
      Error e = fault_error(fault_);
      e.record = position_;
      e.message = fmt::format("record {}: {}", position_, e.message);
      return stop(std::move(e));
    }
    report_bad(fault_, id);
    return true;
  }
  void report_bad(const Fault& fault, const FieldText& field) {
    std::optional<std::string> id;
    if (field.state == FieldText::State::string && field.length > 0 && readable(field)) {
      id.emplace();
      append_decoded({field.at, field.length}, *id);
    }
    report_.bad.push_back(bad_record(position_++, fault.at, std::move(id), fault.code, describe(fault)));
    refused_before_.push_back(static_cast<Row>(writer_.records()));
  }
  static bool readable(const FieldText& field) {
    return find_invalid_utf8({field.at, field.length}) == std::string_view::npos;
  }

  // Reports, about once per MiB, how far the load is: this thread at p, and what workers have read beyond.
  // Returns nullptr if the load is to stop. What is reported never decreases, though a piece may be read
  // twice.
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
    report_.more_follows = more_follows_.value_or(false);
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
  const bool last_wins_;
  Piece* const worker_of_ = nullptr;

  std::unique_ptr<LoadTools> own_tools_;  // a worker's
  TermBuilder& terms_;                    // of the open segment
  RecordReader& reader_;
  SegmentWriter writer_;
  TokenIndex index_;
  RecordReader::Outcome outcome_ = RecordReader::Outcome::good;
  const char* record_expected_ = nullptr;

  bool has_lines_ = false;  // the text begins like JSON Lines
  Recovery recovery_ = Recovery::by_record;
  bool began_by_line_ = false;
  bool failed_in_framing_ = false;
  bool may_be_balanced_ = false;        // by_line, and no unbalanced line has decided that it stays so
  bool found_unbalanced_line_ = false;  // a worker: what the leader has to decide
  const char* line_end_from_ = nullptr;
  const char* line_end_ = nullptr;
  bool dry_ = false;  // judging a line: no record is taken or reported
  std::vector<FieldText> line_ids_;
  std::vector<BadLineRecord> bad_line_records_;
  std::optional<bool> more_follows_;  // what the last envelope said

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
      last_wins_(leader.last_wins_),
      worker_of_(&piece),
      own_tools_(std::make_unique<LoadTools>()),
      terms_(own_tools_->terms),
      reader_(own_tools_->reader),
      writer_(input_, reader_, terms_, sizes_,
              [this](Row row, Row earlier) {
                if (options_.skip_bad || last_wins_) return repeat(row, earlier);
                stop_.emplace().code = ErrorCode::duplicate_id;  // the calling thread finds it again
                return false;
              }),
      has_lines_(leader.has_lines_),
      recovery_(leader.recovery_),
      progress_at_(piece.begin) {
  reader_.set_limits(options_.limits);
}

Result<Loaded> load(const Input& input, const LoadOptions& options, bool careful, LoadTools& tools,
                    const LoadSizes& sizes) {
  std::optional<Loader> loader(std::in_place, input, options, careful, tools, sizes);
  auto loaded = loader->run();
  if (loaded || !loader->should_recover_by_line()) return loaded;
  const std::uint64_t reported = loader->reported_bytes();
  loader.reset();  // and all that it has made
  loader.emplace(input, options, careful, tools, sizes);
  loader->recover_by_line(reported);
  return loader->run();
}

}  // namespace

Result<Loaded> load_records(const Input& input, const LoadOptions& options, LoadTools& tools,
                            const LoadSizes& sizes) {
  return load(input, options, false, tools, sizes);
}

Result<Loaded> load_records(const Input& input, const LoadOptions& options, const LoadSizes& sizes) {
  LoadTools tools;
  return load(input, options, false, tools, sizes);
}

Result<Loaded> load_records_carefully(const Input& input, const LoadOptions& options,
                                      const LoadSizes& sizes) {
  LoadTools tools;
  return load(input, options, true, tools, sizes);
}

}  // namespace syncdex::inline v0
