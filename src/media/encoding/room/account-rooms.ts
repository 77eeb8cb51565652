import { MediaRoom, type MediaRoomOptions } from './output-room.ts';

/**
 * Rooms of the media that are being encoded, by account. A media that does not fit waits while others of its account are
 * being encoded, because these mostly take less than was reserved for them.
 */
export class AccountRooms {
  readonly #options: Pick<MediaRoomOptions, 'store' | 'most'>;
  readonly #accounts = new Map<string, Reservations>();

  constructor(options: Pick<MediaRoomOptions, 'store' | 'most'>) {
    this.#options = options;
  }

  /** Returns the room of a media. `leave` must be called when its encoding has ended. */
  enter(mediaId: string, account: string): MediaRoom {
    return new MediaRoom({
      ...this.#options,
      mediaId,
      freed: () => {
        const reservations = this.#accounts.get(account);
        return reservations && !reservations.media.has(mediaId) ? reservations.freed.promise : null;
      },
      onReserved: () => {
        const made = () => ({ media: new Set<string>(), freed: Promise.withResolvers<void>() });
        this.#accounts.getOrInsertComputed(account, made).media.add(mediaId);
      },
    });
  }

  leave(mediaId: string, account: string): void {
    const reservations = this.#accounts.get(account);
    if (!reservations?.media.delete(mediaId)) return;
    reservations.freed.resolve();
    reservations.freed = Promise.withResolvers();
    if (reservations.media.size === 0) this.#accounts.delete(account);
  }
}

interface Reservations {
  /** Ids of the media for which room is reserved. */
  readonly media: Set<string>;
  /** Is resolved when the encoding of one of them has ended. */
  freed: PromiseWithResolvers<void>;
}
