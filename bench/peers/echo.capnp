@0xd0a3f5c2b6e81947;

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("bench::capnp_echo");

interface Echo {
  echo @0 (bytes :Data) -> (bytes :Data);
}
