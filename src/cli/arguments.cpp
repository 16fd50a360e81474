#include "arguments.h"

#include <CLI/CLI.hpp>
#include <sstream>

#include "console.h"
#include "help.h"

namespace syncdex::cli {

std::vector<Condition> Arguments::conditions() const {
  std::vector<Condition> all;
  const auto add = [&](const char* parameter, const std::vector<std::string>& given) {
    for (const std::string& value : given) all.push_back({parameter, value});
  };
  add("provider", provider);
  add("name", name);
  add("status", status);
  add("health.status", health_status);
  add("metadata", metadata);
  add("where", where);
  add("filter", filter);
  add("order", order);
  add("limit", limit);
  add("after", after);
  return all;
}

namespace {

void add_options(CLI::App& app, Arguments& args) {
  app.add_option("FILE", args.file, "JSON or JSON Lines with sync records; - is standard input")->required();
  app.add_option(
      "QUERY", args.query,
      "a query string, 'provider=stripe&status[ne]=paused', a URL that ends with one, or a pattern, "
      "'{\"provider\":\"stripe\"}'");
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
  condition("--filter", args.filter, "JSON", "the record meets the filter: and, or, not, ranges, ...");
  const auto page = [&](const char* flag, std::vector<std::string>& values, const char* type,
                        const char* help) {
    app.add_option(flag, values, help)->type_name(type)->allow_extra_args(false)->group("Order and paging");
  };
  page("--order", args.order, "PATHS", "by the values at these paths, e.g. -created_at,name: newest first");
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
  const auto figure = [&](const char* flag, std::optional<std::string>& value, const char* type,
                          const char* help) {
    return app.add_option(flag, value, help)->type_name(type)->group(kAnswer);
  };
  figure("--values", args.values, "PATH", "the values at the path, with the number of records");
  figure("--summary", args.summary, "PATH", "minimum, maximum and sum of the values at the path");
  auto* const histogram =
      figure("--histogram", args.histogram, "PATH", "the values at the path in buckets, with --step");
  auto* const step = figure("--step", args.step, "S", "the width of a bucket: a number, day or month");
  histogram->needs(step);
  step->needs(histogram);
  app.add_option("--why", args.why, "why the record ID does not match")->type_name("ID")->group(kAnswer);
  app.add_flag("--sql", args.sql, "the query for PostgreSQL; FILE is not read")
      ->disable_flag_override()
      ->group(kAnswer);
  app.add_option(
         "--format", args.format,
         "json as the endpoint answers, ndjson: a record a line, pretty: json for reading, or a table")
      ->type_name("F")
      ->check(CLI::IsMember({"json", "ndjson", "pretty", "table"}))
      ->group(kAnswer);
  app.add_option("--columns", args.columns, "the columns of a table: paths, separated by commas")
      ->type_name("PATHS")
      ->allow_extra_args(false)
      ->group(kAnswer);
  app.add_flag("--time", args.time, "how long it took, on standard error")
      ->disable_flag_override()
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
  Limits& limits = args.limits;
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
  limit("--limit-filter-bytes", limits.filter_bytes, "of a filter");
  limit("--limit-filter-nodes", limits.filter_nodes, "nodes of all filters of a query");
  limit("--limit-filter-depth", limits.filter_depth, "how deep filters are nested");
  limit("--limit-filter-values", limits.filter_values, "values in lists of a query");
  limit("--limit-work", limits.work, "passes over the text that a query may take");
  limit("--limit-ordered-views", limits.ordered_views, "paths whose order is kept in memory");
  app.set_help_flag("-h,--help", "this text")->group("Help");
  app.set_version_flag("--version", std::string("syncdex ") + version(), "the version")->group("Help");
  app.add_flag("--man", args.man, "this text as a manual page")->group("Help");
  app.footer("Exit status: 0 answered, 1 not loaded or not written, 2 usage or query error, 3 a difference.");
}

// `--flag=` is the flag with an empty value, which CLI11 would take from the next argument. Returns the words
// last first, as CLI11 wants them.
std::vector<std::string> words_of(std::span<const std::string_view> arguments) {
  std::vector<std::string> words;
  for (std::size_t i = arguments.size(); i > 0;) {
    --i;
    const std::string_view word = arguments[i];
    if (word.size() > 3 && word.starts_with("--") && word.find('=') == word.size() - 1) {
      words.emplace_back();
      words.emplace_back(word.substr(0, word.size() - 1));
    } else {
      words.emplace_back(word);
    }
  }
  return words;
}

// At commas that are not in quotes.
std::vector<std::string> split_paths(const std::vector<std::string>& lists) {
  std::vector<std::string> paths;
  for (const std::string& list : lists) {
    bool quoted = false;
    paths.emplace_back();
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (list[i] == ',' && !quoted) {
        paths.emplace_back();
        continue;
      }
      if (list[i] == '"') quoted = !quoted;
      paths.back() += list[i];
      if (list[i] == '\\' && quoted && i + 1 < list.size()) paths.back() += list[++i];
    }
  }
  return paths;
}

// The query string of a URL that was pasted whole.
void take_url(Arguments& args) {
  std::string& text = *args.query;
  if (!text.starts_with("http://") && !text.starts_with("https://") && !text.starts_with("/")) return;
  text.resize(std::min(text.find('#'), text.size()));
  args.query_begin = std::min(text.find('?'), text.size() - 1) + 1;
  text.erase(0, args.query_begin);
}

}  // namespace

std::variant<Arguments, int> parse_arguments(std::span<const std::string_view> arguments, const Streams& io) {
  CLI::App app("Filters sync records, as GET /v1/syncs does.", "syncdex");
  Arguments args;
  add_options(app, args);
  const auto usage = [&](std::string_view message) {
    print_error(io, "{}", message);
    static_cast<void>(std::fputs("Try syncdex --help.\n", io.err));
    return kUsage;
  };
  if (arguments.size() == 1 && arguments.front() == "--man") {
    Output out(io);
    out.write(man_page(app));
    return out.finish(kAnswered);
  }
  try {
    app.parse(words_of(arguments));
  } catch (const CLI::CallForHelp&) {
    Output out(io);
    out.write(help_text(app));
    return out.finish(kAnswered);
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
                      args.facets + args.sql + (args.format != "json") + args.why.has_value() +
                      args.values.has_value() + args.summary.has_value() + args.histogram.has_value() +
                      args.queries.has_value();
  if (answers > 1) {
    return usage(
        "at most one of --count --ids --explain --verify --stats --facets --values --summary --histogram "
        "--why --sql --format --queries");
  }
  if (args.columns.empty()) {
    args.columns = {"id", "name", "provider", "status", "health.status", "metadata"};
  } else if (args.format != "table") {
    return usage("--columns needs --format table");
  } else {
    args.columns = split_paths(args.columns);
    for (const std::string& path : args.columns) {
      if (path.empty()) return usage("--columns: a path is empty");
      const auto query = Query::of(field(path).exists());
      if (!query) return usage("--columns: " + path + ": " + query.error().message);
    }
  }
  if (args.query) take_url(args);
  if (args.queries && args.query) return usage("a QUERY and --queries exclude each other");
  if (args.queries == "-" && args.file == "-")
    return usage("FILE and --queries cannot both be standard input");
  return args;
}

}  // namespace syncdex::cli
