// biome-ignore-all lint/a11y/useSemanticElements: a table element can't hold rows that are placed one by one
// biome-ignore-all lint/a11y/useFocusableInteractive: rows of a table are no controls
import type { UseInfiniteQueryResult } from '@tanstack/react-query';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { ErrorNote } from '../../../components/display/notes.tsx';
import type { Delivery } from '../../../queries/deliveries.ts';
import { deliveryTexts as texts } from '../../../texts/deliveries.ts';
import styles from './delivery-list.module.css';
import { DeliveryRow } from './delivery-row.tsx';

/** Pixels of each row, as the styles say. */
const ROW_PX = 56;
/** Rows outside of the window that are drawn all the same, so that scrolling shows no gaps. */
const OVERSCAN = 12;
/** Rows before the end at which the next page is asked for. */
const AHEAD = 30;

interface Props {
  readonly deliveries: readonly Delivery[];
  readonly query: Pick<
    UseInfiniteQueryResult,
    'fetchNextPage' | 'hasNextPage' | 'isFetchingNextPage' | 'error'
  >;
  readonly selected: ReadonlySet<string>;
  readonly onSelect: (selected: ReadonlySet<string>) => void;
}

/** List that scrolls with the page, and draws only the rows that are seen, however many have been loaded. */
export function DeliveryList({ deliveries, query, selected, onSelect }: Props) {
  const { fetchNextPage, hasNextPage, isFetchingNextPage, error } = query;
  const frame = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  useLayoutEffect(() => setTop(frame.current?.offsetTop ?? 0), []);
  const virtualizer = useWindowVirtualizer({
    count: deliveries.length,
    estimateSize: () => ROW_PX,
    overscan: OVERSCAN,
    scrollMargin: top,
    getItemKey: (index) => deliveries[index]?.id ?? index,
  });
  const rows = virtualizer.getVirtualItems();
  const last = rows.at(-1)?.index ?? -1;
  useEffect(() => {
    if (last >= deliveries.length - AHEAD && hasNextPage && !isFetchingNextPage && !error)
      void fetchNextPage();
  }, [last, deliveries.length, hasNextPage, isFetchingNextPage, error, fetchNextPage]);
  const toggle = (id: string) => {
    const next = new Set(selected);
    if (!next.delete(id)) next.add(id);
    onSelect(next);
  };
  return (
    <>
      <div role="table" aria-label={texts.list} aria-rowcount={hasNextPage ? -1 : deliveries.length + 1}>
        <HeadRow />
        <div
          ref={frame}
          role="rowgroup"
          className={styles.frame}
          style={{ height: virtualizer.getTotalSize() }}
        >
          {rows.map(({ key, index, start }) => {
            const delivery = deliveries[index];
            return (
              delivery && (
                <DeliveryRow
                  key={key}
                  delivery={delivery}
                  index={index}
                  offset={start - virtualizer.options.scrollMargin}
                  isSelected={selected.has(delivery.id)}
                  onToggle={toggle}
                />
              )
            );
          })}
        </div>
      </div>
      <p className={styles.end} role="status">
        {hasNextPage ? texts.searching : texts.end}
      </p>
      {error && <ErrorNote error={error} />}
    </>
  );
}

function HeadRow() {
  const { select, state, event, webhook, answer, attempts, created } = texts.columns;
  return (
    <div role="rowgroup">
      <div role="row" aria-rowindex={1} className={`${styles.row} ${styles.head}`}>
        {[
          [styles.check, select],
          [styles.state, state],
          [styles.event, event],
          [styles.webhook, webhook],
          [styles.answer, answer],
          [styles.attempts, attempts],
          [styles.created, created],
        ].map(([className, title]) => (
          <span key={title} role="columnheader" className={className}>
            {title === select ? <span className="visually-hidden">{title}</span> : title}
          </span>
        ))}
      </div>
    </div>
  );
}
