"""Says what a body answers to the session layer of pynvim, which it also calls back."""
import sys

from pynvim.msgpack_rpc import socket_session

session = socket_session(sys.argv[1])
session.error_wrapper = lambda error: Exception(error[1])  # as pynvim.attach() sets it
print(session.request("panel.add", 1, 2))
print(session.request("panel.value", {"list": [1, None, "two"]}))
for method in ["panel.work", "panel.nix"]:
    try:
        session.request(method, 1)
    except Exception as error:
        print(error)


def on_request(method, arguments):
    if method == "hurt":
        raise ValueError("ouch")
    print(method, arguments)
    return [method, arguments]


def on_notification(method, arguments):
    print(method, arguments)
    if method == "panel.ticked":
        session.stop()


session.request("panel.visit", async_=True)
session.run(on_request, on_notification)
print("waits")
session.request("panel.wait")
