// Texts for the tests.

export const people = ["Mary Jones", "Helena Marsh", "Daniel Okafor", "Ruth Ellison", "Peter Vance", "Ana Silva", "Tom Becker"];
const firms = ["Acme Corp", "Corvane Systems", "Harbor Trust", "Lumen Bank", "Northgate Museum"];
const places = ["Boston", "Portland", "Seattle", "Denver", "Chicago", "Tacoma", "Lagos"];

/** Different sentences of eleven or so words, so that no cache helps. */
export function sentences(words) {
  const out = [];
  for (let i = 0, count = 0; count < words; i++) {
    const [person, firm, place] = [people[i % 7], firms[(i * 3) % 5], places[(i * 5) % 7]];
    const sentence = [
      `On day ${i} ${person} left ${firm} and moved to ${place}.`,
      `${person}, aged ${20 + i}, works for ${firm} in ${place}.`,
      `The ${firm} office number ${i} in ${place} belongs to ${person}.`,
    ][i % 3];
    out.push(sentence + (i % 9 === 8 ? "\n" : " "));
    count += sentence.split(" ").length;
  }
  return out.join("");
}

const clauses = [
  "which had rained over all that spring",
  "before the older partners could agree on the terms",
  "although nobody in the town had asked for it",
  "and the river rose over the mill again",
  "as the committee wrote in its report of last week",
];

/** Paragraphs of sentences of some twenty words, other ones for each `round`. */
export function prose(words, round = 0) {
  const out = [];
  for (let i = 0, count = 0; count < words; i++) {
    const [person, firm, place] = [people[i % 7], firms[(i * 3) % 5], places[(i * 5) % 7]];
    const clause = clauses[(i * 2) % 5];
    const sentence = `In the year ${1000 * round + i} ${person} left ${firm} in ${place}, ${clause}, and went on to other things.`;
    out.push(sentence + (i % 6 === 5 ? "\n" : " "));
    count += sentence.split(" ").length;
  }
  return out.join("");
}
