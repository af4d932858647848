/// What the body asks the processes that compute for it: a body is a head, too, towards its own children.
#pragma once

#include <cstdint>
#include <string>

#include <vagus/vagus.hpp>

namespace pi {

/// `job.compute`.
class JobApi : public vagus::ApiBase {
 public:
  using ApiBase::ApiBase;

  vagus::Method<vagus::Streams<double, std::string>(std::int64_t digits)> compute{
      this, "compute", "Pi with so many digits after the point. Tells from 0 to 1 how far it is.",
      vagus::params("digits")};
};

}  // namespace pi
