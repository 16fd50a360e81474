// How the library reaches what the public types keep private: what they are made of, and constructors.
#pragma once

#include <utility>

namespace syncdex::inline v0 {

class Access {
 public:
  template <class T, class... Args>
  static T make(Args&&... args) {
    return T(std::forward<Args>(args)...);
  }
  // Of a Query or an Order.
  template <class T>
  static const auto& impl(const T& object) noexcept {
    return object.impl();
  }
  // Of a Catalog.
  template <class Catalog>
  static const auto& snapshot(const Catalog& catalog) noexcept {
    return catalog.snapshot();
  }
};

}  // namespace syncdex::inline v0
