#include "exit_codes.hpp"

#include <cstdio>

#include <vagus/vagus.hpp>

#include "json.hpp"

namespace vagus::tools {

namespace {

ExitCode code_of(const Error& error) {
  switch (error.code()) {
    case ErrorCode::transaction_timeout:
      return ExitCode::timed_out;
    case ErrorCode::connection_timeout:
    case ErrorCode::transport_disconnected:
    case ErrorCode::transport_finished:
      return ExitCode::not_connected;
    case ErrorCode::unknown_api:
    case ErrorCode::unsupported_api:
      return ExitCode::unknown;
    case ErrorCode::permission_denied:
      return ExitCode::denied;
    case ErrorCode::api_param:
      return ExitCode::usage;
    default:
      return ExitCode::failed;
  }
}

ExitCode say(const char* what, ExitCode code) {
  std::fprintf(stderr, "vagus: %s\n", what);
  return code;
}

}  // namespace

ExitCode report_exception() {
  try {
    throw;
  } catch (const UsageError& error) {
    return say(error.what(), ExitCode::usage);
  } catch (const JsonTypeError& error) {
    return say(error.what(), ExitCode::usage);
  } catch (const UnknownNameError& error) {
    return say(error.what(), ExitCode::unknown);
  } catch (const Error& error) {
    return say(error.what(), code_of(error));
  } catch (const std::exception& error) {
    return say(error.what(), ExitCode::failed);
  }
}

}  // namespace vagus::tools
