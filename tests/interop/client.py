"""A MessagePack-RPC client: python3 client.py /run/user/1000/panel.sock, or 127.0.0.1 4000."""
import itertools, socket, sys
import msgpack


class Client:
    def __init__(self, *address):
        unix = len(address) == 1
        self.socket = socket.socket(socket.AF_UNIX if unix else socket.AF_INET)
        self.socket.connect(address[0] if unix else (address[0], int(address[1])))
        self.messages = msgpack.Unpacker()
        self.ids = itertools.count(1)

    def notify(self, method, *arguments):
        self.socket.sendall(msgpack.packb([2, method, arguments]))

    def call(self, method, *arguments):
        id = next(self.ids)
        self.socket.sendall(msgpack.packb([0, id, method, arguments]))
        while received := self.socket.recv(65536):
            self.messages.feed(received)
            for message in self.messages:
                if message[:2] == [1, id]:
                    _, _, error, result = message
                    if error is not None:
                        raise RuntimeError(error[1] if isinstance(error, list) else error)
                    return result
        raise ConnectionError("the server has gone")


if __name__ == "__main__":
    print(Client(*sys.argv[1:]).call("panel.add", 1, 2))
