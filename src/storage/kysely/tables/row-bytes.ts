/**
 * Numbers of bytes that a row counts in the usage of its account, with its entries in indexes. They are rounded up,
 * so that a row takes hardly ever more. A media and an event count their texts in addition.
 */
export const ROW_BYTES = {
  media: 1_000,
  quality: 200,
  /** Row that stays of a deleted media until it is removed. */
  deletedMedia: 300,
  event: 500,
  /** With the beginning of the last answer, which has up to a KiB. */
  delivery: 1_500,
  attempt: 2_000,
  auditRecord: 800,
  /** Revision of a webhook, in addition to its texts. */
  revision: 200,
} as const;
