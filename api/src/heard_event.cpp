#include <vagus/api/heard_event.hpp>
#include <vagus/wire/pack.hpp>

namespace vagus::detail {

HeardEvent heard_event(const Arguments& arguments, std::string_view name_space) {
  HeardEvent event;
  event.name_space = name_space;
  wire::Reader positional(arguments.positional);
  event.arguments = wire::unpack<Value::Array>(positional);
  if (!arguments.keyword.empty()) {
    wire::Reader named(arguments.keyword);
    event.named = wire::unpack<Value>(named).map();
  }
  return event;
}

}  // namespace vagus::detail
