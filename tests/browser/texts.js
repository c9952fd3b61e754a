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
