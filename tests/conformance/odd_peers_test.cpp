// Peers that send what is a message, but not one that anybody expected.

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "conformance/conformance.hpp"
#include "conformance/raw_peer.hpp"

namespace vagus::testing {
namespace {

using Array = Value::Array;
using Map = Value::Map;

/// A head that calls a body without manners.
struct Caller {
  explicit Caller(const std::string& url) : body(url), head(connect(url), {.log = log.log()}) {
    head.attach(called);
    head.start();
    link = body.accept();
    link->open({"sample.work", "sample.other"});
    head.wait_open(generous);
  }
  /// The id of the request that comes next.
  Value next_id() {
    const auto request = link->receive_call();
    if (!request) throw std::runtime_error("no request came");
    return request->array().at(1);
  }

  RecordedLog log;
  RawBody body;
  std::unique_ptr<RawLink> link;
  SampleApi called{"sample"};
  ApiArb head;
};

/// The next notification of this name.
Value next_told(RawLink& link, std::string_view name) {
  for (;;) {
    auto message = link.receive();
    if (!message) throw std::runtime_error("the link has ended");
    if (message->array().at(0) == Value(2) && message->array().at(1) == Value(std::string(name))) {
      return *std::move(message);
    }
  }
}

class OddPeers : public Conformance {
 protected:
  static Value answer_to(RawHead& raw, const Value& request) {
    raw->send(request);
    const auto answer = raw->receive_call();
    if (!answer) throw std::runtime_error("the link has ended instead");
    return *answer;
  }
  /// The type that a failed answer says.
  static std::string type_of(const Value& answer) {
    const Value* type = answer.array().at(2).find("type");
    return type == nullptr ? "none" : type->string();
  }
};

TEST_P(OddPeers, that_request_what_cannot_be_had_are_answered_and_stay) {
  Pair pair(url());
  RawHead raw(url());
  raw->open();
  EXPECT_EQ(type_of(answer_to(raw, Array{0, 1, "sample.add", Array{1, "two"}})), "vagus::ApiParamError");
  EXPECT_EQ(type_of(answer_to(raw, Array{0, 2, "sample.add", Array{1}})), "vagus::ApiParamError");
  EXPECT_EQ(type_of(answer_to(raw, Array{0, 3, "sample.add", Array{1, 2, 3}})), "vagus::ApiParamError");
  EXPECT_EQ(type_of(answer_to(raw, Array{0, 4, "sample.scale", Array{}, Map{{0, Map{{7, 8}}}}})),
            "vagus::ApiParamError");
  EXPECT_EQ(type_of(answer_to(raw, Array{0, 5, "sample.nix", Array{}})), "vagus::UnsupportedApiError");
  for (const char* name : {"press.close", "", ".", "sample", "a b", "$nix", "sample..add"}) {
    const Value answer = answer_to(raw, Array{0, 6, name, Array{}});
    EXPECT_EQ(type_of(answer),
              name == std::string("sample") ? "vagus::UnsupportedApiError" : "vagus::UnknownApiError")
        << name;
  }
  EXPECT_EQ(type_of(answer_to(raw, Array{0, 7, "sample.add", Array{1, 2}, Map{{1, 0}}})),
            "vagus::TransactionTimeout");  // no time left for it
  EXPECT_EQ(answer_to(raw, Array{0, 8, "sample.add", Array{1, 2}}), Value(Array{1, 8, nullptr, 3}));
}

TEST_P(OddPeers, that_send_events_with_strange_keywords_are_refused_and_stay) {
  Pair pair(url());
  const auto listening = pair.served.ticked.subscribe([](int) {});
  RawHead raw(url());
  raw->open();
  raw->send(Array{2, "sample.ticked", Array{}, Map{{0, Map{{7, 8}}}}});
  EXPECT_EQ(answer_to(raw, Array{0, 8, "sample.add", Array{1, 2}}), Value(Array{1, 8, nullptr, 3}));
  EXPECT_EQ(pair.body.stats().messages_dropped, 1u);
}

TEST_P(OddPeers, that_refuse_a_call_by_an_error_of_their_own_say_themselves_whether_it_ran) {
  Caller caller(url());
  const auto pending = caller.called.work(1).async();
  const Map refusal{{"type", "QuotaError"}, {"message", "no more today"}, {"execution", "not_run"}};
  caller.link->send(Array{1, caller.next_id(), refusal, nullptr});
  EXPECT_THROW(pending.get(), RemoteError);
  EXPECT_EQ(pending.error()->execution(), Execution::not_run);
}

TEST_P(OddPeers, may_choose_their_ids_as_they_like) {
  Pair pair(url());
  RawHead raw(url());
  raw->open();
  for (const std::int64_t id : {std::int64_t{0}, std::int64_t{1} << 31, (std::int64_t{1} << 32) - 1}) {
    EXPECT_EQ(answer_to(raw, Array{0, id, "sample.add", Array{1, 2}}), Value(Array{1, id, nullptr, 3}));
  }
  // One id for two requests at once is the peer's own trouble: each is answered.
  Stage stage;
  pair.served.work.handle([&](int number) { return stage(number); });
  raw->send(Array{0, 5, "sample.work", Array{1}});
  raw->send(Array{0, 5, "sample.work", Array{2}});
  stage.open();
  EXPECT_EQ(raw->receive_call(), Value(Array{1, 5, nullptr, 1}));
  EXPECT_EQ(raw->receive_call(), Value(Array{1, 5, nullptr, 2}));
}

TEST_P(OddPeers, may_be_of_a_later_version) {
  Pair pair(url());
  RawHead raw(url());
  raw->open();
  raw->send(Array{2, "$weather", Array{"fine"}});
  raw->send(Array{2, "$interest", Array{Map{{"moods", Array{1, 2}}}}});
  raw->send(Array{2, "$interest", Array{}});
  raw->send(Array{2, "$cancel", Array{}});
  raw->send(Array{2, "$cancel", Array{12345}});
  const Map later{{3, Array{17, 1, "more"}}, {99, Array{}}, {"key", nullptr}};
  EXPECT_EQ(answer_to(raw, Array{0, 1, "sample.add", Array{1, 2}, later}), Value(Array{1, 1, nullptr, 3}));
  EXPECT_EQ(answer_to(raw, Array{0, 2, "$ping", Array{}}), Value(Array{1, 2, nullptr, nullptr}));
}

TEST_P(OddPeers, that_send_more_progress_than_was_asked_for_lose_that_call) {
  Caller caller(url());
  auto stream = caller.called.work(1).stream<int>();
  const Value id = caller.next_id();
  caller.link->send(Array{2, "$progress", Array{4711, 1}});  // of no call
  caller.link->send(Array{2, "$progress", Array{}});
  for (int part = 0; part < 65; ++part) caller.link->send(Array{2, "$progress", Array{id, part}});
  EXPECT_EQ(next_told(*caller.link, "$cancel"), Value(Array{2, "$cancel", Array{id}}));
  for (int part = 0; part < 64; ++part) EXPECT_EQ(stream.next(), part);
  EXPECT_THROW(stream.next(), ContractMismatchError);
  caller.link->send(Array{2, "$progress", Array{id, 1}});  // too late
  const auto next = caller.called.work(2).async();
  const Value of_next = caller.next_id();
  caller.link->send(Array{2, "$progress", Array{of_next, 1}});  // not asked for
  caller.link->send(Array{1, of_next, nullptr, 22});
  EXPECT_EQ(next.get(), 22);
}

TEST_P(OddPeers, that_take_progress_which_was_not_sent_get_no_further_ahead) {
  Flag refused;
  std::atomic<int> sent{0};
  Pair pair(url());
  pair.served.work.handle([&](Call& call, int number) {
    while (call.try_progress(number)) ++sent;
    refused.raise();
    return number;
  });
  RawHead raw(url());
  raw->open();
  raw->send(Array{2, "$progress", Array{1, 1000}});
  raw->send(Array{0, 1, "sample.work", Array{5}, Map{{5, 3}}});
  ASSERT_TRUE(refused.await());
  EXPECT_EQ(sent, 3);
  for (int part = 0; part < 3; ++part) {
    EXPECT_EQ(next_told(*raw, "$progress"), Value(Array{2, "$progress", Array{1, 5}}));
  }
  EXPECT_EQ(raw->receive_call(), Value(Array{1, 1, nullptr, 5}));
}

TEST_P(OddPeers, that_answer_what_nobody_asked_are_counted_and_stay) {
  Caller caller(url());
  const auto pending = caller.called.work(1).async();
  const Value id = caller.next_id();
  caller.link->send(Array{1, 4711, nullptr, 1});
  caller.link->send(Array{1, (std::int64_t{1} << 31) + 1, nullptr, 1});  // an id of the body's own kind
  caller.link->send(Array{1, 0, "an error", nullptr});
  caller.link->send(Array{1, id, nullptr, 11});
  EXPECT_EQ(pending.get(), 11);
  caller.link->send(Array{1, id, nullptr, 12});  // once more
  const auto next = caller.called.work(2).async();
  caller.link->send(Array{1, caller.next_id(), nullptr, 22});
  EXPECT_EQ(next.get(), 22);
  EXPECT_EQ(pending.get(), 11);
  EXPECT_EQ(caller.head.stats().unknown_replies, 4u);
  EXPECT_EQ(caller.head.stats().late_replies, 0u);
  EXPECT_EQ(caller.head.stats().links, 1u);
}

TEST_P(OddPeers, do_not_complete_calls_that_were_made_to_others) {
  const std::string left_url = unique_url(GetParam());
  const std::string right_url = unique_url(GetParam());
  RawBody left_body(left_url);
  RawBody right_body(right_url);
  SampleApi left("sample");
  ApiArb head({connect(left_url).named("left"), connect(right_url).named("right")});
  head.attach(left, {.peer = "left"});
  head.start();
  const auto left_link = left_body.accept();
  const auto right_link = right_body.accept();
  left_link->open({"sample.work"});
  right_link->open();
  head.wait_open(generous);
  const auto pending = left.work(1).async();
  const auto request = left_link->receive_call();
  ASSERT_TRUE(request);
  const Value id = request->array().at(1);
  right_link->send(Array{1, id, nullptr, 666});
  while (head.stats().unknown_replies == 0) std::this_thread::yield();
  EXPECT_FALSE(pending.ready());
  left_link->send(Array{1, id, nullptr, 5});
  EXPECT_EQ(pending.get(), 5);
}

TEST_P(OddPeers, that_answer_with_another_type_fail_that_call_only) {
  Caller caller(url());
  for (const Value& result :
       {Value("text"), Value(), Value(1.5), Value(Array{}), Value(std::int64_t{1} << 40)}) {
    const auto pending = caller.called.work(1).async();
    caller.link->send(Array{1, caller.next_id(), nullptr, result});
    EXPECT_THROW(pending.get(), ContractMismatchError) << to_string(result);
  }
  EXPECT_EQ(caller.head.stats().links, 1u);
}

TEST_P(OddPeers, may_say_with_any_value_that_a_call_failed) {
  Caller caller(url());
  for (const Value& error : {Value("no luck"), Value(""), Value(false), Value(0), Value(Array{0, "no luck"}),
                             Value(Map{}), Value(Map{{"type", 7}}), Value(Bytes{std::byte{1}})}) {
    const auto pending = caller.called.work(1).async();
    caller.link->send(Array{1, caller.next_id(), error, nullptr});
    EXPECT_THROW(pending.get(), RemoteError) << to_string(error);
    ASSERT_NE(pending.error(), nullptr);
    EXPECT_EQ(pending.error()->execution(), Execution::ran);
  }
  const auto pending = caller.called.work(1).async();
  caller.link->send(Array{1, caller.next_id(), "the spindle is stuck", nullptr});
  ASSERT_TRUE(pending.wait(generous));
  EXPECT_NE(std::string(pending.result().error().what()).find("the spindle is stuck"), std::string::npos);
}

TEST_P(OddPeers, that_pretend_to_be_this_library_give_no_error_of_the_callers_own) {
  Caller caller(url());
  const Map claimed{{"type", "vagus::RemoteError"}, {"message", "me"}, {"execution", "ran"}};
  const auto pending = caller.called.work(1).async();
  caller.link->send(Array{1, caller.next_id(), claimed, nullptr});
  EXPECT_THROW(pending.get(), RemoteError);
  const Map unheard_of{{"type", "vagus::GreatError"}, {"message", "great"}, {"execution", "sideways"}};
  const auto another = caller.called.work(1).async();
  caller.link->send(Array{1, caller.next_id(), unheard_of, nullptr});
  EXPECT_THROW(another.get(), RemoteError);
}

VAGUS_OVER_EACH_TRANSPORT(OddPeers);

}  // namespace
}  // namespace vagus::testing
