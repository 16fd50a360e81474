#include "store/record_table.h"

#include <algorithm>
#include <boost/multi_index/hashed_index.hpp>
#include <boost/multi_index/member.hpp>
#include <boost/multi_index_container.hpp>
#include <boost/tuple/tuple.hpp>
#include <cassert>
#include <cstring>
#include <functional>
#include <new>

#include "base/hash.h"
#include "base/page_buffer.h"
#include "json/json_text.h"

namespace syncdex::inline v0 {
namespace mi = boost::multi_index;

std::string_view SegmentText::view(StringRef ref) const noexcept {
  if (!ref.is_string()) return {};
  if (ref.is_decoded()) {
    const char* const at = decoded->data() + ref.offset();
    return {at + 4, load32(at)};
  }
  const char* const first = text + ref.offset();
  // Undecoded text has no escapes, so it ends at the first quote. A segment is smaller than 2 GiB.
  const void* const quote = std::memchr(first, '"', std::size_t{1} << 31);
  return {first, static_cast<std::size_t>(static_cast<const char*>(quote) - first)};
}

bool SegmentText::equals(StringRef ref, std::string_view value) const noexcept {
  if (!ref.is_string()) return false;
  if (ref.is_decoded()) return view(ref) == value;
  // Undecoded text contains no quote and no backslash, so a different value differs at the latest at the
  // closing quote. Comparing byte by byte from the front therefore reads nothing after the text.
  const char* p = text + ref.offset();
  for (const char c : value) {
    if (*p != c || c == '"') return false;
    ++p;
  }
  return *p == '"';
}

// Not anonymous, so that this file can be part of a unity build: Container has members of these types.
namespace record_table {

// --- memory: one arena, freed as a whole ---

struct Arena {
  PageBuffer memory;
  std::size_t used = 0;

  Arena(std::size_t bytes, std::size_t likely) : memory(bytes, likely) {}

  void* take(std::size_t bytes) {
    const std::size_t rounded = (bytes + 7) & ~std::size_t{7};
    if (memory.size() - used < rounded) throw std::bad_alloc();  // cannot happen: sized in advance
    void* const p = memory.data() + used;
    used += rounded;
    return p;
  }
};

template <class T>
struct ArenaAllocator {
  using value_type = T;
  using is_always_equal = std::false_type;
  Arena* arena;

  explicit ArenaAllocator(Arena* a) noexcept : arena(a) {}
  template <class U>
  ArenaAllocator(const ArenaAllocator<U>& other) noexcept : arena(other.arena) {}

  T* allocate(std::size_t n) { return static_cast<T*>(arena->take(n * sizeof(T))); }
  void deallocate(T*, std::size_t) noexcept {}

  template <class U>
  bool operator==(const ArenaAllocator<U>& other) const noexcept {
    return arena == other.arena;
  }
};

// --- keys: hashing and equality ---

// For providers and statuses, where equal texts have the same reference. A reference is an offset, which the
// author of the input can choose, so it is hashed with the seed.
struct RefHash {
  const HashSeed* seed = &hash_seed();
  std::size_t operator()(StringRef ref) const noexcept { return mix(*seed, ref.word(), 1); }
};

// Ids and names are stored with their hash: inserts and lookups read the text only to confirm equality.
struct HashedRef {
  StringRef ref;
  std::uint32_t hash;
};
struct HashedText {
  std::string_view text;
  std::uint32_t hash;
};

struct IdOf {
  using result_type = HashedRef;
  HashedRef operator()(const Entry& e) const noexcept { return {e.id, e.id_hash}; }
};
struct NameOf {
  using result_type = HashedRef;
  HashedRef operator()(const Entry& e) const noexcept { return {e.name, e.name_hash}; }
};

struct StoredHash {
  std::size_t operator()(const HashedRef& key) const noexcept { return key.hash; }
  std::size_t operator()(const HashedText& key) const noexcept { return key.hash; }
};

struct StoredHashEqual {
  SegmentText text;
  bool operator()(const HashedRef& a, const HashedRef& b) const noexcept {
    if (a.hash != b.hash || a.ref == b.ref) return a.hash == b.hash;
    return b.ref.is_string() && text.equals(a.ref, text.view(b.ref));
  }
  bool operator()(const HashedText& a, const HashedRef& b) const noexcept {
    return a.hash == b.hash && text.equals(b.ref, a.text);
  }
  bool operator()(const HashedRef& a, const HashedText& b) const noexcept { return (*this)(b, a); }
};

// For ids. An entry that has lost its id to a later record equals no other entry.
struct IdEqual : StoredHashEqual {
  using StoredHashEqual::operator();
  bool operator()(const HashedRef& a, const HashedRef& b) const noexcept {
    return a.ref.is_string() && StoredHashEqual::operator()(a, b);
  }
};

struct ById {};
struct ByProvider {};
struct ByName {};
struct ByStatus {};

using ProviderOf = mi::member<Entry, StringRef, &Entry::provider>;
using StatusOf = mi::member<Entry, StringRef, &Entry::status>;

using Records = mi::multi_index_container<
    Entry,
    mi::indexed_by<mi::hashed_unique<mi::tag<ById>, IdOf, StoredHash, IdEqual>,
                   mi::hashed_non_unique<mi::tag<ByProvider>, ProviderOf, RefHash, std::equal_to<StringRef>>,
                   mi::hashed_non_unique<mi::tag<ByName>, NameOf, StoredHash, StoredHashEqual>,
                   mi::hashed_non_unique<mi::tag<ByStatus>, StatusOf, RefHash, std::equal_to<StringRef>>>,
    ArenaAllocator<Entry>>;

// A node is the entry, rounded up to 8 bytes, and two pointers per index.
constexpr std::size_t kNodeBytes = (sizeof(Entry) + 7) / 8 * 8 + std::size_t{4 * 2} * sizeof(void*);

inline std::size_t arena_bytes(std::size_t rows, std::size_t buckets) {
  return (rows + 1) * kNodeBytes + buckets * sizeof(void*) + sizeof(Records);
}
// Boost rounds a number of buckets up to the next of its sizes, which is at most about double.
inline std::size_t most_arena_bytes(std::size_t rows, std::size_t buckets) {
  return arena_bytes(rows, buckets * 2 + std::size_t{4 * 128}) + 4096;
}

}  // namespace record_table

using namespace record_table;

struct RecordTable::Container {
  Arena arena;
  Records* records = nullptr;

  Container(std::size_t rows, std::size_t buckets)
      : arena(most_arena_bytes(rows, buckets), arena_bytes(rows, buckets)) {}
  // `records` is not destroyed: entries own nothing, and the arena frees the nodes.
};

RecordTable::RecordTable(SegmentText text, std::span<const Entry> entries, std::vector<StringRef> providers,
                         std::vector<StringRef> statuses)
    : text_(text),
      providers_(std::move(providers)),
      statuses_(std::move(statuses)),
      container_(std::make_unique<Container>(entries.size(),
                                             2 * entries.size() + providers_.size() + statuses_.size())),
      size_(entries.size()) {
  const auto by_text = [&](StringRef a, StringRef b) { return text_.view(a) < text_.view(b); };
  std::ranges::sort(providers_, by_text);
  std::ranges::sort(statuses_, by_text);
  Arena& arena = container_->arena;
  // Each index gets one bucket per expected key and is never rehashed.
  const Records::ctor_args_list args = boost::make_tuple(
      boost::make_tuple(entries.size(), IdOf{}, StoredHash{}, IdEqual{{text}}),
      boost::make_tuple(providers_.size(), ProviderOf{}, RefHash{}, std::equal_to<StringRef>{}),
      boost::make_tuple(entries.size(), NameOf{}, StoredHash{}, StoredHashEqual{text}),
      boost::make_tuple(statuses_.size(), StatusOf{}, RefHash{}, std::equal_to<StringRef>{}));
  void* const place = arena.take(sizeof(Records));
  Records& records = *new (place) Records(args, ArenaAllocator<Entry>(&arena));
  container_->records = &records;
  // Records with equal keys are chained, so few buckets are enough for any number of records.
  constexpr float kNeverRehash = 1e9F;
  records.get<ById>().max_load_factor(kNeverRehash);
  records.get<ByProvider>().max_load_factor(kNeverRehash);
  records.get<ByName>().max_load_factor(kNeverRehash);
  records.get<ByStatus>().max_load_factor(kNeverRehash);
  for (const Entry& entry : entries) {
    const auto [at, inserted] = records.insert(entry);
    assert(inserted && at->row == entry.row);
    static_cast<void>(inserted);
    const auto* const address = reinterpret_cast<const char*>(&*at);
    if (entry.row == 0) first_ = address;
    if (entry.row == 1) stride_ = static_cast<std::size_t>(address - first_);
    assert(entry.row == 0 || address == first_ + entry.row * stride_);
  }
}

RecordTable::~RecordTable() = default;

std::optional<Row> RecordTable::find_id(std::string_view id, std::uint32_t hash) const noexcept {
  const auto& index = container_->records->get<ById>();
  const auto at = index.find(HashedText{id, hash}, StoredHash{}, IdEqual{{text_}});
  if (at == index.end()) return std::nullopt;
  return at->row;
}

void RecordTable::visit_names(std::string_view name, std::uint32_t hash, void* f, Visit visit) const {
  const auto [first, last] = container_->records->get<ByName>().equal_range(
      HashedText{name, hash}, StoredHash{}, StoredHashEqual{text_});
  for (auto at = first; at != last && visit(f, at->row); ++at) {
  }
}

std::optional<StringRef> RecordTable::find_value(const std::vector<StringRef>& values,
                                                 std::string_view text) const noexcept {
  const auto at = std::ranges::partition_point(values, [&](StringRef ref) { return text_.view(ref) < text; });
  if (at == values.end() || text_.view(*at) != text) return std::nullopt;
  return *at;
}

void RecordTable::visit_providers(std::string_view provider, void* f, Visit visit) const {
  const std::optional<StringRef> ref = find_value(providers_, provider);
  if (!ref) return;
  const auto [first, last] = container_->records->get<ByProvider>().equal_range(*ref);
  for (auto at = first; at != last && visit(f, at->row); ++at) {
  }
}

void RecordTable::visit_statuses(std::string_view status, void* f, Visit visit) const {
  const std::optional<StringRef> ref = find_value(statuses_, status);
  if (!ref) return;
  const auto [first, last] = container_->records->get<ByStatus>().equal_range(*ref);
  for (auto at = first; at != last && visit(f, at->row); ++at) {
  }
}

std::size_t RecordTable::longest_bucket() const noexcept {
  std::size_t longest = 0;
  const auto look_at = [&](const auto& index, StringRef Entry::*field) {
    for (std::size_t i = 0; i < index.bucket_count(); ++i) {
      const auto has_value = [&](const Entry& entry) { return (entry.*field).is_string(); };
      const auto n = std::count_if(index.begin(i), index.end(i), has_value);
      longest = std::max(longest, static_cast<std::size_t>(n));
    }
  };
  look_at(container_->records->get<ById>(), &Entry::id);
  look_at(container_->records->get<ByProvider>(), &Entry::provider);
  look_at(container_->records->get<ByName>(), &Entry::name);
  look_at(container_->records->get<ByStatus>(), &Entry::status);
  return longest;
}

std::size_t RecordTable::bytes() const noexcept {
  return container_->arena.used + (providers_.capacity() + statuses_.capacity()) * sizeof(StringRef);
}

}  // namespace syncdex::inline v0
