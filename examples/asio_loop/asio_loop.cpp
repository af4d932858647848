// A program that has a loop already, Boost.Asio's, and wants everything to run on its one thread. The display
// shows what the thermometer, a process of its own, measures; the thermometer asks the display for the unit.
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <iostream>
#include <string>
#include <system_error>
#include <thread>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <vagus/vagus.hpp>

#include "child.hpp"
#include "expect.hpp"

using namespace std::chrono_literals;

class ThermometerApi : public vagus::ApiBase {
 public:
  using ApiBase::ApiBase;

  vagus::Method<std::string(int room)> measure{this, "measure"};
  vagus::Event<void(std::string room)> too_warm{this, "too_warm"};
};

class DisplayApi : public vagus::ApiBase {
 public:
  using ApiBase::ApiBase;

  vagus::Method<std::string()> unit{this, "unit"};
};

// The thermometer, which has threads of the library as usual
// --------------------------------------------------------------------------

int run_thermometer(const std::string& url) {
  ThermometerApi api{"thermometer"};
  DisplayApi display{"display"};
  api.measure.handle([&](int room) {
    if (room == 3) api.too_warm("the kitchen").post();
    return std::to_string(18 + room) + ' ' + display.unit().call();  // asks back
  });
  vagus::ApiArb arb{vagus::listen(url)};
  arb.attach(api);
  arb.attach(display);
  arb.run_until_signal();
  return 0;
}

// The display, whose one thread runs the loop
// ----------------------------------------------------------------------------------------

/// Has a loop of Asio's serve an ApiArb, from its beginning to its end.
class Served {
 public:
  Served(boost::asio::io_context& loop, vagus::ApiArb& arb) : arb_(arb), watched_(loop, duplicate(arb)) {
    watch();
  }

 private:
  // Asio closes what it watches: it gets a descriptor of its own for the same thing.
  static int duplicate(const vagus::ApiArb& arb) {
    const int copy = ::dup(arb.descriptor());
    if (copy < 0) throw std::system_error(errno, std::generic_category(), "dup");
    return copy;
  }

  void watch() {
    watched_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                        [this](const boost::system::error_code& ended) {
                          if (ended) return;
                          arb_.process_for(5ms);  // then the timers have their turn; what is left comes after
                          watch();
                        });
  }

  vagus::ApiArb& arb_;
  boost::asio::posix::stream_descriptor watched_;
};

class Display {
 public:
  explicit Display(const std::string& url) : arb_{vagus::connect(url), {.loop = vagus::Loop::foreign}} {
    own_.unit.handle([this] {
      on_my_thread();
      return std::string("degrees");
    });
    arb_.attach(own_);
    arb_.attach(thermometer_);
  }

  void run() {
    arb_.start();
    // A blocking call works here, too: what comes back meanwhile is handled by this very thread.
    EXPECT(thermometer_.measure(0).call() == "18 degrees");
    ask(1);
    tick();
    loop_.run();
    EXPECT(shown_ == "19 degrees, 20 degrees, 21 degrees, 22 degrees");
    EXPECT(warnings_ == "the kitchen");
    EXPECT(ticks_ >= 3);
  }

 private:
  void on_my_thread() const { EXPECT(std::this_thread::get_id() == thread_); }

  void ask(int room) {
    thermometer_.measure(room).async([this, room](const vagus::Result<std::string>& answer) {
      on_my_thread();
      if (!shown_.empty()) shown_ += ", ";
      shown_ += answer.value();
      if (room < 4) ask(room + 1);
      end_if_done();
    });
  }

  void tick() {
    timer_.expires_after(2ms);
    timer_.async_wait([this](const boost::system::error_code&) {
      on_my_thread();
      ++ticks_;
      end_if_done();
      tick();
    });
  }

  // No lock: all of this runs on one thread.
  void end_if_done() {
    if (shown_.ends_with("22 degrees") && !warnings_.empty() && ticks_ >= 3) loop_.stop();
  }

  const std::thread::id thread_ = std::this_thread::get_id();
  std::string shown_;
  std::string warnings_;
  int ticks_ = 0;
  DisplayApi own_{"display"};
  ThermometerApi thermometer_{"thermometer", {.timeout = 20s}};
  vagus::Registration listening_ = thermometer_.too_warm.subscribe([this](const std::string& room) {
    on_my_thread();
    warnings_ += room;
    end_if_done();
  });
  vagus::ApiArb arb_;
  boost::asio::io_context loop_;
  boost::asio::steady_timer timer_{loop_};
  Served served_{loop_, arb_};
};

int main() {
  const std::string url = own_url("asio_loop");
  Child thermometer = Child::run([&] { return run_thermometer(url); });
  Display(url).run();
  EXPECT(thermometer.terminate() == 0);
  std::cout << "asio_loop: all as expected\n";
}
