// A JSON text as a list of values, each before those that it contains. Does not recurse.
//
// Texts without escapes are views into the JSON text, which must outlive the list.
#pragma once

#include <cstdint>
#include <forward_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "json/scalar.h"
#include "syncdex/limits.h"
#include "syncdex/result.h"

namespace syncdex::inline v0 {

struct JsonValue {
  Kind kind = Kind::null;
  std::string_view text;  // a string decoded, a number as written, a raw value as written
  std::string_view key;   // decoded; of an object's member
  const char* at = nullptr;
  const char* key_at = nullptr;
  std::uint32_t end = 0;  // the number of the first value that is not within this one
};

class JsonValues {
 public:
  JsonValues(std::string_view json, const Limits& limits) : json_(json), limits_(limits) {}

  // Parses the text. An object that is the value of the key `raw`, if one is given, is kept as text, and
  // checked only for its end. Errors: invalid_pattern, invalid_utf8, limit_exceeded (of numbers, and of
  // `depth` for more than `deepest` open containers).
  std::optional<Error> parse(std::optional<std::string_view> raw, std::size_t deepest);

  const JsonValue& operator[](std::uint32_t i) const noexcept { return values_[i]; }

  // The numbers of the members or elements of a container.
  class Members {
   public:
    class Iterator {
     public:
      Iterator(const JsonValues& all, std::uint32_t at) noexcept : all_(&all), at_(at) {}
      std::uint32_t operator*() const noexcept { return at_; }
      Iterator& operator++() noexcept {
        at_ = (*all_)[at_].end;
        return *this;
      }
      friend bool operator==(const Iterator& a, const Iterator& b) noexcept { return a.at_ == b.at_; }

     private:
      const JsonValues* all_;
      std::uint32_t at_;
    };
    Iterator begin() const noexcept { return {all, first}; }
    Iterator end() const noexcept { return {all, last}; }

    const JsonValues& all;
    std::uint32_t first;
    std::uint32_t last;
  };
  // REQUIRES: a container that is not raw
  Members members(std::uint32_t i) const noexcept { return {*this, i + 1, values_[i].end}; }

 private:
  std::string_view decoded(std::string_view raw);

  std::string_view json_;
  const Limits& limits_;
  std::vector<JsonValue> values_;
  std::forward_list<std::string> own_texts_;  // that had escapes
};

}  // namespace syncdex::inline v0
