"""A MessagePack-RPC server, on a UNIX socket or on TCP."""
import socket
import msgpack


def serve(listener, methods):
    while True:
        client, _ = listener.accept()
        messages = msgpack.Unpacker()
        while received := client.recv(65536):
            messages.feed(received)
            for message in messages:
                answer(client, methods, *message)


def answer(client, methods, kind, *rest):
    id, method, arguments = rest if kind == 0 else (None, *rest)
    try:
        error, result = None, methods[method](*arguments)
    except Exception as failure:
        error, result = f"{type(failure).__name__}: {failure}", None
    if kind == 0:
        client.sendall(msgpack.packb([1, id, error, result]))


def listen(*address):
    if len(address) == 1:
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(address[0])
        listener.listen()
        return listener
    return socket.create_server((address[0], int(address[1])))
