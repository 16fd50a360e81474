#include "answers.h"

#include <algorithm>
#include <string>

#include "request_text.h"

namespace syncdex::cli {
namespace {

std::string ids_json(const Matches& matches) {
  std::string out = "[";
  for (const Record record : matches) {
    if (out.size() > 1) out += ',';
    out += json_string(record.id());
  }
  return out + ']';
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

// Prints why nothing matched, if there is anything to say.
void print_hint(const Catalog& catalog, const Request& request, const Streams& io) {
  const std::string text = catalog.hint(request.query);
  if (!text.empty()) print_error(io, "{}", text);
}

// Says so if no record has a value at the path, which is probably a typing error.
void print_missing(const Catalog& catalog, std::string_view path, const Streams& io) {
  const auto query = Query::of(field(path).exists());
  if (!query || catalog.empty() || catalog.count(*query) > 0) return;
  const std::string text = catalog.hint(*query);
  print_error(io, "{}", text.empty() ? "no record has " + std::string(path) : text);
}

}  // namespace

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

int print_sql(const Request& request, const Streams& io) {
  const auto statement = to_postgres(request);
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
  const auto write = [&](std::string_view text) { out.write(text); };
  if (args.stats) {
    show_stats(catalog, write);
    return kAnswered;
  }
  if (args.explain) {
    const std::string steps = catalog.explain(request.query, request.order);
    for (std::size_t at = 0; at < steps.size();) {
      const std::size_t end = std::min(steps.find('\n', at), steps.size());
      out.write(visible(std::string_view(steps).substr(at, end - at)) + '\n');
      at = end + 1;
    }
    return kAnswered;
  }
  if (args.verify) {
    if (const auto difference = catalog.verify(request.query)) {
      if (difference->call == "find") {
        out.write(fmt::format("different: record {} is only in the answer of the {}\n",
                              json_string(difference->id), difference->only_in_scan ? "scan" : "index"));
      } else {
        out.write(fmt::format("different: {} disagrees with the scan\n", difference->call));
      }
      return kDifferent;
    }
    out.write(fmt::format("equal: {}\n", catalog.count(request.query)));
    return kAnswered;
  }
  if (args.count) {
    const std::size_t count = catalog.count(request.query);
    if (count == 0) print_hint(catalog, request, io);
    out.write(fmt::format("{}\n", count));
    return kAnswered;
  }
  if (args.facets) {
    show_facets(catalog, request.query, screen_of(io.out), write);
    return kAnswered;
  }
  if (args.values) {
    const auto values = catalog.values(*args.values, request.query, {.limit = SIZE_MAX}, args.limits);
    if (!values) return query_error(io, values.error());
    if (values->empty()) print_missing(catalog, *args.values, io);
    show_values(*values, write);
    return kAnswered;
  }
  if (args.summary) {
    const auto summary = catalog.summary(*args.summary, request.query, args.limits);
    if (!summary) return query_error(io, summary.error());
    if (summary->none == summary->records) print_missing(catalog, *args.summary, io);
    show_summary(*summary, write);
    return kAnswered;
  }
  if (args.histogram) {
    const auto histogram =
        catalog.histogram(*args.histogram, {.step = args.step.value_or("")}, request.query, args.limits);
    if (!histogram) return query_error(io, histogram.error());
    if (histogram->buckets.empty()) print_missing(catalog, *args.histogram, io);
    show_histogram(*histogram, is_terminal(io.out), write);
    return kAnswered;
  }
  if (args.why) {
    const auto mismatch = catalog.why_not(*args.why, request.query);
    out.write(mismatch ? visible(to_string(*mismatch)) : "it matches");
    out.write("\n");
    return kAnswered;
  }
  const auto listing = catalog.list(request, args.limits);
  if (!listing) return query_error(io, listing.error());
  if (listing->matches().empty() && request.page.after.empty()) print_hint(catalog, request, io);
  for (const std::string& path : request.order.paths()) {
    if (!listing->matches().empty() && !listing->matches()[0].find(path)) {
      print_missing(catalog, path, io);
    }
  }
  if (listing->has_more() && (args.ids || args.format == "table" || args.format == "ndjson")) {
    print_error(io, "more follow: --after {}", listing->next());
  }
  if (args.format == "table") {
    show_table(listing->matches(), args.columns, screen_of(io.out), write);
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
  if (args.format == "ndjson") {
    for (const std::string_view record : listing->matches().slices()) {
      std::string line(record);
      std::ranges::replace(line, '\n', ' ');  // it can only be white space
      out.write(line + '\n');
    }
    return kAnswered;
  }
  if (args.format == "pretty") {
    show_pretty(listing->json(), write);
    return kAnswered;
  }
  for (const std::string_view slice : listing->slices()) out.write(slice);
  out.write("\n");
  return kAnswered;
}

int query_error(const Streams& io, const Error& error) {
  const std::string where = is_about_text(error.code) ? fmt::format(" (byte {})", error.offset) : "";
  print_error(io, "query: {}{}{}{}", error.parameter, error.parameter.empty() ? "" : ": ", error.message,
              where);
  return kUsage;
}

}  // namespace syncdex::cli
