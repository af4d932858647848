// Events: fire and forget. A newspaper is a process of its own; its readers are two heads. They live in one
// process here so that the lesson fits on a page, and might as well be two.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <iostream>
#include <mutex>
#include <string>
#include <vector>

#include <vagus/vagus.hpp>

#include "child.hpp"
#include "expect.hpp"

using namespace std::chrono_literals;

class PaperApi : public vagus::ApiBase {
 public:
  using ApiBase::ApiBase;

  vagus::Event<void(int number, std::string headline)> published{this, "published", "One for each issue."};
  vagus::Event<void(std::string text)> letter{this, "letter", "From a reader to the editor."};

  vagus::Method<void(int count)> print{this, "print", "Publishes so many issues."};
  vagus::Method<int()> letters_read{this, "letters_read"};
};

// The body
// ------------------------------------------------------------------------------------------------------------

int run_paper(const std::string& url) {
  PaperApi paper{"paper"};
  std::atomic<int> next{1};
  std::atomic<int> letters{0};

  // An event goes to every peer that listens. If nobody does, that is no error.
  paper.print.handle([&](int count) {
    for (int issue = 0; issue < count; ++issue) paper.published(next++, "Nothing new").post();
  });
  // Events go both ways: either side may send, either may subscribe.
  const auto reading = paper.letter.subscribe([&](const std::string&) { ++letters; });
  paper.letters_read.handle([&] { return letters.load(); });

  vagus::ApiArb arb{vagus::listen(url)};
  arb.attach(paper);
  arb.run_until_signal();
  return 0;
}

// The heads
// -----------------------------------------------------------------------------------------------------------

class Reader {
 public:
  explicit Reader(const std::string& url) : arb_(vagus::connect(url)) {
    arb_.attach(paper);
    arb_.wait_open(20s);
  }

  /// For as long as the registration lives.
  void subscribe() {
    subscription_ = paper.published.subscribe([this](int number, const std::string&) {
      const std::scoped_lock lock(mutex_);
      numbers_.push_back(number);
      heard_.notify_all();
    });
  }
  /// Afterwards the handler does not run and will not run again.
  void unsubscribe() { subscription_.reset(); }

  std::vector<int> wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    EXPECT(heard_.wait_for(lock, 20s, [&] { return numbers_.size() >= count; }));
    return numbers_;
  }
  std::size_t count() {
    const std::scoped_lock lock(mutex_);
    return numbers_.size();
  }

  PaperApi paper{"paper"};

 private:
  std::mutex mutex_;
  std::condition_variable heard_;
  std::vector<int> numbers_;  // guarded by mutex_
  vagus::ApiArb arb_;
  vagus::Registration subscription_;
};

void both_hear_all_in_order(Reader& anna, Reader& ben) {
  anna.subscribe();
  ben.subscribe();
  // A subscription is known to the other side before any later call of the same thread arrives there, so that
  // nothing is missed between the two. Ben has to make such a call himself, since it is Anna who has the
  // paper printed.
  EXPECT(ben.paper.letters_read().call() == 0);
  // The body posts all of them before it answers this call.
  anna.paper.print(500).call();

  for (Reader* reader : {&anna, &ben}) {
    const std::vector<int> numbers = reader->wait_for(500);
    EXPECT(numbers.size() == 500);
    for (int index = 0; index < 500; ++index) EXPECT(numbers[static_cast<std::size_t>(index)] == index + 1);
  }
}

void one_has_had_enough(Reader& anna, Reader& ben) {
  anna.unsubscribe();
  // Likewise: what is sent before the other side knows is still on its way, and would meet her next handler.
  anna.paper.letters_read().call();
  ben.paper.print(3).call();
  EXPECT(ben.wait_for(503).back() == 503);
  EXPECT(anna.count() == 500);

  anna.subscribe();
  anna.paper.print(1).call();
  EXPECT(anna.wait_for(501).back() == 504);  // what was published in between is gone
}

void letters_to_the_editor(Reader& anna) {
  anna.paper.letter("Dear editor").post();
  anna.paper.letter("Dear editor, again")();  // the short form of post()
  // Events are handled in order, in their own time; a call may overtake the handling of an event, never its
  // delivery.
  const auto end = std::chrono::steady_clock::now() + 20s;
  while (anna.paper.letters_read().call() < 2) EXPECT(std::chrono::steady_clock::now() < end);
}

int main() {
  const std::string url = own_url("events");
  Child body = Child::run([&] { return run_paper(url); });
  {
    Reader anna{url};
    Reader ben{url};
    both_hear_all_in_order(anna, ben);
    one_has_had_enough(anna, ben);
    letters_to_the_editor(anna);
  }
  EXPECT(body.terminate() == 0);
  std::cout << "events: all as expected\n";
}
