// syncdex FILE [QUERY]: the library from the command line. Output and exit status are a contract.
//
// Conditions given as flags become parameters of the request, so that one parser handles both. Every byte of
// their values is percent-encoded, so an offset within a flag's value is a third of the parser's offset.

#include "tool.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "show.h"
#include "syncdex/syncdex.h"

namespace {

using syncdex::Catalog;
using syncdex::Error;
using syncdex::Record;
using syncdex::Request;

using syncdex::cli::Streams;

enum Exit : int { kAnswered = 0, kFailed = 1, kUsage = 2, kDifferent = 3 };

// --- output ---

// Writes a line to standard error. Control characters are escaped, because the line may quote untrusted
// input. Write errors are ignored.
template <class... Args>
void complain(const Streams& io, fmt::format_string<Args...> format, Args&&... args) {
  const std::string line =
      "syncdex: " + syncdex::cli::visible(fmt::format(format, std::forward<Args>(args)...)) + '\n';
  static_cast<void>(std::fwrite(line.data(), 1, line.size(), io.err));
}

// Standard output. Remembers the first write error and drops what is written after it.
class Output {
 public:
  explicit Output(const Streams& io) : io_(io) {}
  void write(std::string_view text) {
    if (failed_ == 0 && std::fwrite(text.data(), 1, text.size(), io_.out) != text.size()) failed_ = errno;
  }
  // Flushes. Returns `status`, or kFailed after a write error. A closed pipe gets no message.
  int finish(int status) {
    if (failed_ == 0 && std::fflush(io_.out) != 0) failed_ = errno;
    if (failed_ == 0) return status;
    if (failed_ != EPIPE) complain(io_, "the output cannot be written: {}", std::strerror(failed_));
    return kFailed;
  }

 private:
  const Streams& io_;
  int failed_ = 0;
};

bool has_control(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (syncdex::cli::control_at(text, i).length > 0) return true;
  }
  return false;
}

// Escapes control and invisible characters. Valid JSON has them only in strings, so its meaning is unchanged.
std::string escaped(std::string_view json) {
  std::string out;
  for (std::size_t i = 0; i < json.size();) {
    const auto [length, point] = syncdex::cli::control_at(json, i);
    if (length == 0) {
      out += json[i++];
      continue;
    }
    i += length;
    if (point < 0x10000) {
      out += fmt::format("\\u{:04x}", point);
    } else {
      out += fmt::format("\\u{:04x}\\u{:04x}", 0xD7C0 + (point >> 10), 0xDC00 + (point & 0x3FF));
    }
  }
  return out;
}

std::string json_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return escaped(out + '"');
}

// --- conditions ---

struct Condition {
  std::string parameter;
  std::string value;
};

struct Arguments {
  std::string file;
  std::optional<std::string> query;
  std::vector<std::string> provider, name, status, health_status, metadata, where, limit, after;
  bool count = false, ids = false, explain = false, verify = false, stats = false, skip_bad = false;
  bool facets = false, sql = false;
  std::optional<std::string> queries, why;
  std::string input = "auto";
  std::string records_key = "data";
  syncdex::Limits limits;
  std::string format = "json";

  std::vector<Condition> conditions() const {
    std::vector<Condition> all;
    const auto add = [&](const char* parameter, const std::vector<std::string>& values) {
      for (const std::string& value : values) all.push_back({parameter, value});
    };
    add("provider", provider);
    add("name", name);
    add("status", status);
    add("health.status", health_status);
    add("metadata", metadata);
    add("where", where);
    add("limit", limit);
    add("after", after);
    return all;
  }
};

// A request assembled from a query string or a pattern, and conditions.
class RequestText {
 public:
  RequestText(std::string_view line, bool pattern, const std::vector<Condition>& conditions) {
    if (pattern) {
      append({"where", std::string(line)});
    } else {
      text_ = line;
    }
    for (const Condition& condition : conditions) append(condition);
  }

  syncdex::Result<Request> parse(const syncdex::Limits& limits) const {
    syncdex::RequestOptions options;
    options.limits = limits;
    auto request = syncdex::parse_request(text_, options);
    if (request) return request;
    Error error = std::move(request).error();
    error.offset = offset(error.offset);
    return error;
  }

 private:
  struct Part {
    std::size_t name;  // where the condition's name begins
    std::size_t value;
  };

  void append(const Condition& condition) {
    if (!text_.empty()) text_ += '&';
    Part part{text_.size(), 0};
    text_ += condition.parameter;
    text_ += '=';
    part.value = text_.size();
    for (const char c : condition.value) text_ += fmt::format("%{:02x}", static_cast<unsigned char>(c));
    parts_.push_back(part);
  }
  // Maps the parser's offset to the query string as given, or to the value of the flag in question.
  std::uint64_t offset(std::uint64_t at) const {
    const Part* about = nullptr;
    for (const Part& part : parts_) {
      if (part.name <= at) about = &part;
    }
    if (about == nullptr) return at;
    return at < about->value ? 0 : (at - about->value) / 3;
  }

  std::string text_;
  std::vector<Part> parts_;  // the conditions, after the query string
};

int query_error(const Streams& io, const Error& error) {
  complain(io, "query: {}{}{} (byte {})", error.parameter, error.parameter.empty() ? "" : ": ", error.message,
           error.offset);
  return kUsage;
}

// --- loading ---

// A progress bar on standard error, shown after one second.
class Progress {
 public:
  explicit Progress(std::FILE* err) : err_(err) {}
  bool operator()(std::uint64_t done, std::uint64_t total, std::uint64_t records) {
    const auto now = Clock::now();
    if (now - start_ < std::chrono::seconds(1) ||
        (now - drawn_ < std::chrono::milliseconds(100) && done < total))
      return true;
    drawn_ = now;
    constexpr int kWidth = 40;
    const int filled = total == 0 ? kWidth : static_cast<int>(done * kWidth / total);
    const std::string bar =
        fmt::format("\r[{:<{}}] {:3}%  {} records", std::string(static_cast<std::size_t>(filled), '#'),
                    kWidth, total == 0 ? 100 : done * 100 / total, records);
    static_cast<void>(std::fwrite(bar.data(), 1, bar.size(), err_));
    shown_ = true;
    return true;
  }
  void clear() const {
    if (shown_) static_cast<void>(std::fputs("\r\033[K", err_));
  }

 private:
  using Clock = std::chrono::steady_clock;
  std::FILE* err_;
  Clock::time_point start_ = Clock::now();
  Clock::time_point drawn_{};
  bool shown_ = false;
};

std::optional<std::string> read_all(std::FILE* file) {
  std::string text;
  char block[1 << 16];
  for (std::size_t n; (n = std::fread(block, 1, sizeof block, file)) > 0;) text.append(block, n);
  if (std::ferror(file) != 0) return std::nullopt;
  return text;
}

Error read_error() {
  Error error;
  error.code = syncdex::ErrorCode::io_error;
  error.message = fmt::format("cannot be read: {}", std::strerror(errno));
  return error;
}

syncdex::Result<Catalog> load(const Arguments& args, const Streams& io) {
  syncdex::LoadOptions options;
  options.skip_bad = args.skip_bad;
  options.records_key = args.records_key;
  options.limits = args.limits;
  if (args.input == "json") options.framing = syncdex::Framing::json;
  if (args.input == "ndjson") options.framing = syncdex::Framing::ndjson;
  Progress progress(io.err);
  if (::isatty(::fileno(io.err)) == 1) options.progress = std::ref(progress);
  auto catalog = [&]() -> syncdex::Result<Catalog> {
    if (args.file != "-") return Catalog::load_file(args.file, options);
    auto text = read_all(io.in);
    if (!text) return read_error();
    text->reserve(text->size() + Catalog::padding);
    return Catalog::load(*std::move(text), options);
  }();
  progress.clear();
  return catalog;
}

// --- answers ---

std::string ids_json(const syncdex::Matches& matches) {
  std::string out = "[";
  for (const Record record : matches) {
    if (out.size() > 1) out += ',';
    out += json_string(record.id());
  }
  return out + ']';
}

void print_stats(const Catalog& catalog, Output& out) {
  const syncdex::Stats s = catalog.stats();
  const double mb = static_cast<double>(catalog.report().bytes) / 1e6;
  const auto line = [&](std::string_view name, std::uint64_t value) {
    out.write(fmt::format("{:<16}{}\n", name, value));
  };
  line("records", s.records);
  line("segments", s.segments);
  line("providers", s.providers);
  line("names", s.names);
  line("statuses", s.statuses);
  line("terms", s.terms);
  line("text bytes", s.text_bytes);
  line("table bytes", s.table_bytes);
  line("term bytes", s.term_bytes);
  line("posting bytes", s.posting_bytes);
  out.write(fmt::format("{:<16}{:.3f} s\n", "load time", s.load_seconds));
  out.write(fmt::format("{:<16}{:.0f} MB/s\n", "load speed", s.load_seconds > 0 ? mb / s.load_seconds : 0));
}

// Whether the text is a pattern; otherwise it is a query string.
bool is_pattern(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  return first != text.npos && text[first] == '{';
}

// Writes the answer or the error for one line of --queries. Returns false for an error.
bool answer_line(const Catalog& catalog, std::string_view line, const Arguments& args, Output& out) {
  const RequestText text(line, is_pattern(line), args.conditions());
  const auto refuse = [&](const Error& error) {
    out.write(fmt::format(R"({{"error":{{"code":"{}","message":{},"parameter":{},"offset":{}}}}})"
                          "\n",
                          to_string(error.code), json_string(error.message), json_string(error.parameter),
                          error.offset));
    return false;
  };
  const auto request = text.parse(args.limits);
  if (!request) return refuse(request.error());
  if (args.count) {
    out.write(fmt::format("{{\"count\":{}}}\n", catalog.count(request->query)));
    return true;
  }
  const auto listing = catalog.list(*request, args.limits);
  if (!listing) return refuse(listing.error());
  // Without a page, the total is known. With one, it would cost a full evaluation.
  const bool all = !listing->paged() && request->page.after.empty();
  out.write(
      all ? fmt::format(R"({{"count":{},"ids":{})", listing->matches().size(), ids_json(listing->matches()))
          : fmt::format(R"({{"ids":{})", ids_json(listing->matches())));
  if (listing->paged()) out.write(fmt::format(R"(,"has_more":{})", listing->has_more()));
  if (listing->has_more()) out.write(fmt::format(R"(,"next":{})", json_string(listing->next())));
  out.write("}\n");
  return true;
}

int run_queries(const Catalog& catalog, std::string_view lines, const Arguments& args, Output& out) {
  bool good = true;
  if (lines.starts_with("\xEF\xBB\xBF")) lines.remove_prefix(3);
  while (!lines.empty()) {
    const std::size_t feed = lines.find('\n');
    std::string_view line = lines.substr(0, feed);
    lines.remove_prefix(feed == lines.npos ? lines.size() : feed + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    good = answer_line(catalog, line, args, out) && good;
  }
  return good ? kAnswered : kUsage;
}

// Prints why nothing matched, if there is anything to say.
void hint(const Catalog& catalog, const Request& request, const Streams& io) {
  const std::string text = catalog.hint(request.query);
  if (!text.empty()) complain(io, "{}", text);
}

int print_sql(const Request& request, const Streams& io) {
  const auto statement = syncdex::to_postgres(request);
  if (!statement) return query_error(io, statement.error());
  Output out(io);
  out.write(statement->sql + ";\n");
  for (std::size_t i = 0; i < statement->parameters.size(); ++i) {
    out.write(fmt::format("-- ${} = {}\n", i + 1, escaped(statement->parameters[i])));
  }
  return out.finish(kAnswered);
}

int answer(const Catalog& catalog, const Request& request, const Arguments& args, const Streams& io,
           Output& out) {
  if (args.stats) {
    print_stats(catalog, out);
    return kAnswered;
  }
  if (args.explain) {
    const std::string steps = catalog.explain(request.query);
    for (std::size_t at = 0; at < steps.size();) {
      const std::size_t end = std::min(steps.find('\n', at), steps.size());
      out.write(syncdex::cli::visible(std::string_view(steps).substr(at, end - at)) + '\n');
      at = end + 1;
    }
    return kAnswered;
  }
  if (args.verify) {
    if (const auto difference = catalog.verify(request.query)) {
      out.write(fmt::format("different: record {} is only in the answer of the {}\n",
                            json_string(difference->id), difference->only_in_scan ? "scan" : "index"));
      return kDifferent;
    }
    out.write(fmt::format("equal: {}\n", catalog.count(request.query)));
    return kAnswered;
  }
  if (args.count) {
    const std::size_t count = catalog.count(request.query);
    if (count == 0) hint(catalog, request, io);
    out.write(fmt::format("{}\n", count));
    return kAnswered;
  }
  const auto write = [&](std::string_view text) { out.write(text); };
  if (args.facets) {
    syncdex::cli::show_facets(catalog, request.query, syncdex::cli::wants_colour(io.out), write);
    return kAnswered;
  }
  if (args.why) {
    const auto mismatch = catalog.why_not(*args.why, request.query);
    out.write(mismatch ? syncdex::cli::visible(to_string(*mismatch)) : "it matches");
    out.write("\n");
    return kAnswered;
  }
  const auto listing = catalog.list(request, args.limits);
  if (!listing) return query_error(io, listing.error());
  if (listing->matches().empty() && request.page.after.empty()) hint(catalog, request, io);
  if (listing->has_more() && (args.ids || args.format == "table")) {
    complain(io, "more follow: --after {}", listing->next());
  }
  if (args.format == "table") {
    syncdex::cli::show_table(listing->matches(), syncdex::cli::wants_colour(io.out), write);
    return kAnswered;
  }
  if (args.ids) {
    for (const Record record : listing->matches()) {
      const std::string_view id = record.id();
      out.write(has_control(id) ? json_string(id) : std::string(id));
      out.write("\n");
    }
    return kAnswered;
  }
  for (const std::string_view slice : listing->slices()) out.write(slice);
  out.write("\n");
  return kAnswered;
}

int run(const Arguments& args, const Streams& io) {
  // Report errors in the query before opening the file.
  const std::string query = args.query.value_or("");
  const RequestText text(query, is_pattern(query), args.conditions());
  const auto request = text.parse(args.limits);
  if (!request) return query_error(io, request.error());
  if (args.sql) return print_sql(*request, io);
  std::string lines;
  if (args.queries) {
    struct Closer {
      void operator()(std::FILE* file) const noexcept { std::fclose(file); }
    };
    const bool from_stdin = *args.queries == "-";
    const std::unique_ptr<std::FILE, Closer> file(from_stdin ? nullptr
                                                             : std::fopen(args.queries->c_str(), "rb"));
    std::FILE* const from = from_stdin ? io.in : file.get();
    auto content = from == nullptr ? std::nullopt : read_all(from);
    if (!content) {
      complain(io, "{}:1: {} (byte 0)", *args.queries, read_error().message);
      return kUsage;
    }
    lines = *std::move(content);
  }

  const auto catalog = load(args, io);
  if (!catalog) {
    const Error& error = catalog.error();
    complain(io, "{}:{}: {} (byte {})", args.file, error.line, error.message, error.offset);
    return kFailed;
  }
  for (const syncdex::BadRecord& bad : catalog->report().bad) {
    complain(io, "{}:{}: record {}: {}: {} (byte {})", args.file, bad.line, bad.position, to_string(bad.code),
             bad.reason, bad.offset);
  }
  if (catalog->report().more_follows) {
    complain(io, "{}: the list is incomplete: its envelope says that more follows", args.file);
  }
  Output out(io);
  return out.finish(!args.queries ? answer(*catalog, *request, args, io, out)
                                  : run_queries(*catalog, lines, args, out));
}

}  // namespace

namespace syncdex::cli {

int run_tool(std::span<const std::string_view> arguments, const Streams& io) try {
  CLI::App app("Filters sync records, as GET /v1/syncs does.", "syncdex");
  Arguments args;
  app.add_option("FILE", args.file, "JSON or JSON Lines with sync records; - is standard input")->required();
  app.add_option("QUERY", args.query,
                 "the request's query string, e.g. 'provider=stripe&status=active', or a pattern, "
                 "e.g. '{\"provider\":\"stripe\"}'");
  const auto condition = [&](const char* flag, std::vector<std::string>& values, const char* type,
                             const char* help) {
    app.add_option(flag, values, help)
        ->type_name(type)
        ->allow_extra_args(false)
        ->group("Conditions, joined by AND");
  };
  condition("--provider", args.provider, "V", "provider equals V");
  condition("--name", args.name, "V", "name equals V");
  condition("--status", args.status, "V", "status equals V");
  condition("--health-status", args.health_status, "V", "health.status equals V");
  condition("--metadata", args.metadata, "JSON", "metadata contains the JSON object");
  condition("--where", args.where, "JSON", "the record contains the JSON object");
  const auto page = [&](const char* flag, std::vector<std::string>& values, const char* type,
                        const char* help) {
    app.add_option(flag, values, help)->type_name(type)->allow_extra_args(false)->group("Paging");
  };
  page("--limit", args.limit, "N", "at most N records, 1 to 1000");
  page("--after", args.after, "CURSOR", "go on behind the page that gave CURSOR as \"next\"");
  const char* const kAnswer = "Answer (default: {\"data\":[...]})";
  app.add_flag("--count", args.count, "the number of matches")->disable_flag_override()->group(kAnswer);
  app.add_flag("--ids", args.ids, "the ids, one a line")->disable_flag_override()->group(kAnswer);
  app.add_flag("--explain", args.explain, "how the query is answered")
      ->disable_flag_override()
      ->group(kAnswer);
  app.add_flag("--verify", args.verify, "compare the index with the scan")
      ->disable_flag_override()
      ->group(kAnswer);
  app.add_flag("--stats", args.stats, "sizes and times")->disable_flag_override()->group(kAnswer);
  app.add_flag("--facets", args.facets, "what can be filtered by: values and paths of the matches")
      ->disable_flag_override()
      ->group(kAnswer);
  app.add_option("--why", args.why, "why the record ID does not match")->type_name("ID")->group(kAnswer);
  app.add_flag("--sql", args.sql, "the query for PostgreSQL; FILE is not read")
      ->disable_flag_override()
      ->group(kAnswer);
  app.add_option("--format", args.format, "json, or a table for reading")
      ->type_name("F")
      ->check(CLI::IsMember({"json", "table"}))
      ->group(kAnswer);
  app.add_option("--queries", args.queries,
                 "each line of file Q (- is standard input) is a query string or a pattern, an empty one all "
                 "records; a JSON line for each, with --count the number alone")
      ->type_name("Q")
      ->group(kAnswer);
  app.add_option("--input", args.input,
                 "how --skip-bad recovers: by line (ndjson), by record (json) or either (auto)")
      ->type_name("F")
      ->check(CLI::IsMember({"auto", "json", "ndjson"}))
      ->group("Loading");
  app.add_flag("--skip-bad", args.skip_bad, "load what is good; bad records are reported on standard error")
      ->group("Loading");
  app.add_option("--records-key", args.records_key, "the key of an envelope's records")
      ->type_name("KEY")
      ->capture_default_str()
      ->group("Loading");
  const auto limit = [&](const char* flag, auto& value, const char* help) {
    const CLI::Validator digits(
        [](const std::string& text) {
          const bool good = !text.empty() && text.find_first_not_of("0123456789") == text.npos;
          return good ? std::string() : "a number is expected, found " + text;
        },
        "");
    app.add_option(flag, value, help)->type_name("N")->check(digits)->capture_default_str()->group("Limits");
  };
  syncdex::Limits& limits = args.limits;
  limit("--limit-input-bytes", limits.input_bytes, "of FILE");
  limit("--limit-record-bytes", limits.record_bytes, "of a record");
  limit("--limit-records", limits.records, "records");
  limit("--limit-string-bytes", limits.string_bytes, "of a string");
  limit("--limit-depth", limits.depth, "how deep values are nested");
  limit("--limit-number-digits", limits.number_digits, "of a number");
  limit("--limit-exponent", limits.exponent, "magnitude of a number's exponent");
  limit("--limit-request-bytes", limits.request_bytes, "of a query string");
  limit("--limit-parameters", limits.parameters, "of a query string");
  limit("--limit-pattern-bytes", limits.pattern_bytes, "of all patterns of a query");
  limit("--limit-pattern-leaves", limits.pattern_leaves, "values of all patterns of a query");
  limit("--limit-work", limits.work, "passes over the text that a query may take");
  app.set_version_flag("--version", std::string("syncdex ") + syncdex::version());
  app.footer("Exit status: 0 answered, 1 not loaded or not written, 2 usage or query error, 3 a difference.");
  const auto usage = [&](std::string_view message) {
    complain(io, "{}", message);
    static_cast<void>(std::fputs("Try syncdex --help.\n", io.err));
    return kUsage;
  };
  try {
    // --flag= means an empty value. CLI11 would take the next argument as the value instead.
    std::vector<std::string> words;
    for (std::size_t i = arguments.size(); i > 0;) {
      --i;
      const std::string_view word = arguments[i];
      if (word.size() > 3 && word.starts_with("--") && word.ends_with('=') &&
          word.find('=') == word.size() - 1) {
        words.emplace_back();
        words.emplace_back(word.substr(0, word.size() - 1));
      } else {
        words.emplace_back(word);
      }
    }
    app.parse(std::move(words));  // CLI11 expects them in reverse order
  } catch (const CLI::Success& e) {
    std::ostringstream text;
    app.exit(e, text, text);
    Output out(io);
    out.write(text.str());
    return out.finish(kAnswered);
  } catch (const CLI::ParseError& e) {
    return usage(e.what());
  }
  const int answers = (args.count && !args.queries) + args.ids + args.explain + args.verify + args.stats +
                      args.facets + args.sql + (args.format == "table") + args.why.has_value() +
                      args.queries.has_value();
  if (answers > 1) {
    return usage(
        "at most one of --count --ids --explain --verify --stats --facets --why --sql --format table "
        "--queries");
  }
  if (args.queries && args.query) return usage("a QUERY and --queries exclude each other");
  if (args.queries == "-" && args.file == "-")
    return usage("FILE and --queries cannot both be standard input");
  return run(args, io);
} catch (const std::bad_alloc&) {
  complain(io, "out of memory");
  return kFailed;
}

}  // namespace syncdex::cli
