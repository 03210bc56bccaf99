/**
 * The rows of a CSV text (RFC 4180; also with LF line ends and blanks around the names of columns). Calls `row` with the
 * cells of each line; the array is used again for the next line.
 * @returns the number of rows
 */
export function readCsv(
  text: string,
  header: (names: string[]) => void,
  row: (cells: readonly string[]) => void,
): number {
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  const cells: string[] = [];
  let rows = 0;
  let isHeader = true;
  let quote = nextQuote(text, 0);
  while (at < text.length) {
    if (quote < at) quote = nextQuote(text, at);
    at = readLine(text, at, cells, quote);
    if (isHeader) header(cells.map((name) => name.trim()));
    else if (cells.length > 1 || cells[0] !== '') {
      row(cells);
      rows++;
    }
    isHeader = false;
  }
  return rows;
}

function nextQuote(text: string, from: number): number {
  const at = text.indexOf('"', from);
  return at < 0 ? text.length : at;
}

/** Reads one line into `cells`; returns where the next begins. */
function readLine(text: string, start: number, cells: string[], quote: number): number {
  cells.length = 0;
  let end = text.indexOf('\n', start);
  if (end < 0) end = text.length;
  if (quote < end) return readQuoted(text, start, cells);
  const last = text.charCodeAt(end - 1) === 13 ? end - 1 : end;
  let from = start;
  for (let comma = text.indexOf(',', from); comma >= 0 && comma < last; comma = text.indexOf(',', from)) {
    cells.push(text.slice(from, comma));
    from = comma + 1;
  }
  cells.push(text.slice(from, last));
  return end + 1;
}

function readQuoted(text: string, start: number, cells: string[]): number {
  let at = start;
  for (;;) {
    let cell = '';
    while (text[at] === ' ') at++;
    if (text[at] === '"') {
      at++;
      for (;;) {
        const quote = text.indexOf('"', at);
        const end = quote < 0 ? text.length : quote;
        cell += text.slice(at, end);
        at = end + 1;
        if (text[at] !== '"') break;
        cell += '"';
        at++;
      }
      while (at < text.length && !',\n'.includes(text[at])) at++;
    } else {
      const from = at;
      while (at < text.length && !',\n'.includes(text[at])) at++;
      cell = text.slice(from, text[at] === '\n' && text[at - 1] === '\r' ? at - 1 : at);
    }
    cells.push(cell);
    if (text[at] !== ',') return at + 1;
    at++;
  }
}
