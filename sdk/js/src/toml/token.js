/**
 * Where things end in TOML. `start` is where they start in `source`; the answer is behind their end.
 */

/**
 * @param {string} source
 * @param {number} start
 */
export function spaceEnd(source, start) {
  let at = start;
  while (source[at] === " " || source[at] === "\t") at += 1;
  return at;
}

/**
 * A bare word: all up to what has a meaning, quotes left out, since one may have been forgotten.
 *
 * @param {string} source
 * @param {number} start
 */
export function wordEnd(source, start) {
  let at = start;
  while (at < source.length && !".=,[]{} \t#\r\n".includes(source[at])) at += 1;
  return at;
}

/**
 * @param {string} source
 * @param {number} start
 */
export function commentEnd(source, start) {
  let at = start;
  while (at < source.length && source[at] !== "\r" && source[at] !== "\n") at += 1;
  return at;
}

/**
 * A string in quotes. One that is not closed ends with its line, or with the text.
 *
 * @param {string} source
 * @param {number} start
 */
export function stringEnd(source, start) {
  const quote = source[start];
  return source.startsWith(quote.repeat(3), start)
    ? longEnd(source, start, quote)
    : lineEnd(source, start, quote);
}

/**
 * @param {string} source
 * @param {number} start
 * @param {string} quote
 */
function lineEnd(source, start, quote) {
  for (let at = start + 1; at < source.length; at += 1) {
    if (source[at] === quote) return at + 1;
    if (source[at] === "\n") return at;
    if (quote === '"' && isEscape(source, at)) at += 1;
  }
  return source.length;
}

/**
 * @param {string} source
 * @param {number} start
 * @param {string} quote
 */
function longEnd(source, start, quote) {
  for (let at = start + 3; at < source.length; at += 1) {
    if (source.startsWith(quote.repeat(3), at)) {
      let end = at + 3;
      // Two quotes more may be the string's own.
      while (end < at + 5 && source[end] === quote) end += 1;
      return end;
    }
    if (quote === '"' && isEscape(source, at)) at += 1;
  }
  return source.length;
}

/**
 * @param {string} source
 * @param {number} at
 */
function isEscape(source, at) {
  return source[at] === "\\" && (source[at + 1] === "\\" || source[at + 1] === '"');
}
