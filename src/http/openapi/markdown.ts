import { type Html, html } from './html.ts';

/**
 * The part of Markdown that our descriptions use: paragraphs, `##` headings, lists of one level, fenced code; in a line
 * code, and links.
 */
export function markdown(text: string): Html {
  const blocks = text.split(/(^```\n[\s\S]*?\n```$)/m).flatMap((part, n) => {
    if (n % 2 === 1) return [codeBlock(part.slice(4, -4))];
    return part
      .split(/\n{2,}/)
      .map((block) => block.trim())
      .filter((block) => block !== '')
      .map(blockOf);
  });
  return html`${blocks}`;
}

/** Can be scrolled with the keyboard, too. */
export function codeBlock(text: string): Html {
  return html`<pre tabindex="0"><code>${text}</code></pre>`;
}

function blockOf(block: string): Html {
  if (block.startsWith('## ')) return headingOf(block.slice(3));
  if (block.startsWith('- ')) {
    const items = block.split(/^- /m).slice(1);
    return html`<ul>${items.map((item) => html`<li>${inline(item.trim())}</li>`)}</ul>`;
  }
  return html`<p>${inline(block)}</p>`;
}

function headingOf(text: string): Html {
  return html`<h2 id="${idOf(text)}">${text}</h2>`;
}

/** What a heading is linked to by. */
export function idOf(text: string): string {
  return text.toLowerCase().replace(/\W+/g, '-');
}

export function inline(text: string): Html {
  const parts = text.split(/(`[^`]+`|\[[^\]]+\]\([^)\s]+\))/);
  return html`${parts.map((part) => {
    const link = /^\[([^\]]+)\]\(([^)\s]+)\)$/.exec(part);
    if (link) return html`<a href="${link[2]}">${link[1]}</a>`;
    return part.startsWith('`') && part.length > 1 ? html`<code>${part.slice(1, -1)}</code>` : html`${part}`;
  })}`;
}
