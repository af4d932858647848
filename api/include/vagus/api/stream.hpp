/// The caller's side of a method that reports before it answers.
#pragma once

#include <cstddef>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>

#include <vagus/api/async_result.hpp>
#include <vagus/api/parts_call.hpp>
#include <vagus/core/result.hpp>

namespace vagus {

/// A call under way, whose parts are fetched one after the other, in order, none left out:
///
///     for (const Line& line : log.read("today").stream()) std::cout << line.text;
///
/// The handler gets at most some dozens of parts ahead of whoever fetches, and waits then. Dropped before its
/// end - by leaving the loop, say - the call is cancelled, and the handler is told. Its timeout is that of
/// the call as a whole; for one from part to part, make it with `{.timeout = vagus::no_timeout}` and use
/// next(duration).
///
/// Used by one thread at a time.
template <typename Part, typename T>
class [[nodiscard("dropping it cancels the call")]] Stream {
 public:
  explicit Stream(std::shared_ptr<detail::StreamedCall<Part, T>> call) noexcept : call_(std::move(call)) {}
  Stream(Stream &&) noexcept = default;
  Stream& operator=(Stream&& other) noexcept {
    if (this != &other) {
      drop();
      call_ = std::move(other.call_);
      current_ = std::move(other.current_);
    }
    return *this;
  }
  ~Stream() { drop(); }

  /// Waits for the next part. Empty when the call has ended well; throws its error when it has not, after the
  /// parts that came before.
  std::optional<Part> next() {
    auto part = call_->fetch(Deadline::never());
    if (!part) raise_failure();
    return part;
  }
  /// As next(), but throws TransactionTimeout if neither a part nor the end has come by then. The call itself
  /// goes on.
  std::optional<Part> next(Duration duration) {
    auto part = call_->fetch(Deadline::after(duration));
    if (part) return part;
    if (!call_->done()) {
      throw TransactionTimeout(
          "no part of " + call_->name_space() + " in the time given to next(); the call goes on",
          call_->context(Execution::unknown));
    }
    // It may have ended since, and parts may have come before its end.
    return next();
  }

  /// Waits for the end, and drops the parts that were not fetched; a copy of the result, or throws the error.
  T get() { return result().value(); }
  /// The same, but throws nothing that the call came to.
  Result<T> result() {
    while (call_->fetch(Deadline::never())) {
    }
    return call_->outcome();
  }

  /// Ends the call with TransactionCancelled and tells the handler. False if it had ended, or was ending,
  /// before.
  bool cancel() { return call_->give_up(); }
  TransactionId id() const noexcept { return call_->id(); }
  /// Has it ended, well or not? There may be parts left to fetch.
  bool ended() const noexcept { return call_->done(); }

  /// Over all parts that are still to come, once; ++ waits and throws as next() does.
  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = Part;
    using difference_type = std::ptrdiff_t;
    using pointer = Part*;
    using reference = Part&;

    explicit Iterator(Stream& stream) : stream_(&stream) { ++*this; }
    Part& operator*() const noexcept { return *stream_->current_; }
    Part* operator->() const noexcept { return &*stream_->current_; }
    Iterator& operator++() {
      stream_->current_ = stream_->next();
      return *this;
    }
    void operator++(int) { ++*this; }
    bool operator==(std::default_sentinel_t) const noexcept { return !stream_->current_.has_value(); }

   private:
    Stream* stream_;
  };
  Iterator begin() { return Iterator(*this); }
  std::default_sentinel_t end() const noexcept { return {}; }

 private:
  template <typename, typename, typename, typename...>
  friend class ProgressAction;

  /// As next(), but throws nothing.
  std::optional<Part> fetch() { return call_->fetch(Deadline::never()); }
  void raise_failure() const {
    if (const auto error = call_->error()) error->raise();
  }
  void drop() noexcept {
    if (call_ && !call_->done()) call_->give_up();
  }

  std::shared_ptr<detail::StreamedCall<Part, T>> call_;
  std::optional<Part> current_;  // of the iterators
};

}  // namespace vagus
