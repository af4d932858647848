/// Keeps something registered for as long as it lives.
#pragma once

#include <memory>
#include <utility>

namespace vagus {

namespace detail {

/// What a Registration ends.
class Registered {
 public:
  virtual ~Registered() = default;
  /// Afterwards what was registered is not running and will not run. From inside itself it does not wait for
  /// itself.
  virtual void end() noexcept = 0;
};

}  // namespace detail

/// Keeps a handler, a subscription or a listener in place. When it is destroyed or reset, what it kept is not
/// running and will not run; from inside of what it keeps, that does not wait. May outlive the API and the
/// arbitrator. Distinct objects may be used from distinct threads.
class [[nodiscard]] Registration {
 public:
  Registration() noexcept = default;
  explicit Registration(std::shared_ptr<detail::Registered> registered) noexcept
      : registered_(std::move(registered)) {}
  Registration(Registration&& other) noexcept : registered_(std::move(other.registered_)) {}
  Registration& operator=(Registration&& other) noexcept {
    if (this != &other) {
      reset();
      registered_ = std::move(other.registered_);
    }
    return *this;
  }
  ~Registration() { reset(); }

  void reset() noexcept {
    if (auto ended = std::exchange(registered_, nullptr)) ended->end();
  }
  explicit operator bool() const noexcept { return registered_ != nullptr; }

 private:
  std::shared_ptr<detail::Registered> registered_;
};

}  // namespace vagus
