#include "workloads/head.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace bench {

namespace {

vagus::Bytes some_bytes(std::size_t size) { return vagus::Bytes(size, std::byte{'x'}); }

void check(bool right) {
  if (!right) throw std::runtime_error("a wrong answer");
}

}  // namespace

Head::Head(const std::string& url) : arb_{vagus::connect(url)} {
  arb_.attach(api);
  arb_.wait_open(std::chrono::seconds(30));
}

RoundTrip call_with_int(std::shared_ptr<Head> head) {
  return [head = std::move(head), value = 0]() mutable {
    value = (value + 1) & 0xffff;
    check(head->api.echo(value).call() == value);
  };
}

RoundTrip call_with_span(std::shared_ptr<Head> head, std::size_t size) {
  return [head = std::move(head), bytes = some_bytes(size)] {
    check(head->api.echo_span(std::span(bytes)).call().size() == bytes.size());
  };
}

RoundTrip call_with_loan(std::shared_ptr<Head> head, std::size_t size) {
  return [head = std::move(head), size] {
    auto bytes = head->api.loan<std::byte>(size);
    bytes[0] = std::byte{1};
    bytes[size - 1] = std::byte{2};
    check(bytes.is_shared() && head->api.ends(std::move(bytes)).call() == 3);
  };
}

RoundTrip call_with_bytes(std::shared_ptr<Head> head, std::size_t size) {
  return [head = std::move(head), bytes = some_bytes(size)] {
    check(head->api.echo_bytes(bytes).call().size() == bytes.size());
  };
}

}  // namespace bench
