#pragma once

#include <memory>

#include <vagus/transport/transport.hpp>

#include "ring/link_options.hpp"

namespace vagus::transport::inproc {

/// One of the two ends that are to be joined.
struct PairEnd {
  const TransportContext& context;
  const ring::LinkOptions& options;
  std::string description;
  std::shared_ptr<void> place;  ///< in the count of a listener
};

struct Pair {
  std::unique_ptr<Link> head;
  std::unique_ptr<Link> body;
};

/// Two links, the ends of one connection.
Pair make_pair(const PairEnd& head, const PairEnd& body);

}  // namespace vagus::transport::inproc
