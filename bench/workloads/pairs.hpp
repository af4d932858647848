/// Bodies and heads, put together.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "limits/limits.hpp"
#include "process/pair.hpp"
#include "workloads/body.hpp"
#include "workloads/head.hpp"

namespace bench {

/// What a head does in its slices.
using Use = std::function<SliceRunner(std::shared_ptr<Head>)>;

/// Calls one after the other.
Use calls(std::function<RoundTrip(std::shared_ptr<Head>)> call, const Pace& pace = {});
/// Calls with an `int` when `size` is 0, else with so many bytes that the handler takes as a view.
Use calls_with(std::size_t size);

// URLs that nobody else has.
std::string shm_url(Waiting waiting);
std::string unix_url(Waiting waiting);
std::string tcp_url(Waiting waiting);

/// A body in one process, a head in the other. `options.url` is to be a fresh one.
Pair body_and_head(Pin pin, const BodyOptions& options, Use use);
/// The same, with so many heads on the body, each with a link of its own, of which the first calls.
Pair body_and_heads(Pin pin, const BodyOptions& options, unsigned heads, Use use);
/// The same, but each head calls in its turn, so that every call comes over another link than the one before.
Pair body_and_heads_in_turn(Pin pin, const BodyOptions& options, unsigned heads);
/// Both in one process.
Pair in_one_process(unsigned workers, Use use);

}  // namespace bench
