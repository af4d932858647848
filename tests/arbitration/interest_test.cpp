#include "interest.hpp"

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <vagus/api/api_base.hpp>
#include <vagus/wire/decode_error.hpp>
#include <vagus/wire/message.hpp>

namespace vagus::testing {
namespace {

/// As it comes over a link.
Interest sent(const Interest& interest) {
  const auto messages = encode(interest);
  EXPECT_EQ(messages.size(), 1u);
  return decode_interest(wire::parse(messages.at(0), {}).params);
}

Interest with_shapes() {
  Interest interest;
  interest.handles = {"machine.move_to", "machine.unknown"};
  interest.listens = {"panel.closed"};
  interest.shapes = {{"machine.move_to", 1}, {"panel.closed", 2}};
  return interest;
}

TEST(InterestOf, a_peer_brings_shapes_along) {
  PeerInterest peer;
  peer.apply(sent(with_shapes()));
  EXPECT_EQ(peer.shape("machine.move_to"), 1u);
  EXPECT_EQ(peer.shape("machine.unknown"), 0u);
  EXPECT_EQ(peer.shape("panel.closed"), 2u);
}

TEST(InterestOf, a_peer_loses_the_shape_with_the_name) {
  PeerInterest peer;
  peer.apply(with_shapes());
  Interest gone;
  gone.unhandles = {"machine.move_to"};
  peer.apply(sent(gone));
  EXPECT_EQ(peer.shape("machine.move_to"), 0u);
  Interest back;
  back.handles = {"machine.move_to"};
  back.shapes = {{"machine.move_to", 3}};
  peer.apply(sent(back));
  EXPECT_EQ(peer.shape("machine.move_to"), 3u);
}

TEST(InterestOf, a_peer_keeps_no_shape_of_a_name_that_it_may_not_have) {
  PeerInterest peer;
  Interest interest = with_shapes();
  std::erase(interest.handles, "machine.move_to");  // as its rights have it
  peer.apply(interest);
  EXPECT_EQ(peer.shape("machine.move_to"), 0u);
  EXPECT_EQ(peer.shape("panel.closed"), 2u);
}

TEST(InterestOf, a_peer_has_one_shape_for_each_name) {
  const Bytes wrong = wire::written([](wire::Writer& writer) {
    writer.array(1);
    writer.map(2);
    writer.str("handles");
    writer.array(1);
    writer.str("machine.move_to");
    writer.str("shapes");
    writer.array(2);
    writer.unsigned_integer(1);
    writer.unsigned_integer(2);
  });
  EXPECT_THROW(decode_interest(wrong), wire::DecodeError);
}

Interest with_roots(std::vector<std::string> roots) {
  Interest interest;
  interest.roots = std::move(roots);
  return interest;
}

Interest without_roots(std::vector<std::string> roots) {
  Interest interest;
  interest.unroots = std::move(roots);
  return interest;
}

TEST(InterestOf, a_peer_has_an_api_until_it_was_taken_away_as_often_as_it_came) {
  PeerInterest peer;
  peer.apply(sent(with_roots({"machine", "panel", "machine"})));
  peer.apply(sent(without_roots({"machine"})));
  EXPECT_TRUE(peer.owns("machine.x"));
  peer.apply(sent(without_roots({"machine", "machine"})));
  EXPECT_FALSE(peer.owns("machine.x"));
  EXPECT_TRUE(peer.owns("panel.closed"));
  EXPECT_EQ(peer.roots_so_far(), (std::set<std::string>{"machine", "panel"}));
}

/// An API that is attached.
struct Attached : ApiBase {
  explicit Attached(std::string_view name) : ApiBase(name) {
    attachment->root = root_of(*this);
    on_unhandled([](Call&, const UnhandledCall&) { return std::optional<Value>(); });
  }
  const std::shared_ptr<Attachment> attachment = std::make_shared<Attachment>();
};

TEST(InterestIn, an_api_is_told_once_by_its_announcement_or_by_a_later_picture) {
  RoutingTable table;
  const Attached machine("machine");
  const Attached panel("panel");
  table.add(machine.attachment);
  table.add(panel.attachment);
  EXPECT_TRUE(table.root_names().empty());
  EXPECT_TRUE(table.hooked_names().empty());
  EXPECT_TRUE(table.announce(*machine.attachment->root));
  EXPECT_EQ(table.root_names(), std::vector<std::string>{"machine"});
  EXPECT_EQ(table.hooked_names(), std::set<std::string>{"machine"});
  table.remove(*panel.attachment->root);
  EXPECT_FALSE(table.announce(*panel.attachment->root));
  EXPECT_EQ(table.root_names(), std::vector<std::string>{"machine"});
}

TEST(InterestOf, a_peer_may_take_away_apis_that_it_never_had) {
  PeerInterest peer;
  peer.apply(sent(without_roots({"machine", "panel"})));
  peer.apply(sent(with_roots({"machine"})));
  peer.apply(sent(without_roots({"panel", "machine.x"})));
  EXPECT_TRUE(peer.owns("machine.x"));
  EXPECT_FALSE(peer.owns("panel"));
}

}  // namespace
}  // namespace vagus::testing
