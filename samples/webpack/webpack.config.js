import CopyPlugin from "copy-webpack-plugin";

export default {
  entry: "./src/main.js",
  output: { filename: "main.js", clean: true },
  plugins: [new CopyPlugin({ patterns: ["public"] })],
  // The annotator's program is loaded apart, after the page.
  performance: { hints: false },
};
