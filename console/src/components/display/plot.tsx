import { useEffect, useRef, useState } from 'react';
import type uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import styles from './plot.module.css';

export interface PlotSeries {
  readonly label: string;
  /** Name of the colour in tokens.css. */
  readonly colour: '--good' | '--bad' | '--accent-text';
  /** A value for each time; `null`: a gap. */
  readonly values: readonly (number | null)[];
}

interface Props {
  /** Name of the plot for screen readers. A table beside the plot has the numbers. */
  readonly label: string;
  /** Seconds since the epoch, ascending. */
  readonly times: readonly number[];
  readonly series: readonly PlotSeries[];
}

const HEIGHT = 180;

/** Plot of values over time. The library that draws it is loaded when the first one is shown. */
export function Plot({ label, times, series }: Props) {
  const frame = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const newest = useRef<uPlot.AlignedData>([[]]);
  const theme = useTheme();
  newest.current = [[...times], ...series.map(({ values }) => [...values])];
  const shape = JSON.stringify(series.map(({ label, colour }) => [label, colour]));

  // biome-ignore lint/correctness/useExhaustiveDependencies: another theme has other colours
  useEffect(() => {
    const element = frame.current;
    if (!element) return undefined;
    let isGone = false;
    void import('uplot').then(({ default: Plotter }) => {
      if (isGone) return;
      plot.current = new Plotter(optionsFor(element, JSON.parse(shape)), newest.current, element);
    });
    const observer = new ResizeObserver(() =>
      plot.current?.setSize({ width: element.clientWidth, height: HEIGHT }),
    );
    observer.observe(element);
    return () => {
      isGone = true;
      observer.disconnect();
      plot.current?.destroy();
      plot.current = null;
    };
  }, [shape, theme]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: new values are drawn into the same plot
  useEffect(() => plot.current?.setData(newest.current), [times, series]);

  return <div ref={frame} className={styles.plot} role="img" aria-label={label} />;
}

function optionsFor(element: HTMLElement, shape: readonly [label: string, colour: string][]): uPlot.Options {
  // A transition would begin at the colour of before, which would be read. Less motion makes all of them short ones.
  element.style.transitionProperty = 'none';
  const colourOf = (name: string) => {
    element.style.color = `var(${name})`;
    const { color } = getComputedStyle(element);
    element.style.color = '';
    return color;
  };
  const axis = {
    stroke: colourOf('--text-faint'),
    font: `12px ${getComputedStyle(element).fontFamily}`,
    grid: { stroke: colourOf('--line'), width: 1 },
    ticks: { show: false },
  };
  return {
    width: element.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    scales: { y: { range: (_, __, most) => [0, Math.max(1, most * 1.1)] } },
    axes: [
      { ...axis, values: '{HH}:{mm}:{ss}', space: 96, size: 28 },
      { ...axis, size: 44 },
    ],
    // The second line is dashed, so that both are seen where they are equal, and by those who can't tell the colours apart.
    series: [
      {},
      ...shape.map(([label, colour], index) => ({
        label,
        stroke: colourOf(colour),
        width: 2,
        points: { fill: colourOf(colour) },
        ...(index > 0 && { dash: [6, 4] }),
      })),
    ],
  };
}

/** Returns a text that changes with the colours of the page. */
function useTheme(): string {
  const [theme, setTheme] = useState(currentTheme);
  useEffect(() => {
    const change = () => setTheme(currentTheme());
    const media = matchMedia('(prefers-color-scheme: dark)');
    const observer = new MutationObserver(change);
    media.addEventListener('change', change);
    observer.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    return () => {
      media.removeEventListener('change', change);
      observer.disconnect();
    };
  }, []);
  return theme;
}

function currentTheme(): string {
  const { theme = '' } = document.documentElement.dataset;
  return `${theme} ${matchMedia('(prefers-color-scheme: dark)').matches}`;
}
