// Coroutines: code that waits for calls without holding a thread, and reads as if it did. A shop asks its
// customer before it sells: a call from head to body, with one from body to head inside.
#include <chrono>
#include <iostream>
#include <semaphore>
#include <stdexcept>
#include <string>
#include <utility>

#include <vagus/vagus.hpp>

#include "child.hpp"
#include "expect.hpp"

using namespace std::chrono_literals;

struct Order {
  std::string article;
  int count = 0;
};

class ShopApi : public vagus::ApiBase {
 public:
  using ApiBase::ApiBase;

  vagus::Method<int(std::string article)> price{this, "price"};
  vagus::Method<std::string(Order order)> buy{this, "buy", "Asks the customer, then sells."};
  vagus::Method<void()> rest{this, "rest", "Takes its time."};
};

class CustomerApi : public vagus::ApiBase {
 public:
  using ApiBase::ApiBase;

  vagus::Method<bool(std::string question, int amount)> agrees{this, "agrees"};
};

// The body: the shop
// --------------------------------------------------------------------------------------------------

class Shop {
 public:
  explicit Shop(CustomerApi& customer) : customer_(customer) {}

  VAGUS_HANDLERS(price, buy, rest)

  int _handler_price(std::string article) {
    if (article == "bread") return 4;
    if (article == "salt") return 1;
    throw std::out_of_range("we have no " + article);
  }

  // A handler may be a coroutine. It takes its parameters by value: they live in the coroutine, the message
  // is gone by the first co_await. The deadline of the customer's call counts for what is asked here, too.
  vagus::Task<std::string> _handler_buy(Order order) {
    const int amount = _handler_price(order.article) * order.count;
    const bool agreed = co_await customer_.agrees("take " + order.article + "?", amount);
    co_return agreed ? "sold" : "not sold";
  }

  void _handler_rest(vagus::Call& call) { call.sleep_for(1h); }

 private:
  CustomerApi& customer_;
};

int run_shop(const std::string& url) {
  ShopApi api{"shop", {.workers = 2}};
  CustomerApi customer{"customer"};  // handled by the other side: here it is only called
  Shop shop{customer};
  const auto serving = vagus::serve(api, shop);
  vagus::ApiArb arb{vagus::listen(url)};
  arb.attach(api);
  arb.attach(customer);
  arb.run_until_signal();
  return 0;
}

// The head: the customer
// ----------------------------------------------------------------------------------------------

vagus::Task<int> price_of_both(ShopApi& shop) {
  // One after the other.
  const int bread = co_await shop.price("bread");
  const int salt = co_await shop.price("salt");
  co_return bread + salt;
}

vagus::Task<int> price_of_both_at_once(ShopApi& shop) {
  // Both are under way before the first is waited for.
  const auto bread = shop.price("bread").async();
  const auto salt = shop.price("salt").async();
  co_return co_await bread + co_await salt;
}

vagus::Task<std::string> buy(ShopApi& shop, std::string article, int count) {
  // Build a struct in a variable, and only then await: GCC 12 destroys temporaries of structs twice that
  // stand in a co_await expression.
  Order order;
  order.article = std::move(article);
  order.count = count;
  const auto call = shop.buy(order);
  co_return co_await call;
}

vagus::Task<int> price_or(ShopApi& shop, std::string article, int otherwise) {
  try {
    co_return co_await shop.price(article);
  } catch (const std::out_of_range& error) {  // thrown by the handler, in the other process
    std::cout << "coroutine: " << error.what() << '\n';
  }
  co_return otherwise;
}

vagus::Task<std::string> a_day_in_town(ShopApi& shop) {
  // Tasks await tasks, as functions call functions. (Not in `a ? co_await b : c`: GCC 12 moves what comes out
  // of it by copying its bytes, which a std::string does not survive.)
  std::string pepper = "too dear";
  if (co_await price_or(shop, "pepper", 100) < 10) pepper = co_await buy(shop, "pepper", 1);
  const std::string bread = co_await buy(shop, "bread", 2);
  co_return "pepper " + pepper + ", bread " + bread;
}

vagus::Task<bool> rests_too_long(ShopApi& shop) {
  // Options of an awaited call: with().
  try {
    co_await shop.rest().with({.timeout = 20ms});
  } catch (const vagus::TransactionTimeout&) {
    co_return true;
  }
  co_return false;
}

vagus::Task<void> wait_for_the_shop(ShopApi& shop, bool& cancelled) {
  try {
    co_await shop.rest();
  } catch (const vagus::TransactionCancelled&) {
    cancelled = true;
  }
}

void use_shop(ShopApi& shop) {
  // get() starts a task and waits for its end: the door from ordinary code.
  EXPECT(price_of_both(shop).get() == 5);
  EXPECT(price_of_both_at_once(shop).get() == 5);
  EXPECT(buy(shop, "bread", 3).get() == "not sold");
  EXPECT(buy(shop, "salt", 3).get() == "sold");
  EXPECT(price_or(shop, "pepper", 7).get() == 7);
  EXPECT(throws<std::out_of_range>([&] { buy(shop, "pepper", 1).get(); }));
  EXPECT(a_day_in_town(shop).get() == "pepper too dear, bread sold");
  EXPECT(rests_too_long(shop).get());

  // A task can be started and left alone. cancel() ends the call that it awaits.
  bool cancelled = false;
  std::binary_semaphore ended{0};
  auto waiting = wait_for_the_shop(shop, cancelled);
  waiting.start([&] { ended.release(); });
  EXPECT(!waiting.done());
  waiting.cancel();
  EXPECT(ended.try_acquire_for(10s));
  EXPECT(cancelled);
}

int main() {
  const std::string url = own_url("coroutine");
  Child body = Child::run([&] { return run_shop(url); });
  {
    ShopApi shop{"shop", {.timeout = 20s}};
    CustomerApi customer{"customer"};
    customer.agrees.handle([](const std::string& question, int amount) {
      std::cout << "coroutine: " << question << " " << amount << " coins\n";
      return amount <= 10;
    });
    vagus::ApiArb arb{vagus::connect(url)};
    arb.attach(shop);
    arb.attach(customer);
    arb.wait_open(20s);
    use_shop(shop);
  }
  EXPECT(body.terminate() == 0);
  std::cout << "coroutine: all as expected\n";
}
