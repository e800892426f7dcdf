/** A file as text, as the test's bundler hands it over. */
declare module '*?raw' {
  const text: string;
  export default text;
}
