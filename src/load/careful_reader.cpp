#include "load/careful_reader.h"

#include <algorithm>

#include "json/framing.h"
#include "json/json_text.h"

namespace syncdex::inline v0 {

using Outcome = RecordReader::Outcome;

bool CarefulReader::read(std::string_view text, bool short_groups) {
  if (text.size() > record_limit_) {
    fault_ = {ErrorCode::limit_exceeded, text.data(), "the record is too large", "record_bytes"};
    return false;
  }
  tokens_.build_portable(text);
  RecordReader::Cursor cursor(text, tokens_);
  const Outcome outcome = reader_.read(cursor, short_groups, true);
  const std::size_t bad = find_invalid_utf8(text);
  if (outcome == Outcome::good && bad == text.npos) return true;
  const bool syntax = outcome == Outcome::faulty && is_syntax(reader_.fault());
  if (bad != text.npos && !(syntax && reader_.fault().at < text.data() + bad)) {
    fault_ = {ErrorCode::invalid_utf8, text.data() + bad, "invalid UTF-8"};
  } else if (outcome == Outcome::incomplete) {
    fault_ = {ErrorCode::malformed_json, text.data() + text.size(), "the record ends too early"};
  } else {
    fault_ = reader_.fault();
  }
  return false;
}

bool CarefulReader::explain_open(std::string_view text, bool short_groups) {
  text = text.substr(0, record_limit_);
  tokens_.build_portable(text);
  RecordReader::Cursor cursor(text, tokens_);
  const Outcome outcome = reader_.read(cursor, short_groups, true);
  if (outcome != Outcome::faulty || !is_syntax(reader_.fault())) return false;
  fault_ = reader_.fault();
  const std::size_t bad = find_invalid_utf8(text);
  if (bad != text.npos && text.data() + bad < fault_.at) {
    fault_ = {ErrorCode::invalid_utf8, text.data() + bad, "invalid UTF-8"};
  }
  return true;
}

const char* CarefulReader::check_value(const char* p, const char* end) {
  const ValueEnd extent = p == end ? ValueEnd{nullptr, end, "a value is expected"} : find_value_end(p, end);
  const char* const last = extent.end != nullptr ? extent.end : extent.fault;
  const std::string_view text(p, static_cast<std::size_t>(last - p));
  if (text.size() > TokenIndex::kMaxText) {
    fault_ = {ErrorCode::limit_exceeded, p, "a value of the envelope is too large", "record_bytes"};
    return nullptr;
  }
  if (extent.end == nullptr) {
    fault_ = {ErrorCode::malformed_json, extent.fault, extent.what};
    fault_.framing = true;
    return nullptr;
  }
  tokens_.build_portable(text);
  RecordReader::Cursor cursor(text, tokens_);
  Outcome outcome = cursor.done() ? Outcome::incomplete : reader_.check_value(cursor);
  if (outcome == Outcome::good && !cursor.done()) outcome = Outcome::incomplete;
  const std::size_t bad = find_invalid_utf8(text);
  if (outcome == Outcome::faulty && (bad == text.npos || reader_.fault().at < p + bad)) {
    fault_ = reader_.fault();
  } else if (bad != text.npos) {
    fault_ = {ErrorCode::invalid_utf8, p + bad, "invalid UTF-8"};
  } else if (outcome != Outcome::good) {
    fault_ = {ErrorCode::malformed_json, p, "invalid JSON value"};
  } else {
    return extent.end;
  }
  return nullptr;
}

}  // namespace syncdex::inline v0
