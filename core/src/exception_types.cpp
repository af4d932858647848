#include <any>
#include <functional>
#include <ios>
#include <memory>
#include <new>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <typeinfo>
#include <variant>

#include <boost/thread/exceptions.hpp>

#include <vagus/core/error_data.hpp>
#include <vagus/core/exception_types.hpp>

namespace vagus {

namespace {

constexpr int max_trace = 16;  // an exception nested deeper than this loses its innermost causes

constexpr std::string_view own_prefix = "vagus::";

/// The codes that the framework itself answers with, by the name of their class.
std::optional<ErrorCode> code_of(std::string_view type) {
  if (!type.starts_with(own_prefix)) return std::nullopt;
  type.remove_prefix(own_prefix.size());
  for (int code = 0; code <= static_cast<int>(ErrorCode::protocol); ++code) {
    if (type == to_string(static_cast<ErrorCode>(code))) return static_cast<ErrorCode>(code);
  }
  return std::nullopt;
}

Execution execution_of(std::string_view text) {
  for (const auto execution : {Execution::not_sent, Execution::not_run, Execution::ran}) {
    if (text == to_string(execution)) return execution;
  }
  return Execution::unknown;
}

/// Null: one that this process may not have, or not under the same numbers.
const std::error_category* category_of(const std::string& name) {
  for (const std::error_category* known : {&std::generic_category(), &std::system_category()}) {
    if (name == known->name()) return known;
  }
  return nullptr;
}

/// A system_error travels with its code: [category, value].
std::optional<std::error_code> error_code_of(const std::optional<Value>& data) {
  if (!data) return std::nullopt;
  try {
    const auto& parts = data->array();
    const auto* const category = category_of(parts.at(0).string());
    if (category == nullptr) return std::nullopt;
    return std::error_code(static_cast<int>(parts.at(1).integer()), *category);
  } catch (const std::exception&) {
    return std::nullopt;  // whatever else the peer added
  }
}

}  // namespace

ExceptionTypes::ExceptionTypes() { add_standard(); }

void ExceptionTypes::add_standard() {
  // Bases before what derives from them: the last that matches counts.
  add<std::exception>("std::exception");
  add<std::bad_alloc>("std::bad_alloc");
  add<std::bad_array_new_length>("std::bad_array_new_length");
  add<std::bad_cast>("std::bad_cast");
  add<std::bad_any_cast>("std::bad_any_cast");
  add<std::bad_typeid>("std::bad_typeid");
  add<std::bad_exception>("std::bad_exception");
  add<std::bad_function_call>("std::bad_function_call");
  add<std::bad_optional_access>("std::bad_optional_access");
  add<std::bad_variant_access>("std::bad_variant_access");
  add<std::bad_weak_ptr>("std::bad_weak_ptr");
  add<std::logic_error>("std::logic_error");
  add<std::domain_error>("std::domain_error");
  add<std::invalid_argument>("std::invalid_argument");
  add<std::length_error>("std::length_error");
  add<std::out_of_range>("std::out_of_range");
  add<std::runtime_error>("std::runtime_error");
  add<std::overflow_error>("std::overflow_error");
  add<std::range_error>("std::range_error");
  add<std::underflow_error>("std::underflow_error");
  known_.push_back(
      {"std::system_error",
       [](const std::exception* thrown) { return dynamic_cast<const std::system_error*>(thrown) != nullptr; },
       [](const Report& report, const ErrorContext& context) -> ErrorPtr {
         const auto code = error_code_of(report.data).value_or(std::make_error_code(std::errc::io_error));
         return std::make_shared<const Rebuilt<std::system_error>>(report, context, code);
       }});
}

const std::string& ExceptionTypes::name_of(const std::exception& thrown) const {
  for (auto known = known_.rbegin(); known != known_.rend(); ++known) {
    if (known->matches(&thrown)) return known->name;
  }
  return known_.front().name;  // std::exception matches whatever comes here
}

void ExceptionTypes::describe_nested(const std::exception& outer, std::vector<std::string>& trace,
                                     int depth) const {
  if (depth == max_trace) return;
  try {
    std::rethrow_if_nested(outer);
  } catch (const std::exception& inner) {
    trace.push_back(name_of(inner) + ": " + inner.what());
    describe_nested(inner, trace, depth + 1);
  } catch (...) {
    trace.emplace_back("unknown: not a std::exception");
  }
}

wire::ErrorMessage ExceptionTypes::describe(const std::exception_ptr& thrown) const {
  wire::ErrorMessage message;
  try {
    std::rethrow_exception(thrown);
  } catch (const RemoteError& remote) {
    // Thrown two processes away: it goes on as what it was there, with the call in between in the trace.
    message.type = remote.type();
    message.message = remote.message();
    message.trace.push_back("through " + remote.name_space());
    message.trace.insert(message.trace.end(), remote.trace().begin(), remote.trace().end());
    message.data = remote.data();
  } catch (const Error& own) {
    message.type = std::string(own_prefix) + to_string(own.code());
    message.message = own.what();
  } catch (const std::exception& known) {
    message.type = name_of(known);
    message.message = known.what();
    if (const auto* system = dynamic_cast<const std::system_error*>(&known)) {
      message.data = Value(Value::Array{Value(std::string(system->code().category().name())),
                                        Value(std::int64_t{system->code().value()})});
    }
    if (const auto* more = dynamic_cast<const ErrorData*>(&known)) message.data = more->data();
    describe_nested(known, message.trace, 0);
  } catch (const boost::thread_interrupted&) {
    message.type = std::string(own_prefix) + to_string(ErrorCode::transaction_cancelled);
    message.message = "the handler was interrupted (boost::thread_interrupted)";
  } catch (...) {
    message.type = "unknown";
    message.message = "the handler threw what is not a std::exception";
  }
  return message;
}

ErrorPtr ExceptionTypes::rebuild(const wire::ErrorMessage& message, const ErrorContext& context) const {
  ErrorContext here = context;
  if (message.execution) {
    // The framework of the peer refused the call; no handler had a part in it.
    here.execution = execution_of(*message.execution);
    if (const auto code = code_of(message.type); code && *code != ErrorCode::remote) {
      return make_error(*code, message.message, here);
    }
  } else {
    here.execution = Execution::ran;
  }
  const Report report{message.type, message.message, message.trace, message.data};
  for (auto known = known_.rbegin(); known != known_.rend(); ++known) {
    if (known->name == message.type) return known->rebuild(report, here);
  }
  return std::make_shared<const Rebuilt<std::runtime_error>>(report, here);
}

}  // namespace vagus
