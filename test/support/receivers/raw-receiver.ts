import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

/** Behaviour of a receiver on a new connection. */
export type Behaviour = (socket: Socket) => void;

/** Receiver on the loopback interface that writes any bytes, for answers that no HTTP server would send. */
export class RawReceiver {
  behaviour: Behaviour = () => {};
  connections = 0;
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((socket) => {
    this.connections += 1;
    this.#sockets.add(socket);
    // Errors are ignored, because senders reset the connection when they stop reading.
    socket.on('error', () => {});
    socket.once('close', () => this.#sockets.delete(socket));
    this.behaviour(socket);
  });

  static async start(behaviour: Behaviour = () => {}): Promise<RawReceiver> {
    const receiver = new RawReceiver();
    receiver.behaviour = behaviour;
    receiver.#server.listen(0, '127.0.0.1');
    await once(receiver.#server, 'listening');
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  /** Number of open connections. */
  get open(): number {
    return this.#sockets.size;
  }

  /** Destroys all connections. */
  breakAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    this.breakAll();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
