// Input: a byte of options, then lines. Loading the same records as JSON Lines and in an envelope must give
// the same catalog. A line that is bad alone must also be bad among others, be reported with the same error,
// and not affect other lines.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "law.h"
#include "syncdex/syncdex.h"

using namespace syncdex;

namespace {

LoadOptions with(Framing framing, bool skip_bad) {
  LoadOptions options;
  options.framing = framing;
  options.skip_bad = skip_bad;
  return options;
}

bool is_blank(std::string_view line) { return line.find_first_not_of(" \t\r") == line.npos; }

void same_answers(const Catalog& a, const Catalog& b) {
  const Matches all = a.find(Query());
  const Matches others = b.find(Query());
  SYNCDEX_LAW(all.size() == others.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    SYNCDEX_LAW(all[i].json() == others[i].json() && all[i].id() == others[i].id());
    const auto query = Query::from_pattern(all[i].json());
    if (!query || i >= 4) continue;
    SYNCDEX_LAW(a.count(*query) == b.count(*query));
    SYNCDEX_LAW(a.explain(*query).substr(0, 40) == b.explain(*query).substr(0, 40));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || size > 1024) return 0;
  const bool carriage = (data[0] & 1) != 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);

  struct Line {
    std::string_view text;
    std::optional<Error> fault;
  };
  std::vector<Line> lines;
  std::string ndjson;
  std::string good = "{\"data\":[";
  std::size_t good_lines = 0;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    Line line{text.substr(at, end - at), {}};
    at = end + 1;
    ndjson.append(line.text).append(carriage ? "\r\n" : "\n");
    if (line.text.starts_with("\xEF\xBB\xBF")) return 0;  // valid only at the start of the text
    if (!is_blank(line.text)) {
      const auto alone = Catalog::load(std::string(line.text), with(Framing::ndjson, false));
      if (!alone) line.fault = alone.error();
      // load_fuzz covers several records on a line, and arrays.
      if (alone ? alone->size() != 1 || line.text.find('[') < line.text.find('{')
                : alone.error().code == ErrorCode::duplicate_id) {
        return 0;
      }
      // load_fuzz covers lines that are envelopes: they hold any number of records, each with its own error.
      if (line.text.find("data") != line.text.npos || line.text.find("\\u00") != line.text.npos) return 0;
      if (alone) good.append(good_lines++ > 0 ? "," : "").append(line.text);
    }
    lines.push_back(line);
  }
  if (lines.size() > 16) return 0;
  if (ndjson.substr(0, 4).find('\0') != ndjson.npos) return 0;  // looks like UTF-16 or UTF-32
  good += "]}";

  // With skip_bad: every good line is loaded, and the last record with an id wins.
  const auto some = Catalog::load(ndjson, with(Framing::ndjson, true));
  const auto envelope = Catalog::load(good, with(Framing::json, true));
  const auto written =
      std::count_if(lines.begin(), lines.end(), [](const Line& l) { return !is_blank(l.text); });
  SYNCDEX_LAW(some.has_value() == (written > 0));
  SYNCDEX_LAW(envelope.has_value());
  if (some) {
    same_answers(*some, *envelope);
    std::size_t next = 0;
    const auto& bad = some->report().bad;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (!lines[i].fault) continue;
      while (next < bad.size() && bad[next].code == ErrorCode::duplicate_id) ++next;
      // Each skipped record of the line has an entry. At least one has the expected error.
      bool found = false;
      for (; next < bad.size() && bad[next].line == i + 1; ++next) {
        found = found || bad[next].code == lines[i].fault->code;
      }
      SYNCDEX_LAW(found);
    }
    SYNCDEX_LAW(some->size() + bad.size() >= static_cast<std::size_t>(written));
  }

  // Without skip_bad: all or nothing. Lines that are bad alone may be good together, because a document may
  // span several lines.
  const auto all = Catalog::load(ndjson, with(Framing::ndjson, false));
  const bool any_bad =
      std::any_of(lines.begin(), lines.end(), [](const Line& l) { return l.fault.has_value(); });
  if (all && !any_bad) {
    const auto strict = Catalog::load(good, with(Framing::json, false));
    SYNCDEX_LAW(strict.has_value());
    same_answers(*all, *strict);
  } else if (!all && !any_bad) {
    SYNCDEX_LAW(written == 0 || all.error().code == ErrorCode::duplicate_id);
  }
  return 0;
}
