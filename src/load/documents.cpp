// Reads a sequence of documents: arrays and envelopes of records, and single records.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "json/framing.h"
#include "load/load_run.h"

namespace syncdex::inline v0 {

// A member of the envelope.
void LoadRun::Paging::take(std::string_view raw_key, std::string_view value) {
  constexpr std::string_view kCursors[] = {"next", "next_page", "next_cursor", "next_url"};
  if (is_key(raw_key, "has_more")) {
    has_more = value;
  } else if (std::ranges::any_of(kCursors, [&](std::string_view key) { return is_key(raw_key, key); })) {
    const bool has_value = value != "null" && value != "false" && value != "\"\"";
    if (has_value || next.empty()) next = value;
    more_in_next |= has_value;
  }
}

const char* LoadRun::first_document() const {
  return skip_space(begin_ + (input_.text.starts_with("\xEF\xBB\xBF") ? 3 : 0), end_);
}

// Text in UTF-16 or UTF-32 may begin like JSON.
const char* LoadRun::other_encoding() const {
  const bool nul = input_.text.substr(0, 4).find('\0') != std::string_view::npos;
  return nul ? recognize_other_format(input_.text) : nullptr;
}

// Documents follow each other with white space or nothing between them.
bool LoadRun::documents(const char* p) {
  if (has_lines_ || recovery_ == Recovery::by_line) start_workers(p, true);
  const char* careful_until = p;
  while ((p = skip_space(p, end_)) != end_) {
    const char* after = nullptr;
    if (Worker* const worker = worker_of_lines(p)) {
      after = adopt(*worker, p);
      if (error_) return false;
    }
    if (after != nullptr) {
      p = after;
    } else if (p >= careful_until && may_read_documents_fast(p)) {
      p = document_window(p, careful_until);
    } else {
      p = recovery_ == Recovery::by_line ? line(p) : document(p, end_);
    }
    if (p == nullptr) return false;
  }
  return true;
}

const char* LoadRun::document(const char* p, const char* end) {
  if (*p == '[') return array(p, end);
  if (*p == '{') return object(p, end);
  const char* const first = first_document();
  const char* what = p == first ? recognize_other_format(input_.text) : nullptr;
  if (what == nullptr && *p == ',')
    what = "a comma between documents: only the elements of an array have commas";
  if (what == nullptr && *p == ']') what = "the array is closed already";
  if (what == nullptr && *p == '}') what = "the object is closed already";
  if (what == nullptr) what = explain_unexpected(p, end, "an array or an object is expected");
  return fail_framing(p, what);
}

// A window indexes far more than a small array holds, so the end of such an array is found first.
const char* LoadRun::array(const char* p, const char* end) {
  const std::size_t small = sizes_.small_array;
  if (small == 0 || static_cast<std::size_t>(end - p) <= small) return elements(p + 1, end, false);
  const ValueEnd extent = find_value_end(p, p + small);
  return elements(p + 1, extent.end != nullptr ? extent.end : end, false);
}

// An object is an envelope or a record.
const char* LoadRun::object(const char* p, const char* end) {
  const std::string_view key = options_.records_key;
  if (const char* const array = find_record_array(p, end, key)) return envelope(p, array, end);
  if (const char* const record = find_single_record(p, end, key)) return envelope(p, record, end);
  return careful_element(p, end, true);
}

// {..., "data":[records], ...}, or one record instead of the array. `data` is where the records are.
const char* LoadRun::envelope(const char* p, const char* data, const char* end) {
  bool seen_data = false;
  Paging paging;
  for (++p;; ++p) {
    p = skip_space(p, end);
    if (p == end || *p != '"') {
      const bool comma = p != end && *p == '}';
      return fail_framing(p, comma ? kTrailingComma : "a key in quotes is expected");
    }
    const char* const key = p;
    if ((p = check_value(p, end)) == nullptr) return nullptr;
    const std::string_view raw(key + 1, static_cast<std::size_t>(p - key - 2));
    p = skip_space(p, end);
    if (p == end || *p != ':') return fail_framing(p, "':' is expected");
    p = skip_space(p + 1, end);
    const bool is_data = is_key(raw, options_.records_key);
    if (is_data && seen_data) return fail_ambiguous(key, "an envelope has its records twice");
    if (seen_data && is_key(raw, "id")) {
      return fail_ambiguous(key, "an object with records and \"id\" is neither an envelope nor a record");
    }
    if (is_data) seen_data = true;
    const char* const value = p;
    if (p == data) {
      p = *p == '[' ? array(p, end) : careful_element(p, end, false);
    } else {
      p = check_value(p, end);
      if (p != nullptr) paging.take(raw, std::string_view(value, p));
    }
    if (p == nullptr) return nullptr;
    p = skip_space(p, end);
    if (p != end && *p == '}') break;
    if (p == end || *p != ',') return fail_framing(p, "',' or '}' is expected");
  }
  // Of several pages, only the last one can be the end.
  if (!checking_line_) paging_ = std::move(paging);
  return p + 1;
}

// The elements of an array, from behind its '[' to behind its ']'. `open_ended`: they end with the text, as
// in a piece of an array.
const char* LoadRun::elements(const char* p, const char* end, bool open_ended) {
  if (end == end_ && !open_ended) start_workers(p, false);
  p = skip_space(p, end);
  if (p != end && *p == ']') return p + 1;
  const char* careful_until = p;
  for (;;) {
    // A record is expected.
    p = skip_space(p, end);
    if (p == end) return fail_framing(p, "the array is not closed");
    if (*p == ']') return fail_framing(p, kTrailingComma);
    if (*p == ',') return fail_framing(p, "a record is expected");
    const char* after = nullptr;
    if (Worker* const worker = worker_of_elements(p)) {
      after = adopt(*worker, p);
      if (after != nullptr && worker->last) return after;
      if (error_) return nullptr;
    }
    if (after != nullptr) {
      p = after;
    } else if (!always_careful_ && *p == '{' && p >= careful_until) {
      p = element_window(p, end, careful_until);
    } else {
      p = careful_element(p, end, false);
    }
    if (p == nullptr) return nullptr;
    p = skip_space(p, end);
    if (p == end && open_ended && p != record_expected_) return p;
    if (p == end) return fail_framing(p, "the array is not closed");
    if (p == record_expected_) continue;
    // A piece that is not the last one does not end the array.
    if (*p == ']' && open_ended) return fail_framing(p, "the array ends too early");
    if (*p == ']') return p + 1;
    if (*p != ',') return fail_framing(p, explain_unexpected(p, end, "',' or ']' is expected"));
    ++p;
  }
}

// Adds to fault_ what to do about it.
void LoadRun::advise(const char* p, const char* end, bool is_document) {
  const bool no_id = fault_.code == ErrorCode::missing_id &&
                     reader_.draft().field(Role::id).state == FieldText::State::absent;
  if (no_id && is_document) {
    const std::vector<std::string_view> keys = keys_of_object_arrays(p, end);
    if (!keys.empty()) fault_.advice = fmt::format("did you mean --records-key {}?", fmt::join(keys, " or "));
  } else if (no_id && find_record_array(p, end, options_.records_key) != nullptr) {
    fault_.advice = "it is a page itself: put one page per line, not within another document";
  } else if (fault_.field == Role::id && fault_.found == Kind::number) {
    fault_.advice = "ids are strings, as in \"id\":\"61\"";
  }
}

// In JSON Lines, a document that is not JSON and goes beyond its line was cut off at the line's end.
void LoadRun::blame_line_end(const char* p) {
  if (!has_lines_ || !is_syntax(fault_)) return;
  const char* const line = line_end(p, end_);
  if (fault_.at > line && find_value_end(p, line).end == nullptr) {
    fail_framing(line, "the line ends within a record");
  }
}

// Checks a value of an envelope other than its records, which is ignored.
const char* LoadRun::check_value(const char* p, const char* end) {
  const char* const after = careful_.check_value(p, end);
  if (after == nullptr) fault_ = careful_.fault();
  return after;
}

// Reads one record, whatever is there: a document, or an element of an array or of an envelope.
const char* LoadRun::careful_element(const char* p, const char* end, bool is_document) {
  reader_.forget_draft();  // of a fast attempt at the same record
  const ValueEnd extent = find_value_end(p, end);
  if (extent.end == nullptr) {
    // A fault before the place where brackets break comes first, unless records may be skipped.
    bool explained = false;
    if (*p == '{' && (checking_line_ || !options_.skip_bad)) {
      open_segment(p);
      explained = careful_.explain_open({p, static_cast<std::size_t>(end - p)}, writer_.short_groups());
    }
    if (explained) {
      fault_ = careful_.fault();
    } else {
      fail_framing(extent.fault, extent.what);
    }
    fault_.framing = true;
    if (is_document) blame_line_end(p);
    if (explained || checking_line_ || (is_document && *p == '{' && !options_.skip_bad)) reject_record(p);
    return nullptr;
  }
  if (*p != '{') {
    if (check_value(p, end) != nullptr) fault_ = {ErrorCode::wrong_type, p, "a record must be an object"};
  } else {
    const std::string_view text(p, static_cast<std::size_t>(extent.end - p));
    const bool fits = text.size() <= record_limit_;
    if (fits) open_segment(p);  // a segment does not begin with a record that is too large
    if (careful_.read(text, fits && writer_.short_groups())) {
      return add_record() ? progress(extent.end) : nullptr;
    }
    fault_ = careful_.fault();
    if (is_document) blame_line_end(p);
    advise(p, extent.end, is_document);
  }
  return reject_record(p) ? progress(extent.end) : nullptr;
}

}  // namespace syncdex::inline v0
