#include <cstdio>
#include <optional>

#include "arguments.hpp"
#include "commands.hpp"
#include "exit_codes.hpp"
#include "json.hpp"
#include "known_method.hpp"
#include "terminal.hpp"

namespace vagus::tools {

namespace {

void print_result(const Json& result, bool returns_nothing, bool json) {
  if (returns_nothing && !json) return;
  std::string line = one_line(result);
  const bool short_enough = columns(line) < 80 && line.find('{') == std::string::npos;
  if (json || short_enough) {
    std::puts(line.c_str());
  } else if (result.is_string()) {
    std::puts(result.get<std::string>().c_str());
  } else {
    std::puts(many_lines(result).c_str());
  }
}

/// The parts that come ahead of the result: a bar, or a line each.
class Parts {
 public:
  Parts(const JsonConverter& converter, std::string type, bool json)
      : converter_(converter), type_(std::move(type)), json_(json) {}

  void operator()(const Value& part) {
    const bool number = part.kind() == Value::Kind::real || part.kind() == Value::Kind::integer;
    if (number && part.real() >= 0.0 && part.real() <= 1.0 && line_.shown() && !json_) {
      line_.bar(part.real());
    } else {
      std::puts(one_line(converter_.to_json(part, type_)).c_str());
      std::fflush(stdout);
    }
  }

 private:
  const JsonConverter& converter_;
  const std::string type_;
  const bool json_;
  ProgressLine line_;
};

Value call_and_show(const ProxyAction<detail::ArgumentList>& action, const MemberDescription& member,
                    const JsonConverter& converter, Duration timeout, bool json) {
  if (member.reports.empty()) return action.call<Value>({.timeout = timeout});
  Parts parts(converter, member.reports, json);
  auto stream = action.stream<Value, Value>({.timeout = timeout});
  for (const Value& part : stream) parts(part);
  return stream.get();
}

}  // namespace

void call(const ConnectionOptions& connection_options, const CallCommandOptions& options) {
  Connection connection(connection_options);
  ApiProxy proxy = connection.arb().proxy();
  if (connection.peer().plain) {
    auto [positional, named] = bind_arguments(options.arguments);
    if (!named.empty()) throw UsageError("a plain MessagePack-RPC peer takes no arguments by name");
    const auto result =
        proxy.apply(options.method, std::move(positional)).call<Value>({.timeout = connection.timeout()});
    print_result(JsonConverter::to_json(result), result.is_nil(), options.json);
    return;
  }
  const Description told = connection.describe(options.method);
  const MemberDescription member = known_method(connection, told, options.method);
  const JsonConverter converter(told.types);
  auto [positional, named] = bind_arguments(member, converter, options.arguments);
  const auto action = proxy.apply(options.method, std::move(positional), std::move(named));
  const Value result = call_and_show(action, member, converter, connection.timeout(), options.json);
  print_result(converter.to_json(result, member.result), member.result == "void", options.json);
}

}  // namespace vagus::tools
