import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv4 } from 'node:net';
import ipaddr from 'ipaddr.js';

/**
 * Returns the answer of a name server for a name: its addresses, or how the server fails. `absent`: the name
 * does not exist; `broken`: the answer is an error; `silent`: no answer.
 */
export type Zone = (name: string, family: 4 | 6) => readonly string[] | 'absent' | 'broken' | 'silent';

/**
 * Type of a DNS question for IPv6 addresses. The server treats all other questions as questions for IPv4
 * addresses.
 */
const AAAA = 28;
const HEADER_BYTES = 12;
const RCODES = { broken: 2, absent: 3 } as const;

/**
 * Name server on the loopback interface. It implements the part of RFC 1035 that is needed for one question
 * over UDP.
 */
export class NameServer {
  /** Names in the questions that arrived, one entry for each question. */
  readonly asked: string[] = [];
  readonly #socket: Socket = createSocket('udp4');
  readonly #ttl: number;
  zone: Zone;

  private constructor(zone: Zone, ttl: number) {
    this.zone = zone;
    this.#ttl = ttl;
    this.#socket.on('message', (message, from) => this.#answer(message, from));
  }

  static async start(zone: Zone, { ttl = 60 } = {}): Promise<NameServer> {
    const server = new NameServer(zone, ttl);
    server.#socket.bind(0, '127.0.0.1');
    await once(server.#socket, 'listening');
    return server;
  }

  get address(): string {
    return `127.0.0.1:${this.#socket.address().port}`;
  }

  stop(): void {
    this.#socket.close();
  }

  #answer(message: Buffer, from: RemoteInfo): void {
    const { name, end } = questionName(message);
    this.asked.push(name);
    const type = message.readUInt16BE(end);
    const known = this.zone(name, type === AAAA ? 6 : 4);
    if (known === 'silent') return;
    const addresses = typeof known === 'string' ? [] : known.filter((one) => isIPv4(one) === (type !== AAAA));
    const header = Buffer.alloc(HEADER_BYTES);
    message.copy(header, 0, 0, 2);
    // The flags say: an answer, recursion desired and available, and the response code.
    header.writeUInt16BE(0x8180 | (typeof known === 'string' ? RCODES[known] : 0), 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(addresses.length, 6);
    const question = message.subarray(HEADER_BYTES, end + 4);
    const answers = addresses.map((address) => record(type, address, this.#ttl));
    this.#socket.send(Buffer.concat([header, question, ...answers]), from.port, from.address);
  }
}

function questionName(message: Buffer): { name: string; end: number } {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let length = message[at] ?? 0; length > 0; length = message[at] ?? 0) {
    labels.push(message.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  // The case is ignored, because resolvers mix the case of a name to distinguish answers from forgeries.
  return { name: labels.join('.').toLowerCase(), end: at + 1 };
}

function record(type: number, address: string, ttl: number): Buffer {
  const bytes = Buffer.from(ipaddr.parse(address).toByteArray());
  const head = Buffer.alloc(HEADER_BYTES);
  // The name is a pointer to the name in the question.
  head.writeUInt16BE(0xc00c, 0);
  head.writeUInt16BE(type, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt32BE(ttl, 6);
  head.writeUInt16BE(bytes.length, 10);
  return Buffer.concat([head, bytes]);
}
