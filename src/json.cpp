#include "json.h"

#include <simdjson.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>

#include "scalar.h"
#include "syncdex/catalog.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace syncdex::inline v0 {

// The public constant has not drifted from the parser's.
static_assert(Catalog::padding >= simdjson::SIMDJSON_PADDING);

struct TokenIndex::Stage {
  std::unique_ptr<simdjson::internal::dom_parser_implementation> parser;
  std::size_t capacity = 0;

  // simdjson reports a failed allocation as a code; ours is an exception.
  static void check(simdjson::error_code error) {
    if (error == simdjson::MEMALLOC) throw std::bad_alloc();
  }

  void reserve(std::size_t bytes) {
    if (parser != nullptr && bytes <= capacity) return;
    const std::size_t wanted = std::max(bytes, std::size_t{1} << 16);
    if (parser == nullptr) {
      check(simdjson::get_active_implementation()->create_dom_parser_implementation(
          wanted, simdjson::DEFAULT_MAX_DEPTH, parser));
    } else {
      check(parser->set_capacity(wanted));
    }
    capacity = wanted;
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
  stage_->reserve(text.size());
  auto& parser = *stage_->parser;
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  const simdjson::error_code error =
      text.empty() ? simdjson::EMPTY : parser.stage1(bytes, text.size(), simdjson::stage1_mode::regular);
  size_ = 0;
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
  bool after_scalar = false;  // within a run of bytes that began as a scalar
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

void TokenIndex::mark(std::string_view text) {
  backslashes_.clear();
  line_feeds_.clear();
  const char* const first = text.data();
  std::size_t i = 0;
#if defined(__SSE2__)
  const __m128i slash = _mm_set1_epi8('\\');
  const __m128i feed = _mm_set1_epi8('\n');
  for (; i + 64 <= text.size(); i += 64) {
    __m128i block[4];
    for (std::size_t k = 0; k < 4; ++k) {
      block[k] = _mm_loadu_si128(reinterpret_cast<const __m128i*>(first + i + 16 * k));
    }
    std::uint64_t slashes = 0;
    std::uint64_t feeds = 0;
    for (std::size_t k = 0; k < 4; ++k) {
      const auto bits = [&](__m128i equal) {
        return static_cast<std::uint64_t>(static_cast<std::uint32_t>(_mm_movemask_epi8(equal))) << (16 * k);
      };
      slashes |= bits(_mm_cmpeq_epi8(block[k], slash));
      feeds |= bits(_mm_cmpeq_epi8(block[k], feed));
    }
    for (; slashes != 0; slashes &= slashes - 1) {
      backslashes_.push_back(static_cast<std::uint32_t>(i) +
                             static_cast<std::uint32_t>(std::countr_zero(slashes)));
    }
    for (; feeds != 0; feeds &= feeds - 1) {
      line_feeds_.push_back(static_cast<std::uint32_t>(i) +
                            static_cast<std::uint32_t>(std::countr_zero(feeds)));
    }
  }
#endif
  for (; i < text.size(); ++i) {
    if (first[i] == '\\') backslashes_.push_back(static_cast<std::uint32_t>(i));
    if (first[i] == '\n') line_feeds_.push_back(static_cast<std::uint32_t>(i));
  }
  backslashes_.push_back(kEnd);
  line_feeds_.push_back(kEnd);
}

}  // namespace syncdex::inline v0
