declare module 'parse-address' {
  const parser: {
    parseLocation(line: string): { number?: string; prefix?: string; street?: string; type?: string } | null;
  };
  export default parser;
}
