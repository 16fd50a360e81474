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

#include "id_set.h"
#include "json.h"
#include "json_text.h"
#include "record_reader.h"

namespace syncdex::inline v0 {
namespace {

constexpr std::size_t kWindow = std::size_t{256} << 10;
// A segment is closed at so many records: what its inserts touch stays in the cache, and the buckets
// of its hash tables come out full.
constexpr std::size_t kSegmentRows = 98'304;
// But a large input makes no more segments than this; a query visits each.
constexpr std::size_t kMostSegments = 32;
// A segment's text stays below 2 GiB: its last record begins within one, and is no longer than one.
constexpr std::uint64_t kSegmentBytes = std::uint64_t{1} << 30;
constexpr std::uint64_t kMostRecordBytes = (std::uint64_t{1} << 30) - 64;

const char* skip_space(const char* p, const char* end) noexcept {
  while (p != end && is_space(*p)) ++p;
  return p;
}

// Where a value ends, by brackets and quotes alone.
struct Extent {
  const char* end = nullptr;    // nullptr: not balanced
  const char* fault = nullptr;  // then: where that shows
  const char* what = "";
};

// The value at p. The nesting is kept in bits: 0 for an array, 1 for an object.
Extent find_extent(const char* p, const char* end) {
  if (*p != '{' && *p != '[' && *p != '"') {
    // A scalar, or something that is none: up to what can only stand outside of one.
    constexpr std::string_view kOutside = "{}[]:,\" \n\t\r";
    const char* const begin = p++;
    while (p != end && kOutside.find(*p) == std::string_view::npos) ++p;
    if (*begin == '}' || *begin == ']') return {nullptr, begin, "brackets do not match"};
    return {p, nullptr, ""};
  }
  std::vector<bool> open;
  for (; p != end; ++p) {
    switch (*p) {
      case '"': {
        const char* const quote = p;
        for (++p; p < end && *p != '"'; ++p) p += *p == '\\' ? 1 : 0;
        if (p >= end) return {nullptr, quote, "a string is not closed"};
        break;
      }
      case '{':
      case '[': open.push_back(*p == '{'); break;
      case '}':
      case ']':
        if (open.back() != (*p == '}')) return {nullptr, p, "brackets do not match"};
        open.pop_back();
        break;
      default: continue;
    }
    if (open.empty()) return {p + 1, nullptr, ""};
  }
  return {nullptr, end, "the input ends within a value"};
}

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
  Loader(const Input& input, const LoadOptions& options, bool careful)
      : input_(input),
        options_(options),
        begin_(input.text.data()),
        end_(begin_ + input.text.size()),
        record_limit_(std::min(options.limits.record_bytes, kMostRecordBytes)),
        always_careful_(careful),
        reader_(options.limits, terms_) {}

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
        reader_(options_.limits, terms_) {}

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
    good = good && close_segment();
    if (wants_order_) return Error{};  // nobody looks at it
    if (!good && !stop_) stop(fault_error(fault_));
    if (stop_) {
      // A second record with one id, further up, comes first.
      if (stop_->code != ErrorCode::cancelled) check_ids();
      return *std::move(stop_);
    }
    if (options_.progress && !options_.progress(input_.text.size(), input_.text.size(), records())) {
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
    const Extent extent = find_extent(p, feed);
    return extent.end != nullptr && skip_space(extent.end, feed) == feed;
  }

  bool only_space(const char* p, const char* what) {
    p = skip_space(p, end_);
    return p == end_ || structural(p, what);
  }

  // --- pieces, for more threads than one ---
  //
  // The text is cut into a piece a thread, each read by a loader of its own; their segments are put
  // together in order. JSON Lines are cut at line feeds. An array is cut where a record seems to begin,
  // at ",{" and the first record's first key: a guess, proved by the piece before, which must end in
  // whole records just there. Whatever goes wrong anywhere, the load begins anew with one thread: its
  // errors and reports are those of the order of the text.

  static constexpr std::size_t kPiece = std::size_t{1} << 20;

  struct Piece {
    const char* begin;
    const char* end;  // of the text that belongs to it: the feed, or the comma before the next
  };

  std::vector<Piece> cut(const char* p, bool lines) const {
    std::vector<Piece> pieces;
    const auto size = static_cast<std::size_t>(end_ - p);
    const std::size_t wanted = std::min<std::size_t>(options_.threads, size / kPiece);
    if (wanted < 2 || worker_ || always_careful_ || dry_ || crew_ != nullptr) return pieces;
    const char* const first_key = lines ? nullptr : skip_space(p, end_);
    if (!lines && (*first_key != '{' || skip_space(first_key + 1, end_) == end_)) return pieces;
    const char* from = p;
    for (std::size_t i = 1; i < wanted; ++i) {
      const char* const near = std::max(from + 1, p + size / wanted * i);
      Piece next = lines ? after_feed(near) : at_record(near, first_key);
      if (next.begin == nullptr) break;
      pieces.push_back({from, next.end});
      from = next.begin;
    }
    if (!pieces.empty()) pieces.push_back({from, end_});
    return pieces;
  }

  // The next piece's begin, and the end of the one before.
  Piece after_feed(const char* near) const {
    const char* const feed = line_end(near);
    return feed == end_ ? Piece{nullptr, nullptr} : Piece{feed + 1, feed};
  }

  Piece at_record(const char* near, const char* first) const {
    const char* const quote = skip_space(first + 1, end_);
    const Extent key = *quote == '"' ? find_extent(quote, end_) : Extent{};
    if (key.end == nullptr) return {nullptr, nullptr};
    const std::string_view head(first, static_cast<std::size_t>(key.end - first));
    const std::string_view text(near, std::min(static_cast<std::size_t>(end_ - near), kPiece));
    for (std::size_t at = text.find(head); at != text.npos; at = text.find(head, at + 1)) {
      const char* const record = near + at;
      const char* before = record;
      while (before != near && is_space(before[-1])) --before;
      if (before != near && before[-1] == ',') return {record, before - 1};
    }
    return {nullptr, nullptr};
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
    return after != nullptr && close_segment() ? after : nullptr;
  }

  // Takes a worker's segments over. False: an id was met before.
  bool adopt(Loader& worker) {
    const std::vector<PathId> mapped = reader_.absorb(worker.reader_.paths());
    for (auto& segment : worker.segments_) {
      segment->renumber_paths(mapped);
      ids_.reserve(rows_ + segment->size());
      const auto first = static_cast<Row>(rows_);
      segments_.push_back(std::move(segment));
      const Segment& s = *segments_.back();
      rows_ += s.size();
      bases_.push_back(static_cast<Row>(rows_));
      dead_.emplace_back();
      for (Row row = 0; row < s.size(); ++row) {
        constexpr Row kAhead = 16;
        if (row + kAhead < s.size()) ids_.prefetch(s.entry(row + kAhead).id_hash);
        const Entry& entry = s.entry(row);
        if (ids_.put(entry.id_hash, first + row, [&](Row r) { return has_id(r, s.text().view(entry.id)); }))
          return false;
      }
    }
    return records() <= options_.limits.records;
  }

  // An array's elements, from behind its '['; gives the place behind its ']', or nullptr. `open_ended`:
  // they end with the text.
  const char* elements(const char* p, const char* end, bool open_ended = false) {
    if (end == end_ && !open_ended) {
      const std::vector<Piece> pieces = cut(p, false);
      if (!pieces.empty()) return read_pieces(pieces, false);
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
    return careful_element(p, end);
  }

  // The '[' of an array "data" with no "id" before it, or nullptr. Looks no further than it needs to
  // and judges nothing: if this is no envelope, the record's reader will say what is wrong.
  const char* find_data(const char* p, const char* end) {
    for (p = skip_space(p + 1, end); p != end && *p == '"'; p = skip_space(p + 1, end)) {
      const Extent key = find_extent(p, end);
      if (key.end == nullptr) return nullptr;
      const std::string_view raw(p + 1, static_cast<std::size_t>(key.end - p - 2));
      p = skip_space(key.end, end);
      if (p == end || *p != ':') return nullptr;
      p = skip_space(p + 1, end);
      if (p == end || is_key(raw, "id")) return nullptr;
      if (*p == '[' && is_key(raw, "data")) return p;
      const Extent value = find_extent(p, end);
      if (value.end == nullptr) return nullptr;
      p = skip_space(value.end, end);
      if (p == end || *p != ',') return nullptr;
    }
    return nullptr;
  }

  static bool is_key(std::string_view raw, std::string_view key) {
    return check_escapes(raw).fault == StringFault::none && same_string(raw, key);
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
    const Extent extent = p == end ? Extent{nullptr, end, "a value is expected"} : find_extent(p, end);
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
    const std::vector<Piece> pieces = cut(p, true);
    if (!pieces.empty()) return read_pieces(pieces, true) != nullptr;
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

  const char* line_end(const char* p) const {
    const auto* feed = static_cast<const char*>(std::memchr(p, '\n', static_cast<std::size_t>(end_ - p)));
    return feed == nullptr ? end_ : feed;
  }

  // Reads whole lines, each one record, as far as that goes; gives the place of the next line.
  const char* line_window(const char* const p, const char*& careful_until) {
    const auto room = static_cast<std::size_t>(end_ - p);
    const char* cut = end_;
    if (room > kWindow) {
      cut = p + kWindow;
      while (cut != p && cut[-1] != '\n') --cut;
      if (cut == p) cut = line_end(p + kWindow);
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
    const char* const end = line_end(p);
    const std::uint64_t bad_before = report_.bad.size();
    const Extent extent =
        *p == '{' ? find_extent(p, end) : Extent{nullptr, p, "a record or an envelope is expected"};
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

  // The last place in (p, limit] where a record seems to end: a '}' with ",{" behind it, else any '}'.
  static const char* find_cut(const char* p, const char* limit) {
    const char* any = nullptr;
    for (const char* at = limit; at-- > p;) {
      if (*at != '}') continue;
      if (any == nullptr) any = at + 1;
      const char* next = skip_space(at + 1, limit);
      if (next != limit && *next == ',') {
        next = skip_space(next + 1, limit);
        if (next != limit && *next == '{') return at + 1;
      }
    }
    return any;
  }

  // Reads the record at the cursor the fast way: good or not. The record's terms wait.
  bool fast_record(RecordReader::Cursor& cursor, bool alone) {
    open_segment(cursor.at());
    outcome_ = reader_.read(cursor, builder_->short_groups(), false);
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
    const Extent extent = find_extent(p, end);
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
    const auto outcome = reader_.read(cursor, builder_->short_groups(), true);
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
    const auto outcome = reader_.read(cursor, builder_->short_groups(), true);
    terms_.rollback();
    if (outcome != RecordReader::Outcome::faulty || !is_syntax(reader_.fault())) return false;
    fault_ = reader_.fault();
    const std::size_t bad = find_invalid_utf8(text);
    if (bad != std::string_view::npos && p + bad < fault_.at) {
      fault_ = {ErrorCode::invalid_utf8, p + bad, "this is no UTF-8"};
    }
    return true;
  }

  // --- segments ---

  void open_segment(const char* record) {
    if (builder_) {
      const bool far = static_cast<std::uint64_t>(record - builder_->text()) > kSegmentBytes;
      if (!far && builder_->size() < segment_rows_) return;
      close_segment();
    }
    const auto left = static_cast<std::size_t>(end_ - record);
    std::size_t rows = std::min(segment_rows_, left / 512 + 16);
    std::size_t terms = rows * 2;
    if (!segments_.empty()) {
      const double bytes_a_row =
          static_cast<double>(record - begin_) / static_cast<double>(std::max<std::uint64_t>(rows_, 1));
      const auto expected = static_cast<std::size_t>(static_cast<double>(left) / bytes_a_row) + 16;
      rows = std::min(segment_rows_, expected);
      terms = segments_.back()->terms().size() * rows / segments_.back()->size() + rows / 8;
    }
    builder_.emplace(input_.owner, record, left, rows, terms, terms_);
  }

  // Takes the record that was just read. False: stop_ says why.
  bool take() {
    if (stop_) return false;  // closing the segment before found two records with one id
    ++position_;
    if (records() >= options_.limits.records) {
      terms_.rollback();
      return stop(limit_error("the input has too many records", "records", reader_.draft().begin));
    }
    builder_->add(reader_.draft());
    if (worker_) crew_->records.fetch_add(1, std::memory_order_relaxed);
    return true;
  }

  std::uint64_t records() const { return rows_ + (builder_ ? builder_->size() : 0); }

  bool close_segment() {
    if (!builder_) return true;
    if (builder_->size() > 0) {
      if (!check_ids()) return false;
      rows_ += builder_->size();
      segments_.push_back(std::move(*builder_).finish(reader_.paths()));
      bases_.push_back(static_cast<Row>(rows_));
      dead_.emplace_back(std::move(builder_dead_));
      builder_dead_.clear();
    }
    builder_.reset();
    checked_ = 0;
    if (segments_.size() == 1 && rows_ > 0) {
      const auto a_row = static_cast<std::uint64_t>(segments_[0]->text_bytes()) / rows_ + 1;
      segment_rows_ = std::max<std::size_t>(kSegmentRows, input_.text.size() / a_row / kMostSegments);
    }
    return true;
  }

  // --- ids ---

  // Looks for records of the open segment whose id was met before. False: stop_ says why.
  bool check_ids() {
    if (!builder_) return true;
    const auto first = static_cast<Row>(rows_);
    const std::size_t size = builder_->size();
    ids_.reserve(rows_ + size);
    for (; checked_ < size; ++checked_) {
      constexpr std::size_t kAhead = 16;
      if (checked_ + kAhead < size)
        ids_.prefetch(builder_->entry(static_cast<Row>(checked_ + kAhead)).id_hash);
      const auto row = static_cast<Row>(checked_);
      // The id itself is only looked at where another has its hash.
      const std::optional<Row> other = ids_.put(builder_->entry(row).id_hash, first + row,
                                                [&](Row r) { return has_id(r, builder_->id(row)); });
      if (!other) continue;
      const char* const begin = builder_->begin(row);
      if (!options_.skip_bad) {
        // The record whose fault stopped the load, if one did, stands further down.
        stop_.reset();
        Error e = error(ErrorCode::duplicate_id, begin, "");
        e.record = position_of(first + row);
        e.message = fmt::format("record {}: an earlier record has the same id", *e.record);
        return stop(std::move(e));
      }
      lose(*other, builder_->id(row));
    }
    return true;
  }

  bool has_id(Row row, std::string_view id) const {
    if (row >= rows_) return builder_->same_id(row - static_cast<Row>(rows_), id);
    const auto [segment, local] = place(row);
    return segments_[segment]->text().equals(segments_[segment]->entry(local).id, id);
  }

  std::pair<std::size_t, Row> place(Row row) const {
    const auto segment = static_cast<std::size_t>(std::ranges::upper_bound(bases_, row) - bases_.begin());
    return {segment, row - (segment == 0 ? 0 : bases_[segment - 1])};
  }

  // A record whose id a later one bears.
  void lose(Row row, std::string_view id) {
    const char* begin = nullptr;
    if (row >= rows_) {
      const Row local = row - static_cast<Row>(rows_);
      begin = builder_->begin(local);
      report_.bad.push_back(bad_record(position_of(row), begin, std::string(id), ErrorCode::duplicate_id,
                                       "a later record has the same id"));
      builder_->drop_id(local);
      builder_dead_.push_back(local);
    } else {
      const auto [segment, local] = place(row);
      begin = segments_[segment]->begin(local);
      report_.bad.push_back(bad_record(position_of(row), begin, std::string(id), ErrorCode::duplicate_id,
                                       "a later record has the same id"));
      dead_[segment].push_back(local);
    }
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
    refused_before_.push_back(static_cast<Row>(records()));
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
                          records() + (crew_ != nullptr ? crew_->records.load() : 0)))
      return p;
    stop(cancelled(p));
    return nullptr;
  }

  Result<Loaded> finish() {
    Loaded loaded;
    loaded.segments = std::move(segments_);
    loaded.paths = std::move(reader_).release_paths();
    for (std::vector<Row>& rows : dead_) std::ranges::sort(rows);
    loaded.dead = std::move(dead_);
    report_.bytes = input_.text.size();
    report_.records = rows_;
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

  TermBuilder terms_;  // of the open segment
  RecordReader reader_;
  TokenIndex index_;
  RecordReader::Outcome outcome_ = RecordReader::Outcome::good;
  const char* record_expected_ = nullptr;
  bool dry_ = false;  // looking only: no record is taken or refused

  std::optional<SegmentBuilder> builder_;
  std::size_t segment_rows_ = kSegmentRows;
  std::vector<std::shared_ptr<Segment>> segments_;
  std::vector<Row> bases_;  // rows in all segments up to and with each
  std::uint64_t rows_ = 0;  // in segments_

  IdSet ids_;
  std::size_t checked_ = 0;  // rows of the open segment whose ids are in ids_
  std::vector<std::vector<Row>> dead_;
  std::vector<Row> builder_dead_;

  std::uint64_t position_ = 0;
  std::vector<Row> refused_before_;  // for each record left out: the rows before it
  LoadReport report_;
  Fault fault_;
  std::optional<Error> stop_;
  const char* progress_at_ = begin_;
};

}  // namespace

Result<Loaded> load_records(const Input& input, const LoadOptions& options) {
  Loader loader(input, options, false);
  auto loaded = loader.run();
  // Errors and reports number the records of the whole text, which no piece knows.
  const bool cancelled = !loaded && loaded.error().code == ErrorCode::cancelled;
  const bool counts_records = !loaded || !loaded->report.bad.empty();
  if (!loader.wants_order() && (options.threads <= 1 || cancelled || !counts_records)) return loaded;
  LoadOptions in_order = options;
  in_order.threads = 1;
  return Loader(input, in_order, false).run();
}

Result<Loaded> load_records_carefully(const Input& input, const LoadOptions& options) {
  return Loader(input, options, true).run();
}

}  // namespace syncdex::inline v0
