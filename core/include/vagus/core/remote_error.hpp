/// What a handler at the other side has thrown, here.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <vagus/core/error.hpp>
#include <vagus/wire/value.hpp>

namespace vagus {

/// The handler threw. What is thrown here is a RemoteError and, where the type is a standard exception or
/// registered at both ends (ExceptionTypes), that type as well: `catch (const std::invalid_argument&)`
/// matches it.
///
/// execution() is always `ran`. Calling again will most likely fail again.
class RemoteError : public ApiError {
 public:
  /// The registered name of the type, such as `std::invalid_argument`; `unknown` if it was no std::exception.
  const std::string& type() const noexcept { return report_->type; }
  /// The text of the exception there.
  const std::string& message() const noexcept { return report_->message; }
  /// What it was nested in and where it came from, outermost first, as `type: message`.
  const std::vector<std::string>& trace() const noexcept { return report_->trace; }
  /// What the other side added for programs to read.
  const std::optional<Value>& data() const noexcept { return report_->data; }

 protected:
  struct Report {
    std::string type;
    std::string message;
    std::vector<std::string> trace;
    std::optional<Value> data;
  };
  RemoteError(Report report, const ErrorContext& context)
      : ApiError(ErrorCode::remote, report.message, context),
        report_(std::make_shared<const Report>(std::move(report))) {}

 private:
  friend class ExceptionTypes;
  std::shared_ptr<const Report> report_;
};

}  // namespace vagus
