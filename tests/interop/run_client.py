"""Says what a body answers to client.py."""
import sys

from client import Client

client = Client(*sys.argv[1:])
print(client.call("panel.add", 1, 2))
print(client.call("panel.echo", "grüße"))
print(client.call("panel.bytes", bytes(range(256))) == bytes(range(256)))
print(client.call("panel.value", {"list": [1, -2.5, None, True], "deep": {"er": "x" * 70000}})["list"])
for method, arguments in [("panel.work", [1]), ("panel.nix", []), ("panel.add", [1, "two"]), ("nix", [])]:
    try:
        client.call(method, *arguments)
    except RuntimeError as error:
        print(error)
client.notify("panel.ticked", 7)
client.notify("nobody.knows.that", 7)
print(client.call("panel.add", 3, 4))
print("waits")
client.call("panel.wait")
