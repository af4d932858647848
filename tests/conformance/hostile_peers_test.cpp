// Peers that greet as they should and then send what they should not.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "conformance/conformance.hpp"
#include "conformance/raw_peer.hpp"
#include "conformance/story.hpp"

namespace vagus::testing {
namespace {

using Array = Value::Array;
using Map = Value::Map;

Bytes bytes_from(std::initializer_list<int> numbers) {
  Bytes bytes;
  for (const int number : numbers) bytes.push_back(static_cast<std::byte>(number));
  return bytes;
}

Bytes nested(std::size_t levels) {
  Value value{1};
  for (std::size_t level = 0; level < levels; ++level) value = Value(Array{std::move(value)});
  return bytes_of(Array{2, "sample.ticked", Array{std::move(value)}});
}

Bytes with_one_byte_more(Bytes bytes) {
  bytes.push_back(std::byte{0xc0});
  return bytes;
}

const Array add_1_2{1, 2};

/// What is no message, by what is wrong with it.
std::vector<std::pair<std::string, Bytes>> no_messages() {
  return {
      {"nothing", {}},
      {"a byte that begins no value", bytes_from({0xc1})},
      {"another protocol", bytes_from({'G', 'E', 'T', ' ', '/', '\r', '\n'})},
      {"no array", bytes_of(7)},
      {"a map", bytes_of(Map{{0, 1}})},
      {"an empty array", bytes_of(Array{})},
      {"an unknown type", bytes_of(Array{3, 1, "sample.add", add_1_2})},
      {"a negative type", bytes_of(Array{-1, 1, "sample.add", add_1_2})},
      {"two messages in one", with_one_byte_more(bytes_of(Array{0, 1, "sample.add", add_1_2}))},
      {"an array that says it is longer", bytes_from({0xdd, 0xff, 0xff, 0xff, 0xff, 0x00})},
      {"a text that says it is longer", bytes_from({0x94, 0x00, 0x01, 0xdb, 0xff, 0xff, 0xff, 0xff})},
      {"nesting beyond the limit", nested(80)},
      {"a request without params", bytes_of(Array{0, 1, "sample.add"})},
      {"a request with a text for its id", bytes_of(Array{0, "1", "sample.add", add_1_2})},
      {"a request with too large an id", bytes_of(Array{0, std::int64_t{1} << 32, "sample.add", add_1_2})},
      {"a request with a number for its method", bytes_of(Array{0, 1, 7, add_1_2})},
      {"a request whose params are a map", bytes_of(Array{0, 1, "sample.add", Map{{"a", 1}}})},
      {"a request whose extension is an array", bytes_of(Array{0, 1, "sample.add", add_1_2, Array{}})},
      {"a request with six elements", bytes_of(Array{0, 1, "sample.add", add_1_2, Map{}, Map{}})},
      {"keyword arguments that are an array",
       bytes_of(Array{0, 1, "sample.add", Array{}, Map{{0, Array{}}}})},
      {"a negative time remaining", bytes_of(Array{0, 1, "sample.add", add_1_2, Map{{1, -5}}})},
      {"a priority that is a text", bytes_of(Array{0, 1, "sample.add", add_1_2, Map{{2, "high"}}})},
      {"half a call chain", bytes_of(Array{0, 1, "sample.add", add_1_2, Map{{3, Array{17}}}})},
      {"a response without a result", bytes_of(Array{1, 5, nullptr})},
      {"a response with five elements", bytes_of(Array{1, 5, nullptr, 3, Map{}})},
      {"a notification without params", bytes_of(Array{2, "sample.ticked"})},
      {"a notification whose params are a number", bytes_of(Array{2, "sample.ticked", 3})},
      {"an interest that is an array", bytes_of(Array{2, "$interest", Array{Value(Array{1})}})},
      {"an interest in what is no name",
       bytes_of(Array{2, "$interest", Array{Map{{"listens", Array{"a b"}}}}})},
      {"an interest in a number", bytes_of(Array{2, "$interest", Array{Map{{"handles", 3}}}})},
      {"a cancellation of a text", bytes_of(Array{2, "$cancel", Array{"all"}})},
  };
}

class HostilePeers : public Conformance {};
/// What is cut short on a link whose records say where they end; in a stream of bytes the rest may still
/// come.
class HostileRecords : public HostilePeers {};

TEST_P(HostileRecords, are_cut_off_for_what_is_no_message_and_nobody_else_is) {
  Story story;
  Pair pair(url());
  const auto listening = story.listen_to(pair.body);
  pair.open();
  std::ptrdiff_t cut_off = 0;
  for (const auto& [what, bytes] : no_messages()) {
    SCOPED_TRACE(what);
    RawHead raw(url());
    raw->open();
    raw->send_bytes(bytes);
    EXPECT_EQ(raw->await_closed()->code(), ErrorCode::transport_disconnected);
    ASSERT_TRUE(story.await(LinkState::disconnected, ++cut_off));
    const LinkEvent lost = story.last(LinkState::disconnected);
    EXPECT_EQ(lost.peer.name, "raw");
    EXPECT_EQ(lost.reason->code(), ErrorCode::protocol) << lost.reason->what();
    EXPECT_EQ(pair.called.add(1, 1).call(), 2);
  }
  EXPECT_EQ(pair.body.stats().links, 1u);
  EXPECT_EQ(pair.body.stats().requests_received, static_cast<std::uint64_t>(cut_off));
  EXPECT_TRUE(pair.body_log.transcript().await_line("sent what is no valid message"));
}

TEST_P(HostileRecords, are_cut_off_for_a_message_that_ends_too_early_wherever_it_ends) {
  Story story;
  Pair pair(url());
  const auto listening = story.listen_to(pair.body);
  pair.open();
  const Bytes whole =
      bytes_of(Array{0, 9, "sample.scale", Array{2.5}, Map{{0, Map{{"unit", "m"}}}, {1, 1'000'000}}});
  for (std::size_t size = 0; size < whole.size(); ++size) {
    SCOPED_TRACE(size);
    RawHead raw(url());
    raw->open();
    raw->send_bytes(std::span(whole).first(size));
    EXPECT_FALSE(raw->receive_call().has_value());
  }
  EXPECT_TRUE(story.await(LinkState::disconnected, static_cast<std::ptrdiff_t>(whole.size())));
  for (const LinkEvent& event : story.events()) {
    if (event.state == LinkState::disconnected) {
      EXPECT_EQ(event.reason->code(), ErrorCode::protocol);
    }
  }
  RawHead raw(url());
  raw->send_bytes(whole);
  EXPECT_EQ(raw->receive_call(), Value(Array{1, 9, nullptr, 5.0}));
  EXPECT_EQ(pair.called.add(1, 1).call(), 2);
}

TEST_P(HostilePeers, are_cut_off_before_they_were_open_as_well) {
  Story story;
  Pair pair(url());
  const auto listening = story.listen_to(pair.body);
  pair.open();
  {
    RawHead raw(url());
    raw->send_bytes(bytes_from({0xc1}));
    raw->await_closed();
  }
  EXPECT_TRUE(pair.body_log.transcript().await_line("sent what is no valid message"));
  EXPECT_EQ(pair.called.add(1, 1).call(), 2);
  pair.body.stop();
  // Of a link that never opened nobody hears.
  EXPECT_EQ(story.states(), (std::vector{LinkState::open, LinkState::disconnected, LinkState::closed}));
}

TEST_P(HostilePeers, cost_those_their_calls_who_called_them_and_nobody_else) {
  RawBody raw(url());
  SampleApi left("sample");
  SampleApi right("sample");
  RecordedLog log;
  const std::string good_url = unique_url(GetParam());
  Pair good(good_url);
  Story story;
  ApiArb head({connect(url()).named("left"), connect(good_url).named("right")}, {.log = log.log()});
  head.attach(left, {.peer = "left"});
  head.attach(right, {.peer = "right"});
  const auto listening = story.listen_to(head);
  head.start();
  auto link = raw.accept();
  link->open({"sample.work"});
  head.wait_open(generous);
  Stage stage;
  good.served.work.handle([&](int number) { return stage(number); });
  const auto lost = left.work(1).async();
  const auto kept = right.work(2).async();
  ASSERT_TRUE(link->receive_call());
  link->send_bytes(bytes_from({0xc1}));
  EXPECT_THROW(lost.get(), ProtocolError);
  EXPECT_EQ(lost.error()->execution(), Execution::unknown);
  EXPECT_EQ(lost.error()->name_space(), "sample.work");
  EXPECT_FALSE(kept.ready());
  stage.open();
  EXPECT_EQ(kept.get(), 2);
  ASSERT_TRUE(story.await(LinkState::disconnected));
  EXPECT_EQ(story.last(LinkState::disconnected).peer.endpoint, "left");
  // It is tried again: who was cut off may have been replaced by a better one.
  link = raw.accept();
  link->open({"sample.work"});
  ASSERT_TRUE(story.await(LinkState::open, 3));
  const auto again = left.work(3).async();
  const auto request = link->receive_call();
  ASSERT_TRUE(request);
  link->send(Array{1, request->array().at(1), nullptr, 33});
  EXPECT_EQ(again.get(), 33);
}

VAGUS_OVER_EACH_TRANSPORT(HostilePeers);
VAGUS_OVER_EACH_TRANSPORT_OF_MEMORY(HostileRecords);

}  // namespace
}  // namespace vagus::testing
