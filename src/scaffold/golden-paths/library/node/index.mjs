/** A text with every word's first letter in upper case; runs of white space become one space. */
export function title(text) {
  const words = text.split(/\s+/).filter(Boolean);
  return words.map(([first, ...rest]) => first.toUpperCase() + rest.join("")).join(" ");
}
