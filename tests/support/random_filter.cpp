// Filters grow along a sample: the record, or inside `some` one of its elements. Paths are random walks over
// the sample, operands are the values found there, in other spellings and with small changes.
#include "support/random_filter.h"

#include <array>
#include <cstdio>
#include <iterator>
#include <utility>
#include <vector>

#include "support/oracle.h"

namespace syncdex::test {
namespace {

using oracle::Number;
using oracle::Value;

// Groups of spellings of the same instant.
const std::vector<std::vector<const char*>> kTimes = {
    {"2023-12-15T01:29:29Z", "2023-12-15 01:29:29", "2023-12-15t01:29:29.000z", "2023-12-15T02:29:29+01:00",
     "2023-12-14 20:29:29-0500", "2023-12-15T01:29:29+00", "2023-12-15T06:59:29.000000000+05:30"},
    {"2023-12-15T01:29:29.5Z", "2023-12-15 01:29:29.500", "2023-12-15T00:29:29.5-01"},
    {"2023-12-15T01:29:29.000000001Z", "2023-12-15 02:29:29.000000001+0100"},
    {"2023-12-15T01:29:28.999999999Z", "2023-12-15 01:29:28.999999999"},
    {"2023-12-15", "2023-12-15T00:00", "2023-12-15 00:00:00Z", "2023-12-14T23:00-01:00"},
    {"2023-12-14T23:59:59.999999999Z", "2023-12-15T00:59:59.999999999+01"},
    {"2024-02-29", "2024-02-29T00:00:00Z", "2024-02-28T22:30-0130"},
    {"2024-03-01", "2024-03-01T00:00z", "2024-02-29T23:00:00.0-01:00"},
    {"2024-01-01", "2024-01-01T00:00:00+00:00", "2023-12-31T00:01:00-23:59", "2024-01-01 23:59+23:59"},
    {"1970-01-01", "1970-01-01T00:00:00-00:00", "1969-12-31 23:00-01"},
    {"1969-12-31T23:59:59.25Z", "1970-01-01 00:59:59.250+01:00"},
    {"1900-03-01", "1900-02-28T23:00-01"},
    {"0000-01-01", "0000-01-01T00:00:00Z", "0000-01-01 23:59+23:59"},
    {"0000-01-01T00:00:00+23:59"},
    {"9999-12-31T23:59:59.999999999Z", "9999-12-31 23:59:59.999999999"},
    {"9999-12-31T23:59-23:59"},
};
constexpr std::array kNoTimes = {"2023-02-29",
                                 "1900-02-29",
                                 "2023-13-01",
                                 "2023-00-10",
                                 "2023-12-00",
                                 "2023-04-31",
                                 "2023-12-15T24:00:00Z",
                                 "2023-12-15T23:59:60Z",
                                 "2023-12-15T01",
                                 "2023-12-15T01:60",
                                 "2023-12-15Z",
                                 "2023-12-15+01:00",
                                 "2023-12-15  01:29:29",
                                 "2023-12-15T01:29:29.",
                                 "2023-12-15T01:29:29.0000000000",
                                 "2023-12-15T01:29.5Z",
                                 "2023-12-15T01:29:29 Z",
                                 "2023-12-15T01:29:29+24:00",
                                 "2023-12-15T01:29:29+01:60",
                                 "2023-12-15T01:29:29+1",
                                 "2023-12-15T01:29:29+01:",
                                 "2023-12-15T01:29:29ZZ",
                                 " 2023-12-15",
                                 "2023-12-15 ",
                                 "2023-12-15T",
                                 "23-12-15",
                                 "10000-01-01",
                                 "-0001-01-01",
                                 "2023/12/15",
                                 "20231215T012929Z",
                                 "2023-12-15_01:29:29",
                                 "2023-12-1\xD9\xA5",
                                 "yesterday",
                                 ""};
constexpr std::array kTimeFields = {"created_at", "updated_at", "initial_backfill_completed_at"};
constexpr std::array kKinds = {"null", "boolean", "number", "string", "array", "object"};

struct Step {
  bool element = false;
  std::string key;
};
using Path = std::vector<Step>;

// A member's key and the JSON text of its value.
using Members = std::vector<std::pair<std::string, std::string>>;

// Whether the byte at i starts a character, or is the end.
bool is_cut(const std::string& text, std::size_t i) {
  return i >= text.size() || (static_cast<unsigned char>(text[i]) & 0xC0) != 0x80;
}

bool is_time(const Value& v) {
  if (v.kind != Value::string) return false;
  for (const auto& spellings : kTimes) {
    for (const char* spelling : spellings) {
      if (v.text == spelling) return true;
    }
  }
  return false;
}

bool is_time_path(const Path& path) {
  const std::size_t at = path.size() == 2 && !path[0].element && path[0].key == "credential" ? 1 : 0;
  if (path.size() != at + 1 || path[at].element) return false;
  for (const char* field : kTimeFields) {
    if (path[at].key == field) return true;
  }
  return false;
}

bool is_secret(const Path& path) {
  std::vector<std::string_view> keys;
  for (const Step& step : path) {
    if (!step.element) keys.push_back(step.key);
  }
  return keys.size() > 1 && keys[0] == "credential" && keys[1] == "properties";
}

Path joined(Path left, const Path& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

class Spelling {
 public:
  explicit Spelling(RandomJson& random) : random_(random) {}

  // A JSON string. Each ASCII character is written as an escape with probability p.
  std::string string(std::string_view plain, double p = 0.04) {
    std::string out = "\"";
    for (std::size_t i = 0; i < plain.size(); ++i) {
      const auto c = static_cast<unsigned char>(plain[i]);
      char escape[8];
      if (c == '"' || c == '\\' || c < 0x20 || (c < 0x80 && random_.chance(p))) {
        std::snprintf(escape, sizeof escape, random_.chance(0.5) ? "\\u%04x" : "\\u%04X", c);
        const bool is_short = (c == '"' || c == '\\') && random_.chance(0.8);
        out += is_short ? std::string{'\\', plain[i]} : escape;
      } else if (plain.substr(i, 2) == "\xC3\xA9" && random_.chance(0.4)) {
        out += "\\u00E9";
        ++i;
      } else if (plain.substr(i, 4) == "\xF0\x9F\x98\x80" && random_.chance(0.4)) {
        out += "\\uD83D\\ude00";
        i += 3;
      } else {
        out += plain[i];
      }
    }
    return out + '"';
  }

  std::string number(const Number& n) {
    if (n.digits.empty()) {
      constexpr std::array kZeros = {"0", "0", "-0", "0.0", "0e7", "-0.00E+2"};
      return kZeros[random_.below(kZeros.size())];
    }
    const std::string sign = n.negative ? "-" : "";
    const auto size = static_cast<long long>(n.digits.size());
    switch (random_.below(4)) {
      case 0: return sign + n.digits + (random_.chance(0.5) ? "e" : "E") + std::to_string(n.exponent);
      case 1: return sign + n.digits + "00e" + std::to_string(n.exponent - 2);
      case 2:
        return sign + n.digits.substr(0, 1) + "." + n.digits.substr(1) + "0e" +
               std::to_string(n.exponent + size - 1);
      default: break;
    }
    // Without an exponent, unless that is very long.
    if (n.exponent > 40 || n.exponent < -60) return sign + n.digits + "e" + std::to_string(n.exponent);
    if (n.exponent >= 0)
      return sign + n.digits + std::string(static_cast<std::size_t>(n.exponent), '0') +
             (random_.chance(0.3) ? ".0" : "");
    std::string digits = n.digits;
    if (size <= -n.exponent) digits.insert(0, static_cast<std::size_t>(1 - n.exponent - size), '0');
    digits.insert(digits.size() - static_cast<std::size_t>(-n.exponent), 1, '.');
    return sign + digits;
  }

  std::string value(const Value& v) {
    std::string out;
    switch (v.kind) {
      case Value::null: return "null";
      case Value::boolean: return v.truth ? "true" : "false";
      case Value::number: return number(v.decimal);
      case Value::string: return string(v.text);
      case Value::array:
        for (const Value& element : v.elements) out += (out.empty() ? "" : ",") + value(element);
        return "[" + out + "]";
      case Value::object:
        for (const auto& [key, child] : v.members)
          out += (out.empty() ? "" : ",") + string(key) + ":" + value(child);
        return "{" + out + "}";
    }
    return "null";
  }

  // Members in any order. Keys sometimes have escapes.
  std::string object(Members members) {
    for (std::size_t i = members.size(); i > 1; --i) std::swap(members[i - 1], members[random_.below(i)]);
    std::string out = "{";
    for (const auto& [key, text] : members) {
      out += (out.size() > 1 ? "," : "") + random_.space() + string(key, 0.005) + random_.space() + ":" +
             random_.space() + text + random_.space();
    }
    return out + "}";
  }

  std::string list(const std::vector<std::string>& items) {
    std::string out = "[" + random_.space();
    for (const std::string& item : items) out += (&item == items.data() ? "" : ",") + random_.space() + item;
    return out + random_.space() + "]";
  }

  // A path as a JSON string.
  std::string path(const Path& path) { return string(bare_path(path), 0.01); }

  std::string bare_path(const Path& path) {
    std::string out;
    for (const Step& step : path) {
      if (step.element) {
        out += "[]";
        continue;
      }
      bool bare = !step.key.empty() && step.key[0] != '-';
      for (const char c : step.key) {
        if (static_cast<unsigned char>(c) <= 0x20 || std::string_view(".[]\",").find(c) != std::string::npos)
          bare = false;
      }
      if (!out.empty()) out += '.';
      out += bare && !random_.chance(0.1) ? step.key : string(step.key, 0.1);
    }
    return out;
  }

 private:
  RandomJson& random_;
};

// A time that is not in the table. One in four is slightly wrong if that is allowed.
std::string composed_time(RandomJson& random, bool may_be_wrong) {
  std::string out;
  const auto add = [&](const char* format, std::size_t n) {
    char digits[24];
    std::snprintf(digits, sizeof digits, format, static_cast<unsigned>(n));
    out += digits;
  };
  add("%04u", random.chance(0.9) ? 2022 + random.below(4) : random.below(10000));
  add("-%02u", 1 + random.below(12));
  add("-%02u", 1 + random.below(28));
  if (random.chance(0.85)) {
    out += "Tt "[random.below(3)];
    add("%02u", random.below(24));
    add(":%02u", random.below(60));
    if (random.chance(0.8)) {
      add(":%02u", random.below(60));
      if (random.chance(0.4)) {
        out += '.';
        for (std::size_t n = 1 + random.below(9); n > 0; --n) add("%u", random.below(10));
      }
    }
    switch (random.below(4)) {
      case 0: break;
      case 1: out += random.chance(0.7) ? 'Z' : 'z'; break;
      default:
        out += "+-"[random.below(2)];
        add("%02u", random.below(24));
        if (random.chance(0.7)) add(random.chance(0.5) ? ":%02u" : "%02u", random.below(60));
    }
  }
  if (!may_be_wrong || !random.chance(0.25)) return out;
  const std::size_t at = random.below(out.size());
  if (random.chance(0.5)) {
    out.erase(at, 1);
  } else {
    out[at] = "0369:-+. TZ"[random.below(11)];
  }
  return out;
}

std::string valid_time(RandomJson& random) {
  if (random.chance(0.4)) return composed_time(random, false);
  // The first groups are close together.
  const auto& spellings = kTimes[random.below(random.chance(0.5) ? 6 : kTimes.size())];
  return spellings[random.below(spellings.size())];
}

std::string same_time(RandomJson& random, const std::string& text) {
  for (const auto& spellings : kTimes) {
    for (const char* spelling : spellings) {
      if (text == spelling) return spellings[random.below(spellings.size())];
    }
  }
  return text;
}

class Maker {
 public:
  explicit Maker(RandomJson& random) : random_(random), spelling_(random) {}

  // A filter for values like the sample, which may be unknown. `base` is the path of the enclosing `some`s.
  std::string filter(const Value* sample, const Path& base, int depth) {
    const std::size_t what = depth <= 0 ? below(45) : below(100);
    if (what < 38) return condition(sample, base);
    if (what < 45) return containment(sample);
    if (what < 60) return conjunction("and", sample, base, depth);
    if (what < 76) return conjunction("or", sample, base, depth);
    if (what < 84) return spelling_.object({{"not", filter(sample, base, depth - 1)}});
    return some(sample, base, depth);
  }

  std::string order(const Value& sample) {
    std::string out;
    for (std::size_t n = 1 + below(chance(0.5) ? 1 : 4); n > 0; --n) {
      Path path = chance(0.25)  ? Path{{false, kTimeFields[below(kTimeFields.size())]}}
                  : chance(0.1) ? random_path()
                                : walk(&sample, 0.3).first;
      if (!chance(0.02)) std::erase_if(path, [](const Step& step) { return step.element; });
      out += out.empty() ? "" : ",";
      out += (chance(0.5) ? "-" : "") + spelling_.bare_path(path);
    }
    return out;
  }

 private:
  std::size_t below(std::size_t n) { return random_.below(n); }
  bool chance(double p) { return random_.chance(p); }

  std::string conjunction(const char* key, const Value* sample, const Path& base, int depth) {
    std::vector<std::string> children;
    const std::size_t n = chance(0.04) ? 0 : 1 + below(3);
    for (std::size_t i = 0; i < n; ++i) {
      children.push_back(chance(0.05) && i > 0 ? children[below(i)] : filter(sample, base, depth - 1));
    }
    return spelling_.object({{key, spelling_.list(children)}});
  }

  std::string containment(const Value* sample) {
    std::string pattern;
    if (sample != nullptr && sample->kind == Value::object && chance(0.9)) {
      pattern = random_.pattern(spelling_.value(*sample));
    } else if (chance(0.3)) {
      pattern = "{}";
    } else {
      do {
        pattern = random_.value(2, chance(0.2));
      } while (pattern[0] != '{');
    }
    return spelling_.object({{"contains", pattern}});
  }

  std::string some(const Value* sample, const Path& base, int depth) {
    // Tries to find an array, and one with elements.
    std::pair<Path, const Value*> found;
    for (int tries = 0; tries < 20; ++tries) {
      found = walk(sample, 0.05);
      while (!found.first.empty() && !found.first.back().element) found.first.pop_back();
      if (!found.first.empty()) break;
    }
    Path path = found.first;
    if (path.empty() || chance(0.05)) {
      if (sample != nullptr && chance(0.7)) return condition(sample, base);
      path = random_path();
      path.push_back({true, ""});
    }
    std::vector<const Value*> elements;
    if (sample != nullptr) collect(*sample, path, 0, elements);
    const Value* element = elements.empty() ? nullptr : elements[below(elements.size())];
    return spelling_.object(
        {{"some", spelling_.path(path)}, {"is", filter(element, joined(base, path), depth - 1)}});
  }

  // All values at the path.
  static void collect(const Value& v, const Path& path, std::size_t from, std::vector<const Value*>& out) {
    if (from == path.size()) {
      out.push_back(&v);
    } else if (path[from].element) {
      for (const Value& element : v.elements) collect(element, path, from + 1, out);
    } else if (const auto at = v.members.find(path[from].key); at != v.members.end()) {
      collect(at->second, path, from + 1, out);
    }
  }

  Path random_path() {
    constexpr std::array kKeys = {"metadata", "tags", "a", "a.b", "", "$in", "when", "\xC3\xA9", "x y", "-a"};
    Path path;
    for (std::size_t n = 1 + below(2); n > 0; --n) path.push_back({false, kKeys[below(kKeys.size())]});
    return path;
  }

  // A path from the value to one below it, and that one. Stops at a container with probability `stop`.
  std::pair<Path, const Value*> walk(const Value* v, double stop) {
    Path path;
    while (v != nullptr && !(chance(stop) && !path.empty())) {
      if (v->kind == Value::object && !v->members.empty()) {
        auto at = v->members.end();
        // Prefers containers and times.
        for (int tries = 0; tries < 3; ++tries) {
          at = std::next(v->members.begin(), static_cast<std::ptrdiff_t>(below(v->members.size())));
          if (at->second.kind >= Value::array || is_time_path({{false, at->first}})) break;
        }
        path.push_back({false, at->first});
        v = &at->second;
      } else if (v->kind == Value::array && !v->elements.empty()) {
        path.push_back({true, ""});
        v = &v->elements[below(v->elements.size())];
      } else {
        break;
      }
    }
    return {path, v};
  }

  // ---- Operands

  Value scalar() { return *oracle::parse(random_.value(0, false)); }

  Value scalar_of(Value::Kind kind) {
    for (;;) {
      if (Value v = scalar(); v.kind == kind) return v;
    }
  }

  Value changed(Value v) {
    if (v.kind == Value::boolean) v.truth = !v.truth;
    if (v.kind == Value::number && v.decimal.digits.empty()) {
      v.decimal = {chance(0.5), "1", chance(0.5) ? -500 : 0};
    } else if (v.kind == Value::number) {
      Number& n = v.decimal;
      switch (below(4)) {
        case 0: n.negative = !n.negative; break;
        case 1: n.exponent += chance(0.5) ? 1 : -1; break;
        default: {
          // A little farther from zero.
          const std::size_t zeros = below(25);
          n.digits += std::string(zeros, '0') + "1";
          n.exponent -= static_cast<long long>(zeros) + 1;
        }
      }
    }
    if (v.kind == Value::string) {
      std::size_t at = below(v.text.size() + 1);
      while (!is_cut(v.text, at)) ++at;
      switch (below(3)) {
        case 0: v.text.insert(at, 1, "aZ~ \n"[below(5)]); break;
        case 1: v.text.resize(at); break;
        default: v.text = other_case(v.text);
      }
    }
    return v;
  }

  std::string other_case(std::string text) {
    for (char& c : text) {
      const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      if (is_letter && chance(0.5)) c = static_cast<char>(c ^ 0x20);
    }
    return text;
  }

  struct Mode {
    bool times = false;
    bool ignore_case = false;
  };

  std::string time_operand(const Value* sample) {
    if (sample != nullptr && is_time(*sample) && chance(0.6))
      return spelling_.string(same_time(random_, sample->text), 0.01);
    return spelling_.string(valid_time(random_), 0.01);
  }

  // The operand of eq, or one of those of in.
  std::string equal_operand(const Value* sample, Mode mode) {
    if (mode.times) return chance(0.05) ? "null" : time_operand(sample);
    if (sample == nullptr || sample->kind >= Value::array || chance(0.15)) return spelling_.value(scalar());
    if (chance(0.15)) return spelling_.value(changed(*sample));
    if (mode.ignore_case && sample->kind == Value::string) return spelling_.string(other_case(sample->text));
    return spelling_.value(*sample);
  }

  std::string in_operand(const Value* sample, Mode mode) {
    std::vector<std::string> values;
    for (std::size_t n = chance(0.05) ? 0 : 1 + below(4); n > 0; --n)
      values.push_back(equal_operand(chance(0.7) ? sample : nullptr, mode));
    return spelling_.list(values);
  }

  void add_range(const Value* sample, Mode mode, Members& members) {
    const bool is_number = sample != nullptr && sample->kind == Value::number   ? !chance(0.05)
                           : sample != nullptr && sample->kind == Value::string ? chance(0.05)
                                                                                : chance(0.5);
    const Value::Kind kind = is_number ? Value::number : Value::string;
    const auto bound = [&]() -> std::string {
      if (mode.times) return time_operand(sample);
      if (sample == nullptr || sample->kind != kind || chance(0.4)) return spelling_.value(scalar_of(kind));
      return spelling_.value(chance(0.5) ? changed(*sample) : *sample);
    };
    const std::size_t which = below(5);
    if (which < 3) members.emplace_back(chance(0.5) ? "gt" : "gte", bound());
    if (which > 1) members.emplace_back(chance(0.5) ? "lt" : "lte", bound());
  }

  void add_affixes(const Value* sample, Mode mode, Members& members) {
    constexpr std::array kOps = {"prefix", "suffix", "substring"};
    const std::size_t first = below(3);
    const std::size_t n = chance(0.15) ? 2 : 1;
    for (std::size_t i = 0; i < n; ++i) {
      Value source = sample != nullptr && sample->kind == Value::string && chance(0.85)
                         ? *sample
                         : scalar_of(Value::string);
      const std::string& text = source.text;
      const std::string op = kOps[(first + i) % 3];
      std::size_t from = op == "prefix" ? 0 : below(text.size() + 1);
      while (!is_cut(text, from)) ++from;
      std::size_t to = op == "suffix" ? text.size() : from + below(text.size() - from + 1);
      while (!is_cut(text, to)) ++to;
      source.text = text.substr(from, to - from);
      if (chance(0.1)) source = changed(source);
      if (mode.ignore_case || chance(0.1)) source.text = other_case(source.text);
      members.emplace_back(op, spelling_.string(source.text));
    }
  }

  std::string kind_operand(const Value* sample) {
    const auto name = [&] {
      const auto kind = sample != nullptr && chance(0.6) ? static_cast<std::size_t>(sample->kind) : below(6);
      return spelling_.string(kKinds[kind], 0.01);
    };
    if (chance(0.6)) return name();
    std::vector<std::string> names;
    for (std::size_t n = 1 + below(3); n > 0; --n) names.push_back(name());
    return spelling_.list(names);
  }

  std::string size_operand(const Value* sample) {
    const auto count = [&]() -> std::string {
      if (chance(0.02)) return "1e400";
      const std::size_t n = sample != nullptr && sample->kind == Value::array && chance(0.6)
                                ? sample->elements.size()
                                : below(4);
      const std::string text = std::to_string(n);
      return chance(0.1) ? spelling_.number(oracle::parse(text)->decimal) : text;
    };
    if (chance(0.5)) return count();
    Members bounds;
    const std::size_t which = below(5);
    if (which < 3) bounds.emplace_back(chance(0.5) ? "gt" : "gte", count());
    if (which > 1) bounds.emplace_back(chance(0.5) ? "lt" : "lte", count());
    return spelling_.object(bounds);
  }

  // ---- Conditions

  enum Op {
    op_eq,
    op_in,
    op_range,
    op_affixes,
    op_exists,
    op_set,
    op_kind,
    op_size,
    op_ne,
    op_nin,
    op_absent,
    op_unset,
    op_count
  };

  // How likely each op is at such a value.
  std::array<unsigned, op_count> weights(const Value* sample, bool secret, Mode mode) {
    std::array<unsigned, op_count> w = {6, 6, 4, 4, 3, 3, 4, 3, 4, 4, 2, 2};
    if (mode.times) {
      w = {14, 10, 40, 0, 3, 3, 2, 1, 6, 6, 2, 2};
    } else if (sample != nullptr) {
      switch (sample->kind) {
        case Value::null: w = {10, 8, 2, 2, 5, 5, 5, 1, 5, 5, 3, 6}; break;
        case Value::boolean: w = {14, 10, 2, 2, 2, 2, 3, 1, 6, 6, 2, 2}; break;
        case Value::number: w = {12, 10, 24, 1, 2, 2, 2, 1, 6, 5, 1, 1}; break;
        case Value::string: w = {10, 10, 14, 24, 2, 2, 2, 1, 6, 6, 1, 1}; break;
        case Value::array: w = {2, 2, 2, 2, 4, 4, 5, 26, 2, 2, 2, 2}; break;
        case Value::object: w = {2, 2, 2, 2, 4, 4, 8, 2, 2, 2, 2, 2}; break;
      }
    }
    if (secret) w[op_range] = w[op_affixes] = w[op_size] = 0;
    return w;
  }

  std::string condition(const Value* sample, const Path& base) {
    auto [path, v] = walk(sample, 0.2);
    if (chance(0.05)) path.clear(), v = sample;
    if (chance(0.07) || (v == nullptr && chance(0.8))) {
      path = chance(0.5) && v != nullptr ? joined(path, random_path()) : random_path();
      v = nullptr;
    }
    if (chance(0.02)) path.push_back({true, ""}), v = nullptr;
    const Path absolute = joined(base, path);
    const bool secret = is_secret(absolute);

    Mode mode;
    std::string as;
    if (is_time_path(absolute)) {
      mode.times = !chance(0.15);
      if (!mode.times) as = "text";
      if (mode.times && chance(0.15)) as = "time";
    } else {
      mode.times = chance(v != nullptr && is_time(*v) ? 0.7 : 0.04);
      if (mode.times) as = "time";
      if (!mode.times && chance(0.03)) as = "text";
    }
    mode.ignore_case = !secret && chance(mode.times ? 0.01 : 0.3);

    Members members;
    const auto w = weights(v, secret, mode);
    unsigned sum = 0;
    for (const unsigned n : w) sum += n;
    std::array<bool, op_count> used = {};
    for (std::size_t n = chance(0.2) ? 2 + below(2) : 1; n > 0; --n) {
      std::size_t op = 0;
      for (std::size_t at = below(sum); at >= w[op]; ++op) at -= w[op];
      // A negation stands alone.
      if (used[op] || (op >= op_ne && !members.empty())) continue;
      used[op] = true;
      add(static_cast<Op>(op), v, mode, members);
      if (op >= op_ne) break;
    }
    const bool compares = used[op_eq] || used[op_in] || used[op_ne] || used[op_nin];
    if (!as.empty() && (compares || used[op_range] || (used[op_affixes] && as == "text")))
      members.emplace_back("as", spelling_.string(as, 0.01));
    if (mode.ignore_case && (compares || used[op_affixes])) members.emplace_back("ignore_case", "true");
    members.emplace_back("path", spelling_.path(path));
    if (chance(0.004)) spoil(members);
    return spelling_.object(members);
  }

  void add(Op op, const Value* v, Mode mode, Members& members) {
    switch (op) {
      case op_eq: members.emplace_back("eq", equal_operand(v, mode)); break;
      case op_ne: members.emplace_back("ne", equal_operand(v, mode)); break;
      case op_in: members.emplace_back("in", in_operand(v, mode)); break;
      case op_nin: members.emplace_back("nin", in_operand(v, mode)); break;
      case op_range: add_range(v, mode, members); break;
      case op_affixes: add_affixes(v, mode, members); break;
      case op_exists: members.emplace_back("exists", "true"); break;
      case op_set: members.emplace_back("set", "true"); break;
      case op_absent: members.emplace_back("exists", "false"); break;
      case op_unset: members.emplace_back("set", "false"); break;
      case op_kind: members.emplace_back("kind", kind_operand(v)); break;
      case op_size: members.emplace_back("size", size_operand(v)); break;
      case op_count: break;
    }
  }

  // Makes the condition invalid. Its last member is the path.
  void spoil(Members& members) {
    switch (below(9)) {
      case 0: members.back().second = "\"a..b\""; break;
      case 1: members.back().second = "\"a[0]\""; break;
      case 2: members.back().second = "7"; break;
      case 3: members.front().second = "{}"; break;
      case 4: members.emplace_back("$eq", "1"); break;
      case 5: members = {{"path", "\"a\""}, {"gt", "1"}, {"lt", "\"x\""}}; break;
      case 6: members = {{"path", "\"a\""}, {"gt", "1"}, {"gte", "1"}}; break;
      case 7: members = {{"path", "\"a\""}, {"ne", "1"}, {"kind", "\"number\""}}; break;
      default: members = {{"path", "\"credential.properties\""}, {"prefix", "\"\""}}; break;
    }
  }

  RandomJson& random_;
  Spelling spelling_;
};

}  // namespace

std::string random_filter(RandomJson& random, std::string_view record) {
  const Value sample = *oracle::parse(record);
  return Maker(random).filter(&sample, {}, random.chance(0.35) ? 0 : 1 + static_cast<int>(random.below(4)));
}

std::string random_order(RandomJson& random, std::string_view record) {
  return Maker(random).order(*oracle::parse(record));
}

std::string with_times(RandomJson& random, std::string record) {
  Spelling spelling(random);
  bool first = oracle::parse(record)->members.empty();
  const bool has_credential = oracle::parse(record)->members.contains("credential");
  record.pop_back();
  const auto add = [&](std::string_view key, const std::string& text) {
    record += (first ? "" : ",") + random.space() + spelling.string(key, 0.02) + random.space() + ":" +
              random.space() + text;
    first = false;
  };
  const auto time = [&]() -> std::string {
    const std::size_t what = random.below(100);
    if (what < 5) return "null";
    if (what < 8) return random.value(1, false);
    if (what < 11) return "1702603769";
    if (what < 18) return spelling.string(kNoTimes[random.below(kNoTimes.size())], 0.01);
    if (what < 30) return spelling.string(composed_time(random, true), 0.01);
    return spelling.string(valid_time(random), 0.01);
  };
  const auto add_fields = [&] {
    for (const char* field : kTimeFields) {
      if (random.chance(0.75)) add(field, time());
      if (random.chance(0.04)) add(field, time());
    }
  };
  add_fields();
  for (std::size_t n = random.chance(0.5) ? random.chance(0.04) ? 2 : 1 : 0; n > 0; --n) {
    std::vector<std::string> items;
    for (std::size_t left = random.below(4); left > 0; --left) {
      switch (random.below(5)) {
        case 0: items.push_back(spelling.object({{"at", time()}, {"n", random.value(0, false)}})); break;
        case 1: items.push_back(spelling.list({time(), time()})); break;
        default: items.push_back(time());
      }
    }
    add("when", spelling.list(items));
  }
  if (!has_credential && random.chance(0.15)) {
    // The same fields below "credential".
    std::string rest = "{";
    std::swap(record, rest);
    const bool rest_is_empty = std::exchange(first, true);
    add_fields();
    add("properties", spelling.object({{"created_at", time()}, {"key", "\"sk_live\""}}));
    const std::string credential = record + "}";
    record = rest;
    first = rest_is_empty;
    add("credential", credential);
  }
  return record + random.space() + "}";
}

}  // namespace syncdex::test
