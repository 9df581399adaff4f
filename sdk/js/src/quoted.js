/** How characters that are not shown as they are stand in a quoted text. */
const ESCAPES = new Map([
  ["\0", "\\0"],
  ["\t", "\\t"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ['"', '\\"'],
  ["\\", "\\\\"],
]);

/**
 * Controls, spaces other than the usual one, characters without a shape of their own, private ones and
 * those that combine with the one before: the blocks of them that a config may well have.
 */
const HIDDEN =
  /[\u0000-\u001f"\\\u007f-\u00a0\u00ad\u0300-\u036f\u1680\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ue000-\uf8ff\ufe00-\ufe0f\ufe20-\ufe2f\ufeff\ufff9-\uffff]/g;

/**
 * A text in quotes, as messages show it.
 *
 * @param {string} value
 * @returns {string}
 */
export function quoted(value) {
  const escaped = value.replace(HIDDEN, (character) => {
    const hex = character.charCodeAt(0).toString(16);
    return ESCAPES.get(character) ?? `\\u{${hex}}`;
  });
  return `"${escaped}"`;
}
