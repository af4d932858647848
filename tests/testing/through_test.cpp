#include <memory>

#include <gtest/gtest.h>

#include <vagus/testing/faulty_transport.hpp>
#include <vagus/testing/through.hpp>
#include <vagus/vagus.hpp>

namespace vagus::testing {
namespace {

TEST(AnEndpointThroughATransport, is_the_same_in_all_else) {
  const auto faulty = make_faulty("inproc", {});
  const Endpoint plain = connect("inproc://somewhere").named("left").login({.user = "anna", .password = "a"});
  const Endpoint carried = through(faulty, plain);
  EXPECT_EQ(carried.side(), Side::head);
  EXPECT_EQ(carried.url().to_string(), plain.url().to_string());
  EXPECT_EQ(carried.name(), "left");
  EXPECT_EQ(carried.login().user, "anna");
  EXPECT_EQ(carried.login().password, "a");
  EXPECT_EQ(carried.transport(), faulty);
  EXPECT_EQ(transport_of(carried), faulty);
}

TEST(AnEndpointThroughATransport, has_neither_a_name_nor_a_login_if_it_had_none) {
  const Endpoint carried = through(make_faulty("inproc", {}), listen("inproc://somewhere"));
  EXPECT_EQ(carried.side(), Side::body);
  EXPECT_EQ(carried.name(), "");
  EXPECT_TRUE(carried.login().empty());
}

}  // namespace
}  // namespace vagus::testing
