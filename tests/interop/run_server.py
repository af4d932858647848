"""Serves what a head calls by server.py."""
import sys, time

from server import listen, serve

noted = []


def fail_with(error):
    raise error


listener = listen(*sys.argv[1:])
print(*listener.getsockname() if len(sys.argv) > 2 else ["listens"])


def sleep(seconds):
    print("sleeps")
    time.sleep(seconds)


serve(listener, {
    "add": lambda a, b: a + b,
    "echo": lambda value: value,
    "divide": lambda a, b: a / b,
    "note": noted.append,
    "noted": lambda: noted,
    "panel.scale": lambda value, factor=1.0, unit="m": f"{value * factor} {unit}",
    "sleep": sleep,
})
