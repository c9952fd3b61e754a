// A sentence's features as the ONNX graphs take them. `export.py` does the same.

const int64 = (values) => BigInt64Array.from(values, BigInt);

/** Feeds of the encoder, as constructors of tensors: type, data, shape. */
export function encoderFeeds({ ids }) {
  const shape = [1, ids.length];
  return {
    input_ids: ["int64", int64(ids), shape],
    attention_mask: ["int64", int64(ids.map(() => 1)), shape],
  };
}

/** Feeds of the whole network. */
export function networkFeeds(sentence) {
  const { ids, words, word_of_piece, piece_casings, casings, characters, character_words } = sentence;
  const pool = new Float32Array(words * ids.length);
  word_of_piece.forEach((place, piece) => {
    if (place) pool[place[0] * ids.length + piece] = place[1];
  });
  const casing = new Float32Array(words * 7);
  casings.forEach((kind, word) => (casing[word * 7 + kind] = 1));
  const longest = Math.max(...characters.map((rows) => rows.length));
  const letters = new BigInt64Array(longest * characters.length);
  characters.forEach((rows, column) => rows.forEach((row, i) => (letters[i * characters.length + column] = BigInt(row))));
  return {
    input_ids: ["int64", int64(ids), [1, ids.length]],
    piece_casings: ["int64", int64(piece_casings), [1, ids.length]],
    pool: ["float32", pool, [words, ids.length]],
    casing: ["float32", casing, [words, 7]],
    characters: ["int64", letters, [longest, characters.length]],
    character_lengths: ["int32", Int32Array.from(characters, (rows) => rows.length), [characters.length]],
    character_words: ["int64", int64(character_words), [words]],
  };
}
