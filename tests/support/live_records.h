// Small live catalogs for tests: records, their ids, and what subscribers hear.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "syncdex/syncdex.h"

namespace syncdex::test {

inline std::vector<std::string> ids(const Matches& matches) {
  std::vector<std::string> all;
  for (const Record record : matches) all.emplace_back(record.id());
  return all;
}
inline std::vector<std::string> ids(const Catalog& catalog) { return ids(catalog.find(Query())); }

inline std::vector<std::string> texts(const Matches& matches) {
  std::vector<std::string> all;
  for (const Record record : matches) all.emplace_back(record.json());
  return all;
}

inline std::string record(std::string_view id, std::string_view status = "active") {
  return R"({"id":")" + std::string(id) + R"(","provider":"stripe","status":")" + std::string(status) +
         R"("})";
}

inline Catalog load(std::string text) {
  auto catalog = Catalog::load(std::move(text));
  EXPECT_TRUE(catalog) << catalog.error().message;
  return *std::move(catalog);
}

inline Query status(std::string_view value) { return *QueryBuilder().status(value).build(); }

// Notes deltas as lines: "2: +entered *changed -left".
struct Heard {
  std::vector<std::string> lines;
  std::function<void(const Delta&)> callback(std::string name = "") {
    return [this, name](const Delta& delta) {
      std::string line = name + std::to_string(delta.version) + ":";
      for (const std::string& id : ids(delta.entered)) line += " +" + id;
      for (const std::string& id : ids(delta.changed)) line += " *" + id;
      for (const std::string& id : ids(delta.left)) line += " -" + id;
      lines.push_back(line);
    };
  }
  std::vector<std::string> take() { return std::exchange(lines, {}); }
};

}  // namespace syncdex::test
