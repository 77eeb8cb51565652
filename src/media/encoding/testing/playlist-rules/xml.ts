/** Element of an XML document. Texts between elements belong to the element around them. */
export interface Element {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: Element[];
  text: string;
}

/** Parses a document without entities, comments and CDATA, which manifests do not need. @throws Error for others */
export function parseXml(xml: string): Element {
  const root: Element = { name: '', attributes: new Map(), children: [], text: '' };
  const open = [root];
  const body = xml.replace(/^<\?xml version="1\.0" encoding="utf-8"\?>\s*/, '');
  let end = 0;
  for (const match of body.matchAll(/<(\/?)([A-Za-z:]+)((?:\s+[A-Za-z:]+="[^"<&]*")*)\s*(\/?)>/g)) {
    const parent = open.at(-1) ?? root;
    parent.text += plain(body.slice(end, match.index));
    end = match.index + match[0].length;
    const [, isEnd = '', name = '', attributes = '', isEmpty = ''] = match;
    if (isEnd !== '') {
      if (open.length < 2 || open.pop()?.name !== name) throw new Error(`</${name}> ends nothing`);
      continue;
    }
    const element: Element = { name, attributes: attributesIn(attributes), children: [], text: '' };
    parent.children.push(element);
    if (isEmpty === '') open.push(element);
  }
  const [document, ...more] = root.children;
  const rest = plain(body.slice(end)).trim() + root.text.trim();
  if (open.length !== 1 || more.length > 0 || !document || rest !== '')
    throw new Error('the XML is not whole');
  return document;
}

function plain(text: string): string {
  if (/[<&]/.test(text)) throw new Error(`the XML has an element that cannot be read: ${text.slice(0, 80)}`);
  return text;
}

function attributesIn(text: string): Map<string, string> {
  const pairs = [...text.matchAll(/([A-Za-z:]+)="([^"]*)"/g)].map(([, name = '', value = '']) => [
    name,
    value,
  ]);
  const attributes = new Map(pairs as [string, string][]);
  if (attributes.size !== pairs.length) throw new Error(`an attribute occurs twice: ${text}`);
  return attributes;
}

/** Returns the children of a name. */
export function childrenOf(element: Element, name: string): Element[] {
  return element.children.filter((child) => child.name === name);
}

/** Returns the seconds of a duration such as `PT1H2M3.4S`; NaN for anything else. */
export function secondsOf(duration: string | undefined): number {
  const match = /^PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?$/.exec(duration ?? '');
  if (!match) return Number.NaN;
  const [, hours = '0', minutes = '0', seconds = '0'] = match;
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
}
