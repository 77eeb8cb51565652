import { readFile } from 'node:fs/promises';
import fastifyStatic from '@fastify/static';
import { type FastifyInstance, fastify } from 'fastify';
import { type Browser, type Page, startChromium } from './chromium.ts';
import { fetchPlayers, playersFile } from './packages.ts';

/** Players that the tests use: Chromium's own for HLS, and the three most used ones in JavaScript. */
export const PLAYERS = ['chromium', 'hls.js', 'dash.js', 'shaka'] as const;
export type Player = (typeof PLAYERS)[number];

/** Scripts of the players in their npm packages; `null`: the player is a part of the browser. */
const SCRIPTS = {
  chromium: null,
  'hls.js': 'hls.js/dist/hls.min.js',
  'dash.js': 'dashjs/dist/modern/umd/dash.all.min.js',
  shaka: 'shaka-player/dist/shaka-player.compiled.js',
} as const satisfies Record<Player, string | null>;

/** Speed of playing. Chromium plays at most 16 times as fast as real time. */
const RATE = 16;

/** Report of a player about a media, at its end or when nothing moved any more. Times are in seconds. */
export interface Played {
  readonly player: Player;
  readonly hasEnded: boolean;
  readonly isStuck: boolean;
  readonly currentTime: number;
  readonly duration: number;
  /** Ranges that were loaded at the end. */
  readonly buffered: readonly (readonly [start: number, end: number])[];
  /** Ranges that were played. A player that jumps over a gap leaves a gap here. */
  readonly played: readonly (readonly [start: number, end: number])[];
  readonly videoWidth: number;
  readonly videoHeight: number;
  /** Number of pictures that were decoded. */
  readonly frames: number;
  /** Number of bytes of sound that were decoded. */
  readonly soundBytes: number;
  readonly errors: readonly string[];
  /** Errors after which the player went on. */
  readonly warnings: readonly string[];
}

/** One browser with a page for each player, and a server for the pages and the media of a folder. */
export class Players {
  readonly #browser: Browser;
  readonly #server: FastifyInstance;
  readonly #address: string;
  readonly #pages = new Map<Player, Promise<Page>>();
  readonly #turns = new Map<Player, Promise<unknown>>();

  private constructor(browser: Browser, server: FastifyInstance, address: string) {
    this.#browser = browser;
    this.#server = server;
    this.#address = address;
  }

  /** @throws Missing if this machine can't have Chromium, or the packages of the players */
  static async start(mediaRoot: string): Promise<Players> {
    fetchPlayers();
    const browser = await startChromium();
    const server = fastify();
    await server.register(fastifyStatic, { root: mediaRoot, prefix: '/media/' });
    for (const player of PLAYERS) {
      server.get(`/${player}.html`, (_, reply) => reply.type('text/html').send(page(player)));
      const script = SCRIPTS[player];
      if (script !== null)
        server.get(`/${player}.min.js`, async (_, reply) => send(reply, playersFile(script)));
    }
    const own = new URL('player.js', import.meta.url).pathname;
    server.get('/player.js', async (_, reply) => send(reply, own));
    return new Players(browser, server, await server.listen({ host: '127.0.0.1', port: 0 }));
  }

  /** Plays the media at a path below the folder of media, or at a URL. A player plays one media at a time. */
  play(player: Player, path: string): Promise<Played> {
    const url = new URL(path, `${this.#address}/media/`).href;
    const turn = (this.#turns.get(player) ?? Promise.resolve()).then(async (): Promise<Played> => {
      const page = await this.#pageOf(player);
      const call = `play(${JSON.stringify({ player, url, rate: RATE })})`;
      return { ...(await page.evaluate<Omit<Played, 'player'>>(call)), player };
    });
    this.#turns.set(
      player,
      turn.catch(() => undefined),
    );
    return turn;
  }

  /** Opens a page in a tab of its own. */
  async open(url: string): Promise<Page> {
    const page = await this.#browser.newPage();
    await page.goto(url);
    return page;
  }

  async stop(): Promise<void> {
    await this.#browser.close();
    await this.#server.close();
  }

  #pageOf(player: Player): Promise<Page> {
    const known = this.#pages.get(player) ?? this.open(`${this.#address}/${player}.html`);
    this.#pages.set(player, known);
    return known;
  }
}

function page(player: Player): string {
  const script = SCRIPTS[player] === null ? '' : `<script src="/${player}.min.js"></script>`;
  return `<!doctype html><meta charset="utf-8"><title>${player}</title>${script}<script src="/player.js"></script>`;
}

async function send(reply: { type(type: string): { send(body: Buffer): unknown } }, path: string) {
  return reply.type('text/javascript').send(await readFile(path));
}
