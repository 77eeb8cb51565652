import { MediaRoom, type MediaRoomOptions } from './output-room.ts';

/**
 * Rooms of the media that are being encoded, by account. A media that does not fit waits while others of its account are
 * being encoded, because these mostly take less than was reserved for them.
 */
export class AccountRooms {
  readonly #options: Pick<MediaRoomOptions, 'store' | 'most'>;
  /** For each account, the ids of media for which room is reserved. */
  readonly #reserved = new Map<string, Set<string>>();

  constructor(options: Pick<MediaRoomOptions, 'store' | 'most'>) {
    this.#options = options;
  }

  /** Returns the room of a media. `leave` must be called when its encoding has ended. */
  enter(mediaId: string, account: string): MediaRoom {
    return new MediaRoom({
      ...this.#options,
      mediaId,
      mayWait: () => this.#reserved.has(account),
      onReserved: () => void this.#reserved.getOrInsertComputed(account, () => new Set()).add(mediaId),
    });
  }

  leave(mediaId: string, account: string): void {
    const media = this.#reserved.get(account);
    media?.delete(mediaId);
    if (media?.size === 0) this.#reserved.delete(account);
  }
}
