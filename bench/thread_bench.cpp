// Two readers of one catalog, each with its own handle, compared with two readers of separate catalogs.
#include <thread>

#include "suite.h"

namespace syncdex::bench {

void Suite::add_readers() {
  const Query query = *Query::from_pattern(R"({"metadata":{"custom_property":42}})");
  const auto shared = catalog_;
  const auto other = keep(std::make_shared<Catalog>(*Catalog::load(text_->bytes.substr(0, text_->size))));
  const int calls = n_ > 100'000 ? 30'000 : 100'000;
  const auto read = [query, calls](const Catalog& catalog) {
    const Catalog own = catalog;
    for (int i = 0; i < calls; ++i) benchmark::DoNotOptimize(own.find(query).size());
  };
  const auto both = [read](const Catalog& a, const Catalog& b) {
    std::thread thread([&] { read(b); });
    read(a);
    thread.join();
  };
  time_once(name("readers", "one"), [read, shared] { read(*shared); });
  time_once(name("readers", "two"), [both, shared] { both(*shared, *shared); });
  time_once(name("readers", "two alone"), [both, shared, other] { both(*shared, *other); });
  figure({.what = "two readers, one find each",
          .ours = name("readers", "two"),
          .baseline = name("readers", "one"),
          .beside = "one reader",
          .per = static_cast<double>(calls),
          .unit = "ns"});
  figure({.what = "two readers, one find each",
          .ours = name("readers", "two"),
          .baseline = name("readers", "two alone"),
          .beside = "two readers of a catalog each",
          .per = static_cast<double>(calls),
          .unit = "ns",
          .goal = n_ < 100'000 ? Figure::Goal::none : Figure::Goal::at_least,
          .bound = 0.95});
}

}  // namespace syncdex::bench
