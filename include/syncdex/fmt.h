// Formatters for fmt 9 and later. Opt-in: syncdex.h does not include this header.
//
// They accept the format specifications of strings and print the same text as ostream.h. This is the only
// public header that includes a dependency.
#pragma once

#include <fmt/format.h>

#include <string_view>

#include "syncdex/catalog.h"
#include "syncdex/query.h"
#include "syncdex/record.h"
#include "syncdex/result.h"
#include "syncdex/survey.h"

template <>
struct fmt::formatter<syncdex::ErrorCode> : fmt::formatter<std::string_view> {
  auto format(syncdex::ErrorCode code, fmt::format_context& context) const {
    return fmt::formatter<std::string_view>::format(to_string(code), context);
  }
};

template <>
struct fmt::formatter<syncdex::Error> : fmt::formatter<std::string_view> {
  auto format(const syncdex::Error& error, fmt::format_context& context) const {
    return fmt::formatter<std::string_view>::format(to_string(error), context);
  }
};

template <>
struct fmt::formatter<syncdex::Query> : fmt::formatter<std::string_view> {
  auto format(const syncdex::Query& query, fmt::format_context& context) const {
    return fmt::formatter<std::string_view>::format(query.text(), context);
  }
};

template <>
struct fmt::formatter<syncdex::Record> : fmt::formatter<std::string_view> {
  auto format(syncdex::Record record, fmt::format_context& context) const {
    return fmt::formatter<std::string_view>::format(record.json(), context);
  }
};

template <>
struct fmt::formatter<syncdex::Stats> : fmt::formatter<std::string_view> {
  auto format(const syncdex::Stats& stats, fmt::format_context& context) const {
    return fmt::formatter<std::string_view>::format(to_string(stats), context);
  }
};

template <>
struct fmt::formatter<syncdex::Mismatch> : fmt::formatter<std::string_view> {
  auto format(const syncdex::Mismatch& mismatch, fmt::format_context& context) const {
    return fmt::formatter<std::string_view>::format(to_string(mismatch), context);
  }
};
