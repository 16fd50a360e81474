// Benchmarks of loading. Baselines: a warm DOM parser, memcpy of the same bytes, and read() for files.
#include <fcntl.h>
#include <fmt/format.h>
#include <malloc.h>
#include <simdjson.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include "suite.h"

namespace syncdex::bench {

void Suite::add_loads() {
  const auto text = text_;
  const auto parser = keep(std::make_shared<simdjson::dom::parser>());
  const auto parse_all = [text, parser] {
    for (const std::string_view record : text->records) {
      simdjson::dom::element root;
      if (parser->parse(record.data(), record.size(), false).get(root) != simdjson::SUCCESS) std::abort();
      benchmark::DoNotOptimize(root);
    }
  };
  parse_all();  // warm up
  const std::string dom = name("load", "simdjson DOM");
  time_once(dom, parse_all);
  figure({.what = kDomFigure, .ours = dom, .per = n(), .unit = "ns a record"});
  const auto copy = keep(std::make_shared<std::string>(text->size, 'x'));
  time_once(name("load", "memcpy"), [text, copy] {
    std::memcpy(copy->data(), text->bytes.data(), text->size);
    benchmark::ClobberMemory();
  });
  figure({.what = "memcpy of the same bytes",
          .ours = name("load", "memcpy"),
          .per = n(),
          .unit = "ns a record"});
  const auto load = [&](const std::string& who, const std::shared_ptr<Text>& input,
                        const LoadOptions& load_options) {
    time_once(name("load", who), [input, load_options] {
      const auto catalog = Catalog::load(input->span(), input, load_options);
      if (!catalog) std::abort();
      benchmark::DoNotOptimize(catalog->size());
    });
  };
  const auto add = [&](const char* framing, const std::shared_ptr<Text>& input) {
    load(framing, input, {});
    figure({.what = fmt::format("load, {}", framing),
            .ours = name("load", framing),
            .baseline = dom,
            .beside = "warm simdjson DOM, the same records one by one",
            .per = n(),
            .unit = "ns a record",
            .goal = n_ < 100'000 ? Figure::Goal::none : Figure::Goal::at_least,
            .bound = 0.6});
  };
  add("JSON Lines", text);
  LoadOptions two;
  two.threads = 2;
  load("JSON Lines, 2 threads", text, two);
  figure({.what = "load, two threads",
          .ours = name("load", "JSON Lines, 2 threads"),
          .baseline = name("load", "JSON Lines"),
          .beside = "one thread",
          .per = n(),
          .unit = "ns a record",
          .goal = n_ < 100'000 ? Figure::Goal::none : Figure::Goal::at_least,
          .bound = 1.7});
  if (options_.quick || n_ < 100'000) return;
  add("envelope", keep(std::make_shared<Text>(dataset_.text(n_, Shape::envelope), false)));
  add("array", keep(std::make_shared<Text>(dataset_.text(n_, Shape::array), false)));

  // Reading a file is measured separately from indexing it.
  const std::filesystem::path path = dataset_.file(options_.data, n_);
  time(
      name("read file", "syncdex"),
      [path](benchmark::State& state) {
        for (auto _ : state) {
          const auto catalog = Catalog::load_file(path);
          if (!catalog) std::abort();
          state.SetIterationTime(catalog->report().read_seconds);
        }
      },
      Timing::given);
  time_once(name("read file", "read()"), [path, size = text->size] {
    const int file = ::open(path.c_str(), O_RDONLY);
    const auto buffer = std::make_unique_for_overwrite<char[]>(size);
    std::size_t at = 0;
    for (ssize_t some = 1; some > 0; at += static_cast<std::size_t>(some)) {
      some = ::read(file, buffer.get() + at, size - at);
      if (some < 0) std::abort();
    }
    ::close(file);
    benchmark::DoNotOptimize(buffer.get());
  });
  // From the file to the first answer, beside a parser that reads and parses the same file.
  time_once(name("load file", "syncdex"), [path] {
    const auto catalog = Catalog::load_file(path);
    if (!catalog) std::abort();
    benchmark::DoNotOptimize(catalog->size());
  });
  time_once(name("load file", "simdjson DOM"), [path, parser] {
    simdjson::padded_string file;
    if (simdjson::padded_string::load(path.string()).get(file) != simdjson::SUCCESS) std::abort();
    for (std::string_view rest(file.data(), file.size()); !rest.empty();) {
      const std::size_t end = std::min(rest.find('\n'), rest.size() - 1) + 1;
      simdjson::dom::element root;
      if (end > 1 && parser->parse(rest.data(), end, false).get(root) != simdjson::SUCCESS) std::abort();
      benchmark::DoNotOptimize(root);
      rest.remove_prefix(end);
    }
  });
  figure({.what = "load_file, reading included",
          .ours = name("load file", "syncdex"),
          .baseline = name("load file", "simdjson DOM"),
          .beside = "simdjson DOM: reads the file, parses each line",
          .per = n(),
          .unit = "ns a record"});
  figure({.what = "reading the file (within load_file)",
          .ours = name("read file", "syncdex"),
          .baseline = name("read file", "read()"),
          .beside = "read() into a new buffer",
          .per = n(),
          .unit = "ns a record"});
}

// For sizes that do not fit in memory twice: loads the file once.
void Suite::add_file_loads() {
  const std::filesystem::path path = dataset_.file(options_.data, n_);
  fmt::print(stderr, "{} records: loading {}\n", size_, path.string());
  auto loaded = Catalog::load_file(path);
  if (!loaded || loaded->size() != n_) std::abort();
  catalog_ = keep(std::make_shared<Catalog>(*std::move(loaded)));
  const auto per_record = [&](const char* what, double seconds) {
    figure({.what = what, .unit = "ns a record", .given = true, .value = seconds * 1e9 / n()});
  };
  per_record("load, JSON Lines", catalog_->report().seconds);
  per_record("reading the file (within load_file)", catalog_->report().read_seconds);
  add_memory();
}

std::size_t resident() {
  std::ifstream in("/proc/self/statm");
  std::size_t total = 0;
  std::size_t pages = 0;
  in >> total >> pages;
  return pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

namespace {

// Runs print_held() in a separate process and returns its result, or 0 if that failed.
std::size_t held_by_process(const Options& options, std::size_t n) {
  const std::string command =
      fmt::format("'{}' --held {} --data '{}'", std::filesystem::read_symlink("/proc/self/exe").string(), n,
                  options.data.string());
  std::size_t bytes = 0;
  if (std::FILE* const pipe = ::popen(command.c_str(), "r")) {
    if (std::fscanf(pipe, "%zu", &bytes) != 1) bytes = 0;
    ::pclose(pipe);
  }
  return bytes;
}

}  // namespace

int print_held(const Options& options, std::size_t n) {
  const auto text = std::make_shared<Text>(read_file(Dataset(1).file(options.data, n)), false);
  const std::size_t before = resident();
  const auto catalog = Catalog::load(text->span(), text);
  if (!catalog) return 1;
  ::malloc_trim(0);  // exclude memory that the allocator caches
  fmt::print("{}\n", resident() - before);
  return 0;
}

void Suite::add_memory() {
  const Stats stats = catalog_->stats();
  const double text_bytes = static_cast<double>(stats.text_bytes);
  const auto held = [&](const char* how, std::uint64_t bytes) {
    figure({.what = fmt::format("memory held, text included ({})", how),
            .unit = "x the text",
            .goal = n_ < 100'000 ? Figure::Goal::none : Figure::Goal::at_most,
            .bound = 1.2,
            .given = true,
            .value = 1 + static_cast<double>(bytes) / text_bytes});
  };
  held("by part", stats.index_bytes());
  if (n_ < kHuge) {
    if (const std::size_t grown = held_by_process(options_, n_)) held("process", grown);
  }
  const auto part = [&](const char* what, std::uint64_t bytes) {
    figure({.what = fmt::format("bytes a record: {}", what),
            .unit = "bytes",
            .given = true,
            .value = static_cast<double>(bytes) / n()});
  };
  part("text", stats.text_bytes);
  part("record table", stats.table_bytes);
  part("terms", stats.term_bytes);
  part("posting lists", stats.posting_bytes);
}

}  // namespace syncdex::bench
