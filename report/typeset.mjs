// Typeset formulas: JSON [{"tex": "…", "display": true}, …] on standard input, [{"svg": "…"} or {"error": "…"}, …] on
// standard output. One process serves a whole build, since starting MathJax takes longer than a hundred formulas.
import MathJax from "@mathjax/src/bundle/node-main.mjs";

const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const formulas = JSON.parse(Buffer.concat(chunks).toString("utf8"));

await MathJax.init({
  loader: { load: ["input/tex", "output/svg"] },
  // Without a glyph cache each picture is self-contained, as WeasyPrint requires.
  svg: { fontCache: "none", linebreaks: { inline: false } },
  tex: { formatError: (_jax, error) => { throw error; } },
});
const adaptor = MathJax.startup.adaptor;
const results = [];
for (const { tex, display } of formulas) {
  try {
    const node = await MathJax.tex2svgPromise(tex, { display });
    results.push({ svg: adaptor.serializeXML(adaptor.tags(node, "svg")[0]) });
  } catch (error) {
    results.push({ error: String(error.message ?? error) });
  }
}
process.stdout.write(JSON.stringify(results));
