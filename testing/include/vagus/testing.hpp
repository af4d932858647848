/// Everything for the tests of programs that use this library: the component `testing`, vagus::testing in
/// CMake.
///
/// It knows no test framework: what is wrong is thrown as vagus::testing::Failed, whose text says all, or
/// returned.
#pragma once

#include <vagus/testing/expectation.hpp>
#include <vagus/testing/failed.hpp>
#include <vagus/testing/fake_clock.hpp>
#include <vagus/testing/faulty_transport.hpp>
#include <vagus/testing/matching.hpp>
#include <vagus/testing/scripted_peer.hpp>
#include <vagus/testing/through.hpp>
#include <vagus/testing/transcript.hpp>
