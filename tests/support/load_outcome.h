// Renders the outcome of a load as text, to compare two loads of the same input.
#pragma once

#include <fmt/format.h>

#include <memory>
#include <string>

#include "base/access.h"
#include "base/hash.h"
#include "load/loader.h"
#include "store/snapshot.h"
#include "syncdex/syncdex.h"

namespace syncdex::test {

inline std::string outcome(const LoadReport& report) {
  std::string text = fmt::format("{} records\n", report.records);
  for (const BadRecord& bad : report.bad) {
    text += fmt::format("bad {} at {} line {} {} {}: {}\n", bad.position, bad.offset, bad.line,
                        bad.id.value_or("?"), to_string(bad.code), bad.reason);
  }
  return text;
}

inline std::string outcome(const Error& error) {
  return fmt::format("{} {} at {} line {} record {}: {}\n", to_string(error.code), error.limit, error.offset,
                     error.line, error.record ? std::to_string(*error.record) : "?", error.message);
}

// Lists all records in order, and each disagreement between the catalog's indexes and its records.
inline std::string outcome(Result<Loaded> loaded, std::string_view text) {
  if (!loaded) return outcome(loaded.error());
  std::string all = outcome(loaded->report);
  const auto catalog = Access::make<Catalog>(
      std::make_shared<const Snapshot>(*std::move(loaded), fingerprint(text), Limits()));
  const Matches records = catalog.find(Query());
  for (const Record record : records) {
    all.append(record.json()).append("\n");
    const auto found = catalog.find_id(record.id());
    if (!found || found->json().data() != record.json().data()) all += "not found by its id\n";
    for (const Query& query : {*QueryBuilder().provider(record.provider()).build(),
                               *QueryBuilder().name(record.name()).status(record.status()).build()}) {
      if (catalog.verify(query)) all.append("verify differs: ").append(query.pattern()).append("\n");
    }
  }
  return all;
}

}  // namespace syncdex::test
