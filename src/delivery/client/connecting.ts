import type { Socket } from 'node:net';
import type { Destination } from '../egress/origin.ts';
import type { Connection } from './connection.ts';
import type { SocketOpener } from './open-socket.ts';

/**
 * Opens a socket for a connection. Calls `onOpen` when the socket is open, or abandons the connection with the error.
 */
export type Connect = (destination: Destination, connection: Connection, onOpen: () => void) => void;

/** Connects to receivers by sockets of their own. */
export function connectDirectly(opener: SocketOpener): Connect {
  return (destination, connection, onOpen) => {
    const socket = opener.open(destination, (length, buffer) => connection.read(length, buffer));
    socket.once(isSecure(destination) ? 'secureConnect' : 'connect', onOpen);
    connection.use(socket);
  };
}

/** Connects to receivers through tunnels. `tunnel` returns an open socket that leads to a destination. */
export function connectThrough(
  tunnel: (destination: Destination) => Promise<Socket>,
  opener: SocketOpener,
): Connect {
  const useTunnel = (
    socket: Socket,
    destination: Destination,
    connection: Connection,
    onOpen: () => void,
  ) => {
    const end = isSecure(destination) ? opener.secure(socket, destination) : socket;
    connection.use(end);
    end.on('data', (chunk: Buffer) => connection.read(chunk.length, chunk));
    if (end === socket) onOpen();
    else {
      // A broken tunnel also closes the TLS socket, which tells the connection.
      socket.on('error', () => undefined);
      end.once('secureConnect', onOpen);
    }
  };
  return (destination, connection, onOpen) => {
    tunnel(destination).then(
      (socket) => useTunnel(socket, destination, connection, onOpen),
      (error: Error) => connection.abandon(error),
    );
  };
}

function isSecure({ protocol }: Destination): boolean {
  return protocol === 'https:';
}
