import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

/** What a receiver does with a connection. */
export type Behaviour = (socket: Socket) => void;

/** A receiver on loopback that speaks whatever it likes, for what no HTTP server would send. */
export class RawReceiver {
  behaviour: Behaviour = () => {};
  connections = 0;
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((socket) => {
    this.connections += 1;
    this.#sockets.add(socket);
    // Senders that have enough reset the connection.
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

  /** Connections that are open. */
  get open(): number {
    return this.#sockets.size;
  }

  /** Breaks all connections. */
  breakAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    this.breakAll();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
