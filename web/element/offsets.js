// Offsets of a text in other units than JavaScript's.

/** @typedef {"utf16" | "char" | "byte"} Unit */

/**
 * Turns offsets in UTF-16 code units, each no smaller than the last, into offsets in `unit`. A lone surrogate counts as the
 * U+FFFD that UTF-8 has in its place.
 * @param {string} text
 * @param {Unit} unit
 * @returns {(utf16: number) => number}
 */
export function converter(text, unit) {
  if (unit === "utf16") return (utf16) => utf16;
  if (unit !== "char" && unit !== "byte") throw new TypeError(`Offsets cannot count "${unit}": utf16, char or byte`);
  const length = unit === "char" ? () => 1 : bytes;
  let read = 0;
  let count = 0;
  return (utf16) => {
    while (read < utf16) {
      const point = /** @type {number} */ (text.codePointAt(read));
      read += point > 0xffff ? 2 : 1;
      count += length(point);
    }
    return count;
  };
}

/** @param {number} point */
function bytes(point) {
  if (point < 0x80) return 1;
  if (point < 0x800) return 2;
  return point > 0xffff ? 4 : 3;
}
