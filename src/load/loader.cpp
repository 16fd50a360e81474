#include "load/loader.h"

#include <optional>

#include "load/load_run.h"

namespace syncdex::inline v0 {
namespace {

Result<Loaded> load(const Input& input, const LoadOptions& options, bool careful, LoadTools& tools,
                    const LoadSizes& sizes) {
  std::optional<LoadRun> run(std::in_place, input, options, careful, tools, sizes);
  auto loaded = run->run();
  if (loaded || !run->should_recover_by_line()) return loaded;
  const std::uint64_t reported = run->reported_bytes();
  run.reset();  // and all that it has made
  run.emplace(input, options, careful, tools, sizes);
  run->recover_by_line(reported);
  return run->run();
}

}  // namespace

Result<Loaded> load_records(const Input& input, const LoadOptions& options, LoadTools& tools,
                            const LoadSizes& sizes) {
  return load(input, options, false, tools, sizes);
}

Result<Loaded> load_records(const Input& input, const LoadOptions& options, const LoadSizes& sizes) {
  LoadTools tools;
  return load(input, options, false, tools, sizes);
}

Result<Loaded> load_records_carefully(const Input& input, const LoadOptions& options,
                                      const LoadSizes& sizes) {
  LoadTools tools;
  return load(input, options, true, tools, sizes);
}

}  // namespace syncdex::inline v0
