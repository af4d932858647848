#include <vagus/core/error.hpp>

namespace vagus {

const char* to_string(Execution execution) noexcept {
  switch (execution) {
    case Execution::not_sent:
      return "not_sent";
    case Execution::not_run:
      return "not_run";
    case Execution::unknown:
      return "unknown";
    case Execution::ran:
      return "ran";
  }
  return "?";
}

const char* to_string(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::api_param:
      return "ApiParamError";
    case ErrorCode::unknown_api:
      return "UnknownApiError";
    case ErrorCode::unsupported_api:
      return "UnsupportedApiError";
    case ErrorCode::multiple_api_response:
      return "MultipleApiResponseError";
    case ErrorCode::contract_mismatch:
      return "ContractMismatchError";
    case ErrorCode::overloaded:
      return "OverloadedError";
    case ErrorCode::remote:
      return "RemoteError";
    case ErrorCode::transaction_timeout:
      return "TransactionTimeout";
    case ErrorCode::transaction_cancelled:
      return "TransactionCancelled";
    case ErrorCode::transport_disconnected:
      return "TransportDisconnectedError";
    case ErrorCode::transport_finished:
      return "TransportFinishedError";
    case ErrorCode::connection_timeout:
      return "ConnectionTimeoutError";
    case ErrorCode::message_too_large:
      return "MessageTooLargeError";
    case ErrorCode::permission_denied:
      return "PermissionDeniedError";
    case ErrorCode::protocol:
      return "ProtocolError";
  }
  return "?";
}

ErrorPtr make_error(ErrorCode code, const std::string& message, const ErrorContext& context) {
  switch (code) {
    case ErrorCode::api_param:
      return make_error<ApiParamError>(message, context);
    case ErrorCode::unknown_api:
      return make_error<UnknownApiError>(message, context);
    case ErrorCode::unsupported_api:
      return make_error<UnsupportedApiError>(message, context);
    case ErrorCode::multiple_api_response:
      return make_error<MultipleApiResponseError>(message, context);
    case ErrorCode::contract_mismatch:
      return make_error<ContractMismatchError>(message, context);
    case ErrorCode::overloaded:
      return make_error<OverloadedError>(message, context);
    case ErrorCode::transaction_timeout:
      return make_error<TransactionTimeout>(message, context);
    case ErrorCode::transaction_cancelled:
      return make_error<TransactionCancelled>(message, context);
    case ErrorCode::transport_disconnected:
      return make_error<TransportDisconnectedError>(message, context);
    case ErrorCode::transport_finished:
      return make_error<TransportFinishedError>(message, context);
    case ErrorCode::connection_timeout:
      return make_error<ConnectionTimeoutError>(message, context);
    case ErrorCode::message_too_large:
      return make_error<MessageTooLargeError>(message, context);
    case ErrorCode::permission_denied:
      return make_error<PermissionDeniedError>(message, context);
    case ErrorCode::remote:  // carries more than a text; rebuilt by what knows the rest
    case ErrorCode::protocol:
      break;
  }
  return make_error<ProtocolError>(message, context);
}

ErrorPtr with_context(const ErrorPtr& error, const ErrorContext& context) {
  return make_error(error->code(), error->what(), context);
}

}  // namespace vagus
