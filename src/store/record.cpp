#include "syncdex/record.h"

#include "json/json_text.h"
#include "store/segment.h"

namespace syncdex::inline v0 {

std::string_view Record::json() const noexcept { return segment_->json(row_); }
std::string_view Record::id() const noexcept { return segment_->text().view(segment_->entry(row_).id); }
std::string_view Record::provider() const noexcept {
  return segment_->text().view(segment_->entry(row_).provider);
}
std::string_view Record::name() const noexcept { return segment_->text().view(segment_->entry(row_).name); }
std::string_view Record::status() const noexcept {
  return segment_->text().view(segment_->entry(row_).status);
}
std::string_view Record::health_status() const noexcept { return segment_->health_status(row_); }

std::string_view Record::metadata() const noexcept {
  const char* const at = segment_->has_duplicate_keys(row_) ? nullptr : segment_->metadata(row_);
  if (at != nullptr) return {at, static_cast<std::size_t>(skip_value(at) - at)};
  const auto text = get("metadata");
  return text && text->front() == '{' ? *text : std::string_view();
}

std::optional<std::string_view> Record::get(std::string_view key) const noexcept {
  return find_member(json(), key);
}

}  // namespace syncdex::inline v0
