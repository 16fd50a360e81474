// syncdex FILE [QUERY]: the library from the command line. Output and exit status are a contract.
#include "tool.h"

#include <unistd.h>

#include <chrono>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <variant>

#include "answers.h"
#include "arguments.h"
#include "console.h"
#include "request_text.h"

namespace syncdex::cli {
namespace {

Result<Catalog> load(const Arguments& args, const Streams& io) {
  LoadOptions options;
  options.skip_bad = args.skip_bad;
  options.records_key = args.records_key;
  options.limits = args.limits;
  if (args.input == "json") options.framing = Framing::json;
  if (args.input == "ndjson") options.framing = Framing::ndjson;
  Progress progress(io.err);
  if (::isatty(::fileno(io.err)) == 1) options.progress = std::ref(progress);
  auto catalog = [&]() -> Result<Catalog> {
    if (args.file != "-") return Catalog::load_file(args.file, options);
    auto text = read_all(io.in);
    if (!text) return read_error();
    text->reserve(text->size() + Catalog::padding);
    return Catalog::load(*std::move(text), options);
  }();
  progress.clear();
  return catalog;
}

int run(const Arguments& args, const Streams& io) {
  // Report errors in the query before opening the file.
  const std::string query = args.query.value_or("");
  const RequestText text(query, is_pattern(query), args.conditions(), args.query_begin);
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
      print_error(io, "{}: {}", *args.queries, read_error().message);
      return kUsage;
    }
    lines = *std::move(content);
  }

  const auto catalog = load(args, io);
  if (!catalog) {
    const Error& error = catalog.error();
    if (is_about_text(error.code)) {
      print_error(io, "{}:{}: {} (byte {})", args.file, error.line, error.message, error.offset);
    } else {
      print_error(io, "{}: {}", args.file, error.message);
    }
    return kFailed;
  }
  for (const BadRecord& bad : catalog->report().bad) {
    print_error(io, "{}:{}: record {}: {}: {} (byte {})", args.file, bad.line, bad.position,
                to_string(bad.code), bad.reason, bad.offset);
  }
  if (catalog->report().more_follows) {
    print_error(io, "{}: the list is incomplete: its envelope says that more follows", args.file);
  }
  Output out(io);
  using Clock = std::chrono::steady_clock;
  const Clock::time_point begin = Clock::now();
  const int status = out.finish(!args.queries ? answer(*catalog, *request, args, io, out)
                                              : run_queries(*catalog, lines, args, out));
  if (args.time) {
    const auto seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    print_error(
        io, "{} records: read in {:.0f} ms, indexed in {:.0f} ms; answered in {}", grouped(catalog->size()),
        catalog->report().read_seconds * 1e3, catalog->report().seconds * 1e3,
        seconds < 1e-3 ? fmt::format("{:.0f} us", seconds * 1e6) : fmt::format("{:.1f} ms", seconds * 1e3));
  }
  return status;
}

}  // namespace

int run_tool(std::span<const std::string_view> arguments, const Streams& io) try {
  const auto args = parse_arguments(arguments, io);
  if (const int* const status = std::get_if<int>(&args)) return *status;
  return run(std::get<Arguments>(args), io);
} catch (const std::bad_alloc&) {
  print_error(io, "out of memory");
  return kFailed;
}

}  // namespace cli
