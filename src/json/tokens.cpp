#include "json/tokens.h"

#include <simdjson.h>

#include <algorithm>
#include <atomic>
#include <new>

#include "json/scalar.h"
#include "syncdex/load.h"

namespace syncdex::inline v0 {

// The public constant must cover the padding that simdjson requires.
static_assert(load_padding >= simdjson::SIMDJSON_PADDING);

namespace {

// simdjson chooses its kernel on the first call, which allocates memory in a function that must not throw. So
// the first call is made before main(), when memory is available. The kernels were constructed before this
// object and are destroyed at exit right after it. Static destructors of the host that load JSON after that
// use the portable index.
std::atomic<bool> kernel_is_gone = false;
struct KernelWatch {
  KernelWatch() { static_cast<void>(simdjson::get_active_implementation()->name()); }
  ~KernelWatch() { kernel_is_gone = true; }
  KernelWatch(const KernelWatch&) = delete;
  KernelWatch& operator=(const KernelWatch&) = delete;
} const kernel_watch;

}  // namespace

struct TokenIndex::Stage {
  std::unique_ptr<simdjson::internal::dom_parser_implementation> parser;
  std::size_t capacity = 0;

  // simdjson reports a failed allocation as an error code.
  static void check(simdjson::error_code error) {
    if (error == simdjson::MEMALLOC) throw std::bad_alloc();
  }

  // Returns false if there is no parser and no kernel left to create one.
  bool reserve(std::size_t bytes) {
    if (parser != nullptr && bytes <= capacity) return true;
    const std::size_t wanted = std::max(bytes, std::size_t{1} << 16);
    if (parser == nullptr && kernel_is_gone) return false;
    if (parser == nullptr) {
      check(simdjson::get_active_implementation()->create_dom_parser_implementation(
          wanted, simdjson::DEFAULT_MAX_DEPTH, parser));
    } else {
      check(parser->set_capacity(wanted));
    }
    capacity = wanted;
    return true;
  }
};

namespace {

constexpr std::uint32_t kEnd = 0xFFFF'FFFF;

constexpr bool is_operator(char c) noexcept {
  return c == '{' || c == '}' || c == '[' || c == ']' || c == ':' || c == ',';
}

}  // namespace

TokenIndex::TokenIndex() : stage_(std::make_unique<Stage>()) {}
TokenIndex::~TokenIndex() = default;

bool TokenIndex::build_fast(std::string_view text) {
  size_ = 0;
  if (!stage_->reserve(text.size())) return false;
  auto& parser = *stage_->parser;
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  const simdjson::error_code error =
      text.empty() ? simdjson::EMPTY : parser.stage1(bytes, text.size(), simdjson::stage1_mode::regular);
  if (error != simdjson::SUCCESS && error != simdjson::EMPTY) {
    Stage::check(error);
    return false;
  }
  if (error == simdjson::EMPTY) {
    own_tokens_.assign(1, static_cast<std::uint32_t>(text.size()));
    tokens_ = own_tokens_.data();
  } else {
    size_ = parser.n_structural_indexes;
    parser.structural_indexes[size_] = static_cast<std::uint32_t>(text.size());
    tokens_ = parser.structural_indexes.get();
  }
  mark(text);
  return true;
}

std::size_t TokenIndex::build_portable(std::string_view text) {
  own_tokens_.clear();
  std::size_t unclosed = std::string_view::npos;
  bool after_scalar = false;  // inside a run of bytes that began as a scalar
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (is_operator(c)) {
      own_tokens_.push_back(static_cast<std::uint32_t>(i));
      after_scalar = false;
    } else if (is_space(c)) {
      after_scalar = false;
    } else {
      if (!after_scalar) own_tokens_.push_back(static_cast<std::uint32_t>(i));
      after_scalar = c != '"';
      if (c != '"') continue;
      const std::size_t quote = i++;
      while (i < text.size() && text[i] != '"') i += text[i] == '\\' ? 2U : 1U;
      if (i >= text.size()) {
        unclosed = quote;
        if (!own_tokens_.empty() && own_tokens_.back() == quote) own_tokens_.pop_back();
        break;
      }
    }
  }
  size_ = static_cast<std::uint32_t>(own_tokens_.size());
  own_tokens_.push_back(
      static_cast<std::uint32_t>(unclosed == std::string_view::npos ? text.size() : unclosed));
  tokens_ = own_tokens_.data();
  mark(text);
  return unclosed;
}

// Two passes of memchr take a third of the time of one loop of our own that finds both bytes.
void TokenIndex::mark(std::string_view text) {
  const auto find_all = [&](char c, std::vector<std::uint32_t>& out) {
    out.clear();
    for (std::size_t at = text.find(c); at != text.npos; at = text.find(c, at + 1)) {
      out.push_back(static_cast<std::uint32_t>(at));
    }
    out.push_back(kEnd);
  };
  find_all('\\', backslashes_);
  find_all('\n', line_feeds_);
}

}  // namespace syncdex::inline v0
