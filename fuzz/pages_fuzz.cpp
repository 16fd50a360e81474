// Input: bytes that choose records, a query, an order, segment sizes, page sizes and how many ordered views
// are kept. The pages together must be the whole answer, in the oracle's order. A page has a cursor if and
// only if more records follow. If a live catalog changes between pages, records that are not touched are
// neither lost nor repeated.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/access.h"
#include "base/hash.h"
#include "law.h"
#include "load/loader.h"
#include "store/snapshot.h"
#include "support/counted_work.h"
#include "support/filter_oracle.h"
#include "support/random_filter.h"
#include "support/random_json.h"
#include "syncdex/syncdex.h"

using namespace syncdex;

namespace {

class Bytes {
 public:
  Bytes(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}
  std::size_t below(std::size_t n) { return size_ == 0 ? 0 : (--size_, *data_++ % n); }

 private:
  const std::uint8_t* data_;
  std::size_t size_;
};

// Loads records into small segments. Some records are replaced by later ones with the same id.
Catalog load(const std::vector<std::string>& records, std::size_t segment_rows, std::size_t views) {
  std::string text;
  for (const std::string& record : records) text += record + "\n";
  if (text.empty()) return {};
  const std::shared_ptr<char[]> bytes(new char[text.size() + Catalog::padding]);
  std::memcpy(bytes.get(), text.data(), text.size());
  std::memset(bytes.get() + text.size(), 0, Catalog::padding);
  LoadOptions options;
  options.skip_bad = true;
  options.limits.ordered_views = views;
  const LoadSizes sizes{.segment_rows = segment_rows, .segments = 1000};
  auto loaded = load_records({bytes, {bytes.get(), text.size()}}, options, sizes);
  SYNCDEX_LAW(loaded.has_value());
  return Access::make<Catalog>(
      std::make_shared<const Snapshot>(*std::move(loaded), fingerprint(text), options.limits));
}

std::vector<std::string> texts(const Matches& matches) {
  std::vector<std::string> all;
  for (const Record record : matches) all.emplace_back(record.json());
  return all;
}

// The answer by the definitions alone.
std::vector<std::string> expected(const Catalog& catalog, const Query& query, const Order& order) {
  const std::vector<std::string> found = texts(catalog.scan(query));
  if (order.is_load_order()) return found;
  std::vector<oracle::Value> values;
  for (const std::string& text : found) values.push_back(*oracle::parse(text));
  std::vector<std::string> all;
  const auto places = oracle::ordered(order.text(), values);
  SYNCDEX_LAW(places.has_value());
  for (const std::size_t place : *places) all.push_back(found[place]);
  return all;
}

void walk(const Catalog& catalog, const Query& query, const Order& order, std::uint32_t limit, Bytes& bytes) {
  const std::vector<std::string> whole = texts(catalog.find(query, order));
  SYNCDEX_LAW(whole == expected(catalog, query, order));
  std::vector<std::string> joined;
  Request request{query, {.limit = limit, .after = {}}, order};
  for (;;) {
    if (bytes.below(4) == 1) {
      for (const Part& part : Access::snapshot(catalog).parts()) part.segment->views().clear();
    }
    const auto page = catalog.list(request);
    SYNCDEX_LAW(page.has_value());
    for (const std::string& text : texts(page->matches())) joined.push_back(text);
    SYNCDEX_LAW(joined.size() <= whole.size());
    SYNCDEX_LAW(page->has_more() == (joined.size() < whole.size()));
    SYNCDEX_LAW(page->has_more() == !page->next().empty());
    SYNCDEX_LAW(page->matches().size() == (page->has_more() ? limit : page->matches().size()));
    SYNCDEX_LAW(page->matches().size() <= limit);
    SYNCDEX_LAW((page->json().find(R"(,"next":")") != std::string::npos) || !page->has_more());
    if (!page->has_more()) break;
    request.page.after = page->next();
  }
  SYNCDEX_LAW(joined == whole);
}

// Pages through a live catalog that changes between pages. Each matching record that is not written meanwhile
// must be returned exactly once.
void walk_while_it_changes(const Catalog& start, const Query& query, const Order& order, std::uint32_t limit,
                           Bytes& bytes) {
  LiveCatalog live(start);
  std::map<std::string, int> seen;
  std::set<std::string> touched;
  Request request{query, {.limit = limit, .after = {}}, order};
  for (int pages = 0;; ++pages) {
    const auto page = live.snapshot().list(request);
    SYNCDEX_LAW(page.has_value());
    for (const Record record : page->matches()) ++seen[std::string(record.id())];
    if (!page->has_more()) break;
    request.page.after = page->next();
    if (pages >= 12) continue;  // bounds the number of changes
    const std::string id = std::to_string(bytes.below(30));
    touched.insert(id);
    Changes changes;
    if (bytes.below(3) == 0) {
      changes.erases.push_back(id);
    } else {
      test::RandomJson random(bytes.below(256));
      changes.upserts = test::with_times(random, random.record(id, true));
    }
    SYNCDEX_LAW(live.apply(std::move(changes)).has_value());
    if (bytes.below(4) == 0) live.maintain();
  }
  for (const Record record : start.find(query)) {
    const std::string id(record.id());
    if (!touched.contains(id)) SYNCDEX_LAW(seen[id] == 1);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 48) return 0;
  Bytes bytes(data, size);
  const std::size_t segment_rows = 1 + bytes.below(9);
  const std::size_t n = bytes.below(24);
  test::RandomJson random(bytes.below(256) * 256 + bytes.below(256));
  std::vector<std::string> records;
  for (std::size_t i = 0; i < n; ++i) {
    std::string record = test::with_times(random, random.record(std::to_string(random.below(30)), true));
    std::ranges::replace(record, '\n', ' ');
    // A value far down, where every object may have duplicate keys.
    if (const std::size_t depth = bytes.below(12); depth > 2) {
      std::string deep = std::to_string(i % 3);
      for (std::size_t d = 0; d < depth; ++d) {
        deep = (d % 4 == 3 ? R"({"d":0,"d":)" : R"({"d":)") + deep + (d % 5 == 4 ? R"(,"e":1})" : "}");
      }
      record.back() = ',';
      record += R"("deep":)" + deep + '}';
    }
    records.push_back(std::move(record));
  }
  const Catalog catalog = load(records, segment_rows, bytes.below(4));
  const std::string source = records.empty() ? "{\"id\":\"1\"}" : records[bytes.below(records.size())];
  const auto query = Query::from_pattern(bytes.below(4) == 0 ? "{}" : random.pattern(source));
  SYNCDEX_LAW(query.has_value());
  const auto limit = static_cast<std::uint32_t>(1 + bytes.below(6));
  Result<Order> order = bytes.below(4) == 0 ? Order() : Order::parse(test::random_order(random, source));
  if (!order) return 0;
  if (bytes.below(3) == 0) {
    std::string path = bytes.below(2) == 0 ? "deep" : "-deep";
    for (std::size_t d = 0, depth = bytes.below(12); d < depth; ++d) path += ".d";
    order = Order::parse(path);
  }
  const auto rows = [&](Work& work) {
    return order->is_load_order() ? find_rows(Access::impl(*query), Access::snapshot(catalog), work).size
                                  : find_rows(Access::impl(*query), Access::impl(*order),
                                              Access::snapshot(catalog), work, nullptr, limit)
                                        .size;
  };
  SYNCDEX_LAW(test::keeps_to_budget(rows, static_cast<std::int64_t>(bytes.below(256)) * 32, 40'000));
  walk(catalog, *query, *order, limit, bytes);
  walk_while_it_changes(catalog, *query, *order, limit, bytes);
  return 0;
}
