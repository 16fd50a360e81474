// The response of GET /v1/syncs.
#include <algorithm>
#include <utility>

#include "base/all_or_nothing.h"
#include "json/json_text.h"
#include "syncdex/catalog.h"

namespace syncdex::inline v0 {
namespace {

// Calls take(piece) for the pieces of a record that stay when these members are left out.
template <class Take>
void for_each_piece(std::string_view record, const std::vector<std::string>& without, Take take) {
  const char* from = record.data();     // what has not been passed on yet
  const char* left_out = nullptr;       // where the run of members begins that are left out
  const char* last_left_out = nullptr;  // the last value of it
  const char* last_kept = nullptr;      // the last value before it
  for (ObjectWalk walk(from); walk.next();) {
    const Member& member = walk.member();
    const char* const key = member.key.data() - 1;
    if (std::ranges::any_of(without,
                            [&](const std::string& name) { return same_string(member.key, name); })) {
      if (left_out == nullptr) left_out = key;
      last_left_out = member.value;
      continue;
    }
    if (left_out != nullptr) {
      take(std::string_view(from, left_out));
      from = key;
      left_out = nullptr;
    }
    last_kept = member.value;
  }
  if (left_out != nullptr) {  // at the end, with the comma before it
    take(std::string_view(from, last_kept != nullptr ? skip_value(last_kept) : left_out));
    from = skip_value(last_left_out);
  }
  take(std::string_view(from, record.data() + record.size()));
}

}  // namespace

Listing::Listing(Matches matches, bool paged, bool has_more, std::string next,
                 std::vector<std::string> without, std::optional<std::uint64_t> total)
    : matches_(std::move(matches)),
      next_(std::move(next)),
      tail_("]"),
      without_(std::move(without)),
      total_(total),
      paged_(paged),
      has_more_(has_more) {
  if (total_) tail_.append(R"(,"total":)").append(std::to_string(*total_));
  if (paged_) tail_ += has_more_ ? R"(,"has_more":true)" : R"(,"has_more":false)";
  if (has_more_) tail_.append(R"(,"next":")").append(next_).append(1, '"');
  tail_ += '}';
}

Listing::Listing(Listing&& other) noexcept
    : matches_(std::move(other.matches_)),
      next_(std::exchange(other.next_, {})),
      tail_(std::exchange(other.tail_, {})),
      without_(std::exchange(other.without_, {})),
      total_(std::exchange(other.total_, std::nullopt)),
      paged_(std::exchange(other.paged_, false)),
      has_more_(std::exchange(other.has_more_, false)) {}

Listing& Listing::operator=(Listing&& other) noexcept {
  matches_ = std::move(other.matches_);
  next_ = std::exchange(other.next_, {});
  tail_ = std::exchange(other.tail_, {});
  without_ = std::exchange(other.without_, {});
  total_ = std::exchange(other.total_, std::nullopt);
  paged_ = std::exchange(other.paged_, false);
  has_more_ = std::exchange(other.has_more_, false);
  return *this;
}

template <class Take>
void Listing::for_each_slice(Take take) const {
  take(std::string_view(R"({"data":[)"));
  bool first = true;
  matches_.for_each_slice([&](std::string_view record) {
    if (!first) take(std::string_view(","));
    first = false;
    if (without_.empty()) {
      take(record);
    } else {
      for_each_piece(record, without_, take);
    }
  });
  take(tail());
}

void Listing::append_json_to(std::string& out) const {
  all_or_nothing(out, [&] {
    std::size_t bytes = 0;
    for_each_slice([&](std::string_view slice) { bytes += slice.size(); });
    out.reserve(out.size() + bytes);
    for_each_slice([&](std::string_view slice) { out += slice; });
  });
}

std::string Listing::json() const {
  std::string out;
  append_json_to(out);
  return out;
}

std::vector<std::string_view> Listing::slices() const& {
  std::vector<std::string_view> all;
  all.reserve(matches_.size() * (without_.empty() ? 2 : 2 + without_.size()) + 2);
  for_each_slice([&](std::string_view slice) { all.push_back(slice); });
  return all;
}

}  // namespace syncdex::inline v0
