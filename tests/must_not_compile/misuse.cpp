// What must not compile. Each line with a remark `error:` has to be refused with a diagnostic that has that
// text; all other lines have to be taken.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <vagus/api/api_base.hpp>
#include <vagus/api/api_proxy.hpp>
#include <vagus/api/handlers_macro.hpp>
#include <vagus/api/method.hpp>
#include <vagus/core/error_data.hpp>
#include <vagus/core/task.hpp>
#include <vagus/testing/matching.hpp>

namespace {

class AxisApi : public vagus::ApiBase {
 public:
  using ApiBase::ApiBase;
  vagus::Method<double(double, vagus::Default<double>)> move_to{
      this, "move_to", "", vagus::params("target", vagus::param("speed", 1.0))};
  vagus::Method<std::string(std::string_view)> say{this, "say"};
  vagus::Method<std::string(std::string)> echo{this, "echo"};
  vagus::Event<void(int)> ticked{this, "ticked"};
};

vagus::Task<std::string> say_later(std::string_view text) { co_return std::string(text); }

std::string first_of(std::span<const char> text) { return {text.front()}; }
struct Line {
  std::string_view text;
};
int count(const std::vector<Line>& lines) { return static_cast<int>(lines.size()); }
int length(std::optional<std::string> text) { return text ? static_cast<int>(text->size()) : 0; }

struct Wrong {
  VAGUS_HANDLERS(move_to)
  void _handler_move_to(std::string) {}
};

// A verb that is forgotten, or what it gives.
[[maybe_unused]] void verbs(AxisApi& axis) {
  axis.move_to(1.0);        // error: a verb makes the call
  axis.move_to(1.0).all();  // error: a verb makes the call
  axis.ticked(1);           // error: a verb sends the event
  axis.move_to(1.0).call();
  axis.move_to(1.0)();
  axis.ticked(1).post();
  axis.ticked.subscribe([](int) {});  // error: nodiscard
  axis.move_to(1.0).stream<int>();    // error: dropping it cancels the call
  const auto subscription = axis.ticked.subscribe([](int) {});
}

// Arguments and handlers that do not fit the contract.
[[maybe_unused]] void contracts(AxisApi& axis, Wrong& wrong) {
  axis.move_to().call();               // error: no match
  axis.move_to(1.0, 2.0, 3.0).call();  // error: no match
  axis.move_to("far").call();          // error: no match
  axis.move_to(1.0, 2.0).call();
  axis.move_to.handle([](std::string) { return 1.0; });  // error: the handler does not take the parameters
  axis.move_to.handle([](double target, double) { return target; });
  axis.say.handle(say_later);  // error: a coroutine handler outlives the message
  axis.echo.handle(say_later);
  const auto serving = vagus::serve(axis, wrong);  // error: differs from what the API declares
}

// Views of a message that is gone when they are used.
[[maybe_unused]] void views(AxisApi& axis, const vagus::ApiProxy& proxy) {
  axis.set_handler("first_of", first_of);  // error: a handler runs when the message is gone
  axis.set_handler("count", count);        // error: a handler runs when the message is gone
  axis.set_handler("length", length);
  proxy.action("length").call<std::string_view>();  // error: a result outlives its message
}

// What a test is given of a message.
[[maybe_unused]] void views_of_a_test(const vagus::Value& value) {
  using View = std::span<const int>;
  using Views = std::vector<std::string_view>;
  static_cast<void>(vagus::detail::from_value<View>(value));   // error: a view of what has gone
  static_cast<void>(vagus::detail::from_value<Views>(value));  // error: a view of what has gone
  static_cast<void>(vagus::detail::from_value<std::vector<int>>(value));
}

[[maybe_unused]] void errors() {
  throw vagus::with_data(std::system_error(), 1);  // error: system_error
}

}  // namespace
