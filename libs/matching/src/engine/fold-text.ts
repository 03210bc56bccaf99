const PLAIN = /^[\x20-\x7e]*$/;
const NOT_DECOMPOSED: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ı: 'i',
};

/** Lower case, without diacritics; letters of other scripts stay as they are. */
export function foldText(text: string): string {
  if (PLAIN.test(text)) return text.toLowerCase();
  return text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/[ßæœøłđðþı]/g, (letter) => NOT_DECOMPOSED[letter]);
}

/** The words of a text: runs of letters and digits. An apostrophe is no break: O'Brien is one word. */
export function wordsOf(text: string): string[] {
  return foldText(text)
    .replace(/['’‘`´ʻʼ]/g, '')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}
