// The fast way: a window of text is indexed at once, and record after record is read from its tokens. A
// window ends where a record seems to end. What this way does not accept is left to the careful way.
#include <algorithm>

#include "json/framing.h"
#include "load/load_run.h"

namespace syncdex::inline v0 {

// The fast way does not notice that a record is an envelope, unless the envelope's key is the usual one. A
// large envelope would be indexed in ever larger windows before it is recognized.
bool LoadRun::may_read_documents_fast(const char* p) const {
  return !always_careful_ && options_.records_key == "data" && *p == '{' &&
         find_record_array(p, end_, options_.records_key) == nullptr;
}

// Reads records that are documents, as far as that works.
const char* LoadRun::document_window(const char* const p, const char*& careful_until) {
  const char* border = end_;
  if (const Worker* const worker = next_worker(); worker != nullptr && worker->lines && worker->begin > p) {
    border = worker->begin;
  }
  for (std::size_t size = sizes_.window;; size *= 2) {
    const char* const cut = document_cut(p, size, border);
    const std::string_view text(p, static_cast<std::size_t>(cut - p));
    // A line longer than any record is an envelope, whose records are read in windows of their own.
    if (text.size() > record_limit_ + sizes_.window || text.size() > TokenIndex::kMaxText ||
        !tokens_.build_fast(text)) {
      careful_until = cut;
      return p;
    }
    RecordReader::Cursor cursor(text, tokens_);
    const std::uint32_t* feed = tokens_.line_feeds();
    const char* record = p;
    bool good = true;
    while (good && !cursor.done()) {
      record = cursor.at();
      good = *record == '{' && read_fast(cursor, true) &&
             (recovery_ == Recovery::by_record || is_alone_on_line(cursor, p, feed));
      if (good && !add_record()) return nullptr;
    }
    if (good) return progress(cut);
    const bool cut_off = *record == '{' && outcome_ == RecordReader::Outcome::incomplete && cut != border;
    if (cut_off && record == p) continue;  // larger than the window
    if (!cut_off) careful_until = cut;     // not only this record: a window for each would be quadratic
    return progress(record);
  }
}

// Where a window of documents from p on ends: behind a line feed, or where a record seems to end.
const char* LoadRun::document_cut(const char* p, std::size_t size, const char* border) {
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
const char* LoadRun::next_line_end(const char* p) {
  if (p < line_end_from_ || p > line_end_) {
    line_end_from_ = p;
    line_end_ = line_end(p, end_);
  }
  return line_end_;
}

// Whether the record that was just read is all there is on its line. `feed` moves along with the records.
bool LoadRun::is_alone_on_line(const RecordReader::Cursor& cursor, const char* text,
                               const std::uint32_t*& feed) const {
  const auto begin = static_cast<std::uint32_t>(reader_.draft().begin - text);
  const auto behind = static_cast<std::uint32_t>(reader_.draft().end - text);
  while (*feed < begin) ++feed;
  return *feed >= behind && (cursor.done() || *feed < tokens_.tokens()[cursor.token]);
}

// Reads elements of an array from one window, as far as that works. Returns the place to go on from: behind a
// record, or where one begins (record_expected_).
const char* LoadRun::element_window(const char* const p, const char* end, const char*& careful_until) {
  record_expected_ = nullptr;
  // This thread has to notice whether a record begins where the next piece does.
  const Worker* border = next_worker();
  if (border != nullptr && (border->lines || border->begin <= p || border->begin > end)) border = nullptr;
  for (std::size_t size = sizes_.window;; size *= 2) {
    const char* cut = end;
    if (border != nullptr && static_cast<std::size_t>(border->begin - p) <= size) {
      cut = border->begin - 1;
      while (*cut != ',') --cut;
      border = nullptr;  // a record that crosses it shows that it is not one
    } else if (const auto left = static_cast<std::size_t>(end - p);
               left > std::min(size, TokenIndex::kMaxText)) {
      if (size > std::min<std::uint64_t>(record_limit_ + sizes_.window, TokenIndex::kMaxText)) {
        careful_until = p + 1;
        return record_expected_ = p;
      }
      cut = find_cut(p, p + std::min(size, left));
      if (cut == nullptr) continue;
    }
    bool indexed = tokens_.build_fast({p, static_cast<std::size_t>(cut - p)});
    // The cut may have fallen into a string: try a few places before it.
    const char* earlier = cut;
    for (int tries = 0; !indexed && tries < 3 && cut != end; ++tries) {
      earlier = find_cut(p, earlier - 1);
      if (earlier == nullptr) break;
      indexed = tokens_.build_fast({p, static_cast<std::size_t>(earlier - p)});
      if (indexed) cut = earlier;
    }
    if (!indexed) {
      careful_until = cut;
      return record_expected_ = p;
    }
    const std::string_view text(p, static_cast<std::size_t>(cut - p));
    RecordReader::Cursor cursor(text, tokens_);
    const char* behind = nullptr;
    for (;;) {
      const char* const record = cursor.at();
      if (*record != '{' || !read_fast(cursor, false)) {
        if (outcome_ == RecordReader::Outcome::incomplete && *record == '{' && cut != end) {
          if (record == p) break;  // larger than the window
        } else {
          careful_until = cut;
        }
        return progress(record_expected_ = record);
      }
      if (!add_record()) return nullptr;
      behind = reader_.draft().end;
      if (cursor.done() || *cursor.at() != ',') return progress(behind);
      ++cursor.token;
      if (cursor.done()) return progress(behind);
    }
  }
}

// Reads the record at the cursor; outcome_ says how that went.
bool LoadRun::read_fast(RecordReader::Cursor& cursor, bool is_document) {
  open_segment(cursor.at());
  outcome_ = reader_.read(cursor, writer_.short_groups(), false);
  if (outcome_ != RecordReader::Outcome::good) return false;
  const RecordDraft& draft = reader_.draft();
  if (static_cast<std::uint64_t>(draft.end - draft.begin) > record_limit_ ||
      (is_document && draft.data_before_id)) {
    outcome_ = RecordReader::Outcome::faulty;
    return false;
  }
  return true;
}

}  // namespace syncdex::inline v0
