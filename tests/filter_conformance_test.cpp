// The cases of filter_suites.jsonl: filters and orders translated from the public test suites of sixteen
// peers. Each is answered in six ways, and each must give the expected records, in the expected order where
// the case has one.
#include <gtest/gtest.h>

#include <cstdio>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "json/json_text.h"
#include "store/segment.h"
#include "support/conformance.h"
#include "support/hostile.h"
#include "syncdex/ostream.h"
#include "syncdex/syncdex.h"

namespace syncdex {
namespace {

using Ids = std::vector<std::string>;

struct Case {
  std::string source;
  std::vector<std::string> records;  // as written
  std::string filter;                // empty: every record
  std::string order;
  Ids expected;  // sorted, unless there is an order
};

std::string decoded(std::string_view json_string) {
  std::string text;
  append_decoded(json_string.substr(1, json_string.size() - 2), text);
  return text;
}

std::string text_at(const char* value) { return {value, skip_value(value)}; }

const std::vector<Case>& cases() {
  static const auto& all = *new const std::vector<Case>([] {
    std::vector<Case> read;
    std::ifstream in(test::conformance_dir() / "filter_suites.jsonl");
    for (std::string line; std::getline(in, line);) {
      line.append(64, ' ');  // as json_text.h requires
      const auto member = [&](std::string_view key) {
        const auto found = find_member(line, key);
        return found ? std::string(*found) : std::string();
      };
      Case c;
      c.source = decoded(member("source"));
      c.filter = member("filter");
      if (const std::string order = member("order"); !order.empty()) c.order = decoded(order);
      const std::string records = member("records") + std::string(64, ' ');
      for (ArrayWalk walk(records.data()); walk.next();) c.records.push_back(text_at(walk.value()));
      const std::string expected = member("expected") + std::string(64, ' ');
      for (ArrayWalk walk(expected.data()); walk.next();)
        c.expected.push_back(decoded(text_at(walk.value())));
      if (c.order.empty()) std::ranges::sort(c.expected);
      read.push_back(std::move(c));
    }
    return read;
  }());
  return all;
}

Ids ids_of(const Matches& matches, bool ordered) {
  Ids ids;
  for (const Record record : matches) ids.emplace_back(record.id());
  if (!ordered) std::ranges::sort(ids);
  return ids;
}

Request request_of(const std::string& filter, const std::string& order) {
  Request request;
  if (!filter.empty()) {
    auto query = Query::from_filter(filter);
    EXPECT_TRUE(query) << filter << ": " << to_string(query.error());
    if (query) request.query = *std::move(query);
  }
  if (!order.empty()) {
    auto parsed = Order::parse(order);
    EXPECT_TRUE(parsed) << order << ": " << to_string(parsed.error());
    if (parsed) request.order = *std::move(parsed);
  }
  return request;
}

Catalog load_lines(const std::vector<std::string>& records) {
  std::string text;
  for (const std::string& record : records) text += record + '\n';
  return test::must(Catalog::load(records.empty() ? "[]" : text));
}

// A record with another id.
std::string with_id(std::string record, const std::string& id) {
  const std::size_t size = record.size();
  record.append(64, ' ');
  const std::string_view old = *find_member(std::string_view(record).substr(0, size), "id");
  const auto at = static_cast<std::size_t>(old.data() - record.data());
  return record.substr(0, at) + '"' + id + '"' + record.substr(at + old.size(), size - at - old.size());
}

// --- the same below a field that no index covers ---

std::string path_below(std::string_view raw) {
  if (raw.empty()) return "u";
  return (raw.starts_with("[]") ? "u" : "u.") + std::string(raw);
}

std::string filter_below(const char* filter) {
  std::string out = "{";
  for (ObjectWalk walk(filter); walk.next();) {
    if (out.size() > 1) out += ',';
    const std::string_view key = walk.member().key;
    const char* const value = walk.member().value;
    out.append("\"").append(key).append("\":");
    if (key == "and" || key == "or") {
      std::string members;
      for (ArrayWalk member(value); member.next();) {
        members += (members.empty() ? "" : ",") + filter_below(member.value());
      }
      out += '[' + members + ']';
    } else if (key == "not") {
      out += filter_below(value);
    } else if (key == "contains") {
      out += R"({"u":)" + text_at(value) + '}';
    } else if (key == "path" || key == "some") {
      out += '"' + path_below(raw_string(value)) + '"';
    } else {
      out += text_at(value);
    }
  }
  return out + '}';
}

std::string order_below(const std::string& order) {
  std::string out;
  bool quoted = false;
  bool begins = true;
  for (const char c : order) {
    if (begins && c != '-') out += "u.";
    begins = begins && c == '-';
    if (c == '"') quoted = !quoted;
    if (c == ',' && !quoted) begins = true;
    out += c;
  }
  return out;
}

// --- the same as a parameter ---

// path[op]=value for a condition with one operator that has such a form; otherwise empty.
std::string parameter_of(const std::string& filter) {
  const std::string padded = filter + std::string(64, ' ');
  std::string path;
  std::string op;
  const char* operand = nullptr;
  std::size_t members = 0;
  for (ObjectWalk walk(padded.data()); walk.next(); ++members) {
    if (walk.member().key == "path") {
      path = decoded(text_at(walk.member().value));
    } else {
      op = walk.member().key;
      operand = walk.member().value;
    }
  }
  constexpr std::string_view kOps[] = {"eq",     "ne",     "in",        "nin",    "gt",  "gte",  "lt",  "lte",
                                       "prefix", "suffix", "substring", "exists", "set", "kind", "size"};
  if (members != 2 || path.empty() || std::ranges::count(kOps, op) == 0) return {};
  std::vector<std::string> values;
  if (*operand == '[') {
    for (ArrayWalk walk(operand); walk.next();) values.push_back(text_at(walk.value()));
  } else {
    values.push_back(text_at(operand));
  }
  if (values.empty() || (values.front().starts_with('{'))) return {};
  std::string url;
  for (const std::string& value : values) {
    const std::string text = op == "kind" ? decoded(value) : value;
    url += (url.empty() ? "" : "&") + test::percent_encoded(path + "[" + op + "]") + "=" +
           test::percent_encoded(text);
  }
  return url;
}

class FilterSuites : public testing::Test {
 protected:
  void SetUp() override { SYNCDEX_NEEDS_SUITE("filter_suites.jsonl"); }
};

TEST_F(FilterSuites, EachCaseAlone) {
  for (const Case& c : cases()) {
    const Catalog catalog = load_lines(c.records);
    const Request request = request_of(c.filter, c.order);
    ASSERT_EQ(ids_of(catalog.find(request.query, request.order), !c.order.empty()), c.expected)
        << c.source << '\n'
        << c.filter << c.order;
    ASSERT_EQ(catalog.count(request.query), c.expected.size()) << c.source;
    ASSERT_EQ(ids_of(catalog.scan(request.query), false).size(), c.expected.size()) << c.source;
    ASSERT_FALSE(catalog.verify(request.query)) << c.source;
  }
  std::printf("conformance: filter_suites: %zu cases\n", cases().size());
}

TEST_F(FilterSuites, AllRecordsInOneCatalog) {
  std::string text;
  for (std::size_t i = 0; i < cases().size(); ++i) {
    std::size_t k = 0;
    for (const std::string& record : cases()[i].records) {
      text += with_id(record, std::to_string(i) + "/" + std::to_string(k++)) + '\n';
    }
  }
  const Catalog catalog = test::must(Catalog::load(text));
  for (std::size_t i = 0; i < cases().size(); ++i) {
    const Case& c = cases()[i];
    // The ids of the case, by the places of its records.
    std::map<std::string, std::string> names;
    for (std::size_t k = 0; k < c.records.size(); ++k) {
      const std::string padded = c.records[k] + std::string(64, ' ');
      names[std::to_string(i) + "/" + std::to_string(k)] = decoded(*find_member(padded, "id"));
    }
    const std::string own = R"({"path":"id","prefix":")" + std::to_string(i) + "/\"}";
    const Request request =
        request_of(c.filter.empty() ? own : R"({"and":[)" + own + ',' + c.filter + "]}", c.order);
    Ids found;
    for (const std::string& id : ids_of(catalog.find(request.query, request.order), !c.order.empty())) {
      found.push_back(names[id]);
    }
    if (c.order.empty()) std::ranges::sort(found);
    ASSERT_EQ(found, c.expected) << c.source << '\n' << c.filter << c.order;
  }
}

TEST_F(FilterSuites, BelowAFieldWithoutAnIndex) {
  for (const Case& c : cases()) {
    std::vector<std::string> records;
    for (const std::string& record : c.records) {
      const std::string padded = record + std::string(64, ' ');
      records.push_back(R"({"id":)" + std::string(*find_member(padded, "id")) + R"(,"u":)" + record + '}');
    }
    const Catalog catalog = load_lines(records);
    const std::string padded = c.filter + std::string(64, ' ');
    const std::string filter = c.filter.empty() ? "" : filter_below(padded.data());
    const Request request = request_of(filter, order_below(c.order));
    for (int again = 0; again < 2; ++again) {  // by what the first question has left, too
      ASSERT_EQ(ids_of(catalog.find(request.query, request.order), !c.order.empty()), c.expected)
          << c.source << '\n'
          << filter << c.order;
      ASSERT_EQ(catalog.count(request.query), c.expected.size()) << c.source;
    }
  }
}

TEST_F(FilterSuites, AsParameters) {
  std::size_t n = 0;
  for (const Case& c : cases()) {
    const std::string url = parameter_of(c.filter.empty() ? "{}" : c.filter);
    const std::string whole = c.filter.empty() ? "" : "filter=" + test::percent_encoded(c.filter);
    const std::string order = c.order.empty() ? "" : "&order=" + test::percent_encoded(c.order);
    const Catalog catalog = load_lines(c.records);
    for (const std::string& form : {url, whole}) {
      if (form.empty()) continue;
      const auto request = parse_request(form + order);
      ASSERT_TRUE(request) << form << ": " << to_string(request.error());
      ASSERT_EQ(request->query, request_of(c.filter, "").query) << form;
      ASSERT_EQ(ids_of(catalog.list(*request).value().matches(), !c.order.empty()), c.expected)
          << c.source << '\n'
          << form;
    }
    n += !url.empty();
  }
  EXPECT_GT(n, 200u);
}

TEST_F(FilterSuites, InPagesOfTwo) {
  for (const Case& c : cases()) {
    const Catalog catalog = load_lines(c.records);
    Request request = request_of(c.filter, c.order);
    request.page.limit = 2;
    Ids found;
    for (std::size_t pages = 0;; ++pages) {
      ASSERT_LE(pages, c.records.size()) << c.source;
      const auto page = catalog.list(request);
      ASSERT_TRUE(page) << c.source << ": " << to_string(page.error());
      for (const Record record : page->matches()) found.emplace_back(record.id());
      if (!page->has_more()) break;
      ASSERT_EQ(page->matches().size(), 2u) << c.source;
      request.page.after = page->next();
    }
    if (c.order.empty()) std::ranges::sort(found);
    ASSERT_EQ(found, c.expected) << c.source << '\n' << c.filter << c.order;
  }
}

TEST_F(FilterSuites, AsStandingQueries) {
  for (const Case& c : cases()) {
    const Request request = request_of(c.filter, c.order);
    LiveCatalog live;
    std::set<std::string> now;
    const Subscription set = live.subscribe(request.query, [&](const Delta& delta) {
      for (const Record record : delta.entered) now.emplace(record.id());
      for (const Record record : delta.left) now.erase(std::string(record.id()));
    });
    Ids window;
    const Subscription in_order =
        live.subscribe(request.query, request.order, 1'000,
                       [&](const WindowDelta& delta) { window = ids_of(delta.window, true); });
    for (const std::string& record : c.records) ASSERT_TRUE(live.apply({.upserts = record}));
    Ids sorted = c.expected;
    std::ranges::sort(sorted);
    ASSERT_EQ(Ids(now.begin(), now.end()), sorted) << c.source << '\n' << c.filter;
    if (c.order.empty()) std::ranges::sort(window);
    ASSERT_EQ(window, c.expected) << c.source << '\n' << c.filter << c.order;
  }
}

}  // namespace
}  // namespace syncdex
