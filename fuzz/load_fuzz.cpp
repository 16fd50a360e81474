// Input: a byte of options, a byte of threads and sizes, then text to load. The fast path, the careful path,
// and parallel loading with tiny pieces, windows and segments must agree on the verdict, error, records and
// report. On the loaded catalog, every query must give the same answer by index and by scan.
#include <cstdint>
#include <cstring>
#include <memory>

#include "law.h"
#include "load/loader.h"
#include "support/load_outcome.h"
#include "syncdex/syncdex.h"

using namespace syncdex;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2 || size > 4096) return 0;
  LoadOptions options;
  options.skip_bad = (data[0] & 1) != 0;
  options.framing = static_cast<Framing>((data[0] >> 1) % 3);
  if ((data[0] & 16) != 0) {
    options.limits.depth = 4;
    options.limits.string_bytes = 12;
    options.limits.record_bytes = 60;
    options.limits.number_digits = 4;
    options.limits.exponent = 20;
    options.limits.records = 3;
  }
  const std::size_t n = size - 2;
  const std::shared_ptr<char[]> bytes(new char[n + Catalog::padding]);
  std::memcpy(bytes.get(), data + 2, n);
  std::memset(bytes.get() + n, "\"}]0"[data[0] >> 5 & 3], Catalog::padding);
  const Input input{bytes, {bytes.get(), n}};

  options.threads = 1 + (data[1] & 7);
  const LoadSizes sizes{.window = std::size_t{16} << (data[1] >> 3 & 3),
                        .piece = std::size_t{8} << (data[1] >> 5 & 3) * 2,
                        .small_array = std::size_t{data[1]} / 4,
                        .segment_rows = 1 + std::size_t{data[1] & 3U} * 2,
                        .segments = (data[1] & 128) != 0 ? 2U : 32U,
                        .segment_bytes = (data[1] & 64) != 0 ? 100U : 1U << 30};
  const std::string parallel = test::outcome(load_records(input, options, sizes), input.text);
  options.threads = 1;
  SYNCDEX_LAW(parallel == test::outcome(load_records(input, options), input.text));

  const auto fast = load_records(input, options);
  const auto careful = load_records_carefully(input, options);
  SYNCDEX_LAW(fast.has_value() == careful.has_value());
  if (!fast) {
    SYNCDEX_LAW(fast.error().code == careful.error().code);
    SYNCDEX_LAW(fast.error().offset == careful.error().offset);
    SYNCDEX_LAW(fast.error().line == careful.error().line);
    SYNCDEX_LAW(fast.error().record == careful.error().record);
    SYNCDEX_LAW(fast.error().message == careful.error().message);
    SYNCDEX_LAW(fast.error().offset <= n);
    return 0;
  }
  SYNCDEX_LAW(fast->report.records == careful->report.records);
  SYNCDEX_LAW(fast->report.bad.size() == careful->report.bad.size());
  for (std::size_t i = 0; i < fast->report.bad.size(); ++i) {
    const BadRecord& a = fast->report.bad[i];
    const BadRecord& b = careful->report.bad[i];
    SYNCDEX_LAW(a.position == b.position && a.offset == b.offset && a.line == b.line && a.code == b.code &&
                a.id == b.id && a.reason == b.reason);
  }

  const auto catalog = Catalog::load({bytes.get(), n}, bytes, options);
  SYNCDEX_LAW(catalog.has_value() && catalog->size() == fast->report.records);
  const Matches all = catalog->find(Query());
  for (const Record record : all) {
    SYNCDEX_LAW(catalog->find_id(record.id()) == record);
    // Every record contains itself, by index and by scan.
    const auto query = Query::from_pattern(record.json());
    if (!query) continue;
    SYNCDEX_LAW(!catalog->verify(*query));
    SYNCDEX_LAW(catalog->count(*query) >= 1);
    static_cast<void>(catalog->explain(*query));
    for (const std::string_view view :
         {record.name(), record.provider(), record.status(), record.health_status(), record.metadata()}) {
      SYNCDEX_LAW(view.size() <= n);
    }
  }
  static_cast<void>(catalog->stats());
  return 0;
}
