// Input: a request string. A parsed query, printed as a request and as a filter, must parse to an equal
// query. Error offsets must be within the input.
#include <cstdint>

#include "law.h"
#include "syncdex/syncdex.h"

using namespace syncdex;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static const Catalog catalog =
      *Catalog::load(R"([{"id":"a","provider":"stripe","metadata":{"n":1,"t":["x"],"o":[{"a":1,"b":2}]}},
    {"id":"b","name":"x","health":{"status":"ok"},"metadata":{"n":1.5}},{"id":"","id":"c","metadata":{"n":2,"n":1}}])");
  const auto check = [](const Query& query) {
    const auto from_filter = Query::from_filter(query.text());
    SYNCDEX_LAW(from_filter && *from_filter == query);
    SYNCDEX_LAW(from_filter->hash() == query.hash());
    if (!query.never()) SYNCDEX_LAW(Query::from_pattern(query.pattern()));
    const auto from_url = parse_request(query.to_url());
    SYNCDEX_LAW(from_url && from_url->query == query);
    SYNCDEX_LAW(!catalog.verify(query));
    SYNCDEX_LAW(!catalog.explain(query).empty());
  };
  if (const auto request = parse_request(text)) {
    check(request->query);
    const auto listing = catalog.list(*request);
    if (listing) SYNCDEX_LAW(!request->page.limit || listing->matches().size() <= *request->page.limit);
  } else {
    SYNCDEX_LAW(request.error().offset <= size);
    SYNCDEX_LAW(!request.error().message.empty());
    SYNCDEX_LAW(http_status(request.error()) == 400 || http_status(request.error()) == 422);
    static_cast<void>(to_api_json(request.error()));
  }
  if (const auto query = Query::from_pattern(text)) {
    check(*query);
  } else {
    SYNCDEX_LAW(query.error().offset <= size);
  }
  return 0;
}
