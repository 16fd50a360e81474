// Benchmarks of polling: a host hands over the whole list again, and little or nothing has changed.
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
  struct Peer {
    std::string baseline;
    const char* beside;
  };
  const Peer dom{name("load", "simdjson DOM"), "warm simdjson DOM, the same records one by one"};
  const Peer load{name("load", "JSON Lines"), "load of the same text"};
  // `bound`: of our time to that of the peer; 0: no goal.
  const auto add = [&](const char* call_name, const char* who, Answer answer, const Peer& peer, double bound,
                       auto call) {
    const std::string ours = name(call_name, who);
    poll(ours, answer, &peer == &dom, call);
    figure({.what = fmt::format("{}, {}", call_name, who),
            .ours = ours,
            .baseline = peer.baseline,
            .beside = peer.beside,
            .per = n(),
            .unit = "ns a record",
            .goal = n_ >= 100'000 && bound > 0 ? Figure::Goal::at_most : Figure::Goal::none,
            .bound = bound,
            .ours_over_baseline = true});
  };
  const auto reconcile = [&](const char* who, Answer answer, double bound) {
    add("reconcile", who, answer, dom, bound,
        [](LiveCatalog& catalog, std::string&& json) { return catalog.reconcile(std::move(json)); });
  };
  const auto replace_all = [&](const char* who, Answer answer, double bound) {
    add("replace_all", who, answer, load, bound,
        [](LiveCatalog& catalog, std::string&& json) { return catalog.replace_all(std::move(json)); });
  };
  reconcile("nothing changed", Answer::same, 0.35);
  reconcile("one record in 1000 changed", Answer::one_in_1000, 0.45);
  if (n_ >= 1'000'000 && options_.quick) return;
  reconcile("nothing changed, shuffled", Answer::shuffled, 1.0);
  reconcile("each record changed", Answer::all_changed, 0);
  replace_all("nothing changed", Answer::same, 1);
  replace_all("one record in 1000 changed", Answer::one_in_1000, 0);
}

}  // namespace syncdex::bench
