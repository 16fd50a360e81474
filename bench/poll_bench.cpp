// Benchmarks of polling: the whole list is handed over again, with little or nothing changed.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <random>

#include "suite.h"

namespace syncdex::bench {
namespace {

using Clock = std::chrono::steady_clock;

// How a list comes back.
enum class Answer { same, one_in_1000, shuffled, all_changed };

std::string list_of(const std::vector<std::string_view>& records, Answer answer, bool envelope) {
  std::vector<std::size_t> order(records.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  if (answer == Answer::shuffled) std::shuffle(order.begin(), order.end(), std::mt19937_64(7));
  std::size_t bytes = Catalog::padding + 64;  // as a host would receive it
  for (const std::string_view record : records) bytes += record.size() + 32;
  std::string text;
  text.reserve(bytes);
  if (envelope) text += R"({"data":[)";
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (envelope && i > 0) text += ',';
    const std::size_t at = text.size();
    text += records[order[i]];
    if (answer == Answer::all_changed || (answer == Answer::one_in_1000 && i % 1000 == 0)) {
      text.insert(text.find("\"status\"", at), "\"external_id\":\"x\",");
    }
    if (!envelope) text += '\n';
  }
  if (envelope) text += R"(],"has_more":false})";
  return text;
}

}  // namespace

void Suite::add_polling() {
  const auto live = keep(std::make_shared<LiveCatalog>(*catalog_));
  const auto before = keep(std::make_shared<Catalog>(*catalog_));
  const auto text = text_;
  // The text is made anew for each call: six of them would not fit into memory beside the peers.
  const auto poll = [&](const std::string& full_name, Answer answer, bool envelope, auto call) {
    time(
        full_name,
        [live, before, text, answer, envelope, call](benchmark::State& state) {
          for (auto _ : state) {
            live->replace_all(*before);  // other repetitions have left another list
            std::string json = list_of(text->records, answer, envelope);
            const auto start = Clock::now();
            const auto diff = call(*live, std::move(json));
            state.SetIterationTime(seconds_since(start));
            if (!diff || diff->unchanged.size() + diff->changed.size() != live->snapshot().size())
              std::abort();
          }
        },
        n_ >= 1'000'000 ? Timing::given_slow : Timing::given);
  };
  const bool judged = n_ >= 100'000;
  const auto reconcile = [&](const char* who, Answer answer, double bound) {
    const std::string ours = name("reconcile", who);
    poll(ours, answer, true,
         [](LiveCatalog& catalog, std::string&& json) { return catalog.reconcile(std::move(json)); });
    figure({.what = fmt::format("reconcile, {}", who),
            .ours = ours,
            .baseline = name("load", "simdjson DOM"),
            .beside = "warm simdjson DOM, the same records one by one",
            .per = n(),
            .unit = "ns a record",
            .goal = judged && bound > 0 ? Figure::Goal::at_most : Figure::Goal::none,
            .bound = bound,
            .ours_over_baseline = true});
  };
  reconcile("nothing changed", Answer::same, 0.35);
  reconcile("one record in 1000 changed", Answer::one_in_1000, 0.45);
  if (n_ >= 1'000'000 && options_.quick) return;
  reconcile("nothing changed, shuffled", Answer::shuffled, 1.0);
  reconcile("each record changed", Answer::all_changed, 0);
  const auto replace = [&](const char* who, Answer answer) {
    const std::string ours = name("replace_all", who);
    poll(ours, answer, false,
         [](LiveCatalog& catalog, std::string json) { return catalog.replace_all(std::move(json)); });
    figure({.what = fmt::format("replace_all, {}", who),
            .ours = ours,
            .baseline = name("load", "JSON Lines"),
            .beside = "load of the same text",
            .per = n(),
            .unit = "ns a record",
            .goal = judged && answer == Answer::same ? Figure::Goal::at_most : Figure::Goal::none,
            .bound = 1,
            .ours_over_baseline = true});
  };
  replace("nothing changed", Answer::same);
  replace("one record in 1000 changed", Answer::one_in_1000);
}

}  // namespace syncdex::bench
