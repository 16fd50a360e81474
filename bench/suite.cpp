#include "suite.h"

#include <fmt/format.h>

#include <chrono>
#include <cstring>
#include <fstream>

namespace syncdex::bench {
std::string size_name(std::size_t n) {
  return n % 1'000'000 == 0 ? fmt::format("{}M", n / 1'000'000)
         : n % 1000 == 0    ? fmt::format("{}k", n / 1000)
                            : fmt::format("{}", n);
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::string bytes(std::filesystem::file_size(path), '\0');
  in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  return bytes;
}

Text::Text(std::string text, bool lines) : bytes(std::move(text)), size(bytes.size()) {
  bytes.append(Catalog::padding, '\0');
  const char* p = bytes.data();
  while (lines && p < bytes.data() + size) {
    const auto* feed =
        static_cast<const char*>(std::memchr(p, '\n', static_cast<std::size_t>(bytes.data() + size - p)));
    records.emplace_back(p, static_cast<std::size_t>(feed - p));
    p = feed + 1;
  }
}

void Suite::time(const std::string& full_name, std::function<void(benchmark::State&)> body, Timing timing) {
  auto* const b = benchmark::RegisterBenchmark(
      full_name.c_str(), [body = std::move(body)](benchmark::State& state) { body(state); });
  b->Repetitions(options_.quick || timing == Timing::slow || timing == Timing::given_slow ? 3 : 7)
      ->Unit(benchmark::kNanosecond);
  if (timing == Timing::given || timing == Timing::given_slow) {
    b->UseManualTime();
  } else {
    b->UseRealTime();
  }
  if (timing == Timing::many) {
    b->MinTime(options_.quick ? 0.02 : 0.1);
  } else {
    b->Iterations(1);
  }
}

void Suite::time_call(const std::string& full_name, std::function<void()> body) {
  const auto start = std::chrono::steady_clock::now();
  body();
  const auto spent = std::chrono::steady_clock::now() - start;
  time(
      full_name,
      [body = std::move(body)](benchmark::State& state) {
        for (auto _ : state) body();
      },
      spent > std::chrono::milliseconds(50)  ? Timing::slow
      : spent > std::chrono::milliseconds(5) ? Timing::once
                                             : Timing::many);
}

void Suite::time_once(const std::string& full_name, std::function<void()> body) {
  time(
      full_name,
      [body = std::move(body)](benchmark::State& state) {
        for (auto _ : state) body();
      },
      Timing::once);
}

void Suite::add_all() {
  if (n_ >= kHuge) {
    add_file_loads();
  } else {
    fmt::print(stderr, "{} records: reading or generating\n", size_);
    text_ = keep(std::make_shared<Text>(read_file(dataset_.file(options_.data, n_)), true));
    add_loads();
    catalog_ = keep(std::make_shared<Catalog>(*Catalog::load(text_->span(), text_)));
    add_memory();
  }
  add_parsing();
  add_queries();
  if (n_ < kHuge) {
    add_filters();
    add_orders();
    add_figures();
  }
  add_random_keys();
  if (n_ >= kHuge) return;
  add_replaced();
  add_responses();
  add_scan();
  if (options_.peers) add_peers();
  add_readers();
  add_changes();
  add_polling();
  add_readers_beside_a_writer();
  add_subscriptions();
  add_live_memory();
  add_hostile();
}

}  // namespace syncdex::bench
